"""Reads certificates, revocation lists and OCSP responses from files and folders: PEM or DER, one or many.

What a file holds is told by its bytes, not by its name; of a folder, the files with a name of the usual kinds are read.
Private keys are never looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.verify.parsed import certificate_of, checked_answer, checked_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

MOST: Final = 256 << 20
"""Bytes of a file that are read; a revocation list with a million entries has a sixth of that."""
_SUFFIXES: Final = frozenset({".pem", ".crt", ".cer", ".der", ".crl", ".p7b", ".p7c", ".ors", ".ocsp"})
_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_SEQUENCE: Final = 0x30


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that was read: its DER and where it stood (`path`, or `path:line` of a PEM block)."""

    der: bytes = field(repr=False)
    place: str


@dataclass(slots=True)
class Pieces:
    """What files hold, in their order."""

    certificates: list[Piece] = field(default_factory=list)
    lists: list[Piece] = field(default_factory=list)
    answers: list[Piece] = field(default_factory=list)


def read(paths: Iterable[Path]) -> Pieces:
    """Read files and folders. Raises InputError for what cannot be read, with its place."""
    pieces = Pieces()
    for path in paths:
        for file in _files(path):
            take(_content(file), str(file), pieces)
    return pieces


def take(content: bytes, place: str, pieces: Pieces) -> None:
    """Add what one file or answer holds. Raises InputError where that is nothing known here."""
    blocks = list(_BLOCK.finditer(content))
    if not blocks:
        _take_der(content, place, pieces)
        return
    for block in blocks:
        line = content.count(b"\n", 0, block.start()) + 1
        kind = _PEM.get(block[1])
        if kind:
            kind(_decoded(block[2], f"{place}:{line}"), f"{place}:{line}", pieces)
    if not any(block[1] in _PEM for block in blocks):
        raise _nothing(place)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(each for each in path.iterdir() if each.suffix.lower() in _SUFFIXES and each.is_file())
    if not found:
        raise InputError(
            _("no certificate lies in this folder"),
            place=str(path),
            hint=_("files with these endings are read: {endings}").format(endings=" ".join(sorted(_SUFFIXES))),
        )
    yield from found


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST + 1)
    except OSError as error:
        raise InputError(
            _("cannot be read: {reason}").format(reason=error.strerror), place=str(path), hint=_("check the path")
        ) from error
    if len(content) > MOST:
        raise InputError(
            _("larger than {size} MiB").format(size=MOST >> 20), place=str(path), hint=_("give one file at a time")
        )
    return content


def _decoded(text: bytes, place: str) -> bytes:
    import base64
    import binascii

    # Headers of the old form (RFC 1421) end with an empty line; certificates have none, but tools write them.
    body = text.replace(b"\r\n", b"\n").rpartition(b"\n\n")[2] if b":" in text else text
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error as error:
        raise InputError(
            _("not PEM: what stands between BEGIN and END is not base64"),
            place=place,
            hint=_("copy the file again, whole and as it is"),
        ) from error


def _take_certificate(der: bytes, place: str, pieces: Pieces) -> None:
    certificate_of(der, place)
    pieces.certificates.append(Piece(der, place))


def _take_list(der: bytes, place: str, pieces: Pieces) -> None:
    pieces.lists.append(Piece(checked_list(der, place), place))


def _take_answer(der: bytes, place: str, pieces: Pieces) -> None:
    pieces.answers.append(Piece(checked_answer(der, place), place))


def _take_bundle(der: bytes, place: str, pieces: Pieces) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

    try:
        found = [each.public_bytes(Encoding.DER) for each in load_der_pkcs7_certificates(der)]
    except ValueError as error:
        raise _nothing(place) from error
    for each in found:
        _take_certificate(each, place, pieces)


_PEM: Final[dict[bytes, Callable[[bytes, str, Pieces], None]]] = {
    b"CERTIFICATE": _take_certificate,
    b"X509 CERTIFICATE": _take_certificate,
    b"X509 CRL": _take_list,
    b"OCSP RESPONSE": _take_answer,
    b"PKCS7": _take_bundle,
}
_DER: Final = (_take_certificate, _take_list, _take_answer, _take_bundle)


def _take_der(content: bytes, place: str, pieces: Pieces) -> None:
    """Take DER for the first kind that it can be read as: their outermost parts differ, so that no two ever fit."""
    if content[:1] != bytes([_SEQUENCE]):
        raise _nothing(place)
    for kind in _DER:
        try:
            kind(content, place, pieces)
        except InputError:
            continue
        return
    raise _nothing(place)


def _nothing(place: str) -> InputError:
    return InputError(
        _("no certificate, revocation list or OCSP response"),
        place=place,
        hint=_("give PEM or DER; a private key or a request is not looked at here"),
    )
