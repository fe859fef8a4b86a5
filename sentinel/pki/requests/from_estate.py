"""Rows of a batch as the estate has them: each agency, each profile that it may ask for, to be looked through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.errors import InputError
from sentinel.pki.model import NameKind
from sentinel.pki.requests import names
from sentinel.pki.requests.batch import GENERATE
from sentinel.pki.requests.rights import check_name
from sentinel.pki.requests.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sentinel.model.estate import Agency, Estate
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.requests.check import Policy
    from sentinel.pki.requests.rights import Rights


def rows_of(estate: Estate, profiles: Iterable[Profile], policy: Policy, requests: Path | None = None) -> Iterator[Row]:
    """Give a row for each agency and each of the profiles that it may ask for, to be looked through and taken.

    Its names are those hosts and domains that the estate gives it and it may ask for, or the mail address of its focal
    point. The key is `<code>-<profile>.csr` or `<code>.csr` in the folder `requests` where there is one, else it is to
    be generated.
    """
    chosen = list(profiles)
    for agency in estate.agencies:
        rights = policy.agencies.rights_of(agency.id)
        for profile in chosen:
            asked = _of_reach(agency, profile, rights, policy) if rights else []
            if rights and profile.id in (rights.profiles or ()) and asked:
                cells = {"profile": profile.id, "agency": agency.id, "names": " ".join(asked)}
                if profile.fields.get("common_name"):
                    cells["common_name"] = asked[0]
                yield Row({**cells, "key": _found(agency.id, profile.id, requests)}, agency.place)


def _of_reach(agency: Agency, profile: Profile, rights: Rights, policy: Policy) -> list[str]:
    """Give the names of an agency that a profile has room for and it may ask for."""
    given = list[str]()
    if NameKind.DNS in profile.names.kinds:
        given += [host for host in (*agency.reach.hosts, *agency.reach.domains) if "." in host and "*" not in host]
    if NameKind.EMAIL in profile.names.kinds and agency.contact.email:
        given.append(agency.contact.email)
    return [each for each in given if _may(each, rights, policy)][: profile.names.most]


def _may(text: str, rights: Rights, policy: Policy) -> bool:
    try:
        return not check_name(names.read(text), rights, policy.agencies)
    except InputError:
        return False


def _found(code: str, profile: str, requests: Path | None) -> str:
    for name in (f"{code}-{profile}.csr", f"{code}.csr") if requests else ():
        if requests and (requests / name).is_file():
            return str(requests / name)
    return GENERATE
