"""The account that ends every intake, in words and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.text import Text

from sentinel.console.numbers import duration, number, size
from sentinel.console.summary import account, fault_lines, labelled
from sentinel.console.tables import wrapped
from sentinel.console.theme import FAINT, LEVELS, WARNING
from sentinel.console.views import summary_object
from sentinel.language import _, n_
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.console.tally import Summary
    from sentinel.intake.taking import Taken


@dataclass(slots=True)
class Intake:
    """What an intake has made durable so far.

    `known` counts bytes that were passed over since the store has them, `repeated` events at the end of sources that
    had grown which it had; `alerts` are those that were not there before, by level.
    """

    events: int = 0
    known: int = 0
    repeated: int = 0
    alerts: Counter[Level] = field(default_factory=Counter)

    def add(self, taken: Taken) -> None:
        """Count what was told."""
        self.events += taken.events
        self.known += taken.known
        self.repeated += taken.repeated
        self.alerts.update(alert.level for alert in taken.alerts)


def intake_lines(intake: Intake, summary: Summary, store: str, width: int) -> list[Text]:
    """Give the account's lines."""
    lines = [*_interrupted(summary), *_counts(intake, summary, store), *fault_lines(summary)]
    return [part for line in lines for part in wrapped(line, width)]


def _interrupted(summary: Summary) -> Iterator[Text]:
    if summary.interrupted:
        yield Text(_("Interrupted: what was read by then is stored; the same call goes on from there."), style=WARNING)


def _counts(intake: Intake, summary: Summary, store: str) -> Iterator[Text]:
    told = dict(account(summary))
    yield labelled(_("files"), *told[_("files")])
    spent = _("{count} in {duration}").format(count=number(intake.events), duration=duration(summary.seconds))
    if intake.events and summary.seconds:
        spent += " " + _("({rate} a second)").format(rate=number(intake.events / summary.seconds))
    yield labelled(_("events stored"), spent)
    if intake.known or intake.repeated:
        yield labelled(_("stored before"), ", ".join(_known(intake)))
    if summary.rules.run:
        yield labelled(_("new alerts"), *_alerts(intake))
        for label in (_("rules"), _("no rule looks at")):
            if label in told:
                yield labelled(label, *told[label])
    yield Text(_("store: {folder}").format(folder=store), style=FAINT)


def _known(intake: Intake) -> Iterator[str]:
    if intake.known:
        yield _("{size} passed over").format(size=size(intake.known))
    if intake.repeated:
        yield n_("{count} event", "{count} events", intake.repeated).format(count=number(intake.repeated))


def _alerts(intake: Intake) -> Iterator[Text | str]:
    total = intake.alerts.total()
    yield number(total) if total else _("none")
    between = ": "
    for level in reversed(Level):
        if count := intake.alerts[level]:
            yield between
            yield Text(f"{number(count)} {_(LEVELS[level].label)}", style=LEVELS[level].style)
            between = ", "


def intake_object(intake: Intake, summary: Summary, store: str) -> dict[str, Any]:
    """Give the account as programs read it."""
    return {
        "store": store,
        "stored": intake.events,
        "known_bytes": intake.known,
        "repeated_events": intake.repeated,
        "alerts": {level.label: intake.alerts[level] for level in reversed(Level)},
        "summary": summary_object(summary),
    }
