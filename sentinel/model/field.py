"""What a field of the schema is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """The type of a field's values, by Elasticsearch's word for it."""

    KEYWORD = "keyword"
    IP = "ip"
    LONG = "long"
    BOOLEAN = "boolean"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name, the type of its values, what it means, and whether an event may have many."""

    name: str
    type: FieldType
    meaning: str
    many: bool = False


def fields(prefix: str, *of: tuple[str, FieldType, str]) -> tuple[Field, ...]:
    """Give fields whose names share a beginning."""
    return tuple(Field(prefix + name, kind, meaning) for name, kind, meaning in of)


def lists(*of: tuple[str, FieldType, str]) -> tuple[Field, ...]:
    """Give fields that an event may have many values of."""
    return tuple(Field(name, kind, meaning, many=True) for name, kind, meaning in of)
