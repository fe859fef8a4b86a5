"""JSON records by product: the schemas, in the order in which they are tried on a record.

Files, arrays and lines of JSON are read alike (`json_lines`, `json_documents`); what a record is, is told record by
record from the names it has. A new product is one `Schema` in a module of its own and one line here.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sentinel.formats.windows import flatten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.formats.schema import Schema


@cache
def schemas() -> tuple[Schema, ...]:
    """Give every schema, in order; they are imported when the first record is met that is not of Windows."""
    from sentinel.formats import json_access, suricata, zeek_json
    from sentinel.formats.cloud import CLOUD
    from sentinel.formats.database_json import DATABASES
    from sentinel.formats.journal_json import JOURNAL

    return (zeek_json.SCHEMA, suricata.SCHEMA, *CLOUD, *DATABASES, *json_access.SCHEMAS, JOURNAL)


def schema_of(record: Mapping[str, Any]) -> Schema | None:
    """Give the first schema that recognises a record; None where none does."""
    return next((each for each in schemas() if each.recognise(record)), None)


def is_event(record: dict[str, Any]) -> bool:
    """Tell whether a JSON record is an event of Windows or of any product here."""
    return flatten(record) is not None or schema_of(record) is not None
