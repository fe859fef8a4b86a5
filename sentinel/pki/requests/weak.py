"""RSA keys that others can work out.

What is looked for: too few bits, an exponent that is even or small, prime factors that are small, near to one another
(Fermat), or of the pattern of CVE-2017-15361 (ROCA). The checks are those of the CA/Browser Forum's Baseline
Requirements, 6.1.1.3 and 6.1.6.
"""

from __future__ import annotations

from functools import cache
from math import gcd, isqrt, prod
from typing import Final

from sentinel.errors import Refused
from sentinel.language import _

LEAST_BITS, MOST_BITS = 2048, 8192
"""Sizes of RSA keys; each doubling makes checking a signature four times as dear."""
LEAST_EXPONENT: Final = 65537
_LONGEST_EXPONENT: Final = 256
_PRIMES_BELOW: Final = 752
_ROCA_PRIMES: Final = 39
_FERMAT_ROUNDS: Final = 100
# Squares end, in base 64, on these digits only: most numbers need no root.
_SQUARES: Final = frozenset(number * number % 64 for number in range(64))


def check_rsa(modulus: int, exponent: int, place: str = "") -> None:
    """Check the numbers of an RSA key. Raises Refused for one that is weak, with what to do."""
    hint = _("make a new key: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out server.key")
    bits = modulus.bit_length()
    if not LEAST_BITS <= bits <= MOST_BITS:
        told = _("an RSA key of {bits} bits; {least} to {most} are accepted")
        raise Refused(told.format(bits=bits, least=LEAST_BITS, most=MOST_BITS), place=place, hint=hint)
    if exponent % 2 == 0 or exponent < LEAST_EXPONENT or exponent.bit_length() > _LONGEST_EXPONENT:
        told = _("an RSA key with the exponent {exponent}; odd ones from 65537 on are accepted")
        raise Refused(told.format(exponent=str(exponent)[:80]), place=place, hint=hint)
    if why := weakness(modulus):
        raise Refused(_("a weak RSA key: {reason}").format(reason=why), place=place, hint=hint)


def weakness(modulus: int) -> str:
    """Tell what makes the prime factors of a modulus easy to find, "" where nothing was seen."""
    if gcd(modulus, _small_primes()) != 1:
        return _("it has a small factor")
    if _is_roca(modulus):
        return _("its maker's random numbers follow a pattern (CVE-2017-15361)")
    if _has_near_factors(modulus):
        return _("its two factors are near to one another")
    return ""


@cache
def _primes() -> tuple[int, ...]:
    return tuple(n for n in range(2, _PRIMES_BELOW) if all(n % m for m in range(2, isqrt(n) + 1)))


@cache
def _small_primes() -> int:
    return prod(_primes())


@cache
def _roca_classes() -> tuple[tuple[int, frozenset[int]], ...]:
    """Give for each odd prime of the test what the powers of 65537 leave when divided by it."""
    return tuple(
        (prime, frozenset(pow(65537, power, prime) for power in range(prime))) for prime in _primes()[1:_ROCA_PRIMES]
    )


def _is_roca(modulus: int) -> bool:
    return all(modulus % prime in classes for prime, classes in _roca_classes())


def _has_near_factors(modulus: int) -> bool:
    """Look for a² − n = b² in the first rounds from √n on (Fermat)."""
    root = isqrt(modulus) + 1
    rest = root * root - modulus
    for _round in range(_FERMAT_ROUNDS):
        if rest & 63 in _SQUARES and isqrt(rest) ** 2 == rest:
            return True
        rest += 2 * root + 1
        root += 1
    return False
