"""pkilint finds nothing in what we issue, publish and answer, with any algorithm."""

from __future__ import annotations

import pytest

from sentinel.pki.model import Algorithm, Reason
from tests.pki.conformance import forms, pkilint

NOT_CHECKED = {Algorithm.RSA_PSS_SHA256, Algorithm.ML_DSA_44, Algorithm.ML_DSA_65, Algorithm.ML_DSA_87}
"""How certificates are signed that pkilint (0.13) does not check: RSA it takes for PKCS #1 v1.5 always."""


@pytest.mark.parametrize("algorithm", Algorithm)
def test_pkilint_finds_nothing_in_certificates_of_shipped_profiles(algorithm: Algorithm) -> None:
    said = {name: pkilint.of_certificate(content) for name, content in forms.certificates(algorithm)}
    assert {} == {name: found for name, found in said.items() if found}
    assert len(said) > 40


@pytest.mark.parametrize("algorithm", [each for each in Algorithm if each not in NOT_CHECKED])
def test_pkilint_finds_that_every_certificate_fits_its_issuer(algorithm: Algorithm) -> None:
    house = forms.a_house(algorithm)
    top, middle = house.root.certificate, house.issuing.certificate
    said = {
        name: pkilint.of_link(middle if name.startswith(forms.BELOW) else top, content)
        for name, content in forms.certificates(algorithm)
    }
    assert {} == {name: found for name, found in said.items() if found}


@pytest.mark.parametrize("algorithm", Algorithm)
def test_pkilint_finds_nothing_in_lists(algorithm: Algorithm) -> None:
    said = {name: pkilint.of_list(content) for name, content in forms.lists(algorithm, list(Reason))}
    assert {} == {name: found for name, found in said.items() if found}
    assert 6 == len(said)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_pkilint_finds_nothing_in_answers(algorithm: Algorithm) -> None:
    said = {name: pkilint.of_answer(content) for name, content in forms.answers(algorithm)}
    assert {} == {name: found for name, found in said.items() if found}
    assert 28 == len(said)


def test_pkilint_is_really_asked() -> None:
    algorithm = Algorithm.ECDSA_P256
    (content,) = [der for name, der in forms.certificates(algorithm) if f"tls-server for {algorithm}" in name]
    assert [] != pkilint.of_certificate(content.replace(b"portal.", b"porta ."))
    assert [] != pkilint.of_link(forms.a_house(algorithm).root.certificate, content)
    full = dict(forms.lists(algorithm))[f"full list of entries by {algorithm}"]
    assert [] != pkilint.of_list(full.replace(b"\x55\x1d\x14", b"\x55\x1d\x15"))  # its number is a reason now
    answer = next(der for _name, der in forms.answers(algorithm))
    assert [] != pkilint.of_answer(answer.replace(b"\x0f20260", b"\x0f20x60"))
