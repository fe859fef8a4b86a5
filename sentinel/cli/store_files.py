"""`sentinel store export` and `import`: events out of a store, and into another one."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final

import typer

from sentinel.cli import asked as asking
from sentinel.cli.asked import AnyAccents, Datasets, Json, QueryText, Since, Until
from sentinel.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from sentinel.settings import Settings

_PACKINGS: Final = {".zst": "zstd", ".gz": "gzip"}


def register(group: typer.Typer) -> None:
    """Add the commands `store export` and `store import`."""
    group.command("export", help=_("Write events to a file: NDJSON or Parquet."))(export)
    group.command("import", help=_("Take in what was exported, under the same ids."))(import_)


def export(
    ctx: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=_("name.ndjson, .ndjson.zst, .ndjson.gz or .parquet; - writes NDJSON.")),
    ],
    query: QueryText = asking.EVERYTHING,
    since: Since = None,
    until: Until = None,
    dataset: Datasets = None,
    any_accents: AnyAccents = False,
) -> None:
    """Write whole events as documents, which `store import` takes in under the same ids."""
    asked = asking.asked(ctx, query, since, until, dataset, any_accents=any_accents)
    with asking.snapshot_of(asked.settings) as snapshot, ExitStack() as closing:
        question = asking.narrowed(asked, snapshot).question
        batches = _told(snapshot.read(question), asked.settings, closing)
        events = _to_parquet(batches, path, closing) if path.suffix == ".parquet" else _to_lines(batches, path, closing)
        asking.warn_of_fields(snapshot, question, asking.field_names(question.query), found=events > 0)
    from sentinel.console.numbers import number

    typer.echo(n_("{count} event written", "{count} events written", events).format(count=number(events)), err=True)


def _told(batches: Iterator[pa.RecordBatch], now: Settings, closing: ExitStack) -> Iterator[pa.RecordBatch]:
    """Give the batches, and tell on the terminal how many events have passed."""
    from sentinel.console.progress import ProgressLine, passing
    from sentinel.console.theme import console_for

    line = ProgressLine(console_for(sys.stderr, now.color) if sys.stderr.isatty() else None, None)
    closing.callback(line.close)
    events = 0
    for batch in batches:
        yield batch
        events += batch.num_rows
        line.tell(events, passing(events))


def _to_parquet(batches: Iterator[pa.RecordBatch], path: Path, closing: ExitStack) -> int:
    from sentinel.console.output import replacing
    from sentinel.console.parquet import ParquetSink

    sink, events = ParquetSink(closing.enter_context(replacing(path)), ()), 0
    closing.callback(sink.close)
    for batch in batches:
        sink.take_batch(batch)
        events += batch.num_rows
    sink.end("")
    return events


def _to_lines(batches: Iterator[pa.RecordBatch], path: Path, closing: ExitStack) -> int:
    from sentinel.console.documents import as_json, exported

    out, events = _stream(path, closing), 0
    for batch in batches:
        out.write(b"".join(as_json(document) + b"\n" for document in exported(batch)))
        events += batch.num_rows
    return events


def _stream(path: Path, closing: ExitStack) -> IO[bytes]:
    import pyarrow as pa

    from sentinel.console.output import replacing

    if str(path) == "-":
        return sys.stdout.buffer
    stream = closing.enter_context(replacing(path))
    packing = _PACKINGS.get(path.suffix)
    if packing is None:
        return stream
    packed: IO[bytes] = closing.enter_context(pa.CompressedOutputStream(stream, packing))
    return packed


def import_(
    ctx: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="FILE", help=_("Exports, packed or not; - is standard input."))],
    as_json: Json = False,
) -> int:
    """Take in events as they were; those that are there already are not taken in again."""
    from sentinel.cli.ingest import ingest

    return ingest(ctx, paths, no_rules=True, as_json=as_json)
