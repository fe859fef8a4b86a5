"""The fields of a profile: one row for each, that reading, error messages and the reference are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sentinel.language import later
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.certificates.parse import USAGES
from sentinel.pki.certificates.purposes import PURPOSES
from sentinel.pki.model import NameKind
from sentinel.pki.profiles import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sentinel.pki.profiles.kinds import Kind

REQUIRED: Final = object()
"""The default of a field that must be there."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name with its table, what its value must be, what it means, and its default as TOML has it."""

    name: str
    kind: Kind
    meaning: str
    default: object = REQUIRED

    @property
    def required(self) -> bool:
        """Say whether a profile must have it."""
        return self.default is REQUIRED


_KEYS: Final = kinds.words([kind.value for kind in KeyKind])
_FIELDS: Final = (
    Field("name", kinds.TEXT, later("What people call certificates of this kind.")),
    Field("name_en", kinds.TEXT, later("The same in English."), ""),
    *(
        Field(f"subject.{attribute}", kinds.TEMPLATE, text, "")
        for attribute, text in (
            ("country", later("Code of two letters (ISO 3166), such as VN.")),
            ("province", later("Province or centrally run city.")),
            ("locality", later("Commune, ward or special zone.")),
            ("organization", later("The agency's name.")),
            ("organization_identifier", later("The agency's identifier code (attribute 2.5.4.97), as {agency}.")),
            ("organizational_unit", later("Department of the agency.")),
            ("title", later("A person's post.")),
            ("surname", later("A person's family name.")),
            ("given_name", later("A person's given name.")),
            ("serial_number", later("Number of a device or a person, not of the certificate.")),
            ("common_name", later("The name that tools show; {name} is the first DNS name that fits.")),
        )
    ),
    Field("validity.default", kinds.SPAN, later("How long a certificate holds where nobody asks for another span.")),
    Field("validity.longest", kinds.SPAN, later("The longest span that may be asked for.")),
    Field(
        "validity.backdate", kinds.SPAN, later("How long before it is made it begins, for clocks that are slow."), "1h"
    ),
    Field("keys.kinds", _KEYS, later("The kinds of keys that are accepted; ML-DSA only where it is named here.")),
    Field("keys.rsa_least", kinds.number(2048, 16384), later("The fewest bits of an RSA key."), 2048),
    Field("keys.rsa_most", kinds.number(2048, 16384), later("The most bits of an RSA key."), 4096),
    Field(
        "names.kinds",
        kinds.words([kind.value for kind in NameKind]),
        later("The kinds of alternative names; of an authority, of names that it may give."),
        (),
    ),
    Field("names.least", kinds.number(0, 1000), later("The fewest names."), 0),
    Field("names.most", kinds.number(0, 1000), later("The most names."), 0),
    Field("names.wildcard", kinds.FLAG, later("Whether a DNS name may begin with *."), default=False),
    Field("usage.keys", kinds.words(USAGES), later("What the key is used for: bits of keyUsage.")),
    Field(
        "usage.purposes",
        kinds.words_or_oids({name: purpose.oid for name, purpose in PURPOSES.items()}),
        later("What the certificate is used for: extendedKeyUsage, by name or OID."),
        (),
    ),
    Field(
        "usage.critical",
        kinds.FLAG,
        later("Whether extendedKeyUsage is critical, as for time stamping."),
        default=False,
    ),
    Field("policies", kinds.OIDS, later("OIDs of the policies by which it is issued."), ()),
    Field("revocation.lists", kinds.FLAG, later("Whether it says where its revocation list is."), default=True),
    Field(
        "revocation.shards",
        kinds.number(1, 4096),
        later("How many parts the revocation list has; a certificate's part is settled as it is issued, by its URL."),
        1,
    ),
    Field("revocation.ocsp", kinds.FLAG, later("Whether it says where OCSP answers about it."), default=True),
    Field(
        "revocation.no_check",
        kinds.FLAG,
        later("Whether it need not be checked itself: for OCSP responders (id-pkix-ocsp-nocheck)."),
        default=False,
    ),
    Field("agency_codes", kinds.PATTERN, later("Pattern of identifier codes; where empty, that of the settings."), ""),
    Field(
        "authority.path_length",
        kinds.number(0, 8),
        later("How many authorities may stand below; any number where it is not there."),
        None,
    ),
    Field(
        "authority.closed",
        kinds.FLAG,
        later("Whether it may give no DNS names, or no addresses, where it was given none."),
        default=False,
    ),
)
FIELDS: Final[Mapping[str, Field]] = {field.name: field for field in _FIELDS}
TABLES: Final = tuple(dict.fromkeys(name.partition(".")[0] for name in FIELDS if "." in name))
"""The tables of a profile; one that has `[authority]` is of an authority."""


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Give what the reference says of each field: its name, kind, default and meaning."""
    for field in _FIELDS:
        kind = f"{field.kind.label}: {field.kind.known}" if field.kind.known else field.kind.label
        yield f"`{field.name}`", kind, _shown(field.default), field.meaning


def _shown(default: Any) -> str:  # noqa: ANN401 - a value of TOML
    if default is REQUIRED:
        return "must be there"
    if default is None or default in {"", ()}:
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
