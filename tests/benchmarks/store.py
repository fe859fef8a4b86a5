"""The store beside DuckDB's own table: taking in, size, and the questions of the goals.

Both are asked in one process, in turn, warm; a figure is the median of the turns. Ours are asked as `sentinel search`
asks them: a new snapshot each, parsing included.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tests.benchmarks.corpus_parts import NEEDLE_ADDRESS, NEEDLE_WORD
from tests.benchmarks.measure import Run, median, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import duckdb

    from sentinel.store.base import EventStore, Snapshot

_MINUTES: Final = 60_000_000_000
_TURNS: Final = 7


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What taking in so many events cost: CPU seconds and bytes on disk, of us and of the peer."""

    events: int
    cpu: float
    peer_cpu: float
    size: int
    peer_size: int
    largest: float


def take_in(
    sentinel: Sequence[str], files: Sequence[Path], store: Path, database: Path, environ: dict[str, str]
) -> TakenIn:
    """Take files in anew, by `sentinel ingest` without rules and by DuckDB."""
    shutil.rmtree(store, ignore_errors=True)
    paths = list(map(str, files))
    ours = run([*sentinel, "--store", str(store), "ingest", "--no-rules", "--json", *paths], environ=environ)
    told = json.loads(ours.output)
    theirs = run([sys.executable, "-m", "tests.benchmarks.duckdb_peer", str(database), *paths], environ=environ)
    peer = json.loads(theirs.output)
    if told["stored"] != peer["events"]:
        raise RuntimeError(f"stored {told['summary']['stored']:,} events, DuckDB {peer['events']:,}")
    return TakenIn(peer["events"], ours.cpu, theirs.cpu, size_of(store), peer["bytes"], ours.largest)


def size_of(folder: Path) -> int:
    """Give the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def again(sentinel: Sequence[str], files: Sequence[Path], store: Path, environ: dict[str, str]) -> Run:
    """Take the same files in again: nothing is added."""
    return run([*sentinel, "--store", str(store), "ingest", "--no-rules", *map(str, files)], environ=environ)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, asked of both; `most` is the ratio, or the milliseconds where there is no peer, of the goal."""

    name: str
    ours: Callable[[Snapshot], object]
    theirs: str
    most: float


def _count(query: str) -> Callable[[Snapshot], object]:
    def ask(snapshot: Snapshot) -> object:
        return snapshot.count(_question(query))

    return ask


def _question(query: str) -> Any:  # noqa: ANN401 - imported late: the store's libraries are not needed by other benchmarks
    from sentinel.store.base import Question
    from sentinel.store.query.parse import parse

    return Question(parse(query))


def _newest(query: str) -> Callable[[Snapshot], object]:
    from sentinel.store.base import Order

    return lambda snapshot: len(snapshot.search(_question(query), Order(), 20).events)


def _top(query: str, field: str) -> Callable[[Snapshot], object]:
    return lambda snapshot: snapshot.top(_question(query), field, 10).values


def _bars(query: str, minutes: int, by: str) -> Callable[[Snapshot], object]:
    def ask(snapshot: Snapshot) -> object:
        return len(snapshot.histogram(_question(query), minutes * _MINUTES, by))

    return ask


def _get(event_id: str) -> Callable[[Snapshot], object]:
    return lambda snapshot: len(snapshot.get([event_id]))


_NEEDLE: Final = f""" "source.ip" = '{NEEDLE_ADDRESS}' """
# DuckDB has no type for addresses without an extension: it compares the beginning, which is the same network.
_NETWORK: Final = """ "source.ip" like '14.20.%' """
_BY_ID: Final = "select * from events where id = (select min(id) from needles)"


def questions(event_id: str) -> tuple[Asked, ...]:
    """Give the questions of the goals; `event_id` is one of the store's."""
    nowhere = "zzgrmblfx"
    return (
        Asked("needle: one rare address, counted", _count(f"source.ip:{NEEDLE_ADDRESS}"), _counted(_NEEDLE), 1.1),
        Asked("needle: the events, whole", _newest(f"source.ip:{NEEDLE_ADDRESS}"), _newest_20(_NEEDLE), 1.1),
        Asked("CIDR: a /16, counted", _count("source.ip:14.20.0.0/16"), _counted(_NETWORK), 1.1),
        Asked("by id, whole", _get(event_id), _BY_ID, 1.1),
        Asked("top 10 of source.ip", _top("*", "source.ip"), _top_10("source.ip"), 3),
        Asked(
            "top 10 of user.name of failures",
            _top("event.outcome:failure", "user.name"),
            _top_10("user.name", """ "event.outcome" = 'failure' """),
            3,
        ),
        Asked("hour by dataset", _bars("*", 60, "event.dataset"), _barred("1 hour", "event.dataset"), 3),
        Asked("5 minutes by agency", _bars("*", 5, "organization.id"), _barred("5 minutes", "organization.id"), 3),
        Asked(
            "newest 20 refused requests, whole",
            _newest("http.response.status_code:403"),
            _newest_20(""" "http.response.status_code" = 403 """),
            3,
        ),
        Asked(f"free text: {NEEDLE_WORD}", _count(NEEDLE_WORD), _counted(_anywhere(NEEDLE_WORD)), 0),
        Asked("free text: a word that is nowhere", _count(nowhere), _counted(_anywhere(nowhere)), 0),
    )


def _counted(condition: str) -> str:
    return f"select count(*) from events where {condition}"  # noqa: S608 - conditions of ours, here and below


def _newest_20(condition: str) -> str:
    return f'select * from events where {condition} order by "@timestamp" desc limit 20'  # noqa: S608


def _top_10(field: str, condition: str = "true") -> str:
    return (
        f'select "{field}", count(*) as n from events where {condition} and "{field}" is not null '  # noqa: S608
        "group by 1 order by n desc limit 10"
    )


def _barred(interval: str, field: str) -> str:
    bar = f'time_bucket(interval {interval}, "@timestamp")'
    return f'select {bar} as bar, "{field}", count(*) from events group by 1, 2'  # noqa: S608


def _anywhere(word: str) -> str:
    return " or ".join(f"\"{name}\"::varchar ilike '%{word}%'" for name in _TEXTS)


_TEXTS: Final = (
    "process.command_line", "process.parent.command_line", "process.executable", "message", "event.original",
    "url.original", "user_agent.original", "dns.question.name", "user.name", "host.name", "http.request.referrer",
    "tls.client.server_name", "related.user", "network.community_id", "process.name",
)  # fmt: skip
"""DuckDB is asked in these only; the store looks in every field."""


def ask_both(store: EventStore, peer: duckdb.DuckDBPyConnection) -> list[tuple[Asked, float, float, str]]:
    """Ask every question of both, in turn; give the medians in milliseconds, and "" or where the answers differ."""
    told = []
    with store.snapshot() as snapshot:
        (found,) = snapshot.search(_question(f"source.ip:{NEEDLE_ADDRESS}"), _order(), 1).events
    for asked in questions(found.id):
        ours, theirs = [], []
        answer: object = None
        rows: Any = None
        for _turn in range(_TURNS):
            began = time.perf_counter()
            with store.snapshot() as snapshot:
                answer = asked.ours(snapshot)
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            rows = peer.sql(asked.theirs).to_arrow_table()
            theirs.append(time.perf_counter() - began)
        told.append((asked, median(ours) * 1000, median(theirs) * 1000, _difference(answer, rows)))
    return told


def _order() -> Any:  # noqa: ANN401 - as `_question`
    from sentinel.store.base import Order

    return Order()


def _difference(answer: Any, table: Any) -> str:  # noqa: ANN401 - whatever a question gives; Arrow ships no types
    """Say where two answers differ: a number, a number of events or bars, or how often the most frequent values are."""
    expected = table.column(0)[0].as_py() if table.num_rows == table.num_columns == 1 else table.num_rows
    if isinstance(answer, tuple):
        expected, answer = sorted(table.column(1).to_pylist()), sorted(count for _value, count in answer)
    return "" if expected == answer else f"ours {answer}, DuckDB {expected}"


def with_ids(database: Path) -> duckdb.DuckDBPyConnection:
    """Open the peer's table for questions, with a column of distinct ids as the store has one."""
    import duckdb

    peer = duckdb.connect(str(database))
    peer.execute("set threads = 2")
    if not peer.execute("select 1 from information_schema.columns where column_name = 'id'").fetchall():
        peer.execute("alter table events add column id varchar")
        peer.execute("update events set id = md5(rowid::varchar)")
        peer.execute("checkpoint")
    peer.execute(f"create or replace temp table needles as select id from events where {_NEEDLE}")  # noqa: S608
    return peer
