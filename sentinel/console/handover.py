"""The page for the next shift: on the terminal, as Markdown, as one page of HTML, as JSON.

All are made of the same sections. What they show was written by strangers and colleagues: it is text everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from sentinel.console import markdown as md
from sentinel.console.alert_stats import named, story_object
from sentinel.console.alerts import ID_SHOWN, alert_object
from sentinel.console.numbers import number
from sentinel.console.report_html import still_page
from sentinel.console.report_markup import Html, joined, tag
from sentinel.console.tables import Column, table
from sentinel.console.theme import FAINT, HEAD, LEVELS
from sentinel.console.times import iso, shown
from sentinel.language import _, n_
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.model.alert import Alert
    from sentinel.triage.handover import Handover, Some, Written


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: its title, a table, how many rows are left out, and the command that lists all."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: int
    command: str = ""
    told: str = ""

    @property
    def more(self) -> str:
        """Tell how many rows are left out, and how to see them; "" where none is."""
        rest = self.total - len(self.rows)
        if rest <= 0:
            return ""
        text = n_("and {count} more", "and {count} more", rest).format(count=number(rest))
        return f"{text}: {self.command}" if self.command else text


def sections(page: Handover, zone: ZoneInfo) -> list[Section]:
    """Give the parts of the page, those without anything left out."""
    every = [
        _alerts(_("Open, by rank"), page.open, zone, "sentinel alerts list"),
        _alerts(_("Overdue"), page.overdue, zone, "sentinel alerts list --overdue --sort due"),
        _alerts(_("Due in the next shift"), page.soon, zone, "sentinel alerts list --sort due"),
        _paused(page),
        _closed(page),
        _notes(page, zone),
        _stories(page, zone),
        _expiring(page, zone),
        _doings(page),
    ]
    return [section for section in every if section.rows]


def _level(level: int) -> str:
    return _(LEVELS[Level(level)].label)


def _alerts(title: str, some: Some[Alert], zone: ZoneInfo, command: str) -> Section:
    heads = [_("id"), _("rank"), _("level"), _("alert"), _("host"), _("owner"), _("due")]
    rows = [
        [
            alert.id[:ID_SHOWN], str(alert.rank), _level(alert.level), alert.title, alert.host,
            named("assignee", alert.assignee), shown(alert.due, zone),
        ]
        for alert in some.items
    ]  # fmt: skip
    return Section(title, heads, rows, some.total, command)


def _paused(page: Handover) -> Section:
    heads = [_("id"), _("level"), _("alert"), _("owner"), _("paused")]
    rows = [
        [alert.id[:ID_SHOWN], _level(alert.level), alert.title, named("assignee", alert.assignee), alert.pause_reason]
        for alert in page.paused.items
    ]
    return Section(_("Paused"), heads, rows, page.paused.total, "sentinel alerts list --paused")


def _closed(page: Handover) -> Section:
    heads = [_("id"), _("alert"), _("reason"), _("who"), _("words")]
    rows = [
        [each.alert.id[:ID_SHOWN], each.alert.title, named("reason", each.alert.reason or ""), each.actor, each.text]
        for each in page.closed.items
    ]
    told = ", ".join(f"{named('reason', name)}: {number(count)}" for name, count in page.reasons.items())
    return Section(_("Closed"), heads, rows, page.closed.total, "sentinel alerts list --state closed", told)


def _notes(page: Handover, zone: ZoneInfo) -> Section:
    heads = [_("time"), _("who"), _("id"), _("alert"), _("words")]
    rows = [
        [shown(each.at, zone), each.actor, each.alert.id[:ID_SHOWN], each.alert.title, each.text]
        for each in page.notes.items
    ]
    return Section(_("Notes"), heads, rows, page.notes.total)


def _stories(page: Handover, zone: ZoneInfo) -> Section:
    heads = [_("story"), _("rank"), _("first alert"), _("open"), _("alerts"), _("last")]
    rows = [
        [
            story.id[:ID_SHOWN], str(story.rank), story.top.title, number(story.open), number(story.size),
            shown(story.last, zone),
        ]
        for story in page.stories.items
    ]  # fmt: skip
    return Section(_("New stories"), heads, rows, page.stories.total, "sentinel alerts stories")


def _expiring(page: Handover, zone: ZoneInfo) -> Section:
    heads = [_("id"), _("ends"), _("owner"), _("hits"), _("reason")]
    rows = [
        [each.id[:ID_SHOWN], shown(each.until, zone), each.owner, number(each.hits), each.reason]
        for each in page.expiring.items
    ]
    title = _("Suppressions that end soon")
    return Section(title, heads, rows, page.expiring.total, "sentinel alerts suppressions")


def _doings(page: Handover) -> Section:
    rows = [[who, ", ".join(f"{name} {number(count)}" for name, count in done.items())] for who, done in page.doings]
    return Section(_("Who did what"), [_("who"), _("what")], rows, len(rows))


def _heads(page: Handover, zone: ZoneInfo) -> tuple[str, str, str]:
    """Give the page's title, its span, and its numbers."""
    span = f"{shown(page.since, zone)} – {shown(page.now, zone)}"
    counts = _("open: {open}, overdue: {overdue}, came: {raised}, closed: {closed}").format(
        open=number(page.open.total), overdue=number(page.overdue.total), raised=number(page.raised),
        closed=number(page.closed.total),
    )  # fmt: skip
    times = _("times are those of {zone}").format(zone=zone.key)
    return _("Handover"), f"{span} · {times}", counts


def handover_lines(page: Handover, zone: ZoneInfo, width: int) -> Iterator[Text]:
    """Give the page for a terminal so many cells wide."""
    title, span, counts = _heads(page, zone)
    yield Text.assemble((title, HEAD), f"  {span}")
    yield Text(counts)
    for section in sections(page, zone):
        yield Text("")
        yield Text(f"{section.title}: {number(section.total)}", style=HEAD)
        if section.told:
            yield Text(section.told)
        yield from table([_column(section, place) for place in range(len(section.heads))], width)
        if section.more:
            yield Text(section.more, style=FAINT)


def _column(section: Section, place: int) -> Column:
    """Give a column of a table: words may be cut, ids and times may not."""
    head, cells = section.heads[place], [row[place] for row in section.rows]
    is_whole = place == 0 or head == _("due")
    return Column(head, cells, least=0 if is_whole else min(8, len(head) + 4))


def handover_markdown(page: Handover, zone: ZoneInfo) -> str:
    """Give the page as GitHub-flavoured Markdown."""
    title, span, counts = _heads(page, zone)
    lines = [f"# {md.text(title)}", "", md.text(span), "", md.text(counts)]
    for section in sections(page, zone):
        lines += ["", f"## {md.text(section.title)}: {number(section.total)}", ""]
        lines += [md.text(section.told), ""] if section.told else []
        lines += md.table(section.heads, section.rows)
        lines += ["", md.text(section.more)] if section.more else []
    return "\n".join(lines) + "\n"


def handover_html(page: Handover, zone: ZoneInfo) -> str:
    """Give the page as one page of HTML that loads nothing and runs nothing."""
    title, span, counts = _heads(page, zone)
    header = tag("header", tag("h1", title), tag("p", span, cls="faint"), tag("p", counts, cls="asked"))
    main = tag("main", *(_section(section) for section in sections(page, zone)))
    return still_page(f"{title}: {span}", header, main)


def _section(section: Section) -> Html:
    heads = tag("thead", tag("tr", *(tag("th", head, scope="col") for head in section.heads)))
    rows = (tag("tr", joined(tag("td", cell, cls="wide") for cell in row)) for row in section.rows)
    return tag(
        "section",
        tag("h2", f"{section.title}: {number(section.total)}"),
        tag("p", section.told) if section.told else None,
        tag("table", heads, tag("tbody", *rows)),
        tag("p", section.more, cls="faint") if section.more else None,
    )


def handover_object(page: Handover) -> dict[str, Any]:
    """Give the page as programs read it; of each list the first and how many there are."""
    return {
        "since": iso(page.since),
        "until": iso(page.now),
        "raised": page.raised,
        "open": _some(page.open, [alert_object(each) for each in page.open.items]),
        "overdue": _some(page.overdue, [alert_object(each) for each in page.overdue.items]),
        "due_soon": _some(page.soon, [alert_object(each) for each in page.soon.items]),
        "paused": _some(page.paused, [alert_object(each) for each in page.paused.items]),
        "closed": _some(page.closed, _words(page.closed)) | {"reasons": dict(page.reasons)},
        "notes": _some(page.notes, _words(page.notes)),
        "stories": _some(page.stories, [story_object(each) for each in page.stories.items]),
        "suppressions": _some(
            page.expiring,
            [
                {"id": each.id, "until": iso(each.until), "owner": each.owner, "reason": each.reason, "hits": each.hits}
                for each in page.expiring.items
            ],
        ),
        "people": [{"name": who, "did": dict(done)} for who, done in page.doings],
    }


def _words(some: Some[Written]) -> list[Mapping[str, Any]]:
    return [
        {"at": iso(each.at), "who": each.actor, "text": each.text, "alert": alert_object(each.alert)}
        for each in some.items
    ]


def _some(some: Some[Any], items: Sequence[Any]) -> dict[str, Any]:
    return {"total": some.total, "first": list(items)}
