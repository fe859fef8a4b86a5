"""Breaks inputs: cuts, flips, splices, huge tokens, deep nesting."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

_STRUCTURE = (b"{", b"}", b"[", b"]", b'"', b"\\", b"\n", b",", b":", b"\r\n", b"[[]]", b"{}", b"Record 1\n")
_VALUES = (
    b"null",
    b"NaN",
    b"-",
    b"1e999",
    b"99999999999999999999",
    b'"\\ud800"',
    b"\0",
    b"\xff",
    b"\xc0\x80",
    b"\x1b[31m",
)
_NAMES = (b'"EventID":', b'"Event":{"System":{', b'"winlog":{', b'"#text":', b'"@Name":', b'{"_source":')
_SIGNATURES = (
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    b"ElfChnk\0",
    b"ElfFile\0",
    b"\x2a\x2a\0\0",
)
_TOKENS = (*_STRUCTURE, *_VALUES, *_NAMES, *_SIGNATURES, b"\xff\xff\xff\xff", b"\x00\x00\x00\x80")


def mutated(random: Random, data: bytes, pool: Sequence[bytes]) -> bytes:
    """Give `data` broken in one to six ways; `pool` is what is spliced in."""
    for _way in range(random.choice((1, 1, 2, 3, 6))):
        data = random.choice(_WAYS)(random, data, pool)
    return data[: 1 << 21]


def _place(random: Random, data: bytes) -> int:
    return random.randrange(len(data) + 1)


def _cut(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    return data[: _place(random, data)]


def _cut_front(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    return data[_place(random, data[:5000]) :]


def _flip(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    broken = bytearray(data)
    for _bit in range(random.choice((1, 4, 32)) if broken else 0):
        broken[random.randrange(len(broken))] ^= 1 << random.randrange(8)
    return bytes(broken)


def _remove(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    begin = _place(random, data)
    return data[:begin] + data[begin + random.choice((1, 2, 16, 999)) :]


def _insert(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    begin = _place(random, data)
    return data[:begin] + random.choice(_TOKENS) + data[begin:]


def _replace(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    begin, token = _place(random, data), random.choice(_TOKENS)
    return data[:begin] + token + data[begin + len(token) :]


def _swell(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    begin, token = _place(random, data), random.choice(_TOKENS)
    return data[:begin] + token * random.choice((10, 600, 20_000, 100_000)) + data[begin:]


def _splice(random: Random, data: bytes, pool: Sequence[bytes]) -> bytes:
    other = random.choice(pool)
    return data[: _place(random, data)] + other[_place(random, other) :]


def _repeat(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    begin, end = sorted((_place(random, data), _place(random, data)))
    return data[:end] + data[begin:end] * random.choice((1, 3, 20)) + data[end:]


_WAYS: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    _cut, _cut_front, _flip, _flip, _remove, _insert, _insert, _replace, _swell, _splice, _repeat,
)  # fmt: skip
