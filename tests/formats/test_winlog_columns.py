"""Documents of Winlogbeat: their native columns are what is rebuilt of one record, and nothing of them is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats import ecs_documents, json_lines
from sentinel.formats.base import Block
from sentinel.formats.columns import every_column
from sentinel.formats.gather import ALL, Gatherer
from sentinel.formats.winlogbeat import flatten_winlogbeat, kind_in, kind_of
from sentinel.model.batch import EventBatch, EventKind
from sentinel.normalise.views import view_of
from tests.formats.document_lines import dotted, line
from tests.formats.shapes import CHANNEL, SYSMON, TIME, WINLOGBEAT_RAW, WINLOGBEAT_SYSMON_MODULE

SECURITY = "Microsoft-Windows-Security-Auditing"
_BIG = 1 << 70
OWN = {"labels": {"province": "ca-mau", "share": 0.5}, "tags": ["forwarded", "portal"], "organization": {"id": "H09"}}


def batches_of(data: bytes, read: Any = json_lines.read) -> list[EventBatch]:  # noqa: ANN401 - of any format
    gatherer = Gatherer(lambda _kind: ALL, view_of)
    read(Block(0, 0, data, line=1), gatherer)
    assert [] == gatherer.faults
    return list(gatherer.rest())


def rows_of(batch: EventBatch) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{} for _row in range(len(batch))]
    for name in batch.columns.schema.names:
        for row, value in zip(found, batch.columns.column(name).to_pylist(), strict=True):
            if value is not None:
                row[name] = value
    return found


def natives_of(document: dict[str, Any]) -> dict[str, Any]:
    """Give the native columns of a document as they are rebuilt of one record."""
    kind = kind_in(document)
    view = view_of(kind)
    flat = flatten_winlogbeat(document)
    columns = every_column([view(flat) if view else flat], kind.dataset)
    return {name: columns.column(name)[0].as_py() for name in columns.schema.names}


def a_document(channel: str = CHANNEL, code: object = 1, provider: str = SYSMON, **rest: Any) -> dict[str, Any]:  # noqa: ANN401
    winlog = {"channel": channel, "event_id": code, "provider_name": provider, "computer_name": "ws1.gov.example"}
    return {"@timestamp": TIME, "winlog": winlog | rest.pop("winlog", {}), **rest}


def a_security_event(code: int, **data: str) -> dict[str, Any]:
    return a_document("Security", code, SECURITY, winlog={"event_data": data})


DOCUMENTS = {
    "raw": WINLOGBEAT_RAW,
    "module": WINLOGBEAT_SYSMON_MODULE,
    "dotted": dotted(WINLOGBEAT_SYSMON_MODULE),
    "numbers": a_document(winlog={"event_data": {"A": 5, "B": 1.0, "C": True, "D": [1, "x"], "E": [2.5], "F": _BIG}}),
    "clash": a_document(winlog={"event_data": {"Channel": "Cleared", "Task": "T"}, "task": "Clear"}),
    "clash alone": a_document(winlog={"user_data": {"Task": "T", "xml_name": "LogFileCleared"}}),
    "message": a_document(message="What happened"),
    "own message": a_document(message="What happened", winlog={"event_data": {"Message": "Own"}}),
    "level": a_document(log={"level": "warning"}),
    "provider of the event": {"@timestamp": TIME, "winlog": {"event_id": 7}, "event": {"provider": SYSMON}},
    "no channel": {"@timestamp": TIME, "winlog.event_id": 7036, "winlog.provider_name": "Service Control Manager"},
    "two owners of hashes": a_document(
        code=7, process={"hash": {"md5": "aa"}}, file={"hash": {"md5": "bb", "sha1": "c"}}, dll={"pe": {"imphash": "d"}}
    ),
    "image": a_document(code=7, dll={"path": "C:\\a.dll"}, file={"path": "C:\\b.dll"}),
    "driver": a_document(code=6, file={"path": "C:\\b.sys"}),
    "registry": a_document(code="13", registry={"path": "HKLM\\x", "data": {"strings": ["1", "2"]}}),
    "pipe": a_document(code=17, file={"name": "\\pipe"}),
    "connection": a_document(code=3, network={"direction": "egress", "transport": "tcp"}, source={"ip": "10.0.0.1"}),
    "a user of no domain": a_document(user={"name": "an", "domain": ""}),
    "no user": a_document(user={"domain": "GOV"}),
    "process creation": a_security_event(4688, SubjectUserName="an", MandatoryLabel="S-1-16-12288"),
    "registry change": a_security_event(4657, ObjectName="\\REGISTRY\\MACHINE\\X", OperationType="%%1904"),
    "defender": a_document(
        "Microsoft-Windows-Windows Defender/Operational", 5007, "x", winlog={"event_data": {"New Value": "1"}}
    ),
    "script": a_document(
        "Microsoft-Windows-PowerShell/Operational", 4104, "x", powershell={"file": {"script_block_text": "iex"}}
    ),
    "guid": a_document(winlog={"event_data": {"LogonGuid": "{4D327413-D6E8-DB96-981C-8F618F6A5AC4}"}}),
}  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_native_columns_are_those_of_the_record(document: dict[str, Any]) -> None:
    (batch,) = batches_of(line(document))
    (row,) = rows_of(batch)
    natives = natives_of(document)
    assert natives == {name: row.get(name) for name in natives}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_field_of_the_document_is_a_column(document: dict[str, Any]) -> None:
    (batch,) = batches_of(line(document | OWN))
    (row,) = rows_of(batch)
    native = natives_of(document).keys()
    fields = {name: value for name, value in dotted(document | OWN).items() if name not in native}
    fields |= {name: [str(each) for each in value] for name, value in fields.items() if type(value) is list}
    fields |= {name: str(value) for name, value in fields.items() if value == _BIG}
    assert fields == {name: row.get(name) for name in fields}


_VALUES = st.one_of(
    st.none(), st.sampled_from(["", "-", "a", "egress", "C:\\a.exe"]), st.integers(0, 9), st.booleans(),
    st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=2),
)  # fmt: skip
_NAMES = st.sampled_from([
    "winlog.event_data.Image", "winlog.event_data.User", "winlog.event_data.Task", "winlog.task", "process.executable",
    "file.path", "dll.path", "log.level", "message", "host.name", "rule.name", "registry.path", "winlog.user_data.X",
])  # fmt: skip
_TEXT_NAMES = st.sampled_from(["user.domain", "user.name", "network.direction", "process.hash.md5", "file.hash.md5"])


@given(
    st.lists(
        st.tuples(
            st.dictionaries(_NAMES, _VALUES, max_size=6), st.dictionaries(_TEXT_NAMES, st.text("aB", max_size=2))
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([1, 7, 13, 17]),
)
def test_documents_together_have_the_native_columns_that_each_has_alone(
    fields: list[tuple[dict[str, Any], dict[str, str]]], code: int
) -> None:
    documents = [dotted(a_document(code=code)) | some | texts for some, texts in fields]
    (batch,) = batches_of(b"".join(map(line, documents)))
    expected = [natives_of(document) for document in documents]
    rows = rows_of(batch)
    for natives, row in zip(expected, rows, strict=True):
        told = {name: _one(value) for name, value in natives.items() if value is not None}
        assert told == {name: _one(row.get(name)) for name in told}
        own = {name for name in row if name.startswith("winlog.event_data.")} - {"winlog.event_data.Task"}
        assert told.keys() >= own


def _one(value: object) -> object:
    """Give a list of one value as that value: a column where any row has several holds lists."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def test_kinds_are_told_alike_nested_and_dotted() -> None:
    expected = EventKind("windows.sysmon", CHANNEL.lower(), SYSMON.lower(), "1")
    nested = WINLOGBEAT_SYSMON_MODULE
    assert [expected] * 4 == [kind_in(nested), kind_in(dotted(nested)), kind_of(dotted(nested)), kind_in(a_document())]


def test_what_the_document_says_of_its_dataset_is_kept() -> None:
    said = a_document(event={"dataset": "windows.sysmon_operational", "code": "2"})
    same = a_document(event={"dataset": "windows.sysmon", "code": "1"})
    told = a_document(event={"dataset": "x"}, data_stream={"dataset": "x"})
    (batch,) = batches_of(line(said) + line(same) + line(told))
    assert ["1", "1", "1"] == batch.columns.column("event.code").to_pylist()
    lost = {"event.dataset": "windows.sysmon_operational", "event.code": "2"}
    assert [lost, None, None] == [each and json.loads(each) for each in batch.columns.column("_overflow").to_pylist()]


@pytest.mark.parametrize("write", [lambda document: document, dotted], ids=["nested", "dotted"])
def test_among_other_documents_they_come_out_the_same(write: Any) -> None:  # noqa: ANN401 - a function of any document
    other = line({"@timestamp": TIME, "event.dataset": "nginx.access", "ecs.version": "8.17.0"})
    document = WINLOGBEAT_SYSMON_MODULE | OWN | {"ecs": {"version": "8.17.0"}}
    data = line(write(document)) * 2
    (alone,) = batches_of(data)
    among, _other = batches_of(data + other, ecs_documents.read)
    assert rows_of(alone) == rows_of(among)
    assert (alone.kind, alone.lacks_ecs, alone.records) == (among.kind, True, None)


def test_times_in_their_fields_are_kept_to_the_letter() -> None:
    first = a_document(event={"created": TIME})
    second = a_document(event={"created": TIME, "ingested": "2026-03-01T08:15:31Z"}, labels={"seen": {"at": TIME}})
    (batch,) = batches_of(line(first) * 2 + line(second))
    assert [TIME] * 3 == batch.columns.column("event.created").to_pylist()
    assert [None, None, TIME] == batch.columns.column("labels.seen.at").to_pylist()
