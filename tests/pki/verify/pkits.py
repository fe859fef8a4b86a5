"""NIST's PKITS: its certificates and lists from `cryptography-vectors`, its expectations from Go's own source.

Neither lies in this repository: both come with the development tools. Where one is missing, the tests that need it say
so and are skipped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel.pki.verify.engine import Policies
from sentinel.pki.verify.parsed import certificate_of
from tests.pki.conformance import golang

if TYPE_CHECKING:
    from collections.abc import Sequence

AT = 1_767_225_600
"""1 January 2026: within what PKITS's certificates are valid, 2010 to 2030."""
_OIDS = {f"NIST-test-policy-{number}": f"2.16.840.1.101.3.2.1.48.{number}" for number in range(1, 11)}


@dataclass(frozen=True, slots=True)
class Case:
    """A test of PKITS: files from root to end, lists, the inputs of RFC 5280, 6.1.1, and what is to come of it."""

    name: str
    chain: tuple[str, ...]
    lists: tuple[str, ...]
    policies: Policies
    holds: bool


def vectors() -> Path:
    """Give the folder of PKITS; skips the test where the package is not installed."""
    spec = find_spec("cryptography_vectors")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("cryptography-vectors is not installed: `uv sync` installs it with the development tools")
    return Path(next(iter(spec.submodule_search_locations))) / "x509" / "PKITS_data"


def certificate(file: str) -> bytes:
    return (vectors() / "certs" / file).read_bytes()


def revocation_list(file: str) -> bytes:
    return (vectors() / "crls" / file).read_bytes()


def cases() -> list[Case]:
    """Give all tests of PKITS; skips the test where Go is not installed."""
    file = golang.root() / "src" / "crypto" / "x509" / "testdata" / "nist-pkits" / "vectors.json"
    if not file.exists():
        pytest.skip(f"this Go has no expectations of PKITS: {file}")
    return [_case(each) for each in json.loads(file.read_text("utf-8"))]


def _case(each: dict[str, object]) -> Case:
    wanted = [str(one) for one in _listed(each["InitialPolicySet"])]
    policies = Policies(
        frozenset(_OIDS[one] for one in wanted if one != "anyPolicy"),
        explicit=each["InitialExplicitPolicy"] is True,
        no_mapping=each["InitialPolicyMappingInhibit"] is True,
        no_any=each["InitialAnyPolicyInhibit"] is True,
    )
    chain, lists = _listed(each["CertPath"]), _listed(each["CRLPath"])
    return Case(str(each["Name"]), tuple(chain), tuple(lists), policies, each["ShouldValidate"] is True)


def _listed(value: object) -> Sequence[str]:
    assert isinstance(value, list)
    return value


@dataclass(frozen=True, slots=True)
class Pool:
    """The certificates of authorities and the lists of PKITS by the names of their subjects and issuers."""

    authorities: dict[str, list[bytes]]
    lists: dict[str, list[bytes]]


@cache
def pool() -> Pool:
    """Read all of PKITS once."""
    from asn1crypto import crl  # type: ignore[import-untyped]

    found = Pool({}, {})
    for file in sorted((vectors() / "certs").glob("*.crt")):
        if "Test" not in file.name and not file.name.startswith("TrustAnchor"):
            read = certificate_of(file.read_bytes())
            found.authorities.setdefault(read.subject.hashable, []).append(file.read_bytes())
    for file in sorted((vectors() / "crls").glob("*.crl")):
        listed = crl.CertificateList.load(file.read_bytes())
        found.lists.setdefault(listed.issuer.hashable, []).append(file.read_bytes())
    return found


def around(leaf: bytes) -> tuple[list[bytes], list[bytes]]:
    """Give the authorities and lists that may concern a certificate: those above it, and the issuers of its lists."""
    known, names, todo = pool(), set[str](), [certificate_of(leaf)]
    while todo:
        each = todo.pop()
        fresh = {each.issuer.hashable, each.subject.hashable, *_list_issuers(each)} - names
        names |= fresh
        todo.extend(certificate_of(der) for one in fresh for der in known.authorities.get(one, ()))
    authorities = [der for one in sorted(names) for der in known.authorities.get(one, ())]
    return authorities, [der for one in sorted(names) for der in known.lists.get(one, ())]


def _list_issuers(read: object) -> set[str]:
    points = getattr(read, "crl_distribution_points_value", None) or ()
    return {each.chosen.hashable for point in points for each in point["crl_issuer"] or ()}
