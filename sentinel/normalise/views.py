"""Fields that rules ask for and that an event holds in another form.

Windows audits process creation (4688) and registry changes (4657) in its Security channel under other names and in
other forms than Sysmon. A view adds the Sysmon form, computed from the event's own fields, beside them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.model.batch import EventKind

    View = Callable[[dict[str, Any]], dict[str, Any]]

# Mandatory label of a new process → integrity level (MS-DTYP 2.4.2.4, "Well-Known SID Structures").
_INTEGRITY: Final[Mapping[str, str]] = {
    "S-1-16-4096": "Low",
    "S-1-16-8192": "Medium",
    "S-1-16-8448": "Medium",
    "S-1-16-12288": "High",
    "S-1-16-16384": "System",
}
# What 4657 says was done → Sysmon's EventType.
_OPERATIONS: Final[Mapping[str, str]] = {"%%1904": "SetValue", "%%1905": "SetValue", "%%1906": "DeleteValue"}
# What 4657 calls the type of a number → Sysmon's name of it, and its digits.
_DWORD_DIGITS: Final = 8
_NUMBERS: Final[Mapping[object, tuple[str, int]]] = {"%%1876": ("DWORD", _DWORD_DIGITS), "%%1883": ("QWORD", 16)}
# Sysmon names the control set in use as programs do, the audit as the kernel does.
_CONTROL_SET: Final = re.compile(r"^(HKLM\\SYSTEM\\)ControlSet\d{3}(?=\\|$)", re.IGNORECASE)
# The object manager's names of hives → those that Sysmon writes.
_HIVES: Final[tuple[tuple[str, str], ...]] = (
    ("\\registry\\machine\\", "HKLM\\"),
    ("\\registry\\user\\", "HKU\\"),
)
_NOBODY = ("", "-", "S-1-0-0")
ANY_CODE: Final = "*"


def view_of(kind: EventKind) -> View | None:
    """Give the function that adds the computed fields of a kind; None where there are none."""
    return _VIEWS.get((kind.dataset, kind.code)) or _VIEWS.get((kind.dataset, ANY_CODE))


def computed_fields(kind: EventKind) -> frozenset[str]:
    """Name the fields of a kind whose text may stand nowhere in its events, for it is computed."""
    return _COMPUTED.get((kind.dataset, kind.code), frozenset())


def _add_user(flat: dict[str, Any], *whos: str) -> None:
    """Add Sysmon's `User`, domain and name, of the first that is somebody."""
    for who in whos:
        name, domain = flat.get(who + "UserName"), flat.get(who + "DomainName")
        if isinstance(name, str) and name not in _NOBODY:
            known = isinstance(domain, str) and domain not in _NOBODY
            flat.setdefault("User", f"{domain}\\{name}" if known else name)
            return


def _process_view(flat: dict[str, Any]) -> dict[str, Any]:
    _add_user(flat, "Target", "Subject")
    label = flat.get("MandatoryLabel")
    if isinstance(label, str) and label in _INTEGRITY:
        flat.setdefault("IntegrityLevel", _INTEGRITY[label])
    return flat


def _registry_view(flat: dict[str, Any]) -> dict[str, Any]:
    _add_user(flat, "Subject")
    key, value = flat.get("ObjectName"), flat.get("ObjectValueName")
    if isinstance(key, str):
        path = _sysmon_path(key)
        flat.setdefault("TargetObject", f"{path}\\{value}" if isinstance(value, str) and value else path)
    operation = flat.get("OperationType")
    if isinstance(operation, str) and operation in _OPERATIONS:
        flat.setdefault("EventType", _OPERATIONS[operation])
    if "NewValue" in flat:
        flat.setdefault("Details", _details(flat["NewValue"], flat.get("NewValueType")))
    return flat


def _sysmon_path(key: str) -> str:
    for prefix, hive in _HIVES:
        if key.lower().startswith(prefix):
            return _CONTROL_SET.sub(r"\1CurrentControlSet", hive + key[len(prefix) :])
    return key


def _details(value: object, kind: object) -> object:
    """Write a number as Sysmon does: `DWORD (0x00000001)`."""
    if kind not in _NUMBERS or not isinstance(value, str | int):
        return value
    try:
        number = int(str(value), 0)
    except ValueError:
        return value
    name, digits = _NUMBERS[kind]
    low = f"0x{number & 0xFFFFFFFF:08x}"
    return f"{name} ({low})" if digits == _DWORD_DIGITS else f"{name} (0x{number >> 32 & 0xFFFFFFFF:08x}-{low})"


def _spaceless_view(flat: dict[str, Any]) -> dict[str, Any]:
    """Let fields whose names hold spaces ("New Value", "Process Name") answer to the names that rules use."""
    for name in [name for name in flat if " " in name]:
        flat.setdefault(name.replace(" ", ""), flat[name])
    return flat


_VIEWS: Final[Mapping[tuple[str, str], View]] = {
    ("windows.security", "4688"): _process_view,
    ("windows.security", "4657"): _registry_view,
    ("windows.defender", ANY_CODE): _spaceless_view,
}
_COMPUTED: Final[Mapping[tuple[str, str], frozenset[str]]] = {
    ("windows.security", "4688"): frozenset({"User", "IntegrityLevel"}),
    ("windows.security", "4657"): frozenset({"User", "TargetObject", "EventType", "Details"}),
}
