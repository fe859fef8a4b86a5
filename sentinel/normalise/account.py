"""What is told of an event in a line: host, user, what happened, and the address that it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from sentinel.formats.texts import text_of
from sentinel.language import _
from sentinel.model.batch import SYSTEM_COLUMNS
from sentinel.normalise.convert import endpoint_ip

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentinel.model.batch import EventKind

_LONGEST_DETAIL = 400
_LONGEST_VALUE = 160
# What tells best what happened, most telling first; the first few that an event has are shown.
TELLING = (
    "CommandLine", "ScriptBlockText", "TargetObject", "Details", "TargetFilename", "ImageLoaded", "PipeName",
    "QueryName", "DestinationIp", "DestinationPort", "TargetImage", "GrantedAccess", "SourceImage", "ServiceName",
    "ImagePath", "ServiceFileName", "TaskName", "ShareName", "RelativeTargetName", "ObjectName", "Image",
    "NewProcessName", "ParentImage", "TargetUserName", "MemberName", "IpAddress", "LogonType", "ThreatName", "Path",
    "Payload", "ContextInfo", "Data",
)  # fmt: skip
TELLING_IN_DOCUMENTS = (
    "process.command_line", "url.original", "dns.question.name", "file.path", "registry.path", "message",
    "process.executable", "event.action",
)  # fmt: skip
_SHOWN = 3
# The fields of Windows events that hold the address of the other side, or of the one that began a connection.
_WINDOWS_PEERS = ("IpAddress", "SourceIp", "SourceAddress", "ClientAddress", "ClientIP", "IPString", "Address")
_WHO = ("User", "SubjectUserName", "SubjectDomainName", "TargetUserName", "TargetDomainName")
WINDOWS_ACCOUNT = frozenset({"Computer", *_WHO, *TELLING, *_WINDOWS_PEERS})
"""The fields that the account of a Windows event is made of, where it has any that tell."""


class Account(TypedDict):
    """What is told of an event in a line: host, user, what happened, and the address that it came from."""

    host: str
    user: str
    detail: str
    peer: str


def account_of(kind: EventKind, event: Mapping[str, Any]) -> Account:
    """Tell of an event, given flat; as the table of its dataset says, or as Windows events are told."""
    if kind.is_windows:
        return Account(
            host=first(event, "Computer"),
            user=_user(event),
            detail=_detail(event) if event else _("changed while it was read: the event is gone"),
            peer=_windows_peer(event),
        )
    from sentinel.normalise.tables import family_of  # most scans hit nothing: tables are read for the first hit
    from sentinel.normalise.web_values import host_part

    family = family_of(kind.dataset)
    return Account(
        host=str(host_part(_first_of(event, family.hosts)) or ""),
        user=_first_of(event, family.users),
        detail=" · ".join(_told(event, family.telling) or _told(event, event))[:_LONGEST_DETAIL],
        peer=_peer(event, kind),
    )


DOCUMENT_ACCOUNT = ("host.name", "user.domain", "user.name", "source.ip", *TELLING_IN_DOCUMENTS)
"""The fields that the account of a document is made of."""


def account_of_document(kind: EventKind, event: Mapping[str, Any]) -> Account:
    """Tell of an event that came as a document of the Elastic Common Schema."""
    domain, user = first(event, "user.domain"), first(event, "user.name")
    told = (*TELLING, *TELLING_IN_DOCUMENTS) if kind.is_windows else TELLING_IN_DOCUMENTS
    return Account(
        host=_first_of(event, ("host.name", "Computer")),
        user=f"{domain}\\{user}" if domain and user else user,
        detail=" · ".join(_told(event, told))[:_LONGEST_DETAIL],
        peer=first(event, "source.ip"),
    )


def first(event: Mapping[str, Any], field: str) -> str:
    """Give the text of a field, the first where it has several; "" where it has none."""
    text = text_of(event.get(field))
    if isinstance(text, list):
        return text[0] if text else ""
    return text or ""


def _first_of(event: Mapping[str, Any], fields: Iterable[str]) -> str:
    """Give the text of the first of the fields that has one."""
    texts = (first(event, field) for field in fields)
    return next((text for text in texts if text and text != "-"), "")


def _windows_peer(event: Mapping[str, Any]) -> str:
    """Give the address that a Windows event came from; `LOCAL` and names are none."""
    found = (endpoint_ip(first(event, name)) for name in _WINDOWS_PEERS if name in event)
    return next((each for each in found if isinstance(each, str)), "")


def _peer(event: Mapping[str, Any], kind: EventKind) -> str:
    """Give what the table of the dataset makes the source's address; the best of its lines that fits."""
    from sentinel.normalise.tables import plan_of  # most scans hit nothing: tables are read for the first hit

    maps = plan_of(kind.dataset, kind.code).maps
    for line in (*maps.get("source.ip", ()), *maps.get("source.address", ())):
        text = first(event, line.source)
        if text in {"", "-"} or (line.when and first(event, line.when[0]).lower() not in line.when[1]):
            continue
        value = line.convert(text)
        if isinstance(value, str) and value:
            return value
    return ""


def _user(event: Mapping[str, Any]) -> str:
    """Give who did it, as far as the event tells: Sysmon's user, else the subject, else the target of a log-on."""
    user = first(event, "User")
    if user and user != "-":
        return user
    for who in ("Subject", "Target"):
        name, domain = first(event, who + "UserName"), first(event, who + "DomainName")
        if name and name != "-":
            return f"{domain}\\{name}" if domain and domain != "-" else name
    return ""


def _detail(event: Mapping[str, Any]) -> str:
    """Give one line of what tells most; of an event with nothing known to tell, its first few fields."""
    told = _told(event, TELLING) or _told(event, (field for field in event if field not in SYSTEM_COLUMNS))
    return " · ".join(told)[:_LONGEST_DETAIL]


def _told(event: Mapping[str, Any], fields: Iterable[str]) -> list[str]:
    told: list[str] = []
    for field in fields:
        text = text_of(event.get(field))
        if isinstance(text, list):
            text = "; ".join(text)
        if text and text != "-":
            told.append(f"{field}: {text[:_LONGEST_VALUE]}")
            if len(told) == _SHOWN:
                break
    return told
