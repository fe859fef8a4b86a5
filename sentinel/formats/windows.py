"""Windows events as JSON: any writer's shape, one flat form.

Three shapes are told by what they hold, record by record:

- *flat*: `EventID`, `Channel`, `Image`, … side by side (NXLog im_msvistalog, OTRF Security-Datasets);
- *nested*: `Event.System` and `Event.EventData` as in the XML (evtx_dump, either attribute style);
- *Winlogbeat*: `winlog.event_data` with ECS fields around it (Winlogbeat, Elastic Agent).

All come out as the flat form, under the native names that Sigma rules use. UserData's leaves are read like event data,
since Sigma's names do not tell them apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentinel.errors import InputError
from sentinel.formats.json_decode import REFUSALS, decode, decode_anyhow
from sentinel.formats.texts import leaves_of
from sentinel.formats.winlogbeat import flatten_winlogbeat, is_winlogbeat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Flat = dict[str, Any]

# Names that writers of the flat shape use for a field of System, in order of preference.
FLAT_NAMES: dict[str, tuple[str, ...]] = {
    "Provider_Name": ("SourceName", "ProviderName", "Provider", "source_name"),
    "Provider_Guid": ("ProviderGuid",),
    "Computer": ("Hostname", "ComputerName", "MachineName", "computer_name", "host"),
    "EventRecordID": ("RecordNumber", "RecordID", "RecordId", "record_number"),
    "Opcode": ("OpcodeValue",),
    "TimeCreated": ("@timestamp", "SystemTime", "EventTime", "TimeGenerated", "UtcTime"),
    "Execution_ProcessID": ("ExecutionProcessID",),
    "Execution_ThreadID": ("ThreadID",),
    "Channel": ("LogName", "log_name"),
    "EventID": ("EventId", "event_id"),
}
_PROVIDER_NAMES = ("Provider_Name", *FLAT_NAMES["Provider_Name"])
_IDENTITIES = ("Channel", "Provider_Name", "LogName", "SourceName", "ProviderName", "log_name", "source_name")
_EVENT_IDS = ("EventID", "EventId", "event_id")


def flatten(record: Mapping[str, Any]) -> Flat | None:
    """Give the flat form of a record in any of the three shapes; None where it is no Windows event."""
    for recognise, read in _SHAPES:
        if recognise(record):
            return read(record)
    return None


def read_record(raw: bytes) -> Flat:
    """Give the flat form of a raw record; empty where it is no Windows event."""
    try:
        try:
            return flatten(decode(raw)) or {}
        except REFUSALS:
            return flatten(decode_anyhow(raw)) or {}
    except InputError:
        return {}


def texts_of_record(raw: bytes) -> list[str]:
    """Give every text value of a raw record that has been gathered before: of its data and of its System element."""
    return [text for value in read_record(raw).values() for text in leaves_of(value) if text]


def _is_flat(record: Mapping[str, Any]) -> bool:
    return any(name in record for name in _EVENT_IDS) and any(name in record for name in _IDENTITIES)


def with_canonical_names(record: Mapping[str, Any]) -> Flat:
    """Give a flat record that also answers to System's canonical names; its own names stay."""
    flat = dict(record)
    for canonical, others in FLAT_NAMES.items():
        if flat.get(canonical) is None:
            for name in others:
                if flat.get(name) is not None:
                    flat[canonical] = flat[name]
                    break
    return flat


def provider_of_flat(record: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Give the provider that `with_canonical_names` would."""
    for name in _PROVIDER_NAMES:
        provider = record.get(name)
        if provider is not None:
            return provider
    return None


def glance(record: Mapping[str, Any]) -> tuple[tuple[Any, Any, Any], Flat] | None:
    """Give channel, event id and provider of a nested record, and its data alone, where that is simple; else None.

    What most records need of `flatten`, at a fraction of its cost.
    """
    try:
        event = record["Event"]
        system, data = event["System"], event["EventData"]
        provider, code = system["Provider"]["#attributes"]["Name"], system["EventID"]
    except (KeyError, TypeError):
        return None
    if type(data) is not dict or len(event) > _SIMPLE_SECTIONS or not _COMPLEX.isdisjoint(data):
        return None
    if type(code) is dict:
        code = code.get("#text")
    if None in data.values():
        data = {name: "" if value is None else value for name, value in data.items()}
    return (system.get("Channel"), code, provider), data


_SIMPLE_SECTIONS = 3
"""`#attributes`, `System` and `EventData`."""
_COMPLEX = frozenset({"Data", "#attributes"})


def _is_nested(record: Mapping[str, Any]) -> bool:
    event = record.get("Event", record)
    system = event.get("System") if isinstance(event, dict) else None
    return isinstance(system, dict) and not _SYSTEM_MARKS.isdisjoint(system)


_SYSTEM_MARKS = frozenset({"EventID", "Channel", "Provider", "Provider_attributes"})


def _flatten_nested(record: Mapping[str, Any]) -> Flat:
    event: dict[str, Any] = record.get("Event", record)
    flat: Flat = {}
    for section, payload in event.items():
        if section not in _NOT_PAYLOAD and not section.startswith("@"):
            _add_payload(flat, payload)
    system: dict[str, Any] = event["System"]
    for name, read in _SYSTEM_FIELDS:
        value = read(system)
        if value is not None:
            if name in flat:
                # Event 104 has the channel that was cleared beside the one it is written to.
                flat["EventData_" + name] = flat[name]
            flat[name] = value
    return flat


_NOT_PAYLOAD = frozenset({"System", "#attributes", "Event_attributes", "xmlns"})
_DEEPEST = 32
_NAMES = ("@Name", "Name")
_TEXTS = ("#text", "Value", "_", "$", "content")


def _add_payload(flat: Flat, payload: Any, depth: int = 0) -> None:  # noqa: ANN401 - any JSON value
    """Add the leaves of EventData, or of the one element that UserData wraps them in."""
    if type(payload) is not dict:
        if payload is not None:
            _add_value(flat, "Data", payload, depth)
        return
    for name, value in payload.items():
        if type(value) is not dict and type(value) is not list:
            if name[:1] != "@" or name not in _ATTRIBUTES:
                _add_leaf(flat, name, value)
            elif name == "@Name":
                flat.setdefault("EventDataName", value)
        elif type(value) is dict and (name == "#attributes" or name.endswith("_attributes")):
            if "Name" in value:
                flat.setdefault("EventDataName", value["Name"])
        else:
            _add_value(flat, name, value, depth)


_ATTRIBUTES = frozenset({"@Name", "@xmlns"})


def _add_value(flat: Flat, name: str, value: Any, depth: int) -> None:  # noqa: ANN401 - any JSON value
    """Add an element: a leaf, one that names itself as `<Data Name="…">` does, several, or one with leaves within."""
    if type(value) is list and any(type(each) is dict for each in value) and depth < _DEEPEST:
        for each in value:
            _add_value(flat, name, each, depth + 1)
    elif type(value) is dict and depth < _DEEPEST:
        named = _named(value) if name == "Data" else ""
        text = next((key for key in (_TEXTS if named else _TEXTS[:1]) if key in value), None)
        if named or text:
            _add_leaf(flat, named or name, value[text] if text else None)
            value = {key: each for key, each in value.items() if key not in {text, "#attributes", *_NAMES}}
        _add_payload(flat, value, depth + 1)
    else:
        _add_leaf(flat, name, value)


def _named(element: Mapping[str, Any]) -> str:
    """Give the attribute `Name` of an element, in any style; "" where it has none."""
    attributes = element.get("#attributes", element)
    if type(attributes) is dict:
        for key in _NAMES:
            if type(attributes.get(key)) is str:
                return str(attributes[key])
    return ""


def _add_leaf(flat: Flat, name: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Add a leaf; a name that is there already becomes a list, so that no value is lost."""
    value = "" if value is None else value
    if name in flat and flat[name] != value:
        before = flat[name]
        value = (before if type(before) is list else [before]) + (value if type(value) is list else [value])
    flat[name] = value


def _element(name: str) -> Callable[[Mapping[str, Any]], Any]:
    def read(system: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
        value = system.get(name)
        return value.get("#text") if type(value) is dict else value

    return read


def _attribute(element: str, name: str) -> Callable[[Mapping[str, Any]], Any]:
    """Read an attribute in either style of evtx_dump, or as `@name`."""
    beside = element + "_attributes"
    marked = "@" + name

    def read(system: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
        value = system.get(element)
        attributes = value.get("#attributes", value) if type(value) is dict else system.get(beside)
        if type(attributes) is not dict:
            return None
        found = attributes.get(name)
        return attributes.get(marked) if found is None else found

    return read


_SYSTEM_FIELDS: tuple[tuple[str, Callable[[Mapping[str, Any]], Any]], ...] = (
    ("Channel", _element("Channel")),
    ("EventID", _element("EventID")),
    ("Qualifiers", _attribute("EventID", "Qualifiers")),
    ("Provider_Name", _attribute("Provider", "Name")),
    ("Provider_Guid", _attribute("Provider", "Guid")),
    ("Computer", _element("Computer")),
    ("EventRecordID", _element("EventRecordID")),
    ("TimeCreated", _attribute("TimeCreated", "SystemTime")),
    ("Level", _element("Level")),
    ("Task", _element("Task")),
    ("Opcode", _element("Opcode")),
    ("Keywords", _element("Keywords")),
    ("Version", _element("Version")),
    ("Execution_ProcessID", _attribute("Execution", "ProcessID")),
    ("Execution_ThreadID", _attribute("Execution", "ThreadID")),
    ("UserID", _attribute("Security", "UserID")),
    ("ActivityID", _attribute("Correlation", "ActivityID")),
    ("RelatedActivityID", _attribute("Correlation", "RelatedActivityID")),
)


def _is_search_hit(record: Mapping[str, Any]) -> bool:
    return isinstance(record.get("_source"), dict)


def _flatten_search_hit(record: Mapping[str, Any]) -> Flat | None:
    source = record["_source"]
    return next((read(source) for recognise, read in _SHAPES[:-1] if recognise(source)), None)


_SHAPES: tuple[tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any]], Flat | None]], ...] = (
    (is_winlogbeat, flatten_winlogbeat),
    (_is_flat, with_canonical_names),
    (_is_nested, _flatten_nested),
    (_is_search_hit, _flatten_search_hit),
)
