"""What is wanted is held against policy, whoever put it together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sentinel.pki.requests import names
from sentinel.pki.requests.check import Findings, check
from sentinel.pki.requests.wanted import Wanted
from tests.pki.requests.csrs import p256, rsa_key, spki
from tests.pki.requests.policies import PROFILES, a_policy, told

if TYPE_CHECKING:
    from pathlib import Path

DEVICE = Wanted(
    "k", "device", "H49", (names.read("web.h49.gov.example"),), spki(p256()),
    {"organization": "Ủy ban nhân dân tỉnh", "common_name": "Máy chủ 01"}, place="a.csr",
)  # fmt: skip


def faults(folder: Path, wanted: Wanted, rsa_least: int = 2048) -> list[str]:
    profile = replace(PROFILES["device"], rsa_bits=(rsa_least, 4096))
    policy, findings = replace(a_policy(folder), profiles={"device": profile}), Findings()
    is_right = check(wanted, policy, findings)
    assert is_right is not bool(findings.faults)
    return told(findings.faults)


def test_what_is_right_has_no_fault(tmp_path: Path) -> None:
    assert [] == faults(tmp_path, DEVICE)


def test_a_host_in_the_common_name_must_be_among_the_names(tmp_path: Path) -> None:
    subject = {**DEVICE.subject, "common_name": "portal.h49.gov.example"}
    expected = ["a.csr: the common name 'portal.h49.gov.example' is not among the names"]
    assert expected == faults(tmp_path, replace(DEVICE, subject=subject))
    assert expected == faults(tmp_path, replace(DEVICE, subject=subject, names=(names.read("10.49.1.1"),)))
    assert [] == faults(tmp_path, replace(DEVICE, subject={**subject, "common_name": "WEB.h49.gov.example"}))


def test_a_profile_says_how_many_bits_a_key_has(tmp_path: Path) -> None:
    wanted = replace(DEVICE, public_key=spki(rsa_key()))
    assert [] == faults(tmp_path, wanted)
    assert ["a.csr: an RSA key of 2048 bits; 3072 to 4096 are accepted"] == faults(tmp_path, wanted, 3072)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    wanted = replace(DEVICE, names=(names.read("web.h50.gov.example"),), validity=10**9, subject={"title": "x"})
    assert 5 == len(faults(tmp_path, wanted))
