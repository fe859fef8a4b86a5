"""Documents of the Elastic Common Schema, one a line: what Elastic Agent, Filebeat, Logstash and our export write.

Their fields, dotted or nested, become columns as they are; nothing is made of them again. Winlogbeat moves much of an
event of Windows to other names: its documents keep all their fields too, and get their native ones back beside them.
Those that name an event by an id of ours have both already.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.formats.base import Format, Splits
from sentinel.formats.document_columns import decoded_document, flat_document
from sentinel.formats.document_gathering import DocumentGathering, WinlogGathering, line_of
from sentinel.formats.json_lines import cut
from sentinel.formats.lines import raw_lines
from sentinel.formats.texts import identity_of
from sentinel.formats.winlogbeat import kind_of
from sentinel.language import later
from sentinel.model.batch import EventKind, place
from sentinel.model.exported import KIND, MARK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from sentinel.formats.base import Block
    from sentinel.formats.gather import Gatherer

    Flat: TypeAlias = dict[str, Any]

TIMESTAMP: Final = "@timestamp"
_LOOKED_AT: Final = 32
"""Lines."""
_DATASETS: Final = ("event.dataset", "data_stream.dataset")
_GENERIC: Final = "generic"
"""What Elastic calls the dataset of documents that name none."""
ID: Final = re.compile(r"[0-9a-f]{32,36}")
"""An id of ours, or of who names events as we do: a time in milliseconds and a hash."""
_ID_BYTES: Final = re.compile(ID.pattern.encode())
_MARKS: Final = (b'"event.dataset"', b'"data_stream.dataset"', b'"dataset"', b'"ecs.version"', b'"ecs"')


def recognise(head: bytes) -> bool:
    """Tell whether the first lines are documents, and any of them is to be taken as it is."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text.startswith(b"{") or b'"@timestamp"' not in text or not any(mark in text for mark in _MARKS):
        return False
    lines = [line for line in text.split(b"\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip()]
    found = [flat for flat in map(_flat, lines) if flat is not None]
    return 2 * len(found) >= len(lines) and all(map(_is_document, found)) and any(map(_is_taken, found))


def _flat(line: bytes) -> Flat | None:
    try:
        return flat_document(decoded_document(line))
    except (InputError, RecursionError):
        return None


def _is_document(flat: Mapping[str, Any]) -> bool:
    named = any(isinstance(flat.get(name), str) for name in _DATASETS)
    return isinstance(flat.get(TIMESTAMP), str) and (named or "ecs.version" in flat)


def _is_taken(flat: Mapping[str, Any]) -> bool:
    return _is_ready(flat, windows=_is_windows(flat))


def _is_windows(flat: Mapping[str, Any]) -> bool:
    return any(name.startswith("winlog.") for name in flat)


def _is_ready(flat: Mapping[str, Any], *, windows: bool) -> bool:
    """Tell whether a document's fields are to be taken as they are."""
    if not windows or MARK in flat:
        return True
    named = flat.get("event.id")
    return isinstance(named, str) and ID.fullmatch(named) is not None


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines = raw_lines(block)
    touched = set(gatherer.touched_by(lines, block.data))
    known = gatherer.remembered
    position, events = place(block.source, block.offset), 0
    for number, line in enumerate(lines):
        names = _names_of(line)
        gathering, kind = known.get(names, _UNKNOWN) if names else _UNKNOWN
        if gathering is None:
            told = _told(line)
            if told is None:
                one = replace(block, data=line, line=block.line and block.line + number)
                gatherer.add([line], [position], block=one)
                position += len(line)
                continue
            kind, flat, ready = told
            gathering = _gathering(gatherer, kind, ready=ready)
            if names and _is_named(kind, names, ready=ready):
                known[names] = gathering, kind
            if gathering.fields is not None:
                gathering.add_document(line_of(flat), line, position, kind, watched=number in touched)
        elif gathering.fields is not None:
            gathering.add_document(line, line, position, kind, watched=number in touched)
        events += 1
        position += len(line)
    gatherer.took(events, len(block.data))


_UNKNOWN: Final = (None, EventKind(""))


def _gathering(gatherer: Gatherer, kind: EventKind, *, ready: bool) -> DocumentGathering:
    """Give what gathers a kind: with the rest of its dataset, where it is ready and nobody wants it apart."""
    if ready:
        found = gatherer.beside(kind if gatherer.apart(kind) else EventKind(kind.dataset), DocumentGathering)
    else:
        found = gatherer.beside(kind, WinlogGathering)
    found.tell = gatherer.fault
    return found


_DATASET: Final = b'"event.dataset":"'
_CODE: Final = b'"event.code":"'
_WINDOWS: Final = (b'"winlog.channel":"', b'"winlog.provider_name":"')
_EVENT_ID: Final = b'"winlog.event_id":'
_TIME: Final = b'"@timestamp":"'
_OWN_ID: Final = b'"event.id":"'
_OURS: Final = b'"sentinel.'
_INSIDE: Final = b'" \t\r'
"""What comes behind the brace that an object begins with; behind braces in texts it mostly does not."""
_ENDS: Final = (b"}\n", b"}", b"}\r\n")
_NUMBER: Final = re.compile(rb'"?([0-9]++)"?[,}]')
_READY: Final = b"ready"


def _names_of(line: bytes) -> tuple[bytes, ...] | None:
    """Give what tells a document's kind, without decoding it; None where it does not stand as most write it.

    A name with its quotes and colon stands in JSON only where it is a name; lines with more than one object have names
    elsewhere.
    """
    dataset = _text_behind(line, _DATASET)
    if not dataset or _is_nested(line) or _OURS in line:
        return None
    if _TIME not in line or not line.startswith(b'{"') or not line.endswith(_ENDS):
        return None
    names = [dataset, _text_behind(line, _CODE), b"", b"", _READY]
    if b'"winlog.' in line:
        ready = _READY if _ID_BYTES.fullmatch(_text_behind(line, _OWN_ID)) else b""
        names = [dataset, _code_of(line), *(_text_behind(line, mark) for mark in _WINDOWS), ready]
    return None if b"\\" in b"".join(names) else tuple(names)


def _is_nested(line: bytes) -> bool:
    """Tell whether there may be an object in the object."""
    at = line.find(b"{", 1)
    while at >= 0:
        if line[at + 1 : at + 2] in _INSIDE:
            return True
        at = line.find(b"{", at + 1)
    return False


def _text_behind(line: bytes, mark: bytes) -> bytes:
    at = line.find(mark)
    if at < 0:
        return b""
    at += len(mark)
    return line[at : line.find(b'"', at)]


def _code_of(line: bytes) -> bytes:
    at = line.find(_EVENT_ID)
    found = _NUMBER.match(line, at + len(_EVENT_ID)) if at >= 0 else None
    return found[1] if found else _text_behind(line, _CODE)


def _told(line: bytes) -> tuple[EventKind, Flat, bool] | None:
    """Give a document's kind and fields, and whether these are all; None where it is to be read as another record."""
    flat = _flat(line)
    if flat is None or not _is_document(flat):
        return None
    windows = b'"winlog' in line and _is_windows(flat)
    ready = _is_ready(flat, windows=windows)
    return (_kind_of(flat, windows=windows) if ready else kind_of(flat)), flat, ready


def _kind_of(flat: Mapping[str, Any], *, windows: bool) -> EventKind:
    dataset = next((flat[name] for name in _DATASETS if isinstance(flat.get(name), str) and flat[name]), _GENERIC)
    exported = flat.get(KIND)
    if isinstance(exported, list) and len(exported) == 3 and all(type(part) is str for part in exported):  # noqa: PLR2004
        return EventKind(dataset, *exported)
    named = ("winlog.channel", "winlog.provider_name") if windows else ("", "")
    return EventKind(dataset, *(identity_of(flat.get(name)) for name in (*named, "event.code")))


def _is_named(kind: EventKind, names: tuple[bytes, ...], *, ready: bool) -> bool:
    """Tell whether what was found without decoding is what the kind says; the dataset may be another's name for it."""
    dataset, *told, is_ready = (name.decode("utf-8", "replace") for name in names)
    if [name.lower() for name in told] != [kind.code, kind.channel, kind.provider]:
        return False
    return ready == bool(is_ready) and (dataset == kind.dataset or not ready)


FORMAT = Format("ecs", later("documents of the Elastic Common Schema"), recognise, cut, read, Splits.AT_LINES)
