"""The table of hits, grouped by rule, host or technique, and the timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.console.numbers import number
from sentinel.console.tables import EXTRA, Column, table
from sentinel.console.theme import FAINT, level_text
from sentinel.console.times import NO_TIME, WIDE, common_year, shown
from sentinel.language import _
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo

    from rich.text import Text

    from sentinel.console.tally import Group
    from sentinel.detect.plan import Ruleset

_NAME_LEAST, _NAME_FAIR, _TEXT_LEAST = 24, 44, 16


def groups_table(groups: Sequence[Group], by: str, ruleset: Ruleset, zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines of the table of groups."""
    return table(_COLUMNS[by](groups, ruleset, zone, width), width)


def _by_rule(groups: Sequence[Group], _ruleset: Ruleset, zone: ZoneInfo, width: int) -> list[Column]:
    return [
        _level(groups),
        Column(_("rule"), [group.name for group in groups], least=_NAME_LEAST, fair=_NAME_FAIR, most=72),
        _hits(groups),
        _hosts(groups),
        *_span(groups, zone, width),
        _techniques(groups),
        _host_names(groups),
        _example(groups),
    ]


def _by_host(groups: Sequence[Group], ruleset: Ruleset, zone: ZoneInfo, width: int) -> list[Column]:
    return [
        _level(groups),
        Column(_("host"), [group.name or _("(not told)") for group in groups], least=_NAME_LEAST),
        _hits(groups),
        _events(groups),
        _rules(groups),
        *_span(groups, zone, width),
        _gravest(groups, ruleset),
    ]


def _by_technique(groups: Sequence[Group], ruleset: Ruleset, zone: ZoneInfo, width: int) -> list[Column]:
    return [
        _level(groups),
        Column(_("technique"), [group.name or _("(none named)") for group in groups], least=_TEXT_LEAST),
        _hits(groups),
        _events(groups),
        _rules(groups),
        _hosts(groups),
        *_span(groups, zone, width),
        _gravest(groups, ruleset),
    ]


_COLUMNS: dict[str, Callable[[Sequence[Group], Ruleset, ZoneInfo, int], list[Column]]] = {
    "rule": _by_rule,
    "host": _by_host,
    "technique": _by_technique,
}


def _level(groups: Sequence[Group]) -> Column:
    return Column(_("level"), [level_text(group.level) for group in groups])


def _hits(groups: Sequence[Group]) -> Column:
    return Column(_("hits"), [number(group.hits) for group in groups], right=True)


def _events(groups: Sequence[Group]) -> Column:
    return Column(_("events"), [number(group.events) for group in groups], rank=3, right=True)


def _rules(groups: Sequence[Group]) -> Column:
    return Column(_("rules"), [number(len(group.rules)) for group in groups], rank=2, right=True)


def _hosts(groups: Sequence[Group]) -> Column:
    return Column(_("hosts"), [number(len(group.hosts)) for group in groups], rank=2, right=True)


def _host_names(groups: Sequence[Group]) -> Column:
    short = short_names({host for group in groups for host in group.hosts})
    names = [" ".join(short[host] or _("(not told)") for host in group.hosts) for group in groups]
    return Column(_("on"), names, rank=EXTRA + 2, least=16, most=32)


def _span(groups: Sequence[Group], zone: ZoneInfo, width: int) -> list[Column]:
    """Give the columns of first and last time; where it is narrow, the year that all share goes to the heading."""
    firsts, lasts = [group.first for group in groups], [group.last for group in groups]
    year = common_year([*firsts, *lasts], zone) if width < WIDE else ""
    cut = slice(None) if width >= WIDE else slice(5, 16) if year else slice(10)
    first, last = ([shown(time, zone)[cut] or NO_TIME for time in times] for times in (firsts, lasts))
    return [
        Column(_("first") + year, first, rank=1, style=FAINT),
        Column(_("last") + year, last, rank=EXTRA, style=FAINT),
    ]


def _techniques(groups: Sequence[Group]) -> Column:
    return Column("ATT&CK", [" ".join(group.techniques) for group in groups], rank=EXTRA + 1, least=9, most=20)


def _example(groups: Sequence[Group]) -> Column:
    return Column(_("for example"), [group.example for group in groups], rank=EXTRA + 2, least=24, style=FAINT)


def _gravest(groups: Sequence[Group], ruleset: Ruleset) -> Column:
    titles = ["; ".join(ruleset.rules[rule].title for rule in group.rules[:3]) for group in groups]
    return Column(_("gravest rules"), titles, rank=EXTRA + 1, least=24, style=FAINT)


def timeline_table(
    lines: Sequence[tuple[int | None, int, str, str, str, str]], ruleset: Ruleset, zone: ZoneInfo, width: int
) -> list[Text]:
    """Give the lines of the timeline from (time, rule, host, peer, user, detail), which are in order.

    Where no event tells where it came from there is no column for that; and none for hosts if sources alone are told.
    """
    levels = {number: level_text(Level(rule.level)) for number, rule in enumerate(ruleset.rules)}
    times = [line[0] for line in lines]
    year = common_year(times, zone) if width < WIDE else ""
    begin = 5 if year else 0
    names = short_names({line[2] for line in lines})
    peers, hosts = (any(line[place] for line in lines) for place in (3, 2))
    columns = [
        Column(_("time") + year, [shown(time, zone)[begin:] or NO_TIME for time in times]),
        Column(_("level"), [levels[line[1]] for line in lines]),
        Column(_("rule"), [ruleset.rules[line[1]].title for line in lines], least=_NAME_LEAST, most=48),
        *([Column(_("source"), [line[3] for line in lines], rank=1, least=10, most=24)] if peers else []),
        *(
            [Column(_("host"), [names[line[2]] for line in lines], rank=1, least=10, most=24)]
            if hosts or not peers
            else []
        ),
        Column(_("user"), [line[4] for line in lines], rank=EXTRA, least=16, most=24),
        Column(_("detail"), [line[5] for line in lines], rank=2, least=_TEXT_LEAST, fair=40, style=FAINT),
    ]
    return table(columns, width)


def short_names(hosts: set[str]) -> dict[str, str]:
    """Give each host's name without its domain; the whole names where that would make two of them one."""
    short = {host: host if host.replace(".", "").isdigit() else host.partition(".")[0] for host in hosts}
    return short if len(set(short.values())) == len(hosts) else {host: host for host in hosts}
