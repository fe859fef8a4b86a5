"""RSA keys that others can work out are seen."""

from __future__ import annotations

from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.errors import Refused
from sentinel.pki.requests import weak
from tests.pki.requests.csrs import rsa_key

# Two primes of the same 1,024 bits, 60 apart or so: made once by looking upward from a random number.
_START = 1 << 1023 | int("9e3779b97f4a7c15" * 15, 16)


def _is_prime(number: int) -> bool:
    return all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7))


def _next_prime(number: int) -> int:
    number |= 1
    while not _is_prime(number):
        number += 2
    return number


def test_a_sound_key_has_no_weakness() -> None:
    assert "" == weak.weakness(rsa_key().public_key().public_numbers().n)


def test_factors_that_are_near_are_seen() -> None:
    first = _next_prime(_START)
    assert "its two factors are near to one another" == weak.weakness(first * _next_prime(first + 2))


@pytest.mark.parametrize("factor", [2, 3, 751])
def test_a_small_factor_is_seen(factor: int) -> None:
    assert "it has a small factor" == weak.weakness(factor * rsa_key().public_key().public_numbers().n)


def test_the_pattern_of_roca_is_seen() -> None:
    # Such primes are k · M + (65537^a mod M), with M the product of the first primes.
    primorial = prod(number for number in range(2, 702) if _is_prime_below(number))
    modulus = (5 * primorial + pow(65537, 77, primorial)) * (9 * primorial + pow(65537, 1234, primorial))
    assert "its maker's random numbers follow a pattern (CVE-2017-15361)" == weak.weakness(modulus)


def _is_prime_below(number: int) -> bool:
    return all(number % other for other in range(2, number))


@settings(max_examples=200, deadline=None)
@given(st.integers(1 << 2047, (1 << 2048) - 1))
def test_numbers_at_random_have_no_pattern(number: int) -> None:
    assert weak.weakness(number) in {"", "it has a small factor"}


@pytest.mark.parametrize("exponent", [1, 3, 65535, 65536, 65538, 1 << 256 | 1])
def test_exponents_that_are_even_small_or_huge_are_refused(exponent: int) -> None:
    with pytest.raises(Refused, match="odd ones from 65537 on"):
        weak.check_rsa(rsa_key().public_key().public_numbers().n, exponent, "web.csr")


def test_a_key_of_more_bits_than_can_be_checked_is_refused() -> None:
    with pytest.raises(Refused, match="8193 bits"):
        weak.check_rsa(1 << 8192 | 1, 65537, "web.csr")
