"""What commands share that act on alerts: who acts, on which ones, and what came of it."""

from __future__ import annotations

import json
import re
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.cli import asked
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.asked import Json
from sentinel.cli.exits import ExitCode
from sentinel.errors import InputError
from sentinel.language import _, later, n_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sentinel.cli.wanted import Filters
    from sentinel.model.alert import Alert, State
    from sentinel.people.acting import Acting
    from sentinel.people.register import People
    from sentinel.settings import Settings
    from sentinel.triage.actions import Action
    from sentinel.triage.desk import Desk
    from sentinel.triage.told import Outcome

STDIN: Final = "-"
UNASKED: Final = 20
"""So many alerts are acted on without a question; of more, a terminal is asked."""
_AT_ONCE: Final = 5_000
"""Alerts of one writing transaction: between two of them colleagues get their turn."""
_DIGITS: Final = 32
_ID: Final = re.compile(r"[0-9a-fA-F]{4,32}")

Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ID",
        help=later("Alerts, each by its id or the beginning; - reads them from standard input, one a line."),
    ),
]
AllMatching = Annotated[bool, typer.Option("--all-matching", help=later("Act on every alert that the filters choose."))]
IfVersion = Annotated[
    int | None,
    typer.Option(
        "--if-version",
        metavar="NUMBER",
        min=1,
        help=later("Only where nobody has acted on the alert since this version; for one alert."),
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=later("Only show what would be done."))]
Yes = Annotated[bool, typer.Option("--yes", help=later("Do not ask, however many alerts there are."))]


@dataclass(frozen=True, slots=True)
class How:
    """The options of whoever acts, as they were given."""

    yes: Yes = False
    key: Key = None
    passphrase_file: PassphraseFile = None
    as_json: Json = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which alerts are named, as they were given."""

    ids: Ids = None
    all_matching: AllMatching = False
    if_version: IfVersion = None
    dry_run: DryRun = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the settings, when it was made (nanoseconds since 1970, UTC), who acts, and the desk they act at."""

    now: Settings
    moment: int
    people: People
    by: Acting
    desk: Desk

    def person(self, name: str, option: str) -> str:
        """Give somebody's name as the register has it: `me` is who acts, `nobody` is "".

        Raise InputError where there is a register and they are not in it, or may not act on alerts.
        """
        from sentinel.cli.wanted import person
        from sentinel.people.register import name_of
        from sentinel.people.roles import may
        from sentinel.triage.desk import MAY_ACT

        given = person(name, lambda: self.by.name)
        if given in {"", self.by.name}:
            return given
        if self.people.absent:
            return name_of(given, option)
        found = self.people.named(given)
        if not may(found.roles, MAY_ACT):
            raise InputError(
                _("{name} may not act on alerts").format(name=found.name),
                place=option,
                hint=_("those who may: {names}").format(
                    names=", ".join(each.name for each in self.people.who_may(MAY_ACT))
                ),
            )
        return found.name


@contextmanager
def calling(ctx: typer.Context, how: How, permission: str, *, makes: bool = False) -> Iterator[Call]:
    """Give a call of somebody who may; `makes` begins a queue where none is.

    Raise Refused where they may not, StoreError where there is no store.
    """
    from sentinel.cli.acting import acting_among
    from sentinel.cli.alerts import desk_of
    from sentinel.people.register import read
    from sentinel.triage.desk import Desk
    from sentinel.triage.policy import policy_of

    now, moment = settings.load(ctx.obj), time.time_ns()
    people = read(now.people)
    by = acting_among(people, how.key, how.passphrase_file)
    by.must(permission)
    with desk_of(now) as looking:
        is_there = looking.file.is_there
    with Desk(now.store, policy_of(now), write=is_there or makes) as desk:
        yield Call(now, moment, people, by, desk)


def alerts_of(
    call: Call, chosen: Chosen, filters: Filters, states: Iterable[State]
) -> tuple[list[Alert], list[Outcome]]:
    """Give the alerts that a call names, and those of standard input that are not there; filters look at `states`.

    Raise InputError where it names none, both ids and filters, or an id of the call is no alert's.
    """
    if chosen.if_version is not None and (len(chosen.ids or ()) != 1 or STDIN in (chosen.ids or ())):
        raise InputError(_("is about one alert, named by its id"), place="--if-version")
    if chosen.ids:
        if filters.given or chosen.all_matching:
            raise InputError(_("ids and filters cannot go together"), hint=_("choose one of them"))
        return _named(call, chosen)
    from sentinel.cli.wanted import wanted_of
    from sentinel.console.numbers import number

    if not filters.given:
        raise InputError(
            _("which alerts?"), hint=_("name ids, - to read them, or filters such as --host with --all-matching")
        )
    wanted = wanted_of(filters, call.now, call.moment, states, lambda: call.by.name)
    if not chosen.all_matching and not chosen.dry_run:
        page = call.desk.page(wanted, 1)
        text = n_("the filters choose {count} alert", "the filters choose {count} alerts", page.total)
        count = _("{total} and more").format(total=number(page.total)) if page.is_more else number(page.total)
        raise InputError(
            text.format(count=count),
            hint=_("--all-matching acts on all of them, --dry-run shows them"),
        )
    return call.desk.every(wanted), []


def _named(call: Call, chosen: Chosen) -> tuple[list[Alert], list[Outcome]]:
    from msgspec.structs import replace

    found: list[Alert] = []
    missing: list[Outcome] = []
    for given in chosen.ids or ():
        if given == STDIN:
            read, absent = _looked_up(call.desk, list(_read_ids()))
            found += read
            missing += absent
        else:
            found.append(alert_named(call.desk, given))
    if chosen.if_version is not None:
        found = [replace(alert, touched=min(alert.version, chosen.if_version)) for alert in found]
    return found, missing


def alert_named(desk: Desk, prefix: str) -> Alert:
    """Give the alert whose id begins so; raise InputError where there is none or more than one."""
    return desk.one(said(prefix))


def said(text: str, option: str = "") -> str:
    """Give what was written, NFC; bytes that are no text are shown as such. Raise InputError where it is nothing.

    Without an option nothing is an answer too.
    """
    from sentinel.people.register import nfc

    if (found := nfc(text.encode("utf-8", "backslashreplace").decode())) or not option:
        return found
    raise InputError(_("there must be some text"), place=option)


def _read_ids() -> Iterator[tuple[str, int | None]]:
    """Give the ids of standard input; of lines of `list --ndjson` also which version was looked at."""
    for number, line in enumerate(sys.stdin.buffer, 1):
        if text := line.strip():
            try:
                yield _id_in(text)
            except (ValueError, KeyError, TypeError):
                raise InputError(
                    _("not an alert's id"),
                    place=f"{STDIN}:{number}",
                    hint=_("a line is an id, or an object as `sentinel alerts list --ndjson` writes it"),
                ) from None


def _id_in(line: bytes) -> tuple[str, int | None]:
    told = json.loads(line) if line.startswith(b"{") else {"id": line.decode()}
    id_, touched = told["id"], told.get("touched")
    if not _ID.fullmatch(id_) or (touched is not None and type(touched) is not int):
        raise ValueError(id_)
    return id_.lower(), touched


def _looked_up(desk: Desk, named: Sequence[tuple[str, int | None]]) -> tuple[list[Alert], list[Outcome]]:
    from msgspec.structs import replace

    from sentinel.triage.told import Outcome

    there = desk.file.named(id_ for id_, _touched in named if len(id_) == _DIGITS) if desk.file.is_there else {}
    found: list[Alert] = []
    missing: list[Outcome] = []
    for id_, touched in named:
        try:
            alert = there.get(id_) or desk.one(id_)
        except InputError as error:
            missing.append(Outcome(id_, None, error.message))
        else:
            found.append(alert if touched is None else replace(alert, touched=touched))
    return found, missing


def confirm(count: int, chosen: Chosen, how: How) -> None:
    """Ask on a terminal whether so many alerts are meant. Raise InputError where they are not."""
    is_asked = count > UNASKED and not how.yes and sys.stdin.isatty() and sys.stderr.isatty()
    if not is_asked or chosen.dry_run or STDIN in (chosen.ids or ()):
        return
    from sentinel.console.numbers import number

    question = n_("This acts on {count} alert. Go on?", "This acts on {count} alerts. Go on?", count)
    if not typer.confirm(question.format(count=number(count)), err=True):
        raise InputError(_("nothing was done"))


def tried(action: Action, alerts: Iterable[Alert]) -> list[Outcome]:
    """Give what an action would come to, and do nothing."""
    from sentinel.triage.actions import problem
    from sentinel.triage.told import Outcome

    return [Outcome(alert.id, alert, problem(action, alert)) for alert in alerts]


def carried_out(
    call: Call, alerts: Sequence[Alert], attempt: Callable[[Sequence[Alert]], list[Outcome]]
) -> list[Outcome]:
    """Act on alerts, some thousands at a time, and tell on the terminal how far it has come."""
    from sentinel.console.numbers import number
    from sentinel.console.progress import ProgressLine
    from sentinel.console.theme import console_for

    line = ProgressLine(console_for(sys.stderr, call.now.color) if sys.stderr.isatty() else None, len(alerts))
    outcomes: list[Outcome] = []
    try:
        for begin in range(0, len(alerts), _AT_ONCE):
            outcomes += attempt(alerts[begin : begin + _AT_ONCE])
            text = _("alerts: {done} of {total}").format(done=number(len(outcomes)), total=number(len(alerts)))
            line.tell(len(outcomes), lambda _gone, _left, text=text: text)  # type: ignore[misc] # bound at once
    finally:
        line.close()
    return outcomes


def told(call: Call, action: str, outcomes: Sequence[Outcome], *, as_json: bool, dry: bool = False) -> ExitCode:
    """Show what an action came to, and give how the call ends."""
    from sentinel.console.outcomes import outcome_lines, outcomes_object

    if as_json:
        asked.put_json(outcomes_object(action, call.by.name, outcomes, dry=dry))
    else:
        from sentinel.console.theme import console_for, put
        from sentinel.console.times import zone_named

        put(
            console_for(sys.stdout, call.now.color),
            *outcome_lines(action, outcomes, zone_named(call.now.timezone), dry=dry),
        )
    return ended(outcomes)


def ended(outcomes: Sequence[Outcome]) -> ExitCode:
    """Give how a call ends: with all done, with some, or with none of those there were."""
    done = sum(each.is_done for each in outcomes)
    if done == len(outcomes):
        return ExitCode.DONE
    return ExitCode.PARTLY if done else ExitCode.FOUND
