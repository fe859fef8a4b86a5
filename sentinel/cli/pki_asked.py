"""What came of asking for certificates, as people and programs read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentinel.cli import asked
from sentinel.cli.exits import ExitCode
from sentinel.cli.pki_telling import telling
from sentinel.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.text import Text

    from sentinel.errors import SentinelError
    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Register, Request
    from sentinel.pki.requests.check import Findings
    from sentinel.settings import Settings

_MOST = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: the request, None where nothing was asked for, how many it is of or could be of, and why.

    `done` are those that were asked for before.
    """

    request: Request | None
    count: int
    findings: Findings
    done: int = 0


def put_asked(
    now: Settings, made: Asked, more: Mapping[str, Any], steps: Sequence[str] = (), *, as_json: bool
) -> ExitCode:
    """Tell what came of asking, with `more` for programs and further steps for people; give how the command ends."""
    from sentinel.console import pki as views

    found = {"faults": made.findings.faults, "warnings": made.findings.warnings}
    if as_json:
        request = views.request_object(made.request) if made.request else None
        told = {"request": request, "certificates": made.count, **more}
        asked.put_json(told | {name: [*map(views.finding_object, each)] for name, each in found.items()})
    else:
        _tell(now, made, steps)
    if found["faults"]:
        return ExitCode.PARTLY if made.count else ExitCode.WRONG
    return ExitCode.DONE if made.count or made.done else ExitCode.WRONG


def _tell(now: Settings, made: Asked, steps: Sequence[str]) -> None:
    from sentinel.cli.people import put
    from sentinel.console import pki as views
    from sentinel.console.numbers import number
    from sentinel.console.text import visible

    put(now, [*views.findings_lines(made.findings.faults, made.findings.warnings)])
    if made.done:
        text = n_("{count} was asked for before", "{count} were asked for before", made.done)
        put(now, [text.format(count=number(made.done))])
    if made.request:
        text = _("{id}: {count} to be issued, once somebody else approves")
        put(now, [visible(text.format(id=made.request.id, count=number(made.count)))])
        put(now, [_("Next: sentinel pki approve {id} --key FILE").format(id=made.request.id), *steps])
    elif made.count or not made.done:
        put(now, [_("{count} could be asked for; nothing was").format(count=number(made.count))])


def looked_at(now: Settings, home: Home, opened: Register, request: Request) -> list[SentinelError]:
    """Give what whoever approves a request should know of it; nothing, where nobody is asked to approve it."""
    import time

    from sentinel.pki.office import looking
    from sentinel.pki.register.tables import State

    if request.state is not State.WAITING:
        return []
    with telling(now, _("certificates checked"), request.count) as told:
        return looking.looked_at(home, now, opened, request, time.time_ns(), told)


def notes_lines(notes: Sequence[SentinelError]) -> list[Text]:
    """Give the first of what whoever approves should know, and how much more there is."""
    from rich.text import Text

    from sentinel.console import pki as views
    from sentinel.console.numbers import number

    rest = len(notes) - _MOST
    more = n_("  and {count} note more", "  and {count} notes more", rest).format(count=number(rest))
    return [*views.findings_lines((), notes[:_MOST]), *([Text(more)] if rest > 0 else [])]
