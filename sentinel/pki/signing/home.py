"""A signer's home: its keys, what they may sign, its log.

    keys.toml       which keys there are
    <name>.pem      keys in files
    signer.db       the log
    signer.lock     held by the signer that runs

keys.toml:

    [[key]]
    name = "issuing-2026"                   # what the authority calls it
    issuer = "issuing"                      # the authority that it signs for
    algorithm = "ecdsa-p256-sha256"
    subject = "MBQxEjAQBgNVBAMMCUNBIEjDoCBO4buZaQ=="     # the name of that authority: base64 of its DER
    signs = ["certificate", "crl"]
    file = "issuing-2026.pem"               # or these three:
    module = "/usr/lib/softhsm/libsofthsm2.so"
    token = "sentinel"
    object = "issuing-2026"
    retired = 2027-11-23T09:30:00Z          # from then on it signs lists, and no certificates

Who may ask the signer can read none of it: they know what it answers.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from base64 import b64decode, b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.model import toml
from sentinel.pki.certificates import der
from sentinel.pki.model import Algorithm
from sentinel.pki.signing.tbs import READERS
from sentinel.pki.signing.tokens import TokenPlace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_NAME: Final = re.compile(r"[^\W_][\w.-]{0,63}")
_SECOND: Final = 1_000_000_000
_HEADER: Final = "[[key]]"
KEYS: Final = "keys.toml"
LOG: Final = "signer.db"
_LOCK: Final = "signer.lock"
SIGNS: Final = tuple(READERS)
"""What keys may sign."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key as keys.toml has it: `at` is the name of its file, or its place in a token.

    `subject` is the DER of the authority's name; `retired` nanoseconds since 1970, None where it is not.
    """

    name: str
    issuer: str
    algorithm: Algorithm
    subject: bytes = field(repr=False)
    at: str | TokenPlace
    signs: tuple[str, ...] = SIGNS
    retired: int | None = None

    def signs_certificates_at(self, time: int) -> bool:
        """Tell whether the key is not retired at a time."""
        return self.retired is None or time < self.retired


def entries(home: Path) -> tuple[KeyEntry, ...]:
    """Read the keys of a home; raise InputError, with `place:line`, for what is wrong in its keys.toml."""
    path = home / KEYS
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(_("cannot be read: {reason}").format(reason=error), place=str(path)) from None
    tables = toml.read(text, str(path)).get("key", [])
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(_HEADER)]
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InputError(_("keys are tables, each under [[key]]"), place=f"{path}:1")
    found = [_entry(table, f"{path}:{line}") for table, line in zip(tables, lines, strict=False)]
    _check_once(found, path)
    return tuple(found)


def add(home: Path, entry: KeyEntry) -> None:
    """Register a key. Raises InputError where there is one of its name, or keys.toml cannot be written."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, written = home / KEYS, _text(entry)
    _entry(toml.read(written, KEYS)["key"][0], entry.name)
    try:
        with path.open("a+", encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            if any(entry.name == other.name for other in entries(home)):
                told = _("there is a key '{name}' already").format(name=entry.name)
                raise InputError(told, place=str(path), hint=_("choose another name"))
            stream.write(("\n" if stream.tell() else "") + written)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise InputError(_("cannot be written: {reason}").format(reason=error.strerror), place=str(path)) from None


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Be the one signer of a home. Raises Refused where another one runs, InputError where none can be."""
    try:
        handle = os.open(home / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        told = _("cannot be written: {reason}").format(reason=error.strerror)
        raise InputError(told, place=str(home / _LOCK), hint=_("the signer writes its log there")) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refused(
            _("another signer runs here"), place=str(home), hint=_("ask that one through its socket, or end it first")
        ) from None
    finally:
        os.close(handle)


def _entry(table: Mapping[str, Any], place: str) -> KeyEntry:
    _check_names(table, place)
    name = _checked_text(table, "name", place)
    if not _NAME.fullmatch(name):
        raise InputError(_("'{name}' cannot be a name").format(name=name), place=place)
    return KeyEntry(
        name,
        _checked_text(table, "issuer", place),
        _algorithm(_checked_text(table, "algorithm", place), place),
        _subject(_checked_text(table, "subject", place), place),
        _where(table, place),
        _signs(table.get("signs", list(SIGNS)), place),
        _time(table.get("retired"), place),
    )


_NAMES: Final = {"name", "issuer", "algorithm", "subject", "signs", "file", "module", "token", "object", "retired"}
_PLACED: Final = ("module", "token", "object")


def _check_names(table: Mapping[str, Any], place: str) -> None:
    for name in table:
        if name not in _NAMES:
            hint = _("names: {names}").format(names=", ".join(sorted(_NAMES)))
            raise InputError(_("unknown name '{name}'").format(name=name), place=place, hint=hint)


def _checked_text(table: Mapping[str, Any], name: str, place: str) -> str:
    value = table.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InputError(_("'{name}' must be a text").format(name=name), place=place)
    return value


def _algorithm(text: str, place: str) -> Algorithm:
    try:
        return Algorithm(text)
    except ValueError:
        hint = _("algorithms: {names}").format(names=", ".join(Algorithm))
        raise InputError(_("unknown algorithm '{name}'").format(name=text), place=place, hint=hint) from None


def _subject(text: str, place: str) -> bytes:
    try:
        content = b64decode(text, validate=True)
        value = der.at(content)
    except (ValueError, InputError):
        content, value = b"", None
    if value is None or value.tag != der.SEQUENCE or value.end != len(content) or value.content == value.end:
        raise InputError(_("'subject' must be the base64 of a name's DER"), place=place)
    return content


def _where(table: Mapping[str, Any], place: str) -> str | TokenPlace:
    if "file" in table and not any(name in table for name in _PLACED):
        name = _checked_text(table, "file", place)
        if "/" in name or name.startswith("."):
            raise InputError(_("'file' must name a file beside keys.toml"), place=place)
        return name
    if "file" not in table and all(name in table for name in _PLACED):
        return TokenPlace(*(_checked_text(table, name, place) for name in _PLACED))
    raise InputError(_("a key has 'file', or 'module', 'token' and 'object'"), place=place)


def _signs(value: object, place: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(item in SIGNS for item in value):
        hint = _("kinds: {names}").format(names=", ".join(SIGNS))
        raise InputError(_("'signs' must be a list of what the key signs"), place=place, hint=hint)
    return tuple(value)


def _time(value: object, place: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        told = _("not a time with its offset: {value}").format(value=value)
        raise InputError(told, place=place, hint=_("write 2026-11-23T09:30:00Z, without quotes"))
    return int(value.timestamp()) * _SECOND


def _check_once(found: list[KeyEntry], path: Path) -> None:
    names = [entry.name for entry in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(_("'{name}' stands here twice").format(name=name), place=str(path))


def _text(entry: KeyEntry) -> str:
    values: dict[str, object] = {
        "name": entry.name,
        "issuer": entry.issuer,
        "algorithm": entry.algorithm,
        "subject": b64encode(entry.subject).decode(),
        "signs": list(entry.signs),
    }
    if isinstance(entry.at, TokenPlace):
        values |= {"module": entry.at.module, "token": entry.at.token, "object": entry.at.label}
    else:
        values["file"] = entry.at
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    if entry.retired is not None:
        lines.append(f"retired = {datetime.fromtimestamp(entry.retired // _SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}")
    return "\n".join([_HEADER, *lines, ""])


def retired(text: str, key: str, moment: int) -> str:
    """Give the text of keys.toml, however somebody wrote it, with a key retired at a time, nanoseconds since 1970."""
    import tomlkit

    document: Any = tomlkit.parse(text)
    table = next(each for each in document["key"] if each["name"] == key)
    table["retired"] = datetime.fromtimestamp(moment // _SECOND, UTC)
    return tomlkit.dumps(document)
