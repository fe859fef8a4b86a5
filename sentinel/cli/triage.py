"""`sentinel triage`: the queue on the whole terminal, worked down by keys."""

from __future__ import annotations

import os
import shlex
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import typer

from sentinel import settings
from sentinel.cli.acting import Key, PassphraseFile
from sentinel.cli.wanted import Filters, filtered, wanted_of
from sentinel.errors import InputError, Refused
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.text import Text

    from sentinel.console.screen.shift import Shift
    from sentinel.model.alert import Alert, Wanted
    from sentinel.people.acting import Acting
    from sentinel.people.register import People
    from sentinel.settings import Settings

_WORDS: Final = {
    "level": "level",
    "state": "state",
    "rule": "rule",
    "host": "host",
    "user": "user",
    "address": "address",
    "dataset": "dataset",
    "platform": "platform",
    "agency": "agency",
    "assigned": "assigned",
    "closed-as": "reason",
    "story": "story",
    "suppression": "suppression",
    "technique": "technique",
    "text": "text",
    "since": "since",
    "until": "until",
}
"""The words of the filter line that take a value, as the options of `alerts list` are called."""
_FLAGS: Final[dict[str, tuple[str, Any]]] = {
    "all": ("all", True),
    "suppressed": ("suppressed", True),
    "overdue": ("overdue", True),
    "paused": ("paused", True),
    "mine": ("assigned", "me"),
    "nobody": ("assigned", "nobody"),
}
"""The words that stand alone."""
_SIDES: Final = (0, 1, 2)
"""What must be a terminal: keys come in on the first, Textual draws on the last."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("triage")(filtered(triage))


def triage(ctx: typer.Context, filters: Filters, key: Key = None, passphrase_file: PassphraseFile = None) -> None:
    """Open the screen."""
    now = settings.load(ctx.obj)
    if not all(map(os.isatty, _SIDES)):
        raise InputError(
            _("the screen needs a terminal"), hint=_("`sentinel alerts list --json` gives the queue to programs")
        )
    shift = shift_of(now, line_of(filters), key, passphrase_file)
    from sentinel.console.screen.app import Triage

    Triage(shift).run()


def shift_of(now: Settings, line: str, key: Path | None = None, passphrase_file: Path | None = None) -> Shift:
    """Give what the screen is about, with the queue that a filter line lets through.

    Raise StoreError where there is no store, or its alerts are newer than this version; InputError for a bad filter.
    """
    from sentinel.cli.acting import acting_among
    from sentinel.console.screen.shift import Shift
    from sentinel.console.times import zone_named
    from sentinel.people.register import read
    from sentinel.triage.desk import Desk
    from sentinel.triage.policy import policy_of

    people, policy = read(now.people), policy_of(now)
    acting: Acting | Refused
    try:
        acting = acting_among(people, key, passphrase_file)
    except Refused as error:
        if key is not None:
            raise
        acting = error  # they may read
    name = "" if isinstance(acting, Refused) else acting.name
    wanted = partial(wanted_in, now=now, me=name)
    wanted(line)
    with Desk(now.store, policy) as desk:
        if not desk.file.is_there:
            from sentinel.cli.asked import store_of

            store_of(now).close()
    colored = now.color != "never"
    return Shift(
        now.store,
        policy,
        acting,
        wanted,
        zone_named(now.timezone),
        line,
        partial(_around, now),
        _names(people),
        colored=colored,
    )


def _around(now: Settings, alert: Alert) -> list[Text]:
    from sentinel.cli.alert_show import around_alert

    return around_alert(now, alert)


def _names(people: People) -> tuple[str, ...]:
    return tuple(person.name for person in people.who_may("alerts.act"))


def wanted_in(line: str, now: Settings, me: str) -> Wanted:
    """Give the alerts that a filter line asks for: those open, where it names no state.

    The line has the options of `alerts list` without dashes (`level=high`, `host:pc*`, `overdue`), `mine` and `nobody`;
    other words are looked for in titles and names. Raise InputError where a word cannot be read.
    """
    from sentinel.model.alert import OPEN

    values: dict[str, Any] = {}
    words: list[str] = []
    for name, value in _read(line):
        if not name:
            words.append(value)
        elif name in _FLAGS:
            values[_FLAGS[name][0]] = _FLAGS[name][1]
        else:
            values[_WORDS[name]] = value.split(",") if name == "state" else value
    if words:
        values["text"] = " ".join(filter(None, [values.get("text", ""), *words]))
    return wanted_of(Filters(**values), now, time.time_ns(), OPEN, lambda: me)


def _read(line: str) -> Iterator[tuple[str, str]]:
    """Give the words of a filter line: name and value, of plain words without a name."""
    words = shlex.shlex(line, posix=True)
    words.whitespace_split, words.commenters, words.escape = True, "", ""  # a backslash is that of GOV\lan
    try:
        found = list(words)
    except ValueError:
        raise InputError(_("a quotation mark has no other"), place=line) from None
    for word in found:
        plain = word.removeprefix("--")
        places = [place for place in (plain.find("="), plain.find(":")) if place > 0]
        name = plain[: min(places)].casefold() if places else ""
        if name in _WORDS:
            yield name, plain[min(places) + 1 :]
        elif plain.casefold() in _FLAGS:
            yield plain.casefold(), ""
        elif plain != word or (name and "=" in plain):
            hint = _("words: {words}").format(words=", ".join([*_WORDS, *_FLAGS]))
            raise InputError(_("no filter is called so"), place=word, hint=hint)
        else:
            yield "", word


def line_of(filters: Filters) -> str:
    """Give the filter line that says what options say."""
    names = {field: name for name, field in _WORDS.items()}
    return " ".join(
        names.get(field, field)
        if value is True
        else shlex.quote(f"{names[field]}={','.join(value) if isinstance(value, list) else value}")
        for field, value in filters.given.items()
    )
