"""A profile: what every certificate of one kind says, and what it may say.

Profiles are written as TOML and read by `sentinel.pki.profiles`; here is what building and lints need of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.pki.certificates.algorithms import KeyKind
    from sentinel.pki.model import NameKind

AGENCY, NAME = "agency", "name"
"""What templates may have of an order besides fields of its subject: the agency's code, and the first DNS name."""
LONGEST_COMMON_NAME: Final = 64
FIELD: Final = re.compile(r"\{([a-z][a-z_]*)(\?)?\}")
"""A field in a template: `{organization}`, or `{province?}` for one that an order may leave out."""


@dataclass(frozen=True, slots=True)
class NameRules:
    """Which names subjectAltName has: the kinds, how many at least and at most, and whether `*.` may begin one."""

    kinds: tuple[NameKind, ...] = ()
    least: int = 0
    most: int = 0
    wildcard: bool = False


@dataclass(frozen=True, slots=True)
class Authority:
    """What makes a certificate one of an authority.

    `path_length` is how many authorities may follow below it, None for any number. The names of its order are those
    that it may give (permitted subtrees, RFC 5280, 4.2.1.10); where `closed`, it may give none of the kinds that it was
    given no name of.
    """

    path_length: int | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of certificate; `docs/reference/profiles.md` says what each field means.

    `subject` are attributes and their templates, in the order of the name. `validity`, `longest` and `backdate` are
    seconds. `purposes` and `policies` are OIDs. `codes` is the pattern of agencies' codes. `place` is where it is
    written, as `path:line`.
    """

    id: str
    name: str
    name_en: str
    subject: tuple[tuple[str, str], ...]
    validity: int
    longest: int
    backdate: int
    keys: tuple[KeyKind, ...]
    rsa_bits: tuple[int, int]
    names: NameRules
    key_usage: tuple[str, ...]
    purposes: tuple[str, ...]
    purposes_critical: bool
    policies: tuple[str, ...]
    shards: int
    lists: bool
    ocsp: bool
    no_check: bool
    codes: str
    authority: Authority | None = None
    place: str = ""

    @property
    def fields(self) -> Mapping[str, bool]:
        """Give the fields of `Order.subject` that the template has, and whether each must be there."""
        return _fields(self)

    def __hash__(self) -> int:
        """Give the hash of its name, since it is looked up by for every certificate."""
        return hash(self.id)

    def shard_of(self, serial: int) -> int:
        """Give the part of the revocation list that a certificate will stand in: 1 and above, 0 where there is one."""
        return serial % self.shards + 1 if self.shards > 1 else 0

    def check_agency(self, code: str) -> None:
        """Check an agency's code. Raises InputError where it does not fit the pattern."""
        if not re.fullmatch(self.codes, code):
            raise InputError(
                _("'{code}' is no identifier code").format(code=code),
                hint=_("like H49.61.05 or 000.00.00.H49; the setting `agency_codes` gives another pattern"),
            )


@lru_cache(maxsize=64)
def _fields(profile: Profile) -> Mapping[str, bool]:
    found: dict[str, bool] = {}
    for _attribute, template in profile.subject:
        for name, optional in FIELD.findall(template):
            if name not in {AGENCY, NAME}:
                found[name] = found.get(name, False) or not optional
    return MappingProxyType(found)
