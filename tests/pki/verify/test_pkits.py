"""NIST's PKITS, all 249 tests: nothing that does not hold is accepted."""

from __future__ import annotations

import re
from functools import cache

from sentinel.pki.verify.verdict import Fault, Opinion, Revocation, Verdict
from sentinel.pki.verify.verify import verify
from tests.pki.verify import pkits

REFUSED_ON_PURPOSE = {
    "4.1.4 Valid DSA Signatures Test4",
    "4.1.5 Valid DSA Parameter Inheritance Test5",
}
"""DSA of 1024 bits with SHA-1 was good in 2011; no certificate that is to be relied on may have it now."""
ROOT = "TrustAnchorRootCertificate.crt"


@cache
def judged(case: pkits.Case) -> Verdict:
    chain = [pkits.certificate(each) for each in case.chain]
    return verify(
        chain[-1],
        chain[1:-1],
        chain[:1],
        at=pkits.AT,
        crls=[pkits.revocation_list(each) for each in case.lists],
        policies=case.policies,
        revocation=Revocation.ALL,
    )


def test_pkits_is_answered_as_nist_expects_but_for_dsa() -> None:
    cases = pkits.cases()
    verdicts = {case.name: judged(case) for case in cases}

    assert 249 == len(cases)
    assert [] == [case.name for case in cases if verdicts[case.name].holds and not case.holds]
    assert REFUSED_ON_PURPOSE == {case.name for case in cases if case.holds and not verdicts[case.name].holds}
    assert {Fault.WEAK} == {each.fault for one in REFUSED_ON_PURPOSE for each in verdicts[one].objections}
    assert [] == [case.name for case in cases if verdicts[case.name].opinion is Opinion.DIFFERS]


def test_every_refusal_of_pkits_names_a_certificate_and_a_clause_of_our_list() -> None:
    refusals = [each for case in pkits.cases() if not case.holds for each in judged(case).objections]

    assert refusals
    assert [] == [each for each in refusals if each.link is None or each.fault in {Fault.INVALID, Fault.MALFORMED}]


def test_pkits_is_answered_as_the_names_of_its_files_say_when_we_find_the_chain_ourselves() -> None:
    """The files say what is to come of them, for the inputs that most tests have: any policy."""
    wrong, seen = [], 0
    for file in sorted((pkits.vectors() / "certs").glob("*EE.crt")):
        expected = re.match(r"Valid|Invalid", file.name)
        if expected is None or "DSA" in file.name:
            continue
        authorities, lists = pkits.around(file.read_bytes())
        verdict = verify(
            file.read_bytes(),
            authorities,
            [pkits.certificate(ROOT)],
            at=pkits.AT,
            crls=lists,
            revocation=Revocation.ALL,
        )
        seen += 1
        if verdict.holds is not (expected[0] == "Valid"):
            wrong.append(file.name)

    assert [] == wrong
    assert seen > 190
