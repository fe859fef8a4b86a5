"""The folder of the authorities, and what is where in it.

register.db       the register
profiles/         profiles of one's own, before those shipped
agencies/         which agency may ask for which names; where it is not there, the practice file shipped
signer/           the signer's home: keys, which are encrypted, and its log
ocsp/             keys and certificates of the responders that answer about certificates
public/           what anybody may have: revocation lists
answers.db        answers that are signed ahead
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sentinel import content
from sentinel.pki.register.file import Register

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.errors import SentinelError
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.requests.check import Policy
    from sentinel.settings import Settings

ROOT: Final = "root"
"""What the first root is called."""
_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class Home:
    """A folder of authorities."""

    folder: Path

    @property
    def signer(self) -> Path:
        """Give the signer's home."""
        return self.folder / "signer"

    @property
    def socket(self) -> Path:
        """Give where a signer that runs as a service is asked."""
        return self.signer / "socket"

    @property
    def public(self) -> Path:
        """Give the folder of what anybody may have."""
        return self.folder / "public"

    @property
    def answers(self) -> Path:
        """Give the file of answers that are signed ahead."""
        return self.folder / "answers.db"

    def responder_key(self, issuer: str, public_key: bytes = b"") -> Path:
        """Give where the key of an authority's responder lies: the first one, or that of a public key (SPKI, DER).

        A later key has a file of its own, so that the certificate in place alone says which key is used.
        """
        own = self.next_responder_key(issuer, public_key)
        return own if public_key and own.exists() else self.folder / "ocsp" / f"{issuer}.pem"

    def next_responder_key(self, issuer: str, public_key: bytes) -> Path:
        """Give where a later key of an authority's responder is to lie."""
        return self.folder / "ocsp" / f"{issuer}.{sha256(public_key).hexdigest()[:_SHOWN]}.pem"

    def responder_certificate(self, issuer: str) -> Path:
        """Give where its certificate lies, DER."""
        return self.folder / "ocsp" / f"{issuer}.cer"

    def register(self, *, write: bool = False) -> Register:
        """Open the register; raise StoreError."""
        if write:
            make_folder(self.folder)
        return Register(self.folder, write=write)

    def retired(self, now: int) -> frozenset[str]:
        """Give the names of keys that sign no certificates any more at a time, nanoseconds since 1970, UTC.

        None are known of a signer whose home is elsewhere. Raise InputError for what is wrong in keys.toml.
        """
        from sentinel.pki.signing.home import entries

        return frozenset(each.name for each in entries(self.signer) if not each.signs_certificates_at(now))

    def profiles(self, now: Settings) -> dict[str, Profile]:
        """Give the profiles by their names; raise InputError for the first that is wrong."""
        from sentinel.pki.profiles.load import load

        own = self.folder / "profiles"
        return load([*([own] if own.is_dir() else []), content.profiles()], codes=now.agency_codes)

    def policy(self, now: Settings, requester: str) -> Policy:
        """Give what requests are held against; raise the first fault of its files."""
        from sentinel.estate.load import folder_of
        from sentinel.estate.load import load as load_estate
        from sentinel.model.estate import code_of
        from sentinel.pki.requests import agencies
        from sentinel.pki.requests.check import Policy
        from sentinel.pki.requests.lookalike import Registered

        profiles, estate = self.profiles(now), load_estate(folder_of(now))
        own = self.folder / "agencies"
        found, faults = agencies.load([own if own.is_dir() else content.pki_agencies()], profiles)
        _raise_first(faults)
        known = {code_of(agency.id): agency for agency in estate.agencies}
        return Policy(profiles, found, known, Registered.of(estate, found), requester)


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, so that it survives the loss of power. Raise StoreError."""
    from sentinel.store.embedded import disk

    if folder.is_dir():
        return
    with disk.told(folder):
        disk.make_folder(folder.absolute().parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        disk.sync_folder(folder.absolute().parent)


def _raise_first(faults: list[SentinelError]) -> None:
    if faults:
        raise faults[0]
