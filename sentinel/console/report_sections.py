"""The parts of the page that show counts: over time, by tactic, host and rule, and the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.console import summary as words
from sentinel.console.numbers import number
from sentinel.console.places import places_of
from sentinel.console.report import TACTICS
from sentinel.console.report_markup import Html, joined, tag
from sentinel.console.report_svg import bar_name, histogram_svg, levels_text
from sentinel.console.tally import techniques_of
from sentinel.console.theme import LEVELS
from sentinel.console.times import shown
from sentinel.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.console.report import Report, Tactic
    from sentinel.console.tally import Group, Summary
    from sentinel.model.severity import Level

_HOSTS_SHOWN: Final = 12
_HOSTS_LISTED: Final = 1000
_HOSTS_NAMED: Final = 3


def notices(report: Report) -> Html:
    """Give what a reader must know before the numbers: that a scan was stopped, that something could not be read."""
    summary, told = report.summary, []
    if summary.interrupted:
        told.append(_("The scan was interrupted: this is what had been found by then."))
    if summary.fault_count:
        told.append(
            n_(
                "{count} fault: something could not be read, see the account below.",
                "{count} faults: something could not be read, see the account below.",
                summary.fault_count,
            ).format(count=number(summary.fault_count))
        )
    if not report.hit_count:
        told.append(_("No rule hit.") if summary.read else _("Nothing was read."))
    return joined(tag("p", text, cls="notice") for text in told)


def badge(level: Level) -> Html:
    """Give a level's name in its colour."""
    return tag("span", _(LEVELS[level].label), cls=f"badge l{level}")


def over_time(report: Report) -> Html:
    """Give the histogram, its legend and, folded away, its numbers."""
    histogram = report.histogram
    if not histogram.bars:
        return Html("")
    named = [bar for bar in histogram.bars if bar.hits]
    rows = [[bar_name(bar, histogram.step, report.zone), number(bar.hits), levels_text(bar)] for bar in named]
    told = []
    if histogram.outside:
        text = n_(
            "{count} hit lies far from all others in time and is not drawn.",
            "{count} hits lie far from all others in time and are not drawn.",
            histogram.outside,
        )
        told.append(tag("p", text.format(count=number(histogram.outside)), cls="faint"))
    return tag(
        "section",
        tag("h2", _("Over time"), id="time-title"),
        tag("div", histogram_svg(histogram, report.zone), id="chart"),
        tag("p", id="chart-told", cls="faint", role="status"),
        tag(
            "p", *[tag("span", badge(level), " ") for level, hits in report.summary.hits.items() if hits], cls="legend"
        ),
        *told,
        tag(
            "details",
            tag("summary", _("The bars as a table")),
            table([(_("time"), ""), (_("hits"), "n"), (_("levels"), "")], rows),
            cls="quiet",
        ),
        id="time",
        aria_labelledby="time-title",
    )


def table(heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str | Html]], cls: str = "") -> Html:
    """Give a table; a heading's class, `n` for numbers, is that of its column."""
    head = tag("tr", *[tag("th", text, scope="col", cls=kind or None) for text, kind in heads])
    body = [tag("tr", *[_cell(value, *heads[place]) for place, value in enumerate(row)]) for row in rows]
    return tag("div", tag("table", tag("thead", head), tag("tbody", *body), cls=cls or None), cls="scroll")


def _cell(value: str | Html, head: str, kind: str) -> Html:
    return tag("td", value, cls=kind or None, data_head=head)


def tactics_section(report: Report) -> Html:
    """Give the ATT&CK tactics that were seen, in the order of an attack, with their techniques."""
    if not report.tactics:
        return Html("")
    most = max(tactic.hits for tactic in report.tactics)
    return tag(
        "section",
        tag("h2", _("ATT&CK tactics"), id="tactics-title"),
        tag("ol", *[_tactic(tactic, most) for tactic in report.tactics], cls="bars"),
        tag(
            "p",
            _("As the rules that hit are tagged: a rule counts for each of its tactics, with all its techniques."),
            cls="faint",
        ),
        id="tactics",
        aria_labelledby="tactics-title",
    )


def _tactic(tactic: Tactic, most: int) -> Html:
    techniques = [
        tag("li", tag("a", name, href="#hits", data_filter="technique", data_value=name), tag("span", number(hits)))
        for name, hits in tactic.techniques
    ]
    name = tag("a", _(TACTICS[tactic.tag]), href="#hits", data_filter="tactic", data_value=tactic.tag)
    return tag("li", _bar_line(name, tactic.hits, most, tactic.level), tag("ul", *techniques, cls="techniques"))


def _bar_line(name: Html, hits: int, most: int, level: Level) -> Html:
    width = f"{max(1.0, 100 * hits / most):.1f}%"
    bar = tag("svg", tag("rect", cls=f"l{level}", width=width, height="100%"), cls="bar", aria_hidden="true")
    return tag("div", tag("span", name, cls="name"), bar, tag("span", number(hits), cls="n"), cls="bar-line")


def hosts_section(report: Report) -> Html:
    """Give the hosts, gravest first; more than a screen of them are folded away."""
    if not report.by_host:
        return Html("")
    most = max(group.hits for group in report.by_host)
    lines = [_host(group, most) for group in report.by_host[:_HOSTS_LISTED]]
    more: list[Html] = []
    rest = len(report.by_host) - _HOSTS_SHOWN
    if rest > 0:
        text = n_("and {count} more", "and {count} more", rest).format(count=number(rest))
        more.append(tag("details", tag("summary", text), tag("ol", *lines[_HOSTS_SHOWN:], cls="bars"), cls="quiet"))
    if len(report.by_host) > _HOSTS_LISTED:
        more.append(tag("p", _("The first {count} are listed.").format(count=number(_HOSTS_LISTED)), cls="faint"))
    return tag(
        "section",
        tag("h2", _("Hosts"), id="hosts-title"),
        tag("ol", *lines[:_HOSTS_SHOWN], cls="bars"),
        *more,
        id="hosts",
        aria_labelledby="hosts-title",
    )


def _host(group: Group, most: int) -> Html:
    name = tag("a", group.name or _("(not told)"), href="#hits", data_filter="host", data_value=group.name)
    count = n_("{count} rule", "{count} rules", len(group.rules)).format(count=number(len(group.rules)))
    named = joined([name, " ", tag("span", count, cls="faint")])
    return tag("li", _bar_line(named, group.hits, most, group.level))


def rules_section(report: Report) -> Html:
    """Give the rules that hit, gravest first."""
    if not report.by_rule:
        return Html("")
    heads = [
        (_("level"), ""), (_("rule"), "wide"), (_("hits"), "n"), (_("hosts"), "wide"), (_("first"), "time"),
        (_("last"), "time"), ("ATT&CK", "wide"),
    ]  # fmt: skip
    return tag(
        "section",
        tag("h2", _("Rules that hit"), id="rules-title"),
        table(heads, [_rule(group, report) for group in report.by_rule], "rules"),
        id="rules",
        aria_labelledby="rules-title",
    )


def _rule(group: Group, report: Report) -> list[str | Html]:
    return [
        badge(group.level),
        tag("a", group.name, href="#hits", data_filter="rule", data_value=str(group.rules[0])),
        number(group.hits),
        named_hosts(group),
        shown(group.first, report.zone),
        shown(group.last, report.zone),
        " ".join(techniques_of(report.rules[group.rules[0]])),
    ]


def named_hosts(group: Group) -> str:
    """Name the first hosts of a group, and count the others."""
    hosts = [host or _("(not told)") for host in group.hosts]
    rest = len(hosts) - _HOSTS_NAMED
    named = ", ".join(hosts[:_HOSTS_NAMED])
    return named if rest <= 0 else f"{named} +{number(rest)}"


def account_section(report: Report) -> Html:
    """Give the account of the scan: what was read, what was not, what rules wanted and did not find."""
    summary = report.summary
    counts = [
        part
        for label, parts in words.account(summary)
        for part in (tag("dt", label), tag("dd", "".join(str(each) for each in parts)))
    ]
    return tag(
        "section",
        tag("h2", _("Account of the scan"), id="account-title"),
        tag("dl", tag("dt", _("scanned")), tag("dd", ", ".join(report.asked)), *counts),
        _faults(summary),
        _lacks(summary),
        _files(summary),
        id="account",
        aria_labelledby="account-title",
    )


def _faults(summary: Summary) -> Html:
    if not summary.fault_count:
        return Html("")
    places = places_of(summary.faults, summary.files)
    rows = [[place, fault.message] for place, fault in zip(places, summary.faults, strict=True)]
    rest = summary.fault_count - len(rows)
    more = n_("and {count} more", "and {count} more", rest).format(count=number(rest))
    return tag(
        "details",
        tag("summary", _("What could not be read ({count})").format(count=number(summary.fault_count))),
        table([(_("place"), "wide"), (_("reason"), "wide")], rows),
        tag("p", _("{more}; `--faults FILE` writes all").format(more=more), cls="faint") if rest else None,
        open=True,
    )


def _lacks(summary: Summary) -> Html:
    if not summary.lacks:
        return Html("")
    rows = [[lack.field, f"{lack.dataset} {lack.code}".strip(), number(lack.rules)] for lack in summary.lacks]
    return tag(
        "details",
        tag("summary", _("Fields that rules want and this data lacks ({count})").format(count=number(len(rows)))),
        table([(_("field"), "wide"), (_("of events"), "wide"), (_("rules"), "n")], rows),
    )


def _files(summary: Summary) -> Html:
    rows = [
        [words.file_name(file), words.file_format(file), number(file.events), number(file.faults)]
        for file in summary.files
    ]
    heads = [(_("file"), "wide"), (_("format"), ""), (_("events"), "n"), (_("faults"), "n")]
    return tag("details", tag("summary", _("Every file ({count})").format(count=number(len(rows)))), table(heads, rows))
