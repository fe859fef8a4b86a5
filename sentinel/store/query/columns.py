"""Which columns a node asks about, and what it asks of each."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from sentinel.model.ecs import OVERFLOW
from sentinel.model.field import FieldType
from sentinel.store.query.text import widened
from sentinel.store.query.tree import ANY_FIELD, TEXT_FIELDS, Contains, Equals, Leaf, Like

# The columns that free text looks into.
FREE_TEXT_TYPES: Final = frozenset({FieldType.KEYWORD, FieldType.IP, FieldType.LONG})


def asks(leaf: Leaf, column: str, kind: FieldType) -> bool:
    """Tell whether a node asks about a column; one of free text leaves out the values of dates and booleans.

    Of a column that is left out so, the overflow values are asked about still.
    """
    if leaf.field == ANY_FIELD:
        return kind in FREE_TEXT_TYPES and column != OVERFLOW
    return fits(leaf.field, column)


def fits(field: str, column: str) -> bool:
    """Tell whether a column is of a field: of its name, or fitting the `*` in it; every column is of `""`."""
    if column == OVERFLOW:
        return False
    return field == column or (("*" in field or field == ANY_FIELD) and bool(_names(field).fullmatch(column)))


@lru_cache(maxsize=256)
def _names(field: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, (field or "*").split("*"))), re.DOTALL)


def of_column(leaf: Leaf, column: str) -> Leaf:
    """Give what a node asks of one column of its field: of a long text, words instead of the whole."""
    if "*" in leaf.field and column in TEXT_FIELDS:
        leaf = worded(leaf)
    return leaf if leaf.field == column else replace(leaf, field=column)


def worded(leaf: Leaf) -> Leaf:
    """Give what a node means in a long text."""
    if isinstance(leaf, Equals):
        return Contains(leaf.field, leaf.text)
    return Like(leaf.field, widened(leaf.pattern)) if isinstance(leaf, Like) else leaf
