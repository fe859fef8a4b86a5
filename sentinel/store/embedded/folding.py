"""Many texts at once, as queries compare them: what `store.query.text` does to one.

Arrays here hold strings without nulls. Those of ASCII alone, which is most, take no more than one pass over bytes.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.store.query.text import bare, fold

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Array = np.ndarray[Any, np.dtype[Any]]

# A character that no text holds: Unicode keeps it free of any meaning, and nothing composes with it.
_BETWEEN: Final = "\ufdd0"


def contents(texts: pa.Array) -> tuple[Array, bytes]:
    """Give where each text of an array begins, with the end of the last one, and all their bytes."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    data = texts.buffers()[2]
    if not len(texts) or data is None:
        return np.zeros(len(texts) + 1, np.int32), b""
    begin, end = int(offsets[0]), int(offsets[-1])
    return offsets - offsets[0], data.slice(begin, end - begin).to_pybytes()


def from_contents(offsets: Array, data: bytes) -> pa.Array:
    """Give the array of texts that `contents` took apart."""
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def folded(texts: pa.Array, *, accents: bool) -> pa.Array:
    """Give texts as `query.text.fold` does."""
    offsets, data = contents(texts)
    if data.isascii():
        return from_contents(offsets, data.lower())
    return _replaced(texts, pc.ascii_lower(texts), fold if accents else _folded_without_accents)


def bared(texts: pa.Array, *, accents: bool) -> pa.Array:
    """Give texts as `query.text.bare` does."""
    if contents(texts)[1].isascii():
        return texts
    return _replaced(texts, texts, lambda text: bare(text, accents=accents))


def _replaced(texts: pa.Array, ascii_done: pa.Array, change: Callable[[str], str]) -> pa.Array:
    others = pc.not_equal(pc.binary_length(texts), pc.utf8_length(texts))
    changed = [change(text) for text in texts.filter(others).to_pylist()]
    return pc.replace_with_mask(ascii_done, others, pa.array(changed, pa.string()))


def _folded_without_accents(text: str) -> str:
    return fold(unicodedata.normalize("NFD", text).translate(_MARKS))


class _Marks(dict[int, "str | None"]):
    """What to make of characters of a text taken apart: no marks, and strokes off; found out as they come."""

    def __missing__(self, code: int) -> str | None:
        made = None if unicodedata.category(chr(code)) in {"Mn", "Mc", "Me"} else chr(code)
        self[code] = made
        return made


_MARKS: Final = _Marks({ord("đ"): "d", ord("Đ"): "D"})


def skeleton(text: str) -> str:
    """Give what is left of a text when case and accents do not count, characters taken apart.

    If one text holds another by any comparison of queries, so does its skeleton the other's: it is made a character at
    a time.
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", text).translate(_MARKS)
    # The long s is an s to regular expressions that ignore case; of İ and Σ see `query.text.fold`.
    return apart.replace("İ", "i").replace("Σ", "σ").replace("ſ", "s").lower()


def skeletons(texts: pa.Array) -> tuple[Array, bytes]:
    """Give the skeletons of texts, as `contents` does."""
    offsets, data = contents(texts)
    if data.isascii():
        return offsets, data.lower()
    others = pc.not_equal(pc.binary_length(texts), pc.utf8_length(texts))
    changed = _all_skeletons(texts.filter(others).to_pylist())
    return contents(pc.replace_with_mask(pc.ascii_lower(texts), others, pa.array(changed, pa.string())))


def _all_skeletons(texts: list[str]) -> list[str]:
    changed = skeleton(_BETWEEN.join(texts)).split(_BETWEEN)
    return changed if len(changed) == len(texts) else list(map(skeleton, texts))
