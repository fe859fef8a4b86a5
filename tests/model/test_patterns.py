"""Patterns of names: what fits them, and how long that takes to say."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.model.patterns import fits


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("*", "a\nb", True),
        ("PC1*", "pc1.gov.example", True),
        ("*.gov.example", "pc1.gov.example", True),
        ("pc*gov*", "pc1.gov.example", True),
        ("pc*gov", "pc1.gov.example", False),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*a*b*", "xbxa", False),
        ("pc?", "pc1", False),
        ("đ*", "Đức", True),
        ("[a]*", "[A]b", True),
    ],
)
def test_what_fits(pattern: str, value: str, expected: bool) -> None:
    assert expected == fits(pattern, value)


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_a_pattern_fits_what_its_expression_matches(pattern: str, value: str) -> None:
    plain = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), value, re.DOTALL)
    assert (plain is not None) == fits(pattern, value)


def test_a_value_that_almost_fits_takes_no_longer() -> None:
    begun = time.process_time()
    assert not fits("*a*b*c*d*e*", "abcd" * 25_000)
    assert time.process_time() - begun < 2
