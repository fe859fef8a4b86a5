"""What an event's fields name, gathered for pivoting.

`related.user`, `.ip`, `.hosts` and `.hash` list each name of an event once, so that one search finds it wherever it
stands. Lists are made a whole column at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN_HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")
RELATED: dict[str, tuple[str, ...]] = {
    "related.hash": (
        *(f"{owner}.hash.{name}" for owner in ("process", "file", "dll") for name in _OWN_HASHES),
        *(f"{owner}.pe.imphash" for owner in ("process", "file", "dll")),
    ),
    "related.hosts": ("host.name", "source.domain", "destination.domain"),
    "related.ip": ("source.ip", "destination.ip", "dns.resolved_ip"),
    "related.user": ("user.name", "user.effective.name", "user.target.name", "powershell.connected_user.name"),
}


def related_columns(made: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    """Make the `related` columns for which there is any column to gather from."""
    found = {name: [made[source] for source in sources if source in made] for name, sources in RELATED.items()}
    return {name: _gather(columns) for name, columns in found.items() if columns}


def _gather(columns: list[pa.Array]) -> pa.Array:
    if len(columns) == 1 and pa.types.is_string(columns[0].type):
        return _lists_of_one(columns[0])
    entries = [_entries(column) for column in columns]
    rows = np.concatenate([rows for rows, _ in entries])
    names = pc.dictionary_encode(pa.concat_arrays([names for _, names in entries]))
    codes = names.indices.to_numpy()
    # Each name of a row where it stands first, in order of columns; then row by row.
    _, firsts = np.unique(rows * max(1, len(names.dictionary)) + codes, return_index=True)
    firsts.sort()
    order = firsts[np.argsort(rows[firsts], kind="stable")]
    counts = np.bincount(rows[order], minlength=len(columns[0]))
    offsets = np.concatenate((np.zeros(1, np.int32), np.cumsum(counts, dtype=np.int32)))
    kept = names.dictionary.take(pa.array(codes[order]))
    return pa.ListArray.from_arrays(pa.array(offsets), kept, mask=pa.array(counts == 0) if not counts.all() else None)


def _entries(column: pa.Array) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], pa.Array]:
    """Give every name in a column, and its row."""
    rows = np.arange(len(column))
    if pa.types.is_list(column.type):
        column, rows = column.flatten(), pc.list_parent_indices(column).to_numpy()
    named = pc.fill_null(pc.not_equal(column, ""), fill_value=False)
    return rows[np.asarray(named)], column.filter(named)


def _lists_of_one(texts: pa.Array) -> pa.Array:
    """Give each name as a list of its own; null where there is none."""
    named = np.asarray(pc.fill_null(pc.not_equal(texts, ""), fill_value=False))
    names = texts if named.all() else texts.filter(pa.array(named))
    offsets = np.concatenate((np.zeros(1, np.int32), np.cumsum(named, dtype=np.int32)))
    return pa.ListArray.from_arrays(pa.array(offsets), names, mask=None if named.all() else pa.array(~named))
