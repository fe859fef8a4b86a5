"""The formats, in the order in which they are tried on a source's first bytes.

Each is imported when it is tried: of the modules that read all these formats, a run needs few.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentinel.formats.base import Format

ORDER: Final[tuple[tuple[str, str], ...]] = (
    ("evtx", "FORMAT"),
    ("ecs_documents", "FORMAT"),
    ("json_lines", "FORMAT"),
    ("json_documents", "FORMAT"),
    ("journal", "FORMAT"),
    ("auditd", "FORMAT"),
    ("zeek_tsv", "FORMAT"),
    ("suricata_fast", "FORMAT"),
    ("windows_dhcp", "FORMAT"),
    ("windows_dns", "FORMAT"),
    ("bind", "FORMAT"),
    ("unbound", "FORMAT"),
    ("dnsmasq", "FORMAT"),
    ("mysql_audit", "FORMAT"),
    ("mysql_slow", "FORMAT"),
    ("mysql_general", "FORMAT"),
    ("mysql_error", "FORMAT"),
    ("postgresql_csv", "FORMAT"),
    ("postgresql", "FORMAT"),
    ("error_log", "NGINX_FORMAT"),
    ("error_log", "APACHE_FORMAT"),
    ("w3c", "FORMAT"),
    ("squid", "FORMAT"),
    ("haproxy", "FORMAT"),
    ("balancers", "ENVOY_FORMAT"),
    ("balancers", "ALB_FORMAT"),
    ("access_log", "FORMAT"),
    ("cef", "FORMAT"),
    ("syslog_frames", "FORMAT"),
    ("syslog", "FORMAT"),
    ("csv_table", "FORMAT"),
)
"""Modules beside this one, and the name of the format in each: strict ones first, those that read much last."""

HEAD_BYTES = 1 << 16
"""How much of a source is looked at to tell its format."""


def formats() -> Iterator[Format]:
    """Give the formats one after the other."""
    return (_format(module, name) for module, name in ORDER)


@cache
def _format(module: str, name: str) -> Format:
    return cast("Format", getattr(import_module(f"sentinel.formats.{module}"), name))


def recognise(head: bytes, given: Iterable[Format] = ()) -> Format | None:
    """Give the first format, of those given and of all, that recognises these first bytes; None where none does."""
    own = next((each for each in given if each.recognise(head)), None)
    return own or next((each for each in formats() if each.recognise(head)), None)
