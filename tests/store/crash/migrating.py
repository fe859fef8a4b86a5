"""A store of format 0, which never was, and the step that leads from it to format 1.

    python -m tests.store.crash.migrating FOLDER SAID

In format 0 the manifest knew nothing of the files beside segments: neither their size nor their hash.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentinel.store.embedded import layout as layouts
from sentinel.store.embedded.manifest import TABLES, mark_of
from sentinel.store.embedded.migrate import migrate
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from tests.store.embedded.stores import ids_in, leave, numbered, numbered_ids, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentinel.store.embedded.layout import Layout

NEW = ("grams_bytes", "grams_digest")
OLD = tuple(column for column in TABLES["segment"] if column not in NEW)
_MODULO = 1 << 128


def a_store_of_format_0(folder: Path) -> None:
    """Make a store as it would have been: events in segments and in a journal, and files beside segments."""
    store = open_store(folder, create=True)
    put(store, numbered(1, 2, 3), numbered(4, dataset="web.access"))
    leave(store, numbered(5, 6))
    for segment in store.manifest.segments():
        store.layout.grams(segment.dataset, segment.day, segment.name).write_bytes(b"grams of " + segment.name.encode())
    layout = store.layout
    store.close()
    with closing(sqlite3.connect(layout.manifest)) as manifest:
        columns = ", ".join(f'"{column}"' for column in OLD)
        rows = manifest.execute(f"select {columns} from segment").fetchall()  # noqa: S608
        manifest.execute("drop table segment")
        manifest.execute(f"create table segment({columns}, mark, primary key (name)) without rowid")
        marked = [(*row, mark_of("segment", row)) for row in rows]
        manifest.executemany(f"insert into segment values({', '.join('?' * len(marked[0]))})", marked)
        _tell(manifest, {"format": 0, "sum:segment": _sum(marked)})
        manifest.commit()
    head = json.loads((folder / layouts.NAME).read_bytes())
    (folder / layouts.NAME).write_text(json.dumps({**head, "format": 0}))


def note_grams(layout: Layout, manifest: sqlite3.Connection) -> None:
    """Let the manifest know the files beside segments, with a column for each thing it lacked."""
    columns = ", ".join(f'"{column}"' for column in OLD)
    rows = manifest.execute(f"select {columns} from segment").fetchall()  # noqa: S608
    manifest.execute("alter table segment rename to segment_0")
    manifest.execute(_SEGMENT_1)
    marked = []
    for row in rows:
        fields: dict[str, Any] = dict(zip(OLD, row, strict=True))
        path = layout.grams(fields["dataset"], fields["day"], fields["name"])
        content = path.read_bytes() if path.exists() else b""
        fields |= {"grams_bytes": len(content), "grams_digest": b""}
        fields["grams_digest"] = blake2b(content, digest_size=16).digest() if content else b""
        values = [fields[column] for column in TABLES["segment"]]
        marked.append((*values, mark_of("segment", values)))
    manifest.executemany(f"insert into segment values({', '.join('?' * len(marked[0]))})", marked)
    manifest.execute("drop table segment_0")
    manifest.execute("create index segment_dead on segment(dead) where dead is not null")
    manifest.execute("create index segment_day on segment(dataset, day) where dead is null")
    _tell(manifest, {"sum:segment": _sum(marked)})


_SEGMENT_1 = """
create table segment(
    name text primary key, dataset text not null, day text not null, rows integer not null, bytes integer not null,
    first integer not null, last integer not null, least_id text not null, greatest_id text not null,
    shape text not null, digest blob not null, grams_bytes integer not null, grams_digest blob not null,
    born integer not null, dead integer, mark blob not null
) without rowid
"""
STEPS = {0: note_grams}


def _sum(marked: Sequence[Sequence[Any]]) -> bytes:
    return (sum(int.from_bytes(row[-1]) for row in marked) % _MODULO).to_bytes(16)


def _tell(manifest: sqlite3.Connection, what: dict[str, Any]) -> None:
    meta = {**dict(manifest.execute("select key, value from meta").fetchall()), **what}
    meta.pop("mark", None)
    meta["mark"] = mark_of("meta", sorted(meta.items()))
    manifest.executemany("insert or replace into meta values(?, ?)", meta.items())


def look(folder: Path, heard: list[bytes]) -> None:
    """Check that a store that was being migrated is one of the two, and can be brought to the new format."""
    store = folder / "store"
    if b"made" not in heard:
        return
    found = json.loads((store / layouts.NAME).read_bytes())["format"]
    assert found in ((1,) if b"migrated" in heard else (0, 1))
    assert (found, 1) == migrate(store, STEPS, to=1)
    verify(store).check()
    assert numbered_ids(*range(1, 7)) == ids_in(store)


def main(folder: str, said: str) -> None:
    """Make a store of format 0 and migrate it, saying what is done."""
    out = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    a_store_of_format_0(Path(folder) / "other")
    shutil.copytree(Path(folder) / "other", Path(folder) / "store")
    os.sync()
    os.write(out, b"made\n")
    migrate(Path(folder) / "store", STEPS, to=1)
    os.write(out, b"migrated\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
