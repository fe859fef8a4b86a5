"""The account that ends every hunt, and how far one has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from sentinel.console.numbers import duration, number
from sentinel.console.summary import account, fault_lines, labelled, lack_lines
from sentinel.console.tables import wrapped
from sentinel.console.theme import FAINT, WARNING
from sentinel.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.console.tally import Summary


def hunt_lines(summary: Summary, store: str, saved: int | None, width: int) -> list[Text]:
    """Give the account's lines; `saved` counts the alerts that are new, None where none were to be kept.

    Fields that are lacking are only known of a hunt whose rules all looked at every event, not of one that knew some
    verdicts from before.
    """
    words = [part for line in _lines(summary, store, saved) for part in wrapped(line, width)]
    return [*words, *lack_lines(summary, width, rest_by=_("{more}; `--json` tells all"))]


def _lines(summary: Summary, store: str, saved: int | None) -> Iterator[Text]:
    if summary.interrupted:
        yield Text(_("Interrupted: this is what had been found by then."), style=WARNING)
    told = dict(account(summary))
    for label in (_("events"), _("hits"), _("rules"), _("no rule looks at")):
        if label in told:
            yield labelled(label, *told[label])
    if saved is not None:
        yield labelled(_("new alerts"), number(saved))
    yield from fault_lines(summary)
    yield Text(_("store: {folder}").format(folder=store), style=FAINT)


def hunting(done: int, total: int, hits: int) -> Callable[[float, float | None], str]:
    """Give what is said of a hunt: events, hits, and the time that is left."""

    def say(gone: float, left: float | None) -> str:
        parts = [
            _("{done} of {total} events").format(done=number(done), total=number(total)),
            _("{count} events a second").format(count=number(done / gone)),
            n_("{count} hit", "{count} hits", hits).format(count=number(hits)),
        ]
        if left is not None:
            parts.append(_("{duration} left").format(duration=duration(left)))
        return " · ".join(parts)

    return say
