"""The page in a browser: it acts as it should, and nothing else acts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeAlias

import pytest

from sentinel import language
from sentinel.console.report_html import page as page_of
from tests.console.a_report import RULES, a_report, an_event
from tests.console.test_report_html import a_hostile_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.console.report import Report
    from tests.browser.conftest import Opened

    Opens: TypeAlias = Callable[..., Opened]


def a_day() -> Report:
    return a_report(
        an_event(0, minute=0, CommandLine="evil Báo cáo quý III.docx"),
        an_event(1, minute=61, host="sql01.gov.example", user="GOV\\đức"),
        an_event(2, minute=62, host="sql01.gov.example", CommandLine="evil ĐỒNG THÁP"),
        an_event(0, 1, minute=300, host="", CommandLine="evil again", Image="C:\\only-here.exe"),
    )


def test_the_page_opens_without_asking_or_complaining(opened: Opens) -> None:
    seen = opened(a_day())
    assert "5 of 5 hits" == seen.status()
    assert [seen.page.url] == seen.asked
    assert [] == seen.told


def test_hostile_text_does_nothing_but_stand_there(opened: Opens) -> None:
    seen = opened(a_hostile_report())
    # The list is drawn anew shortly after a filter changed: a hit opened before would be closed by it.
    for words, status in [("nowhere", "No hit passes the filters."), ("alert(1)", "1 of 1 hits")]:
        seen.page.locator("[name=text]").fill(words)
        seen.settled(status)
    for details in seen.page.locator("details").all():
        details.evaluate("details => { details.open = true }")
    assert "<img src=x onerror=" in seen.page.locator("#list .title").inner_text()
    assert "<script>alert(1)</script>" in seen.page.locator("#list mark").first.inner_text()
    assert 0 == seen.page.locator("img, iframe, #list script").count()
    assert [seen.page.url] == seen.asked
    assert [] == seen.told


def test_the_policy_holds_even_where_markup_got_in(opened: Opens) -> None:
    injected = (
        b'<img src="https://e.example/x.png" onerror="alert(1)"><script>alert(2)</script><p style="color:red">x</p>'
    )
    seen = opened(page_of(a_day()).replace(b"<main>", b"<main>" + injected))
    assert 4 == sum("Content Security Policy" in text or "Content-Security-Policy" in text for text in seen.told)
    assert [seen.page.url] == [url for url in seen.asked if not url.startswith("https://e.example")]
    assert "5 of 5 hits" == seen.status()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bao cao", 1),
        ("BÁO CÁO", 1),
        ("dong thap", 1),
        ("duc", 1),
        ("sql01 evil", 2),
        ("copies deleted", 2),
        ("only-here", 2),
        ("a.ndjson", 5),
        ("t1059", 5),
        ("nowhere", 0),
    ],
)
def test_search_ignores_case_and_the_marks_of_vietnamese_letters(opened: Opens, words: str, found: int) -> None:
    seen = opened(a_day())
    seen.page.locator("[name=text]").fill(words)
    seen.settled(f"{found} of 5 hits" if found else "No hit passes the filters.")
    assert found == len(seen.shown())


def test_filters_narrow_the_list_together_and_are_cleared_together(opened: Opens) -> None:
    seen = opened(a_day())
    seen.page.locator("[name=level][value='3']").uncheck()
    seen.settled("3 of 5 hits")
    seen.page.locator("[name=host]").select_option(label="sql01.gov.example (2)")
    seen.settled("2 of 5 hits")
    seen.page.locator("[name=rule]").select_option(label="Program run")
    seen.settled("1 of 5 hits")
    assert ["Program run"] == seen.shown()
    seen.page.locator("[type=reset]").click()
    seen.settled("5 of 5 hits")


def test_the_names_of_rules_hosts_and_tactics_filter(opened: Opens) -> None:
    seen = opened(a_day())
    for place, name, left in (("#rules", "Copies deleted", 2), ("#hosts", "sql01", 2), ("#tactics", "T1059.003", 5)):
        seen.page.locator(f"{place} a", has_text=name).first.click()
        seen.settled(f"{left} of 5 hits")
    assert seen.page.url.endswith("#hits")


def test_hits_are_ordered_as_asked(opened: Opens) -> None:
    seen = opened(a_day())
    assert "Shell started" == seen.shown()[0]
    seen.page.locator("[name=order]").select_option("level")
    seen.page.wait_for_function("() => document.querySelector('#list .title').textContent === 'Copies deleted'")
    levels = seen.page.locator("#list .badge").all_inner_texts()
    assert ["critical", "critical", "high", "high", "low"] == levels


def test_a_bar_that_is_clicked_chooses_its_time(opened: Opens) -> None:
    seen = opened(a_day())
    box = seen.page.locator("#bars").bounding_box()
    assert box is not None
    seen.page.mouse.click(box["x"] + 2, box["y"] + box["height"] - 2)
    seen.settled("1 of 5 hits")
    assert "2026-11-20 12:00:00" == seen.page.locator("[name=from]").input_value()
    assert 1 == seen.page.locator(".brush").count()


def test_a_span_is_chosen_by_dragging_or_by_keys(opened: Opens) -> None:
    seen = opened(a_day())
    box = seen.page.locator(".histogram").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    seen.page.mouse.move(box["x"] + 5, middle)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + box["width"] / 2, middle, steps=5)
    seen.page.mouse.up()
    seen.settled("3 of 5 hits")
    seen.page.locator("#chart").focus()
    seen.page.keyboard.press("Escape")
    seen.settled("5 of 5 hits")
    seen.page.keyboard.press("End")
    seen.page.keyboard.press("Enter")
    seen.settled("2 of 5 hits")


def test_a_time_that_is_typed_is_one_of_the_zone(opened: Opens) -> None:
    seen = opened(a_day(), timezone_id="America/New_York")
    seen.page.locator("[name=from]").fill("2026-11-20 13:00")
    seen.settled("4 of 5 hits")
    seen.page.locator("[name=to]").fill("2026-11-20 13:02:00")
    seen.settled("1 of 5 hits")
    seen.page.locator("[name=to]").fill("yesterday")
    seen.settled("4 of 5 hits")
    assert seen.page.locator("[name=to]:invalid").count() == 1


def test_a_hit_that_is_opened_shows_its_event_with_what_matched_first(opened: Opens) -> None:
    seen = opened(a_day())
    seen.page.locator("#list summary").first.focus()
    seen.page.keyboard.press("Enter")
    rows = seen.page.locator("#list .fields tr")
    assert "CommandLine matched" == rows.first.locator("th").inner_text()
    assert "evil Báo cáo quý III.docx" == rows.first.locator("mark").inner_text()
    assert 1 == seen.page.locator("#list mark").count()
    assert rows.count() > 2


def test_the_script_shows_a_hit_as_the_page_does_without_it(opened: Opens) -> None:
    with_script, without = opened(a_day()), opened(a_day(), java_script_enabled=False)
    for seen in (with_script, without):
        for at in range(5):
            seen.page.locator("#list .hit > summary").nth(at).click()
    assert without.page.locator("#list").inner_text() == with_script.page.locator("#list").inner_text()


def test_without_scripts_all_but_the_filters_is_there(opened: Opens) -> None:
    report = a_report(*(an_event(minute=minute) for minute in range(230)))
    seen = opened(report, java_script_enabled=False)
    assert 200 == seen.page.locator("#list .hit").count()
    assert not seen.page.locator("#filters").is_visible()
    assert not seen.page.locator("#pages").is_visible()
    assert seen.page.locator("#rules table").is_visible()
    assert seen.page.locator(".histogram").is_visible()


def test_long_lists_are_turned_page_by_page(opened: Opens) -> None:
    seen = opened(a_report(*(an_event(minute=minute) for minute in range(230))))
    assert 100 == len(seen.shown())
    assert "Hits 1 to 100 of 230" == seen.page.locator("#page").inner_text()
    seen.page.locator("#next").click()
    seen.page.locator("#next").click()
    assert 30 == len(seen.shown())
    assert seen.page.locator("#next").is_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(opened: Opens, width: int, scheme: str) -> None:
    long = "x" * 600
    report = a_report(an_event(host=long, user=long, CommandLine="evil" + long, own={long: long}), asked=(long,))
    seen = opened(report, viewport={"width": width, "height": 800}, color_scheme=scheme)
    seen.page.locator("#list summary").first.click()
    assert width >= seen.page.evaluate("document.documentElement.scrollWidth")
    ink = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (scheme == "dark") == (sum(int(part) for part in ink[4:-1].split(",")) < 200)


def test_on_paper_every_hit_is_open_and_nothing_is_there_to_press(opened: Opens) -> None:
    seen = opened(a_day())
    seen.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    seen.page.emulate_media(media="print")
    assert 5 == sum(mark.is_visible() for mark in seen.page.locator("#list mark").all())
    assert not seen.page.locator("#filters").is_visible()
    seen.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert 0 == seen.page.locator("#list details[open]").count()
    assert seen.page.pdf(format="A4").startswith(b"%PDF")


def test_the_page_speaks_vietnamese(opened: Opens) -> None:
    language.use("vi")
    seen = opened(a_day())
    assert "vi" == seen.page.evaluate("document.documentElement.lang")
    assert "cao" in seen.page.locator("#list .badge").all_inner_texts()


@pytest.mark.parametrize("unique", [False, True])
def test_fifty_thousand_hits_open_and_are_searched_in_time(opened: Opens, unique: bool) -> None:
    def text(number: int) -> str:
        return f"evil {number * 7919:0160x}" if unique else "evil " + "x" * 160

    hits = [
        an_event(
            number % 3, minute=number / 7, host=f"pc{number % 400}", CommandLine=text(number), Hashes=f"{number:064x}"
        )
        for number in range(50_000)
    ]
    content = page_of(a_report(*hits, ruleset=RULES))
    assert len(content) < 40_000_000
    begun = time.perf_counter()
    seen = opened(content)
    assert "50,000 of 50,000 hits" == seen.status()
    assert time.perf_counter() - begun < 10
    begun = time.perf_counter()
    seen.page.locator("[name=text]").fill("pc399")
    seen.settled("125 of 50,000 hits")
    assert time.perf_counter() - begun < 10
    assert [] == seen.told
