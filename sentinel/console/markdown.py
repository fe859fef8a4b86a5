"""The report as GitHub-flavoured Markdown, for a ticket.

A ticket system renders what it is given: links, images, HTML, mentions of people. Text from logs and rules is escaped
so that it stays text (GFM 0.29, 6.1 backslash escapes, 6.2 character references); values stand in code spans.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sentinel.console import summary as words
from sentinel.console.numbers import number
from sentinel.console.places import places_of
from sentinel.console.report import TACTICS
from sentinel.console.report_sections import named_hosts
from sentinel.console.tally import techniques_of
from sentinel.console.text import reached, visible
from sentinel.console.theme import LEVELS
from sentinel.console.times import shown
from sentinel.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sentinel.console.report import Listed, Report
    from sentinel.console.tally import Group

_LONGEST: Final = 300
_EXAMPLES: Final = 50
"""Rules whose first hit is shown, gravest first: tickets hold no more than some 60,000 characters."""
_FIELDS: Final = 6
_FILES: Final = 50
_ESCAPED: Final = {
    **{character: f"\\{character}" for character in "`*_{}[]~!$"},
    # A backslash before a pipe would end a cell in some readers and not in others.
    **{character: f"&#{ord(character)};" for character in "\\|<>&"},
}
_JOINER: Final = "\u2060"
"""An invisible sign that parts a word for those who look for addresses and names in the finished text."""
# Addresses, mail addresses, mentions of people and of other tickets are recognised even behind escapes.
_LINKED: Final = re.compile(r"(?i)(?:https?|ftp|mailto|xmpp|javascript|data)(?=:)|www(?=\.)|[@#](?=\w)")
_TICKS: Final = re.compile(r"`+")


def text(value: str) -> str:
    """Give a text that Markdown shows as it is, on one line, in a cell or not: no markup, link, picture or mention."""
    parted = _LINKED.sub(lambda found: found[0] + _JOINER, visible(_short(value)))
    return "".join(_ESCAPED.get(character, character) for character in parted)


def code(value: str) -> str:
    """Give a code span (GFM 0.29, 6.3), whatever backticks the text holds; not for cells."""
    shown_text = visible(_short(value))
    fence = "`" * (max(map(len, _TICKS.findall(shown_text)), default=0) + 1)
    if not shown_text.strip():
        return text("–")
    pad = " " if shown_text[0] in "` " or shown_text[-1] in "` " else ""
    return f"{fence}{pad}{shown_text}{pad}{fence}"


def _short(value: str) -> str:
    return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"


def markdown(report: Report) -> str:
    """Give the whole text."""
    parts = [_head(report), _rules(report), _examples(report), _tactics(report), _account(report)]
    return "\n\n".join("\n".join(part) for part in map(list, parts) if part) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield "# " + text(_("Scan report")) + f": {text(', '.join(report.asked))}"
    yield ""
    first, last = report.span
    counts = ", ".join(
        f"**{number(count)} {text(_(LEVELS[level].label))}**" for level, count in report.summary.hits.items() if count
    )
    total = n_("{count} hit", "{count} hits", report.hit_count).format(count=number(report.hit_count))
    yield (
        f"{text(total)}: {counts}"
        if counts
        else text(_("No rule hit.") if report.summary.read else _("Nothing was read."))
    )
    yield ""
    if first is not None:
        yield f"{text(shown(first, report.zone))} – {text(shown(last, report.zone))}  "
    times = _("times are those of {zone}").format(zone=report.zone.key)
    yield text(_("Made {time}").format(time=shown(report.made, report.zone))) + " · " + text(times)
    if report.summary.interrupted:
        yield ""
        yield "> " + text(_("The scan was interrupted: this is what had been found by then."))


def _rules(report: Report) -> Iterator[str]:
    if not report.by_rule:
        return
    yield "## " + text(_("Rules that hit"))
    yield ""
    heads = [_("level"), _("rule"), _("hits"), _("hosts"), _("first"), _("last"), "ATT&CK"]
    yield from table(heads, [_rule(group, report) for group in report.by_rule], right={2})


def _rule(group: Group, report: Report) -> list[str]:
    return [
        _(LEVELS[group.level].label),
        group.name,
        number(group.hits),
        named_hosts(group),
        shown(group.first, report.zone),
        shown(group.last, report.zone),
        " ".join(techniques_of(report.rules[group.rules[0]])),
    ]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> Iterator[str]:
    """Give the lines of a table whose cells are text; columns numbered in `right` are set to the right."""
    right = set(right)
    yield f"| {' | '.join(map(text, heads))} |"
    yield f"| {' | '.join('---:' if place in right else '---' for place, _head in enumerate(heads))} |"
    for row in rows:
        yield f"| {' | '.join(map(text, row))} |"


def _examples(report: Report) -> Iterator[str]:
    """Show of each rule what matched in its first hit."""
    first: dict[int, Listed] = {}
    for hit in report.hits:
        first.setdefault(hit.rule, hit)
    groups = [group for group in report.by_rule if group.rules[0] in first][:_EXAMPLES]
    if not groups:
        return
    yield "## " + text(_("Evidence"))
    for group in groups:
        yield ""
        yield from _example(first[group.rules[0]], group, report)
    rest = len(report.by_rule) - len(groups)
    if rest:
        yield ""
        yield text(n_("and {count} more rule", "and {count} more rules", rest).format(count=number(rest)))


def _example(hit: Listed, group: Group, report: Report) -> Iterator[str]:
    who = " · ".join(filter(None, (shown(hit.time, report.zone), reached(hit.peer, hit.host), hit.user)))
    yield f"**{text(group.name)}** ({text(_(LEVELS[group.level].label))}): {text(who)}"
    yield ""
    fields = dict(report.evidence[hit.evidence].fields) if hit.evidence is not None else {}
    matched = [name for name in hit.matched if name in fields][:_FIELDS]
    for name in matched:
        yield f"- {text(name)}: {code(fields[name])}"
    if not matched:
        yield f"- {code(hit.detail)}"


def _tactics(report: Report) -> Iterator[str]:
    if not report.tactics:
        return
    yield "## " + text(_("ATT&CK tactics"))
    yield ""
    rows = [
        [_(TACTICS[tactic.tag]), number(tactic.hits), " ".join(name for name, _hits in tactic.techniques)]
        for tactic in report.tactics
    ]
    yield from table([_("tactic"), _("hits"), _("techniques")], rows, right={1})


def _account(report: Report) -> Iterator[str]:
    summary = report.summary
    yield "## " + text(_("Account of the scan"))
    yield ""
    for label, parts in words.account(summary):
        yield f"- {text(label)}: {text(''.join(map(str, parts)))}"
    places = places_of(summary.faults, summary.files)
    for place, fault in zip(places, summary.faults, strict=True):
        yield "- " + text(_("fault")) + f": {code(place)}: {text(fault.message)}"
    rest = summary.fault_count - len(places)
    if rest:
        yield "- " + text(n_("and {count} more", "and {count} more", rest).format(count=number(rest)))
    yield ""
    heads = [_("file"), _("format"), _("events"), _("faults")]
    rows = [
        [words.file_name(file), words.file_format(file), number(file.events), number(file.faults)]
        for file in summary.files[:_FILES]
    ]
    yield from table(heads, rows, right={2, 3})
    if len(summary.files) > _FILES:
        yield ""
        rest = len(summary.files) - _FILES
        yield text(n_("and {count} more file", "and {count} more files", rest).format(count=number(rest)))
