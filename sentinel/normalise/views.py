"""Fields that rules ask for and that an event holds in another form.

Windows audits process creation (4688) and registry changes (4657) in its Security channel under other names and in
other forms than Sysmon. A view adds the Sysmon form, computed from the event's own fields, beside them.
"""

from __future__ import annotations

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


def _process_view(flat: dict[str, Any]) -> dict[str, Any]:
    for who in ("Target", "Subject"):
        name, domain = flat.get(who + "UserName"), flat.get(who + "DomainName")
        if isinstance(name, str) and name not in _NOBODY:
            flat.setdefault("User", f"{domain}\\{name}" if isinstance(domain, str) and domain else name)
            break
    label = flat.get("MandatoryLabel")
    if isinstance(label, str) and label in _INTEGRITY:
        flat.setdefault("IntegrityLevel", _INTEGRITY[label])
    return flat


def _registry_view(flat: dict[str, Any]) -> dict[str, Any]:
    key, value = flat.get("ObjectName"), flat.get("ObjectValueName")
    if isinstance(key, str):
        for prefix, hive in _HIVES:
            if key.lower().startswith(prefix):
                key = hive + key[len(prefix) :]
        flat.setdefault("TargetObject", f"{key}\\{value}" if isinstance(value, str) and value else key)
    operation = flat.get("OperationType")
    if isinstance(operation, str) and operation in _OPERATIONS:
        flat.setdefault("EventType", _OPERATIONS[operation])
    if "NewValue" in flat:
        flat.setdefault("Details", flat["NewValue"])
    name, domain = flat.get("SubjectUserName"), flat.get("SubjectDomainName")
    if isinstance(name, str) and isinstance(domain, str):
        flat.setdefault("User", f"{domain}\\{name}")
    return flat


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
