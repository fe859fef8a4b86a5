"""Reads certificates as the first engine does: the facts that verification asks of them.

asn1crypto is what pyhanko_certvalidator reads with, and reads lazily: a value that cannot be read raises when it is
first asked for. So everything is read once, here, and what cannot be read is a fault of the input.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.verify.verdict import Link

if TYPE_CHECKING:
    from collections.abc import Iterator

Certificate: TypeAlias = Any
"""A certificate of asn1crypto, which has no types; so have its parts."""
_SHORT: Final = {
    "common_name": "CN",
    "country_name": "C",
    "domain_component": "DC",
    "email_address": "emailAddress",
    "locality_name": "L",
    "organization_identifier": "organizationIdentifier",
    "organization_name": "O",
    "organizational_unit_name": "OU",
    "serial_number": "serialNumber",
    "state_or_province_name": "ST",
    "street_address": "street",
    "user_id": "UID",
}
"""What RFC 4514, 3 and practice call the attributes that asn1crypto names at length."""
_ESCAPED: Final = frozenset(',+"\\<>;')
_NO_STATUS: Final = frozenset({"ocsp_no_check", "2.5.29.56"})
"""Extensions by which a certificate says that nobody tells its status: RFC 6960, 4.2.2.2.1 and RFC 9608."""
TRIPS: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    NameError,
    NotImplementedError,
    RecursionError,
)
"""What the libraries raise over input that is not formed as it should be; whoever meets one refuses the input."""


def certificate_of(der: bytes, place: str = "") -> Certificate:
    """Give an asn1crypto certificate of DER. Raises InputError where any part of it cannot be read."""
    try:
        read = _kept().load(der, strict=True)
        read.native  # noqa: B018 - reads every part, which raises where one cannot be read
        link_of(read)
        key_of(read)
    except TRIPS as error:
        raise unreadable(place) from error
    certificate = _kept().load(der)
    certificate.kept = der
    return certificate


@cache
def _kept() -> Any:  # noqa: ANN401 - a class made here, so that its import can wait
    from asn1crypto import x509  # type: ignore[import-untyped]

    class Kept(x509.Certificate):  # type: ignore[misc]
        """A certificate that is written as it was read: asn1crypto's own `dump` loses bits of unique identifiers."""

        kept: bytes | None = None

        def dump(self, force: bool = False) -> bytes:  # noqa: FBT001, FBT002 - as in the class above
            return super().dump(force) if self.kept is None else self.kept

    return Kept


def unreadable(place: str) -> InputError:
    """Give the error for bytes that are no certificate."""
    return InputError(
        _("not a certificate: it cannot be read as X.509"),
        place=place,
        hint=_("give a certificate as PEM or DER; `openssl x509 -in FILE -text` shows what it is"),
    )


def link_of(certificate: Certificate) -> Link:
    """Give what people know a certificate by."""
    validity = certificate["tbs_certificate"]["validity"]
    return Link(
        subject=name_text(certificate.subject),
        issuer=name_text(certificate.issuer),
        serial=f"{certificate.serial_number:x}",
        not_before=int(validity["not_before"].native.timestamp()),
        not_after=int(validity["not_after"].native.timestamp()),
        fingerprint=certificate.sha256.hex(),
    )


def name_text(name: Certificate) -> str:
    """Write a distinguished name as RFC 4514 does: the last part first. Raises ValueError where it compares to none."""
    name.hashable  # noqa: B018 - prepares it for comparing (RFC 4518), which raises where that cannot be
    parts = ("+".join(_attribute(each) for each in part) for part in reversed(list(name.chosen)))
    return ",".join(parts)


def _attribute(each: Certificate) -> str:
    kind = each["type"].native
    return f"{_SHORT.get(kind, kind)}={_escaped(str(each['value'].native))}"


def _escaped(value: str) -> str:
    text = "".join(f"\\{letter}" if letter in _ESCAPED else letter for letter in value)
    if text.startswith((" ", "#")):
        text = f"\\{text}"
    return f"{text[:-1]}\\ " if text.endswith(" ") and len(text) > 1 else text


def presented(certificate: Certificate) -> Iterator[tuple[str, bytes]]:
    """Give the names in subjectAltName: their kind as asn1crypto calls it, and their bytes as they were signed."""
    for name in certificate.subject_alt_name_value or ():
        yield name.name, name.chosen.contents or b""


def key_usages(certificate: Certificate) -> frozenset[str] | None:
    """Give what keyUsage allows (`digital_signature`, …), None where it is absent."""
    value = certificate.key_usage_value
    return None if value is None else frozenset(value.native)


def extended_usages(certificate: Certificate) -> frozenset[str] | None:
    """Give the OIDs in extendedKeyUsage, None where it is absent."""
    value = certificate.extended_key_usage_value
    return None if value is None else frozenset(each.dotted for each in value)


def is_critical(certificate: Certificate, extension: str) -> bool:
    """Say whether an extension is there and critical."""
    return extension in certificate.critical_extensions


def key_of(certificate: Certificate) -> tuple[str, int]:
    """Give the kind of a certificate's key (`rsa`, `ec`, …), and its length in bits, 0 where that is fixed."""
    key = certificate.public_key
    kind = key["algorithm"]["algorithm"].native
    if kind in {"rsa", "rsassa_pss"}:
        return kind, key["public_key"].parsed["modulus"].native.bit_length()
    if kind == "ec":
        point = key["public_key"].native
        # An uncompressed point has both coordinates after its first octet, a compressed one has x alone (SEC 1, 2.3.3).
        return kind, (len(point) - 1) * 8 // (2 if point[:1] == b"\x04" else 1)
    return kind, 0


def has_no_status(certificate: Certificate) -> bool:
    """Say whether a certificate is one of those whose status nobody tells."""
    extensions = certificate["tbs_certificate"]["extensions"]
    return any(each["extn_id"].native in _NO_STATUS for each in extensions or ())


def checked_list(der: bytes, place: str = "") -> bytes:
    """Give the DER of a revocation list that can be read. Raises InputError where it cannot.

    Its entries are not read here: a list may have a million.
    """
    from asn1crypto import crl
    from cryptography.x509 import InvalidVersion, load_der_x509_crl

    try:
        found = crl.CertificateList.load(der, strict=True)
        parts = found["tbs_cert_list"]
        name_text(parts["issuer"])
        for part in ("this_update", "next_update", "crl_extensions"):
            parts[part].native  # noqa: B018 - as above
        load_der_x509_crl(der)
    except (InvalidVersion, *TRIPS) as error:
        raise InputError(
            _("not a revocation list: it cannot be read as RFC 5280 has it"),
            place=place,
            hint=_("give a list as PEM or DER; `openssl crl -in FILE -text` shows what it is"),
        ) from error
    return der


def checked_answer(der: bytes, place: str = "") -> bytes:
    """Give the DER of an OCSP response that can be read and says something. Raises InputError where it does not."""
    from asn1crypto import ocsp

    hint = _("give the DER that the responder sent; `openssl ocsp -respin FILE -resp_text` shows what it is")
    try:
        found = ocsp.OCSPResponse.load(der, strict=True)
        status = found["response_status"].native
        found.native  # noqa: B018 - as above
        if status == "successful":
            data = found.response_data
            data.native  # noqa: B018 - as above
            if data["responder_id"].name == "by_name":
                name_text(data["responder_id"].chosen)
    except TRIPS as error:
        raise InputError(
            _("not an OCSP response: it cannot be read as RFC 6960 has it"), place=place, hint=hint
        ) from error
    if status != "successful":
        raise InputError(
            _("an OCSP response that answers nothing: {status}").format(status=status), place=place, hint=hint
        )
    return der
