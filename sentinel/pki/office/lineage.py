"""What is wrong between roots that follow each other, and with what somebody began to found."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sentinel.language import _
from sentinel.pki.certificates.parse import authority
from sentinel.pki.office.crossing import crosses, roots_of
from sentinel.pki.signing import home as signer_home
from sentinel.pki.signing.tokens import TokenPlace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Register

    Wrong = tuple[str, str, str]
    """What is wrong, where, and what to do."""

_SECOND: Final = 1_000_000_000


def uncrossed(home: Home, register: Register, moment: int) -> Iterator[Wrong]:
    """Tell of roots of which one follows the other without having been signed by it; nanoseconds since 1970, UTC.

    Where one of them is retired, nobody wants that any more.
    """
    known = {(each.subject, each.issuer) for each in crosses(register)}
    retired = home.retired(moment)
    for old, new in pairwise(roots_of(register.authorities())):
        ends = [authority(each.issuer.certificate).not_after for each in (old, new)]
        if {old.issuer.key, new.issuer.key} & retired or min(ends) * _SECOND <= moment:
            continue
        for subject, by in ((new.issuer.id, old.issuer.id), (old.issuer.id, new.issuer.id)):
            if (subject, by) not in known:
                told = _("root {by} never signed the key of {subject}: who trusts {by} alone trusts nothing below it")
                hint = f"sentinel pki authority cross-sign {subject} --by {by}"
                yield told.format(by=by, subject=subject), subject, hint


def unfounded(home: Home) -> Iterator[Wrong]:
    """Tell of files with keys that the signer does not know: somebody was stopped who founded an authority."""
    named = {each.at for each in signer_home.entries(home.signer) if not isinstance(each.at, TokenPlace)}
    for path in sorted(home.signer.glob("*.pem")):
        if path.name not in named and not path.name.startswith("."):
            hint = _("`sentinel pki authority add --id {id}` goes on with it; else take the file away")
            yield _("a key that keys.toml does not name"), str(path), hint.format(id=path.stem)
