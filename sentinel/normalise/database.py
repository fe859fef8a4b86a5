"""Database servers, to ECS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.normalise.convert import MISFIT, integer, ip, lookup, lower, port
from sentinel.normalise.database_times import read_mysql, read_postgresql
from sentinel.normalise.mapping import Event, Family, Map

if TYPE_CHECKING:
    from sentinel.normalise.convert import Convert, Value

_LONGEST: Final = 9  # digits


def _nanoseconds(value: str, unit: int) -> Value:
    """Read a decimal number of a unit of so many nanoseconds."""
    whole, _, fraction = value.strip().partition(".")
    digits = fraction[:_LONGEST]
    if not (whole + digits).isascii() or not (whole + digits).isdigit() or len(whole) > _LONGEST + 3:
        return MISFIT
    return int(whole or 0) * unit + int(digits or 0) * unit // int(10.0 ** len(digits))


def milliseconds(value: str) -> Value:
    """Milliseconds as nanoseconds."""
    return _nanoseconds(value, 1_000_000)


def seconds(value: str) -> Value:
    """Seconds as nanoseconds."""
    return _nanoseconds(value, 1_000_000_000)


def peer(value: str) -> Value:
    """Address of a client; nothing of a name, or of a socket."""
    found = ip(value)
    return found if isinstance(found, str) else None


def name_only(value: str) -> Value:
    """Name of a client; nothing of an address."""
    return None if isinstance(ip(value), str) else value


def denied(value: str) -> Value:
    """Outcome: failure where access was denied."""
    return "failure" if value.startswith("Access denied for user") else None


def hyphened(value: str) -> Value:
    """In lower case, with hyphens for spaces."""
    return value.lower().replace(" ", "-")


def positive(value: str) -> Value:
    """Error; 0 is none."""
    return None if value.strip() in {"0", "00000"} else value


# How messages of PostgreSQL begin → what was done, and how it ended.
_MESSAGES: Final[tuple[tuple[str, str, str], ...]] = (
    ("connection received", "connection-received", ""),
    ("connection authenticated", "authentication", "success"),
    ("connection authorized", "logon", "success"),
    ("replication connection authorized", "logon", "success"),
    ("disconnection", "logoff", "success"),
    ("password authentication failed", "authentication", "failure"),
    ("no pg_hba.conf entry", "authentication", "failure"),
    ("pg_hba.conf rejects", "authentication", "failure"),
    ("statement:", "query", ""),
    ("execute ", "query", ""),
    ("duration:", "query", ""),
    ("AUDIT:", "audit", ""),
)


def action_of(value: str) -> Value:
    """Word for what was done, by how the message begins."""
    return next((action for start, action, _outcome in _MESSAGES if value.startswith(start)), None)


def outcome_of(value: str) -> Value:
    """Outcome, by how the message begins."""
    return next((outcome or None for start, _action, outcome in _MESSAGES if value.startswith(start)), None)


def _always(value: str) -> Convert:
    return lambda _text: value


_FAILED: Final = lookup(
    "severity_outcome",
    "failure for an error.",
    {"error": "failure", "fatal": "failure", "panic": "failure"},
)
_ERRORS: Final = frozenset({"error", "fatal", "panic"})
_STATEMENT: Final = (Map("sentinel.database.statement", "query"),)
POSTGRESQL = Family(
    "postgresql.log",
    maps=(
        *_STATEMENT,
        Map("sentinel.database.name", "dbname"),
        Map("user.name", "user"),
        Map("source.address", "remote_host"),
        Map("source.ip", "remote_host", peer),
        Map("source.port", "remote_port", port),
        Map("process.pid", "pid", integer),
        Map("log.level", "error_severity", lower),
        Map("message", "message"),
        Map("error.code", "state_code", positive),
        Map("error.message", "message", when=("error_severity", _ERRORS)),
        Map("event.action", "message", action_of),
        Map("event.outcome", "message", outcome_of),
        Map("event.outcome", "error_severity", _FAILED),
        Map("event.duration", "duration", milliseconds),
        Map("event.sequence", "line_num", integer),
    ),
    event=Event("", category=("database",), type=("info",)),
    time="timestamp",
    read_time=read_postgresql,
    hosts=(),
    users=("user",),
    telling=("message", "user", "dbname", "remote_host", "query"),
)
_MYSQL_ERROR: Final = frozenset({"error"})
MYSQL_ERROR = Family(
    "mysql.error",
    maps=(
        Map("message", "msg"),
        Map("log.level", "label", lower),
        Map("log.logger", "subsystem"),
        Map("error.code", "err_code"),
        Map("error.message", "msg", when=("label", _MYSQL_ERROR)),
        Map("process.thread.id", "thread", integer),
        Map("user.name", "user"),
        Map("source.address", "host"),
        Map("source.ip", "host", peer),
        Map("sentinel.database.name", "db"),
        Map(
            "event.outcome",
            "msg",
            denied,
        ),
    ),
    event=Event("", category=("database",), type=("info",)),
    time="time",
    read_time=read_mysql,
    users=("user",),
    telling=("label", "msg", "user", "host"),
)
MYSQL_GENERAL = Family(
    "mysql.general",
    maps=(
        *_STATEMENT,
        Map("sentinel.database.name", "db"),
        Map("event.action", "Command", hyphened),
        Map("user.name", "user"),
        Map("source.address", "host"),
        Map("source.ip", "host", peer),
        Map("process.thread.id", "Id", integer),
        Map("message", "Argument"),
        Map(
            "event.outcome",
            "Argument",
            denied,
            when=("Command", frozenset({"connect", "change user"})),
        ),
    ),
    event=Event("", category=("database",), type=("access",)),
    time="Time",
    read_time=read_mysql,
    users=("user",),
    telling=("Command", "Argument", "user", "host"),
)
MYSQL_SLOW = Family(
    "mysql.slow",
    maps=(
        *_STATEMENT,
        Map("sentinel.database.name", "Schema"),
        Map("sentinel.database.name", "db"),
        Map("user.name", "user"),
        Map("source.address", "ip"),
        Map("source.address", "host"),
        Map("source.ip", "ip", peer),
        Map("source.ip", "host", peer),
        Map("source.domain", "host", name_only),
        Map("event.duration", "Query_time", seconds),
        Map("process.thread.id", "Id", integer),
        Map("process.thread.id", "Thread_id", integer),
    ),
    event=Event("", action="slow-query", category=("database",), type=("access",)),
    time="Time",
    read_time=read_mysql,
    users=("user",),
    telling=("Query_time", "query", "user", "host", "db"),
)
_LOGONS: Final = lookup(
    "audit_action", "logon, logoff, or the operation in lower case.",
    {"connect": "logon", "disconnect": "logoff", "failed_connect": "logon", "quit": "logoff"},
    otherwise=lower,
)  # fmt: skip
MYSQL_AUDIT = Family(
    "mysql.audit",
    maps=(
        *_STATEMENT,
        Map("sentinel.database.name", "database"),
        Map("user.name", "user"),
        Map("user.name", "username"),
        Map("source.address", "ip"),
        Map("source.address", "host"),
        Map("source.ip", "ip", peer),
        Map("source.ip", "host", peer),
        Map("host.name", "serverhost"),
        Map("event.action", "operation", _LOGONS),
        Map("event.outcome", "operation", lookup("failed", "failure.", {"failed_connect": "failure"})),
        Map(
            "event.outcome", "retcode", lookup("ret", "success for 0.", {"0": "success"}, otherwise=_always("failure"))
        ),
        Map("error.code", "retcode", positive),
    ),
    event=Event("", category=("database",), type=("access",)),
    time="timestamp",
    read_time=read_mysql,
    hosts=("serverhost",),
    users=("user",),
    telling=("operation", "user", "host", "database", "object", "query"),
)

FAMILIES: Final[tuple[Family, ...]] = (POSTGRESQL, MYSQL_ERROR, MYSQL_GENERAL, MYSQL_SLOW, MYSQL_AUDIT)
