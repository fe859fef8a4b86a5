"""The formats, in the order in which they are tried on a source's first bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.formats import (
    access_log,
    auditd,
    bind,
    dnsmasq,
    error_log,
    evtx,
    haproxy,
    json_documents,
    json_lines,
    squid,
    suricata_fast,
    unbound,
    w3c,
    windows_dhcp,
    windows_dns,
    zeek_tsv,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentinel.formats.base import Format

FORMATS: tuple[Format, ...] = (
    evtx.FORMAT,
    json_lines.FORMAT,
    json_documents.FORMAT,
    auditd.FORMAT,
    zeek_tsv.FORMAT,
    suricata_fast.FORMAT,
    windows_dhcp.FORMAT,
    windows_dns.FORMAT,
    bind.FORMAT,
    unbound.FORMAT,
    dnsmasq.FORMAT,
    error_log.NGINX_FORMAT,
    error_log.APACHE_FORMAT,
    w3c.FORMAT,
    squid.FORMAT,
    haproxy.FORMAT,
    access_log.FORMAT,
)

HEAD_BYTES = 1 << 16
"""How much of a source is looked at to tell its format."""


def recognise(head: bytes, given: Iterable[Format] = ()) -> Format | None:
    """Give the first format, of those given and of all, that recognises these first bytes; None where none does."""
    return next((each for each in (*given, *FORMATS) if each.recognise(head)), None)
