"""The list of hits: the filters, and the first hits for readers without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.console.numbers import number
from sentinel.console.places import SHOWN_INPUT
from sentinel.console.report import EVIDENCE_PER_RULE
from sentinel.console.report_markup import Html, tag
from sentinel.console.report_sections import badge
from sentinel.console.report_texts import word
from sentinel.console.tally import techniques_of
from sentinel.console.text import reached
from sentinel.console.times import shown
from sentinel.inputs.reader import STANDARD_INPUT
from sentinel.language import _
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.console.report import Listed, Report

FIRST_SHOWN: Final = 200
"""Hits that stand in the page itself; the script shows all."""


def hits_section(report: Report) -> Html:
    """Give the filters, which appear with the script, and the first hits."""
    if not report.hits:
        return Html("")
    rest = len(report.hits) - FIRST_SHOWN
    told = [_limits(report)] if report.hit_count > len(report.hits) else []
    if rest > 0:
        text = _("The first {count} hits; a browser that runs the page's script shows all and filters them.")
        told.append(tag("p", text.format(count=number(FIRST_SHOWN)), cls="faint", id="first-only"))
    return tag(
        "section",
        tag("h2", _("Hits"), id="hits-title"),
        _filters(report),
        *told,
        tag("p", id="status", role="status"),
        tag("div", *[_hit(each, report) for each in report.hits[:FIRST_SHOWN]], id="list"),
        tag(
            "p",
            tag("button", word("previous"), type="button", id="previous"),
            tag("span", id="page"),
            tag("button", word("next"), type="button", id="next"),
            id="pages",
            hidden=True,
        ),
        id="hits",
        aria_labelledby="hits-title",
        tabindex="-1",
    )


def _limits(report: Report) -> Html:
    text = word("unlisted", listed=number(len(report.hits)), total=number(report.hit_count))
    return tag("p", text, cls="faint")


def _filters(report: Report) -> Html:
    levels = [
        tag("label", tag("input", type="checkbox", name="level", value=str(int(level)), checked=True), badge(level))
        for level, hits in report.summary.hits.items()
        if hits
    ]
    return tag(
        "form",
        tag(
            "label", tag("span", _("search")), tag("input", type="search", name="text", autocomplete="off"), cls="text"
        ),
        tag("fieldset", tag("legend", _("level")), *levels),
        _select("rule", _("rule"), _("every rule")),
        _select("host", _("host"), _("every host")),
        _select("attack", "ATT&CK", _("every tactic")),
        tag(
            "label",
            tag("span", _("order")),
            tag(
                "select",
                tag("option", _("earliest first"), value="time"),
                tag("option", _("latest first"), value="latest"),
                tag("option", _("gravest first"), value="level"),
                name="order",
            ),
        ),
        _moment("from", _("from")),
        _moment("to", _("to")),
        tag("button", _("Clear filters"), type="reset"),
        id="filters",
        hidden=True,
        autocomplete="off",
        aria_label=_("Filters"),
    )


def _select(name: str, label: str, every: str) -> Html:
    return tag("label", tag("span", label), tag("select", tag("option", every, value=""), name=name))


def _moment(name: str, label: str) -> Html:
    return tag(
        "label",
        tag("span", label),
        tag("input", name=name, size="19", maxlength="19", placeholder="2026-11-20 10:14"),
    )


def _hit(hit: Listed, report: Report) -> Html:
    rule = report.rules[hit.rule]
    level = Level(rule.level)
    return tag(
        "details",
        tag(
            "summary",
            tag("span", shown(hit.time, report.zone), cls="when"),
            badge(level),
            tag("span", rule.title, cls="title"),
            tag("span", reached(hit.peer, hit.host or word("no_host")), cls="host"),
            tag("span", hit.detail, cls="detail"),
        ),
        tag(
            "div",
            tag("div", _event(hit, report), cls="event"),
            tag("div", *_about(hit, report), cls="about"),
            cls="body",
        ),
        cls=f"hit l{level}",
    )


def _event(hit: Listed, report: Report) -> Html:
    if hit.evidence is None:
        return tag("p", word("no_evidence", count=number(EVIDENCE_PER_RULE)), cls="faint")
    fields = report.evidence[hit.evidence].fields
    rows = [_field(name, text, matched=True) for name, text in fields if name in hit.matched]
    rows += [_field(name, text, matched=False) for name, text in fields if name not in hit.matched]
    return tag("table", tag("tbody", *rows), cls="fields")


def _field(name: str, text: str, *, matched: bool) -> Html:
    if not matched:
        return tag("tr", tag("th", name, scope="row"), tag("td", text))
    marked = tag("span", word("matched"), cls="matched-tag")
    return tag("tr", tag("th", name, " ", marked, scope="row"), tag("td", tag("mark", text)), cls="matched")


def _about(hit: Listed, report: Report) -> Iterator[Html]:
    """Tell of the rule and of where the event is."""
    rule = report.rules[hit.rule]
    about = rule.about
    yield tag("p", about.description) if about.description else Html("")
    path = report.summary.files[hit.file].path
    told = {
        "falsepositives": "\n".join(about.falsepositives),
        "id": rule.id,
        "log_source": rule.log_source,
        "techniques": " ".join(techniques_of(rule)),
        "author": about.author,
        "references": "\n".join(about.references),
        "user": hit.user,
        "kind": hit.kind,
        "place": word("at", path=SHOWN_INPUT if path == STANDARD_INPUT else path, offset=str(hit.offset)),
        "event_id": report.evidence[hit.evidence].event_id if hit.evidence is not None else "",
    }
    pairs = [part for name, text in told.items() if text for part in (tag("dt", word(name)), tag("dd", text))]
    yield tag("dl", *pairs)
