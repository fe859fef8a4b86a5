"""The account that ends every scan, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from sentinel.console.numbers import duration, number, size
from sentinel.console.places import SHOWN_INPUT, places_of
from sentinel.console.tables import Column, table, wrapped
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, HEAD, LEVELS, WARNING
from sentinel.inputs.reader import STANDARD_INPUT
from sentinel.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentinel.console.tally import FileCount, RuleCount, Summary

LACKS_SHOWN: Final = 5
DATASETS_SHOWN: Final = 6


def summary_lines(summary: Summary, width: int, *, every_lack: bool = False) -> list[Text]:
    """Give the account's lines; with `every_lack`, every field that is lacking and not only the most wanted."""
    words = [*_interrupted(summary), *_counts(summary), *fault_lines(summary)]
    return [*(part for line in words for part in wrapped(line, width)), *lack_lines(summary, width, every=every_lack)]


def _interrupted(summary: Summary) -> Iterator[Text]:
    if summary.interrupted:
        yield Text(_("Interrupted: this is what had been found by then."), style=WARNING)


def _counts(summary: Summary) -> Iterator[Text]:
    for label, parts in account(summary):
        yield labelled(label, *parts)


def account(summary: Summary) -> Iterator[tuple[str, Iterable[str | Text]]]:
    """Give what was counted in words: a label, and its text in parts."""
    yield _("files"), [", ".join(_files(summary))]
    spent = _("{count} in {duration}").format(count=number(summary.events), duration=duration(summary.seconds))
    if summary.events and summary.seconds:
        spent += " " + _("({rate} a second)").format(rate=number(summary.events / summary.seconds))
    yield _("events"), [spent]
    yield _("hits"), _hits(summary)
    yield _("rules"), [", ".join(_rules(summary.rules))]
    if summary.unlooked:
        yield _("no rule looks at"), [_unlooked(summary)]


def _unlooked(summary: Summary) -> str:
    """Give the events that no rule looks at: without hits, they were not found harmless."""
    count = n_("{count} event", "{count} events", summary.unlooked).format(count=number(summary.unlooked))
    shown = ", ".join(summary.unlooked_datasets[:DATASETS_SHOWN])
    rest = len(summary.unlooked_datasets) - DATASETS_SHOWN
    if rest > 0:
        shown += ", " + n_("and {count} more", "and {count} more", rest).format(count=number(rest))
    return _("{events} of {datasets}").format(events=count, datasets=shown)


def _files(summary: Summary) -> Iterator[str]:
    read = n_("{count} read ({size})", "{count} read ({size})", summary.read)
    yield read.format(count=number(summary.read), size=size(summary.size))
    if summary.empty:
        yield n_("{count} empty", "{count} empty", summary.empty).format(count=number(summary.empty))
    if summary.not_begun:
        yield n_("{count} not begun", "{count} not begun", summary.not_begun).format(count=number(summary.not_begun))
    if summary.unread:
        yield n_("{count} not read", "{count} not read", summary.unread).format(count=number(summary.unread))


def _hits(summary: Summary) -> Iterator[Text | str]:
    total = sum(summary.hits.values())
    hits = n_("{count} hit", "{count} hits", total).format(count=number(total))
    events = n_("{count} event", "{count} events", summary.events_hit).format(count=number(summary.events_hit))
    yield _("{hits} on {events}").format(hits=hits, events=events) if total else _("none")
    for level, count in summary.hits.items():
        if count:
            yield ", "
            yield Text(f"{number(count)} {_(LEVELS[level].label)}", style=LEVELS[level].style)
    if summary.without_time:
        text = n_("{count} event tells no time", "{count} events tell no time", summary.without_time)
        yield "; " + text.format(count=number(summary.without_time))
    if summary.outside:
        text = n_("{count} hit outside the time asked for", "{count} hits outside the time asked for", summary.outside)
        yield "; " + text.format(count=number(summary.outside))


def _rules(rules: RuleCount) -> Iterator[str]:
    yield n_("{count} run", "{count} run", rules.run).format(count=number(rules.run))
    if rules.left_out:
        yield n_("{count} left out by filters", "{count} left out by filters", rules.left_out).format(
            count=number(rules.left_out)
        )
    if rules.faulty:
        yield n_("{count} faulty", "{count} faulty", rules.faulty).format(count=number(rules.faulty))
    if rules.not_read:
        text = n_("{count} passed over", "{count} passed over", rules.not_read)
        yield text.format(count=number(rules.not_read))
    if rules.faulty or rules.not_read:
        yield _("see `sentinel rules check`")


def labelled(label: str, *parts: str | Text) -> Text:
    """Give a line that begins with a label."""
    line = Text(f"{label}: ", style=HEAD)
    for part in parts:
        line.append(part) if isinstance(part, Text) else line.append(part, style="not bold")
    return line


def fault_lines(summary: Summary) -> Iterator[Text]:
    """Give what could not be read, the first few faults by their places."""
    if not summary.fault_count:
        return
    total = n_("{count} fault", "{count} faults", summary.fault_count).format(count=number(summary.fault_count))
    yield Text(_("{faults}: what could not be read").format(faults=total), style=WARNING)
    for place, fault in zip(places_of(summary.faults, summary.files), summary.faults, strict=True):
        yield Text(f"  {visible(place)}: {visible(fault.message)}")
    rest = summary.fault_count - len(summary.faults)
    if rest:
        more = n_("and {count} more", "and {count} more", rest).format(count=number(rest))
        yield Text("  " + _("{more}; `--faults FILE` writes all").format(more=more), style=FAINT)


def lack_lines(summary: Summary, width: int, *, every: bool = False, rest_by: str = "") -> Iterator[Text]:
    """Give a table of the fields that rules asked for and no event had: the most wanted, or every one.

    `rest_by` says how to see those that are left out, with a place for how many `{more}` there are.
    """
    lacks = summary.lacks if every else summary.lacks[:LACKS_SHOWN]
    if not lacks:
        return
    yield Text(_("Fields that rules want and this data lacks"), style=HEAD)
    columns = [
        Column(_("field"), [lack.field for lack in lacks], least=12),
        Column(_("of events"), [f"{lack.dataset} {lack.code}".strip() for lack in lacks], least=12),
        Column(_("rules"), [number(lack.rules) for lack in lacks], right=True),
    ]
    for line in table(columns, width - 2):
        yield Text("  ") + line
    rest = len(summary.lacks) - len(lacks)
    if rest:
        more = n_("and {count} more", "and {count} more", rest).format(count=number(rest))
        yield Text("  " + (rest_by or _("{more}; `--verbose` shows all")).format(more=more), style=FAINT)


def files_table(files: tuple[FileCount, ...], width: int) -> list[Text]:
    """Give the lines of the table of files: what each was read as, and how much it held."""
    columns = [
        Column(_("file"), [file_name(file) for file in files], least=20, from_left=True),
        Column(_("format"), [file_format(file) for file in files]),
        Column(_("events"), [number(file.events) for file in files], right=True),
        Column(_("faults"), [number(file.faults) for file in files], right=True),
    ]
    return table(columns, width)


def file_name(file: FileCount) -> str:
    """Give how a file is called in tables."""
    return SHOWN_INPUT if file.path == STANDARD_INPUT else file.path


def file_format(file: FileCount) -> str:
    """Give what a file was read as, in words."""
    return _("not read") if file.format is None else file.format or _("empty")
