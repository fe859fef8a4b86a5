"""One record of the Linux audit log: its fields, decoded.

The kernel writes a value that others choose (a path, an argument) within quotes, or, where it holds a space, a quote, a
control character or a byte above 0x7e, as bare hexadecimal digits (`audit_log_untrustedstring`). Which fields that are
is said by the audit project's field dictionary ("encoded"); only those are decoded, and only where no quotes are.
What auditd adds in its enriched format stands behind 0x1D, under names in capitals. Programs write `msg='…'`.

See https://github.com/linux-audit/audit-documentation/wiki (SPEC-Writing-Good-Events, field-dictionary.csv).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, TypeAlias

Fields: TypeAlias = dict[str, str | list[str]]

ENCODED: Final = frozenset(
    {
        "acct", "cmd", "comm", "cwd", "data", "device", "dir", "exe", "file", "grp", "key", "name", "new-chardev",
        "new-disk", "new-fs", "new-net", "new-rng", "new_group", "ocomm", "old-chardev", "old-disk", "old-fs",
        "old-net", "old-rng", "path", "proctitle", "root_dir", "sw", "vm", "watch",
    }
)  # fmt: skip
# Records whose every value is without a space, or within quotes or braces.
_PLAIN: Final = frozenset({"SYSCALL", "PATH", "CWD", "PROCTITLE", "SOCKADDR", "BPRM_FCAPS"})
# Each expression is linear: a name is tried where a word begins, and nothing is tried twice. Groups are not repeated
# possessively where they may fail half-way: Python before 3.11.5 loses matches then (cpython issue 106052).
_NAME = r"(?<![^ ('])([A-Za-z][\w-]*+(?:\[\d+\])?)="
_PAIR = re.compile(_NAME + r'("[^"]*"|\{[^{}]*\}|[^ ]*+)', re.ASCII)
_LOOSE = re.compile(_NAME + r'("[^"]*"|\{[^{}]*\}|[^ ]*+(?: +(?![A-Za-z][\w-]*+(?:\[\d+\])?=)[^ :(][^ ]*+)*)', re.ASCII)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})++")
_DENIED = re.compile(r"avc: +(\w+) +\{ ([^{}]*) \}")
_QUOTED: Final = "msg='"
_ANSWERS: Final = ("hostname", "addr", "terminal", "res", "result")
REMEMBERED: Final = 2048
"""How many texts of a kind are remembered, so as not to be read again: paths, folders and sessions repeat."""
_KEYS: Final = "\x01"
_HIGHEST_FAMILY: Final = 0xFF


@lru_cache(maxsize=REMEMBERED)
def fields_of(kind: str, text: str) -> Fields:
    """Give the fields of a record from what stands behind its `audit(…):`; a field that comes twice as a list.

    They are not to be changed: the same text may be asked for again.
    """
    if kind in _PLAIN:
        return _decoded(_PAIR.findall(text))
    begin = text.find(_QUOTED)
    if begin >= 0:
        return _program_fields(text, begin)
    fields = _decoded(_LOOSE.findall(text))
    first = _LOOSE.search(text)
    before = text[: first.start()].strip() if first else text.strip()
    if before:
        _add_words(fields, before)
    return fields


def pairs_of(text: str) -> list[tuple[str, str]]:
    """Give the fields of a record as they are written, quotes and digits included."""
    return _PAIR.findall(text)


def _program_fields(text: str, begin: int) -> Fields:
    """Read a record that a program sent: what the kernel says of the program, and `msg='…'`, which it wrote itself."""
    inside = begin + len(_QUOTED)
    end = text.rfind("'")
    end = end if end >= inside else len(text)
    pairs = _PAIR.findall(text, 0, begin) + _LOOSE.findall(text, inside, end) + _PAIR.findall(text[end + 1 :])
    fields = _decoded(pairs)
    for name in _ANSWERS:
        value = fields.get(name)
        if isinstance(value, str) and value[-1:] in {",", ")"}:
            fields[name] = value.rstrip(",)")
    fields["msg"] = text[inside:end]
    return fields


def _decoded(pairs: list[tuple[str, str]]) -> Fields:
    fields: Fields = dict(pairs)
    if len(fields) < len(pairs):
        fields = {}
        for name, value in pairs:
            add(fields, name, _value(name, value))
        return fields
    for name, value in pairs:
        if value[:1] == '"' or (name in ENCODED and value):
            fields[name] = _value(name, value)
    return fields


def _value(name: str, value: str) -> str | list[str]:
    if value[:1] == '"':
        return value[1:-1] if value[-1:] == '"' and len(value) > 1 else value
    if name not in ENCODED:
        return value
    value = decode_hex(value)
    if name == "proctitle":
        return value.rstrip("\0").replace("\0", " ")
    if name == "key" and _KEYS in value:
        return value.split(_KEYS)
    return value


def decode_hex(value: str) -> str:
    """Decode hexadecimal digits as UTF-8, what is none as backslash escapes; anything else comes back as it is."""
    if not _HEX.fullmatch(value):
        return value
    return bytes.fromhex(value).decode("utf-8", "backslashreplace")


def add(fields: Fields, name: str, value: str | list[str]) -> None:
    """Add a value beside those that a field has already; what it has is not repeated."""
    own = fields.get(name)
    if own is None:
        fields[name] = value
    elif own != value:
        known = own if isinstance(own, list) else [own]
        fields[name] = [*known, *(value if isinstance(value, list) else [value])]


def _add_words(fields: Fields, words: str) -> None:
    """Add what stands before the first field: of SELinux what it decided (auparse's names), else as it is."""
    found = _DENIED.match(words)
    if found:
        fields["seresult"], fields["seperms"] = found[1], found[2].strip().split(" ")
    else:
        fields["rest"] = words


@lru_cache(maxsize=REMEMBERED)
def address_of(saddr: str) -> Fields:
    """Give the parts of a socket's address (`struct sockaddr` in hexadecimal); none where it is cut short.

    The family stands in the byte order of the host, port and address in that of the network.
    """
    if not _HEX.fullmatch(saddr):
        return {}
    data = bytes.fromhex(saddr)
    family = int.from_bytes(data[:2], "little")
    if family > _HIGHEST_FAMILY:
        family = int.from_bytes(data[:2], "big")
    read = _FAMILIES.get(family)
    return read(data) if read else {"saddr_family": str(family)}


def _inet(data: bytes) -> Fields:
    if len(data) < 8:  # noqa: PLR2004 - sockaddr_in up to its address
        return {"saddr_family": "inet"}
    address = ".".join(map(str, data[4:8]))
    return {"saddr_family": "inet", "saddr_port": str(int.from_bytes(data[2:4], "big")), "saddr_ip": address}


def _inet6(data: bytes) -> Fields:
    from ipaddress import IPv6Address

    if len(data) < 24:  # noqa: PLR2004 - sockaddr_in6 up to its address
        return {"saddr_family": "inet6"}
    address = IPv6Address(data[8:24])
    text = str(address.ipv4_mapped or address)
    return {"saddr_family": "inet6", "saddr_port": str(int.from_bytes(data[2:4], "big")), "saddr_ip": text}


def _unix(data: bytes) -> Fields:
    """Read a path, or an abstract name, which is written with `@` in front."""
    name = data[2:]
    path = b"@" + name[1:].rstrip(b"\0") if name[:1] == b"\0" and name.strip(b"\0") else name.partition(b"\0")[0]
    text = path.decode("utf-8", "backslashreplace")
    return {"saddr_family": "unix", "saddr_path": text} if text else {"saddr_family": "unix"}


def _netlink(_data: bytes) -> Fields:
    return {"saddr_family": "netlink"}


_FAMILIES: Final = {1: _unix, 2: _inet, 10: _inet6, 16: _netlink}
