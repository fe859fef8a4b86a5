"""Logs of database servers in JSON: PostgreSQL's jsonlog, MySQL's error log and audit logs.

See the PostgreSQL manual, "Using JSON-Format Log Output"; the MySQL manual, "Error Logging in JSON Format" and "Audit
Log File Formats"; and Percona's "Audit Log Plugin".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sentinel.formats.postgresql import KIND as POSTGRESQL
from sentinel.formats.postgresql_message import add_computed
from sentinel.formats.schema import Schema, dotted
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping

ERROR: Final = EventKind("mysql.error", provider="mysqld")
AUDIT: Final = EventKind("mysql.audit", provider="mysqld")
_POSTGRESQL: Final = frozenset({"timestamp", "pid", "error_severity", "session_id", "line_num"})
_ERROR: Final = frozenset({"prio", "err_code", "msg", "time", "label"})
_AUDIT: Final = frozenset({"timestamp", "id", "class", "event"})
# Where records of audit logs tell what rules ask for: our name, theirs in order.
_COMPUTED: Final = (
    ("user", ("account.user", "login.user")),
    ("host", ("account.host",)),
    ("ip", ("login.ip",)),
    ("query", ("general_data.query", "table_access_data.query", "sqltext")),
    ("database", ("connection_data.db", "table_access_data.db", "db")),
    ("operation", ("general_data.command", "event", "name")),
    ("retcode", ("general_data.status", "connection_data.status", "status")),
)


def _is_postgresql(record: Mapping[str, Any]) -> bool:
    return record.keys() >= _POSTGRESQL


def _postgresql(record: dict[str, Any]) -> tuple[EventKind, dict[str, Any]]:
    flat = dotted(record)
    if not isinstance(flat.get("message"), str | None):
        raise TypeError
    return POSTGRESQL, add_computed(flat)


def _is_error(record: Mapping[str, Any]) -> bool:
    return record.keys() >= _ERROR


def _error(record: dict[str, Any]) -> tuple[EventKind, dict[str, Any]]:
    return ERROR, dotted(record)


def _is_audit(record: Mapping[str, Any]) -> bool:
    audited = record.get("audit_record")
    if isinstance(audited, dict):
        return {"name", "record", "timestamp"} <= audited.keys()
    return record.keys() >= _AUDIT and ("connection_id" in record or "account" in record)


def _audit(record: dict[str, Any]) -> tuple[EventKind, dict[str, Any]]:
    audited = record.get("audit_record")
    flat = dotted(audited if isinstance(audited, dict) else record)
    for name, others in _COMPUTED:
        found = next((flat[other] for other in others if other in flat), None)
        if found is not None and name not in flat:
            flat[name] = found
    return AUDIT, flat


DATABASES: Final[tuple[Schema, ...]] = (
    Schema("postgresql", later("PostgreSQL JSON log"), _is_postgresql, _postgresql, (b'"error_severity"',)),
    Schema("mysql_error", later("MySQL error log in JSON"), _is_error, _error, (b'"err_code"',)),
    Schema("mysql_audit", later("MySQL audit log in JSON"), _is_audit, _audit, (b'"audit_record"', b'"connection_id"')),
)
