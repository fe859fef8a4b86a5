"""Requests for certificates (PKCS#10, RFC 2986), read and proved.

A request says which key and which names; what else it asks for (key usage, policies) is the profile's to decide. Who
made it has the private key: its own signature is checked (proof of possession). Nothing weak and nothing secret goes
through: weak keys, hashes that are broken, challenge passwords, private keys.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError, Refused
from sentinel.language import _, n_
from sentinel.pki.certificates import algorithms
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.model import Name, NameKind
from sentinel.pki.requests import names, weak

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cryptography.x509 import CertificateSigningRequest, Extension, ExtensionType

    from sentinel.pki.certificates.algorithms import KeyFacts

LARGEST: Final = 64 * 1024
"""Bytes of one request; the largest of real ones, with a key of ML-DSA-87 and a hundred names, is 12 KiB."""
LARGEST_FILE: Final = 64 * 1024 * 1024
_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]*+)-----END \1-----")
_LABELS: Final = frozenset({b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST"})
_BEGIN: Final = b"-----BEGIN "
_BASE64: Final = re.compile(rb"\s*MI[A-Za-z0-9+/=\s]+")
_HASHES: Final = frozenset({"sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512"})
_CHALLENGE: Final = "1.2.840.113549.1.9.7"
_EXTENSIONS: Final = "1.2.840.113549.1.9.14"
_KINDS: Final[Mapping[str, NameKind]] = {
    "DNSName": NameKind.DNS,
    "IPAddress": NameKind.IP,
    "RFC822Name": NameKind.EMAIL,
    "UniformResourceIdentifier": NameKind.URI,
}


@dataclass(frozen=True, slots=True)
class Csr:
    """A request whose signature holds: its key, its names, and its own bytes.

    `public_key` is the SubjectPublicKeyInfo, DER. `names` are those of subjectAltName; `common_name` is that of the
    subject, NFC, "" where it has none. `ignored` are the OIDs of attributes and extensions that it asks for and the
    profile decides. `place` says where it was read.
    """

    content: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    facts: KeyFacts
    names: tuple[Name, ...] = ()
    common_name: str = ""
    ignored: tuple[str, ...] = ()
    place: str = ""

    @property
    def fingerprint(self) -> str:
        """Give the SHA-256 of the request, in hexadecimal."""
        return sha256(self.content).hexdigest()


def read(content: bytes, place: str) -> Csr:
    """Read one request, PEM or DER, and check its signature.

    Raises InputError where it is no request, or not one alone, and Refused for what is never accepted.
    """
    found = blocks(content, place)
    if len(found) > 1:
        told = n_("{count} request where there is to be one", "{count} requests where there is to be one", len(found))
        raise InputError(told.format(count=len(found)), place=place, hint=_("write each into a file of its own"))
    return of_der(*found[0])


def blocks(content: bytes, place: str) -> list[tuple[bytes, str]]:
    """Give the DER of each request of a file, with its place. Raises InputError where there is none."""
    if not content.strip():
        raise InputError(_("the file is empty"), place=place, hint=_how())
    if len(content) > LARGEST_FILE:
        raise InputError(_("larger than a file of requests can be"), place=place)
    if _BEGIN not in content:
        return [(_bare(content, place), place)]
    found = [(_decoded(body, where), where) for body, where in _pem(content, place)]
    if not found:
        raise InputError(_("the request is cut off: its END line is missing"), place=place, hint=_("send it whole"))
    return found


def _pem(content: bytes, place: str) -> Iterator[tuple[bytes, str]]:
    line, before = 1, 0
    for block in _BLOCK.finditer(content):
        line += content.count(b"\n", before, block.start())
        before, where = block.start(), f"{place}:{line}"
        if block[1].endswith(b"PRIVATE KEY"):
            told = _("this is a private key: it stays with its owner, and now others may have seen it")
            raise Refused(told, place=where, hint=_("make a new key; send only the request: {how}").format(how=_how()))
        if block[1] not in _LABELS:
            told = _("this is a {what}, not a request").format(what=block[1].decode().lower())
            raise InputError(told, place=where, hint=_how())
        yield block[2], where


def _decoded(body: bytes, place: str) -> bytes:
    try:
        return binascii.a2b_base64(b"".join(body.split()), strict_mode=True)
    except binascii.Error:
        raise InputError(_("not base64 between BEGIN and END"), place=place, hint=_("send it whole")) from None


def _bare(content: bytes, place: str) -> bytes:
    """Give DER, or what is between the lines of PEM where someone left those out."""
    return _decoded(content, place) if _BASE64.fullmatch(content) else content


def _how() -> str:
    return "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout server.key -out server.csr"


def of_der(content: bytes, place: str) -> Csr:
    """Read one request of DER. Raises as `read`."""
    if len(content) > LARGEST:
        raise InputError(_("larger than {most} bytes").format(most=LARGEST), place=place)
    found = _loaded(content, place)
    public_key, facts = _key(found, place)
    _check_signature(found, place)
    ignored = _attributes(found, place)
    asked, others = _asked(found, place)
    return Csr(content, public_key, facts, asked, _common_name(found, place), (*ignored, *others), place)


def _loaded(content: bytes, place: str) -> CertificateSigningRequest:
    from cryptography import x509

    try:
        found = x509.load_der_x509_csr(content)
    except (ValueError, TypeError) as error:
        told = _("not a request of PKCS#10: {reason}").format(reason=_first_line(error))
        raise InputError(told, place=place, hint=_how()) from None
    return found


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _key(found: CertificateSigningRequest, place: str) -> tuple[bytes, KeyFacts]:
    """Give the key (SubjectPublicKeyInfo, DER), and what it is; one of no accepted kind, or weak, is refused."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key: Any = found.public_key()
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        facts = algorithms.note(spki, key)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        told = _("its key cannot be read: {reason}").format(reason=_first_line(error))
        raise Refused(told, place=place, hint=_accepted()) from None
    except InputError as error:
        raise Refused(error.message, place=place, hint=_accepted()) from None
    if facts.kind is KeyKind.RSA:
        numbers = key.public_numbers()
        weak.check_rsa(numbers.n, numbers.e, place)
    return spki, facts


def _accepted() -> str:
    return _("keys that are accepted: {kinds}").format(kinds=", ".join(KeyKind))


def _check_signature(found: CertificateSigningRequest, place: str) -> None:
    """Check that who asks has the private key (RFC 2986, 4.2). Raises Refused where nothing shows it."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        chosen = found.signature_hash_algorithm
        if chosen is not None and chosen.name not in _HASHES:
            told = _("signed with {hash}, which is broken or not known here").format(hash=chosen.name)
            raise Refused(told, place=place, hint=_("ask again with SHA-256: openssl req -sha256 …"))
        holds = found.is_signature_valid
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        told = _("its signature cannot be checked: {reason}").format(reason=_first_line(error))
        raise Refused(told, place=place) from None
    if not holds:
        told = _("its signature is not of the key in it: nothing shows that who asks has the private key")
        raise Refused(told, place=place, hint=_("it was changed on its way, or made by hand: ask for a new one"))


def _attributes(found: CertificateSigningRequest, place: str) -> list[str]:
    """Give the OIDs of attributes that say nothing here. Raises Refused for a challenge password."""
    try:
        kinds = [each.oid.dotted_string for each in found.attributes]
    except (ValueError, TypeError) as error:
        told = _("its attributes cannot be read: {reason}").format(reason=_first_line(error))
        raise InputError(told, place=place) from None
    if _CHALLENGE in kinds:
        told = _("it carries a challenge password, which everybody can read")
        raise Refused(told, place=place, hint=_("leave the question for it empty when making the request"))
    return [kind for kind in kinds if kind != _EXTENSIONS]


def _asked(found: CertificateSigningRequest, place: str) -> tuple[tuple[Name, ...], list[str]]:
    """Give the names of subjectAltName, and the OIDs of other extensions; who asks to be an authority is refused."""
    from cryptography import x509

    ignored, asked = [], list[Name]()
    try:
        extensions = list(found.extensions)
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        told = _("its extensions cannot be read: {reason}").format(reason=_first_line(error))
        raise InputError(told, place=place) from None
    for extension in extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            asked = _names(extension.value, place)
        else:
            _check_no_authority(extension, place)
            ignored.append(extension.oid.dotted_string)
    return tuple(dict.fromkeys(asked)), ignored


def _check_no_authority(extension: Extension[ExtensionType], place: str) -> None:
    from cryptography import x509

    if isinstance(extension.value, x509.BasicConstraints) and extension.value.ca:
        told = _("it asks for the certificate of an authority (CA:TRUE)")
        raise Refused(told, place=place, hint=_("authorities are made by a ceremony, not by a request"))


def _names(found: Any, place: str) -> list[Name]:  # noqa: ANN401 - SubjectAlternativeName, imported where it is needed
    given = list(found)
    if len(given) > names.MOST:
        told = _("it asks for {count} names; {most} at most")
        raise Refused(told.format(count=len(given), most=names.MOST), place=place, hint=_("ask in several requests"))
    asked = []
    for each in given:
        kind = _KINDS.get(type(each).__name__)
        if kind is None:
            told = _("it asks for a name of a kind that is not accepted: {kind}").format(kind=type(each).__name__)
            raise Refused(told, place=place, hint=", ".join(NameKind))
        asked.append(names.of(kind, str(each.value), place))
    return asked


def _common_name(found: CertificateSigningRequest, place: str) -> str:
    from cryptography import x509

    try:
        given = [str(each.value) for each in found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    except (ValueError, TypeError) as error:
        told = _("its subject cannot be read: {reason}").format(reason=_first_line(error))
        raise InputError(told, place=place) from None
    if len(given) > 1:
        raise Refused(_("its subject has {count} common names").format(count=len(given)), place=place)
    return unicodedata.normalize("NFC", given[0]).strip() if given else ""
