"""The page: it holds what the report tells, and nothing in it acts."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from sentinel import language
from sentinel.console.report_data import in_script, offsets
from sentinel.console.report_hits import FIRST_SHOWN
from sentinel.console.report_html import page
from sentinel.console.report_markup import Html, harmless, html, tag
from sentinel.console.times import zone_named
from sentinel.detect.plan import About
from sentinel.formats.base import Fault
from tests.console.a_report import RULES, ZONE, a_report, an_event, told_of
from tests.console.a_scan import MINUTE, NOON

if TYPE_CHECKING:
    from sentinel.console.report import Report

HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(1)">\'"&\u2028\u202e\x1b[31m\x00\x9b{{x}}${x}`'


class Page(HTMLParser):
    """A page's elements with their attributes, and the text of each element by name."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = [""]
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open[-1] != tag:
            self._open.pop()
        self._open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1], data))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]


def a_hostile_report() -> Report:
    ruleset = told_of(RULES, 0, About(HOSTILE, HOSTILE, (HOSTILE,), ("javascript:alert(1)", HOSTILE)), title=HOSTILE)
    hit = an_event(host=HOSTILE, user=HOSTILE, detail=HOSTILE, CommandLine="evil" + HOSTILE, own={HOSTILE: HOSTILE})
    faults = (Fault(0, 3, 1, HOSTILE),)
    return a_report(hit, ruleset=ruleset, asked=(HOSTILE,), path=HOSTILE.replace("\x00", ""), faults=faults)


def data_of(content: bytes) -> dict[str, Any]:
    found = re.search(rb'<script type="application/json" id="report">(.*?)</script>', content, re.DOTALL)
    assert found is not None
    document: dict[str, Any] = json.loads(found[1])
    return document


def test_the_policy_names_the_style_and_the_script_that_stand_in_the_page() -> None:
    content = page(a_report(an_event()))
    shown = Page(content)
    policy = next(each["content"] or "" for each in shown.of("meta") if "http-equiv" in each)
    style, script = (
        re.findall(rf"<{name}>(.*?)</{name}>", content.decode(), re.DOTALL) for name in ("style", "script")
    )
    assert (1, 1) == (len(style), len(script))
    for name, text in (("style", style[0]), ("script", script[0])):
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_the_page_asks_nothing_of_anybody() -> None:
    shown = Page(page(a_hostile_report()))
    reaching = {"src", "srcset", "action", "formaction", "data", "poster", "xlink:href", "ping", "background", "style"}
    assert [] == [each for each in shown.elements if reaching & each[1].keys()]
    assert [] == [each for each in shown.elements if any(name.startswith("on") for name in each[1])]
    assert {"#hits"} == {each["href"] for _name, each in shown.elements if "href" in each}
    assert set() == {name for name, _each in shown.elements} & {"img", "iframe", "link", "object", "embed", "base"}


def test_hostile_text_is_text_everywhere() -> None:
    content = page(a_hostile_report())
    shown = Page(content)
    assert 2 == len(shown.of("script"))
    assert [] == [text for text in shown.text("script") if "alert(1)</script" in text]
    assert harmless(HOSTILE) in shown.text("dd")
    assert harmless(HOSTILE) in "".join(shown.text("span"))
    assert [] == re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069]", content.decode())


def test_the_data_holds_the_hostile_text_unchanged_but_for_what_acts() -> None:
    data = data_of(page(a_hostile_report()))
    assert harmless(HOSTILE) in data["texts"]
    assert harmless(HOSTILE) == data["rules"][0]["title"]


@pytest.mark.parametrize("text", ["</script>", "<!--", "<script", "a\u2028b\u2029c", "&lt;", "]]>"])
def test_nothing_in_json_can_end_the_element_it_stands_in(text: str) -> None:
    written = in_script(json.dumps(text, ensure_ascii=False).encode())
    assert text == json.loads(written)
    assert [] == re.findall("[<>&\u2028\u2029]", written.decode())


def test_the_data_tells_every_hit_in_columns() -> None:
    data = data_of(page(a_report(an_event(minute=1), an_event(1, minute=3), an_event(minute=None))))
    hits, texts = data["hits"], data["texts"]
    assert [(NOON + MINUTE) // 1_000_000, 120_000, None] == hits["time"]
    assert [0, 1, 0] == hits["rule"]
    assert ["web01.gov.example"] * 3 == [texts[at] for at in hits["host"]]
    assert [["CommandLine"]] * 3 == [[texts[name] for name in data["marks"][at]] for at in hits["marks"]]
    assert 1 == len(data["names"])


def test_without_scripts_the_first_hits_stand_in_the_page_with_what_matched() -> None:
    shown = Page(page(a_report(*(an_event(minute=minute) for minute in range(FIRST_SHOWN + 50)))))
    assert FIRST_SHOWN == sum(each.get("class") == "hit l3" for each in shown.of("details"))
    assert ["evil.exe"] * FIRST_SHOWN == shown.text("mark")
    assert any("The first 200 hits" in text for text in shown.text("p"))
    assert [True] == ["hidden" in each for each in shown.of("form")]


def test_a_report_without_hits_says_so() -> None:
    shown = Page(page(a_report()))
    assert "No rule hit." in shown.text("p")
    assert [] == shown.of("svg")


def test_what_is_not_listed_is_said() -> None:
    shown = Page(page(a_report(*(an_event(minute=minute) for minute in range(30)), most_listed=10)))
    assert "Filters see the 10 hits listed of 30: of each rule the earliest." in shown.text("p")


def test_the_account_names_files_faults_and_their_places() -> None:
    shown = Page(page(a_report(an_event(), faults=(Fault(0, 3, 7, "is broken"),))))
    assert "logs/a.ndjson:7" in shown.text("td")
    assert "is broken" in shown.text("td")
    assert "1 fault: something could not be read, see the account below." in shown.text("p")
    assert ["logs/a.ndjson", "ndjson", "8", "1"] == shown.text("td")[-4:]


def test_the_page_speaks_the_readers_language() -> None:
    language.use("vi")
    shown = Page(page(a_report(an_event(CommandLine="evil Báo cáo quý III"))))
    assert ["vi"] == [each["lang"] for each in shown.of("html")]
    assert "nghiêm trọng" in [text.lower() for text in shown.text("span")] or "cao" in shown.text("span")
    assert "evil Báo cáo quý III" in shown.text("mark")
    assert "vi" == data_of(page(a_report(an_event())))["language"]


def test_times_are_those_of_the_zone() -> None:
    assert "2026-11-20 12:00:00" in Page(page(a_report(an_event()))).text("span")
    assert [(0, 7 * 3_600_000)] == list(offsets(ZONE, [NOON, None]))


def test_the_offsets_of_a_zone_change_with_its_clocks() -> None:
    berlin = zone_named("Europe/Berlin")
    told = list(offsets(berlin, [NOON, NOON - 200 * 24 * 60 * MINUTE]))
    assert [2 * 3_600_000, 3_600_000] == [offset for _since, offset in told]
    assert 0 == told[0][0]
    assert [] != list(offsets(berlin, []))


def test_markup_is_made_of_escaped_text() -> None:
    assert '<b class="x" data-y="&quot;&lt;">&lt;i&gt;<i></i></b>' == tag(
        "b", "<i>", Html("<i></i>"), cls="x", data_y='"<'
    )
    assert "<input hidden/>" == tag("input", hidden=True, checked=False, name=None)
    assert "a\nb\tc\\x1b\\u202e" == html("a\r\nb\tc\x1b\u202e")


def test_a_row_of_the_page_tells_where_a_hit_came_from() -> None:
    text = page(a_report(replace(an_event(0), peer="203.0.113.5"))).decode()
    assert '<span class="host">203.0.113.5 → web01.gov.example</span>' in text
