"""Patterns of names, in which `*` stands for any characters, whatever their case."""

from __future__ import annotations

import re
from functools import lru_cache


def fits(pattern: str, value: str) -> bool:
    """Tell whether a whole value is what a pattern says.

    The time grows with the length of the value for each `*`, and not with a power of it: values are written by others.
    """
    return _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    first, *middle = map(re.escape, pattern.split("*"))
    last = f".*{middle.pop()}" if middle else ""
    # What stands between two `*` is best found where it comes first, so that no other place need be tried.
    return re.compile(first + "".join(f"(?>.*?{part})" for part in middle) + last, re.IGNORECASE | re.DOTALL)
