"""What messages of PostgreSQL say beside their fields: the statement, how long it took, who connected from where.

The names are the keys of the server's JSON log (PostgreSQL manual, "Error Reporting and Logging", section
"Using JSON-Format Log Output"); `query` and `duration` are computed: the text of the statement, wherever it stands,
and milliseconds.
"""

from __future__ import annotations

import re
from typing import Any, Final

from sentinel.formats.csv_records import cells_of

_SPOKEN = re.compile(
    r"(?:duration: (?P<duration>\d+\.\d+) ms)?(?:  )?"
    r"(?:(?:statement|(?:parse|bind|execute(?: fetch from)?) [^:\n]{1,200}|fastpath function call): (?P<query>.+))?",
    re.DOTALL,
)
_STATEMENT: Final = "statement: "
_SPEAKS = ("duration: ", "statement: ", "execute ", "parse ", "bind ", "fastpath ")
# Messages that tell the ends of a connection: their beginning, and where in them it is told.
_NAMED = (("user", "user"), ("database", "dbname"), ("host", "remote_host"), ("port", "remote_port"))
_PAIRS: Final = tuple((key, re.compile(rf'\b{name}(?:=| "|\()(?P<value>[^\s",)]{{1,256}})')) for name, key in _NAMED)
_CONNECTIONS = (
    "connection ",
    "disconnection: ",
    "no pg_hba.conf entry",
    "password authentication failed",
    "replication connection authorized",
    "pg_hba.conf rejects",
)
_AUDIT: Final = (
    "audit_type",
    "statement_id",
    "substatement_id",
    "class",
    "command",
    "object_type",
    "object_name",
    "query",
    "parameter",
)
_FAILED_USER = re.compile(r'authentication failed for user "(?P<user>[^"]{1,256})"')


def add_computed(event: dict[str, Any]) -> dict[str, Any]:
    """Add to an event what its message tells; what the event has already is left alone."""
    message = event.get("message") or ""
    if message.startswith(_SPEAKS):
        _add_statement(event, message)
    elif message.startswith(_CONNECTIONS):
        for key, pair in _PAIRS:
            if not event.get(key) and (found := pair.search(message, 0, 2000)):
                event[key] = found["value"]
    elif message.startswith("AUDIT: "):
        _add_audit(event, message.removeprefix("AUDIT: "))
    elif (failed := _FAILED_USER.search(message, 0, 600)) and not event.get("user"):
        event["user"] = failed["user"]
    if event.get("statement"):
        event.setdefault("query", event["statement"])
    return event


def _add_statement(event: dict[str, Any], message: str) -> None:
    if message.startswith(_STATEMENT):
        if len(message) > len(_STATEMENT):
            event["query"] = message[len(_STATEMENT) :]
    elif (found := _SPOKEN.fullmatch(message)) is not None:
        event |= {name: value for name, value in found.groupdict().items() if value}


def _add_audit(event: dict[str, Any], text: str) -> None:
    """Add the fields of a line of pgAudit (its README, "Format")."""
    for name, cell in zip(_AUDIT, cells_of(text, ","), strict=False):
        if cell and name not in event:
            event[name] = cell
