"""What stands beside a segment never rules out what is there, and rules out most of what is not."""

from __future__ import annotations

import random

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.store.embedded import grams
from sentinel.store.embedded.folding import bared, folded, skeleton
from sentinel.store.embedded.held import Form, Held, parsed
from sentinel.store.embedded.tally import Tally
from sentinel.store.embedded.texts import Texts, containing
from sentinel.store.embedded.typed import with_digits
from sentinel.store.query.text import bare, fold
from sentinel.store.query.tree import Equals
from tests.store import strategies


def held_of(*values: str | None) -> Held:
    held = parsed(grams.build([pa.table({"a": pa.array(values, pa.string())})]))
    assert held is not None
    return held


def may_hold(held: Held, *texts: str, form: Form = Form.PART, many: bool = False) -> bool:
    found = held.groups_with("a", texts, form=form, many=many)
    return found if isinstance(found, bool) else bool(found[0])


@given(st.lists(strategies.texts, min_size=1, max_size=8), strategies.texts, st.booleans())
def test_what_is_there_is_never_ruled_out(values: list[str], text: str, accents: bool) -> None:
    held = held_of(*values)
    within = any(fold(text, accents=accents) in fold(value, accents=accents) for value in values)
    same = any(fold(text, accents=accents) == fold(value, accents=accents) for value in values)
    assert not within or may_hold(held, text)
    assert not within or may_hold(held, text, many=True)
    assert not within or held.columns_with(("a",), (text,))
    assert not same or may_hold(held, text, form=Form.WHOLE)


@given(st.lists(st.lists(strategies.texts, min_size=1, max_size=4), min_size=2, max_size=6), st.data())
def test_columns_that_are_done_together_are_told_apart(columns: list[list[str]], data: st.DataObject) -> None:
    rows = max(map(len, columns))
    padded = [[*values, *[values[0]] * (rows - len(values))] for values in columns]
    table = pa.table({str(number): pa.array(values, pa.string()) for number, values in enumerate(padded)})
    held = parsed(grams.build([table]))
    alone = [parsed(grams.build([table.select([str(number)])])) for number in range(len(columns))]
    text = data.draw(st.sampled_from([value for values in columns for value in values]))
    text = text[: data.draw(st.integers(0, len(text)))]
    assert held is not None
    for form in Form:
        told = [bool(np.all(held.groups_with(str(number), [text], form=form))) for number in range(len(columns))]
        own = [
            one and bool(np.all(one.groups_with(str(number), [text], form=form))) for number, one in enumerate(alone)
        ]
        assert own == told


@given(st.lists(strategies.texts, max_size=8), st.booleans())
def test_many_texts_are_folded_as_each_is(values: list[str], accents: bool) -> None:
    array = pa.array(["left out", *values], pa.string())[1:]
    assert [fold(value, accents=accents) for value in values] == folded(array, accents=accents).to_pylist()
    assert [bare(value, accents=accents) for value in values] == bared(array, accents=accents).to_pylist()


@pytest.mark.parametrize("accents", [True, False])
def test_the_skeleton_of_every_character_is_that_of_its_fold(accents: bool) -> None:
    characters = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    assert [] == [one for one in characters if skeleton(fold(one, accents=accents)) != skeleton(one)]


def test_words_that_are_not_there_are_ruled_out() -> None:
    values = [f"C:\\Windows\\System32\\program{number}.exe /run:{number * 7}" for number in range(2000)]
    held = held_of(*values)
    absent = ["mimikatz", "powershell", "xmrig", "vssadmin", "program99999", "10.20.30.40", "/run:x"]
    assert [] == [word for word in absent if may_hold(held, word)]
    assert all(may_hold(held, word) for word in ("PROGRAM1", "system32", "run:70", ""))


def test_whole_values_that_are_not_there_are_mostly_ruled_out() -> None:
    there = [f"192.0.{number // 250}.{number % 250}" for number in range(2000)]
    held = held_of(*there, None)
    assert all(may_hold(held, text, form=Form.WHOLE) for text in there)
    others = [f"198.51.{number // 250}.{number % 250}" for number in range(2000)]
    assert sum(may_hold(held, text, form=Form.WHOLE) for text in others) < 200


def test_networks_without_an_address_that_is_there_are_mostly_ruled_out() -> None:
    chance = random.Random(7)  # noqa: S311 - cases, not secrets
    there = [".".join(str(chance.randrange(256)) for _octet in range(4)) for _time in range(2000)]
    held = held_of(*there, "fe80::1", "10.1", "1.2.3.4.5.", "", None)
    for form in (Form.BEGINNING, Form.PART):
        assert all(
            may_hold(held, ".".join(text.split(".")[:octets]) + ".", form=form)
            for text in there
            for octets in (1, 2, 3)
        )
    assert may_hold(held, "1.2.3.4.5.", form=Form.BEGINNING)
    others = {f"{first}.{second}." for first in range(1, 50) for second in range(50)} - {
        "".join(f"{octet}." for octet in text.split(".")[:2]) for text in there
    }
    assert sum(may_hold(held, other, form=Form.BEGINNING) for other in others) < len(others) * 0.2
    assert sum(may_hold(held, other) for other in others) > len(others) * 0.5


def test_what_was_written_before_beginnings_were_known_is_read_still() -> None:
    content = grams.build([pa.table({"a": pa.array([f"192.0.{number}.1" for number in range(200)], pa.string())})])
    begin = content.index(b"\n") + 1
    end = begin + 4 + int.from_bytes(content[begin : begin + 4], "little")
    *known, begun = msgspec.msgpack.decode(content[begin + 4 : end])
    head = msgspec.msgpack.encode(known)
    held = parsed(content[:begin] + len(head).to_bytes(4, "little") + head + content[end:])
    assert held is not None
    assert (["a"], True) == (begun, may_hold(held, "192.0.", form=Form.BEGINNING))
    assert not may_hold(held, "77.88.", form=Form.BEGINNING)


@pytest.mark.parametrize(
    "content", [b"", b"x", b"sentinel grams 1\n", b"sentinel grams 1\n\xff\xff\xff\xff", b"\0" * 99]
)
def test_what_is_no_such_file_tells_nothing(content: bytes) -> None:
    assert parsed(content) is None


def test_a_file_that_was_cut_off_tells_nothing() -> None:
    content = grams.build([pa.table({"a": [f"some text {number}" for number in range(99)]})])
    assert [] == [size for size in range(0, len(content) - 1, 7) if parsed(content[:size]) is not None]


def test_columns_of_few_values_are_told() -> None:
    collected = grams.Grams()
    collected.add(pa.table({"few": ["a", "b"] * 50, "many": [str(n) for n in range(100)], "number": list(range(100))}))
    assert [True, False, None] == [collected.repeats(name) for name in ("few", "many", "number")]


def test_digits_are_found_in_numbers_as_in_their_text() -> None:
    chance = random.Random(7)  # noqa: S311 - cases, not secrets
    numbers = [0, 1, -1, 100, 1004, 40, -4625, 146250, 2**63 - 1, -(2**63), 10**18]
    numbers += [chance.randint(-(10**size), 10**size) for size in range(1, 19) for _time in range(50)]
    values = np.array(numbers, np.int64)
    for digits in ("0", "00", "4", "04", "40", "10", "010", "922337", "808", "000", "123456789012345678"):
        assert [digits in str(number) for number in numbers] == with_digits(values, digits).tolist()


def test_texts_that_hold_another_are_found_across_no_border() -> None:
    texts = pa.array(["ab", "cab", "", "b", "abcabc"] * 2000, pa.string())
    for sought in ("ab", "ba", "abc", "bc", "", "cabb"):
        assert [sought in text for text in texts.to_pylist()] == containing(texts, sought).tolist()
    assert not containing(pa.array(["ab", "cd"], pa.string()), "bc").any()
    assert Texts(texts, accents=True).asked(Equals("", "AB")).sum() == 2000


def test_values_counted_by_share_are_those_counted_at_once() -> None:
    texts = pa.array([f"value {number}" for number in range(1000)] + ["", "Đỗ"], pa.string())
    counts = np.arange(1002) % 13 + 1
    at_once, parts = Tally(0, 1), [Tally(share, 4) for share in range(4)]
    for tally in (at_once, *parts):
        own = tally.own(texts)
        tally.add(texts.filter(pa.array(own)), counts[own])
    distinct, most = at_once.result(2000)
    shares = [tally.result(2000) for tally in parts]
    assert (distinct, sorted(most)) == (
        sum(number for number, _ in shares),
        sorted(one for _, own in shares for one in own),
    )
    assert all(number > 100 for number, _ in shares)
