"""The journal of systemd as `journalctl -o json` writes it.

journalctl(1), "json": a field that stands several times in an entry is a list; a value that is no UTF-8, or holds what
no terminal shows, is a list of its bytes' numbers; one that is too long to be shown is null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentinel.formats.journal import journal_event
from sentinel.formats.schema import Schema
from sentinel.language import later

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.model.batch import EventKind


def _recognise(record: Mapping[str, Any]) -> bool:
    return "__REALTIME_TIMESTAMP" in record and ("__CURSOR" in record or "_BOOT_ID" in record)


def _read(record: dict[str, Any]) -> tuple[EventKind, dict[str, Any]]:
    fields = {
        name: value if type(value) is str else _value(value) for name, value in record.items() if value is not None
    }
    return journal_event(fields)


def _value(value: object) -> object:
    if not isinstance(value, list):
        return value
    if value and all(type(each) is int for each in value):
        return bytes(value).decode("utf-8", "backslashreplace")
    return [_value(each) for each in value]


JOURNAL = Schema("journal_json", later("systemd journal (JSON)"), _recognise, _read, (b'"__REALTIME_TIMESTAMP"',))
