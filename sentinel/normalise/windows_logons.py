"""Security events about logons, tickets, tokens."""

from __future__ import annotations

from sentinel.normalise.convert import account, digits, domain_of, host_of, sid
from sentinel.normalise.lines import peer, program, who
from sentinel.normalise.mapping import Event, Map
from sentinel.normalise.windows_words import inserted, kerberos_status, logon_type, nt_status, outcome_of_status

_TARGET = who("Target", id_of="UserSid")
_SESSION = (Map("winlog.logon.id", "TargetLogonId", digits), Map("winlog.logon.type", "LogonType", logon_type))
_FROM = (
    *peer("IpAddress", "IpPort"),
    Map("source.domain", "WorkstationName", host_of),
    *program("ProcessName", pid="ProcessId"),
)
_FAILED = (
    Map("winlog.logon.failure.reason", "FailureReason", inserted),
    Map("winlog.logon.failure.status", "Status", nt_status),
    Map("winlog.logon.failure.sub_status", "SubStatus", nt_status),
    Map("error.code", "Status", digits),
)
_TICKET = (
    Map("user.id", "TargetUserSid", sid),
    Map("user.id", "TargetSid", sid),
    Map("user.name", "TargetUserName", account),
    Map("user.domain", "TargetDomainName"),
    Map("service.name", "ServiceName"),
    *peer("IpAddress", "IpPort"),
    Map("event.outcome", "Status", outcome_of_status),
    Map("event.reason", "Status", kerberos_status),
)

_AUTHENTICATION = ("authentication",)
_SESSIONS = ("authentication", "session")

EVENTS: tuple[Event, ...] = (
    Event("4624", "logged-in", _AUTHENTICATION, ("start",), "success", maps=(*_TARGET, *_SESSION, *_FROM)),
    Event(
        "4625",
        "logon-failed",
        _AUTHENTICATION,
        ("start",),
        "failure",
        maps=(*_TARGET, Map("winlog.logon.type", "LogonType", logon_type), *_FROM, *_FAILED),
    ),
    Event("4634", "logged-out", _AUTHENTICATION, ("end",), "success", maps=(*_TARGET, *_SESSION)),
    Event("4647", "logged-out", _AUTHENTICATION, ("end",), "success", maps=(*_TARGET, *_SESSION)),
    Event(
        "4648",
        "logged-in-explicit",
        _AUTHENTICATION,
        ("start",),
        maps=(
            Map("user.effective.name", "TargetUserName"),
            Map("user.effective.domain", "TargetDomainName"),
            Map("destination.domain", "TargetServerName", host_of),
            *_FROM,
        ),
    ),
    Event("4672", "logged-in-special", ("iam",), ("admin",), "success"),
    Event("4673", "privileged-service-called", ("iam",), ("admin",), maps=program("ProcessName", pid="ProcessId")),
    Event("4674", "privileged-operation", ("iam",), ("admin",), maps=program("ProcessName", pid="ProcessId")),
    Event(
        "4703",
        "token-right-adjusted-event",
        ("iam",),
        ("user", "change"),
        maps=(*who("Target", "user.target", id_of="UserSid"), *program("ProcessName", pid="ProcessId")),
    ),
    Event("4768", "kerberos-authentication-ticket-requested", _AUTHENTICATION, ("start",), maps=_TICKET),
    Event("4769", "kerberos-service-ticket-requested", _AUTHENTICATION, ("start",), maps=_TICKET),
    Event("4770", "kerberos-service-ticket-renewed", _AUTHENTICATION, ("start",), "success", maps=_TICKET),
    Event("4771", "kerberos-preauth-failed", _AUTHENTICATION, ("start",), "failure", maps=_TICKET),
    Event(
        "4776",
        "credential-validated",
        _AUTHENTICATION,
        ("start",),
        maps=(
            Map("user.name", "TargetUserName"),
            Map("user.domain", "TargetUserName", domain_of),
            Map("source.domain", "Workstation", host_of),
            Map("event.outcome", "Status", outcome_of_status),
            Map("winlog.logon.failure.status", "Status", nt_status),
        ),
    ),
    Event(
        "4778",
        "session-reconnected",
        _SESSIONS,
        ("start",),
        "success",
        maps=(
            Map("user.name", "AccountName"),
            Map("user.domain", "AccountDomain"),
            Map("winlog.logon.id", "LogonID", digits),
            Map("source.domain", "ClientName", host_of),
            *peer("ClientAddress"),
        ),
    ),
    Event(
        "4779",
        "session-disconnected",
        _SESSIONS,
        ("end",),
        "success",
        maps=(
            Map("user.name", "AccountName"),
            Map("user.domain", "AccountDomain"),
            Map("winlog.logon.id", "LogonID", digits),
            Map("source.domain", "ClientName", host_of),
            *peer("ClientAddress"),
        ),
    ),
    Event("4800", "workstation-locked", ("session",), ("info",), "success", maps=(*_TARGET, *_SESSION)),
    Event("4801", "workstation-unlocked", ("session",), ("info",), "success", maps=(*_TARGET, *_SESSION)),
    Event("4964", "logged-in-special", ("iam",), ("admin",), "success", maps=(*_TARGET, *_SESSION)),
)
