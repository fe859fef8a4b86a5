"""Lines that many tables share: who, which program, which file, which addresses."""

from __future__ import annotations

from sentinel.normalise.convert import (
    Convert,
    address_type,
    after,
    boolean,
    domain_of,
    guid,
    integer,
    ip,
    port,
    sid,
    text,
    user_of,
)
from sentinel.normalise.mapping import Map
from sentinel.normalise.paths import directory_of, extension_of, hash_of, name_of

_HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")


def who(prefix: str, target: str = "user", *, id_of: str = "Sid") -> tuple[Map, ...]:
    """Map an account that Security events write as `<prefix>UserSid`, `<prefix>UserName` and `<prefix>DomainName`."""
    return (
        Map(f"{target}.id", f"{prefix}{id_of}", sid),
        Map(f"{target}.name", f"{prefix}UserName"),
        Map(f"{target}.domain", f"{prefix}DomainName"),
    )


def account_in(source: str, target: str = "user") -> tuple[Map, ...]:
    r"""Map an account written as `DOMAIN\name`."""
    return Map(f"{target}.name", source, user_of), Map(f"{target}.domain", source, domain_of)


def program(executable: str, target: str = "process", *, pid: str = "", entity: str = "") -> tuple[Map, ...]:
    """Map a process by the fields that hold its path, number and identity."""
    return (
        *((Map(f"{target}.entity_id", entity, guid),) if entity else ()),
        *((Map(f"{target}.pid", pid, integer),) if pid else ()),
        Map(f"{target}.executable", executable),
        Map(f"{target}.name", executable, name_of),
    )


def file_in(source: str, path: Convert = text) -> tuple[Map, ...]:
    """Map a file by the field that holds its path; `path` takes the path out of the field's text."""
    parts = (("path", text), ("name", name_of), ("directory", directory_of), ("extension", extension_of))
    if path is text:
        return tuple(Map(f"file.{part}", source, convert) for part, convert in parts)
    return tuple(
        Map(f"file.{part}", source, path if part == "path" else after(path, convert)) for part, convert in parts
    )


def hashes_in(source: str, target: str) -> tuple[Map, ...]:
    """Map hashes written as `SHA1=…,MD5=…,IMPHASH=…`."""
    return (
        *(Map(f"{target}.hash.{name}", source, hash_of(name)) for name in _HASHES),
        Map(f"{target}.pe.imphash", source, hash_of("imphash")),
    )


def version_of(target: str) -> tuple[Map, ...]:
    """Map what Sysmon reads from a program's version resource."""
    return (
        Map(f"{target}.pe.company", "Company"),
        Map(f"{target}.pe.description", "Description"),
        Map(f"{target}.pe.file_version", "FileVersion"),
        Map(f"{target}.pe.original_file_name", "OriginalFileName"),
        Map(f"{target}.pe.product", "Product"),
    )


_VALID = frozenset({"valid"})


def signature_of(target: str) -> tuple[Map, ...]:
    """Map what Sysmon says of a signature."""
    return (
        Map(f"{target}.code_signature.signed", "Signed", boolean),
        Map(f"{target}.code_signature.status", "SignatureStatus"),
        Map(f"{target}.code_signature.subject_name", "Signature"),
        Map(f"{target}.code_signature.valid", "SignatureStatus", is_valid),
    )


def is_valid(value: str) -> bool:
    """Tell whether a signature's status is Valid."""
    return value.strip().lower() in _VALID


def peer(address: str, number: str = "", target: str = "source") -> tuple[Map, ...]:
    """Map one end of a connection; an address of the source also tells the network's type."""
    return (
        Map(f"{target}.ip", address, ip),
        *((Map(f"{target}.port", number, port),) if number else ()),
        *((Map("network.type", address, address_type),) if target == "source" else ()),
    )
