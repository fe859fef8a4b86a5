"""What the commands that ask a store share: options, the question, the store, and hints at fields."""

from __future__ import annotations

import shlex
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sentinel import settings
from sentinel.errors import InputError, StoreError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import ExitStack
    from pathlib import Path
    from typing import TextIO
    from zoneinfo import ZoneInfo

    from sentinel.settings import Settings
    from sentinel.store.base import EventStore, Question, Snapshot
    from sentinel.store.query.tree import Node, Query

EVERYTHING: Final = "*"
_ALWAYS: Final = frozenset({"@timestamp", "event.dataset", "event.id", "event.ingested"})
"""Every event has them."""

# Translated when the help is made, see `errors.translate_help`.
QueryText = Annotated[
    str,
    typer.Argument(metavar="QUERY", help=later('What to look for: words, user.name:lan, "a phrase", NOT …; * is all.')),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help=later("Only events from this time on: 2026-11-20T10:14, 24h, 7d.")),
]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help=later("Only events before this time; a date is included.")),
]
Datasets = Annotated[
    list[str] | None,
    typer.Option(
        "--dataset", metavar="NAME", help=later("Only events of this dataset, such as windows.*; repeatable.")
    ),
]
AnyAccents = Annotated[
    bool,
    typer.Option("--any-accents", help=later("Find words with any marks: bao cao finds báo cáo, dang finds đăng.")),
]
Json = Annotated[bool, typer.Option("--json", help=later("Write one JSON document."))]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call asks a store: the question, and how its parts were written."""

    settings: Settings
    question: Question
    zone: ZoneInfo
    words: tuple[str, ...]
    """What to ask again with: the query, and the options of the question."""

    @property
    def query(self) -> Query:
        """Give the query."""
        return self.question.query


def asked(  # the options of a question, in the order of the help
    ctx: typer.Context,
    query: str,
    since: str | None = None,
    until: str | None = None,
    datasets: Sequence[str] | None = None,
    *,
    any_accents: bool = False,
) -> Asked:
    """Give what options ask for. Raises InputError where the query or a time cannot be read."""
    from sentinel.console import times
    from sentinel.store.base import Question
    from sentinel.store.query.parse import parse

    now_set = settings.load(ctx.obj)
    zone, now = times.zone_named(now_set.timezone), time.time_ns()
    question = Question(
        parse(query, accents=not any_accents),
        times.window(since, until, zone, now),
        tuple(datasets or ()),
        now_set.timezone,
        now,
    )
    given = [("--since", since), ("--until", until), *(("--dataset", name) for name in datasets or ())]
    words = [query, *(f"{option}={value}" for option, value in given if value)]
    return Asked(now_set, question, zone, tuple([*words, "--any-accents"] if any_accents else words))


def positive(number: int, option: str) -> int:
    """Give a number that is one at least. Raises InputError for another."""
    if number < 1:
        raise InputError(_("must be 1 or more, not {number}").format(number=number), place=option)
    return number


def only_one(options: Mapping[str, bool]) -> str:
    """Give the one option that was given, "" for none. Raises InputError where several were."""
    given = [option for option, wanted in options.items() if wanted]
    if len(given) > 1:
        raise InputError(
            _("these cannot go together: {options}").format(options=", ".join(given)), hint=_("choose one of them")
        )
    return given[0] if given else ""


def output(path: Path | None, closing: ExitStack) -> TextIO:
    """Give the stream to write to, standard output or a file, which takes its place when the stack ends."""
    import io
    import sys

    if path is None:
        return sys.stdout
    from sentinel.console.output import replacing

    stream = closing.enter_context(replacing(path))
    return closing.enter_context(io.TextIOWrapper(stream, encoding="utf-8", newline="\n", write_through=True))


def put_json(value: object) -> None:
    """Write a JSON document, on one line."""
    from sentinel.console.documents import as_json

    typer.echo(as_json(value))


def narrowed(asked: Asked, snapshot: Snapshot) -> Asked:
    """Give the same question of the datasets that its names fit, in which `*` stands for any characters.

    Raises InputError where a name fits no dataset that is stored.
    """
    from fnmatch import fnmatchcase

    from sentinel.model.window import Window

    if not asked.question.datasets:
        return asked
    stored = sorted({part.dataset for part in snapshot.parts(Window())})
    fitting: dict[str, None] = {}
    for name in asked.question.datasets:
        fit = [each for each in stored if fnmatchcase(each, name)]
        if not fit:
            likely = similar(name, stored) or stored
            raise InputError(
                _("no stored dataset is called so"),
                place=f"--dataset {name}",
                hint=_("like it: {names}").format(names=", ".join(likely)) if likely else "",
            )
        fitting |= dict.fromkeys(fit)
    return replace(asked, question=replace(asked.question, datasets=tuple(fitting)))


def again(ctx: typer.Context, command: str, words: Iterable[str]) -> str:
    """Give a command line for the same store and settings."""
    names = {name: settings.BY_NAME[name].option for name in ctx.obj}
    flags = [f"{names[name]}={value}" for name, value in ctx.obj.items() if value is not None]
    return shlex.join(["sentinel", command, *words, *flags])


def store_of(now: Settings, *, write: bool = False) -> EventStore:
    """Open the store. Raises StoreError where there is none."""
    from sentinel.store.embedded.store import open_store

    store: EventStore = open_store(now.store, write=write)
    return store


@contextmanager
def snapshot_of(now: Settings) -> Iterator[Snapshot]:
    """Open the store and take a snapshot of it, for as long as the context lasts.

    Raises StoreError where there is no store, or nothing in it.
    """
    from sentinel.model.window import Window

    store = store_of(now)
    try:
        with store.snapshot() as snapshot:
            if not any(part.rows for part in snapshot.parts(Window())):
                raise StoreError(
                    _("no event is stored yet"), place=str(now.store), hint=_("`sentinel ingest PATH` takes logs in")
                )
            yield snapshot
    finally:
        store.close()


def field_names(query: Query) -> list[str]:
    """Name the fields that a query names, each once, in order."""
    return list(dict.fromkeys(name for name in _named(query.root) if name))


def _named(node: Node) -> Iterator[str]:
    from sentinel.store.query.tree import And, Everything, Not, Or

    match node:
        case And(nodes) | Or(nodes):
            for below in nodes:
                yield from _named(below)
        case Not(below):
            yield from _named(below)
        case Everything():
            return
        case _:
            yield node.field


def warn_of_fields(snapshot: Snapshot, question: Question, names: Iterable[str], *, found: bool) -> None:
    """Say on standard error which fields no event has, each with those like it.

    Where events were `found`, only names that no schema has are looked up: to name every field may take a while.
    """
    from sentinel.model.ecs import BY_NAME

    sure = {*BY_NAME, *_ALWAYS} if found else _ALWAYS
    doubtful = [name for name in dict.fromkeys(names) if name not in sure and "*" not in name]
    if not doubtful:
        return
    from sentinel.store.query.tree import Query

    had = [each.name for each in snapshot.fields(replace(question, query=Query()))]
    for name in doubtful:
        if had and name not in had:
            typer.echo(_unknown(name, had), err=True)


def _unknown(name: str, had: Sequence[str]) -> str:
    from sentinel.console.text import visible

    text = _("no event has the field '{name}'").format(name=visible(name))
    likely = similar(name, had)
    alike = _("like it: {names}").format(names=", ".join(map(visible, likely)))
    return f"{text}; {alike}" if likely else text


def similar(name: str, names: Sequence[str]) -> list[str]:
    """Give up to three names like another: that end as it does, or are written much alike."""
    from difflib import get_close_matches

    lower = {each.lower(): each for each in names}
    ends = [each for each in names if each.lower().endswith(f".{name.lower()}")]
    close = [lower[each] for each in get_close_matches(name.lower(), lower, n=3, cutoff=0.75)]
    return list(dict.fromkeys([*close, *sorted(ends, key=len)]))[:3]


def duration(text: str, option: str) -> int:
    """Give a length of time (90s, 5m, 1h, 1d, 2w) in nanoseconds. Raises InputError for anything else."""
    import re

    units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
    found = re.fullmatch(r"\s*([0-9]{1,6})\s*([smhdw])\s*", text)
    if found is None or not int(found[1]):
        raise InputError(
            _("not a length of time: '{text}'").format(text=text), place=option, hint=_("write 30s, 5m, 1h, 1d or 2w")
        )
    return int(found[1]) * units[found[2]] * 1_000_000_000
