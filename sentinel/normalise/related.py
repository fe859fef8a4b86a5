"""What an event's fields name, gathered for pivoting.

`related.user`, `.ip`, `.hosts` and `.hash` list each name of an event once, so that one search finds it wherever it
stands. Lists are made once a distinct combination of names, not once an event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.model import ecs

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
    return {name: _gather(name, columns) for name, columns in found.items() if columns}


def _gather(name: str, columns: list[pa.Array]) -> pa.Array:
    if len(columns) == 1 and pa.types.is_string(columns[0].type):
        return _lists_of_one(columns[0])
    encoded = [_encode(column) for column in columns]
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    for texts, codes in encoded:
        # Numbers of combinations, anew for each column: they stay small.
        combined = (
            pc.dictionary_encode(pa.array(combined * (len(texts) + 1) + codes)).indices.to_numpy().astype(np.int64)
        )
    firsts = np.full(combined.max(initial=-1) + 1, 0)
    firsts[combined[::-1]] = np.arange(len(combined) - 1, -1, -1)
    lists = [_names(encoded, row) for row in firsts.tolist()]
    return pa.array(lists, ecs.arrow_type(ecs.BY_NAME[name])).take(pa.array(combined))


def _lists_of_one(texts: pa.Array) -> pa.Array:
    """Give each name as a list of its own; null where there is none."""
    named = np.asarray(pc.fill_null(pc.not_equal(texts, ""), fill_value=False))
    names = texts if named.all() else texts.filter(pa.array(named))
    offsets = np.concatenate((np.zeros(1, np.int32), np.cumsum(named, dtype=np.int32)))
    return pa.ListArray.from_arrays(pa.array(offsets), names, mask=None if named.all() else pa.array(~named))


def _encode(column: pa.Array) -> tuple[list[tuple[str, ...]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Give the distinct names (of a list, its joined elements), and each row's number; one past the end is null."""
    many = pa.types.is_list(column.type)
    encoded = pc.dictionary_encode(pc.binary_join(column, " ") if many else column)
    texts = encoded.dictionary.to_pylist()
    # Only addresses come in lists, and no address holds a space.
    names = [tuple(value.split(" ")) if many else (value,) for value in texts]
    return names, pc.fill_null(pc.cast(encoded.indices, pa.int64()), len(names)).to_numpy()


def _names(
    encoded: list[tuple[list[tuple[str, ...]], np.ndarray[tuple[int], np.dtype[np.int64]]]], row: int
) -> list[str] | None:
    names = [name for texts, codes in encoded if codes[row] < len(texts) for name in texts[codes[row]] if name]
    return list(dict.fromkeys(names)) or None
