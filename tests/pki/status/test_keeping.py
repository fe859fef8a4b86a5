"""Answers kept: they follow the register at once, are renewed in time, and outlive whoever is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import InputError, StoreError
from sentinel.pki.model import Reason
from sentinel.pki.status.answers import Answers
from sentinel.pki.status.keeping import DAY, PORTION, Kept, Term, follow, keep
from sentinel.pki.status.ocsp import GOOD, Hash, State, Status, Window
from tests.pki.status.builders import Book, House, a_responder

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_795_150_800
HOUSE = House(NOW - DAY)
RESPONDER = a_responder(HOUSE)
END = NOW + 20 * DAY
REVOKED = Status(State.REVOKED, NOW, Reason.SUPERSEDED)


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[Answers]:
    file = Answers(tmp_path / "answers.db", write=True)
    yield file
    file.close()


@pytest.fixture
def book() -> Book:
    return Book()


def test_what_was_issued_is_good_and_what_was_revoked_is_revoked_at_once(answers: Answers, book: Book) -> None:
    book.say(5, GOOD, END)
    assert Kept(followed=1) == keep(answers, book, RESPONDER, NOW)
    first = answers.find("hanoi", 5, Hash.SHA1)
    book.say(5, REVOKED, END)
    assert Kept(followed=1) == keep(answers, book, RESPONDER, NOW + 9)
    second = answers.find("hanoi", 5, Hash.SHA1)
    assert first
    assert second
    assert (GOOD, Window(NOW, NOW + DAY), END) == (first.status, first.window, first.not_after)
    assert (REVOKED, Window(NOW + 9, NOW + 9 + DAY)) == (second.status, second.window)
    assert first.signed != second.signed
    assert RESPONDER.tail == second.tail


def test_what_nothing_is_known_of_has_no_answer(answers: Answers, book: Book) -> None:
    book.say(5, GOOD, END)
    book.say(7, GOOD, END, "other")
    keep(answers, book, RESPONDER, NOW)
    assert [None, None, None] == [
        answers.find("hanoi", 6), answers.find("hanoi", 7), answers.find("hanoi", 5, Hash.SHA256),
    ]  # fmt: skip


def test_both_hashes_are_signed_where_that_is_wished(answers: Answers, book: Book) -> None:
    book.say(5, GOOD, END)
    keep(answers, book, RESPONDER, NOW, Term(hashes=tuple(Hash)))
    found = [answers.find("hanoi", 5, hashed) for hashed in Hash]
    assert 2 == len({each.signed for each in found if each})


def test_answers_are_renewed_before_they_end(answers: Answers, book: Book) -> None:
    book.say(5, GOOD, END)
    book.say(6, REVOKED, END)
    keep(answers, book, RESPONDER, NOW)
    assert Kept() == keep(answers, book, RESPONDER, NOW + DAY // 2)
    assert Kept(renewed=2) == keep(answers, book, RESPONDER, NOW + DAY // 2 + 1)
    later = NOW + DAY // 2 + 1
    found = [answers.find("hanoi", serial) for serial in (5, 6)]
    assert [(GOOD, Window(later, later + DAY)), (REVOKED, Window(later, later + DAY))] == [
        (each.status, each.window) for each in found if each
    ]


def test_of_a_certificate_that_has_ended_nothing_is_renewed_and_its_answer_goes(answers: Answers, book: Book) -> None:
    book.say(5, GOOD, NOW + 60)
    book.say(6, GOOD, NOW)
    assert Kept(followed=2) == keep(answers, book, RESPONDER, NOW)
    assert answers.find("hanoi", 6) is None
    assert Kept() == keep(answers, book, RESPONDER, NOW + DAY)
    assert Kept(dropped=1) == keep(answers, book, RESPONDER, NOW + 2 * DAY + 1)
    assert answers.find("hanoi", 5) is None


def test_portions_end_where_the_register_ends(answers: Answers, book: Book) -> None:
    for serial in range(1, 2 * PORTION + 6):
        book.say(serial, GOOD, END)
    assert 2 * PORTION + 5 == follow(answers, book, RESPONDER, NOW)
    assert 2 * PORTION + 5 == answers.followed("hanoi")
    assert 0 == follow(answers, book, RESPONDER, NOW)


def test_no_answer_outlives_the_responder_nor_is_signed_again_and_again(answers: Answers, book: Book) -> None:
    end = RESPONDER.not_after
    book.say(5, GOOD, end + DAY)
    keep(answers, book, RESPONDER, end - 60)
    found = answers.find("hanoi", 5)
    assert found
    assert Window(end - 60, end) == found.window
    assert Kept() == keep(answers, book, RESPONDER, end - 1)
    book.say(6, GOOD, end + DAY)
    with pytest.raises(InputError, match="has ended"):
        keep(answers, book, RESPONDER, end)


def test_all_is_signed_anew_when_it_was_forgotten(answers: Answers, book: Book) -> None:
    book.say(5, GOOD, END)
    keep(answers, book, RESPONDER, NOW)
    answers.forget("hanoi")
    assert answers.find("hanoi", 5) is None
    assert Kept(followed=1) == keep(answers, book, RESPONDER, NOW)


def test_a_responder_that_comes_after_another_signs_what_is_new(answers: Answers, book: Book) -> None:
    new = replace(RESPONDER, certificate=HOUSE.authority.der, key=HOUSE.authority.key)
    book.say(5, GOOD, END)
    keep(answers, book, RESPONDER, NOW)
    book.say(6, GOOD, END)
    keep(answers, book, new, NOW)
    assert [RESPONDER.tail, b""] == [each.tail for serial in (5, 6) if (each := answers.find("hanoi", serial))]


def test_answers_that_ended_are_counted(answers: Answers, book: Book) -> None:
    book.say(5, GOOD, END)
    book.say(6, GOOD, NOW + 60)
    keep(answers, book, RESPONDER, NOW)
    assert [0, 1] == [answers.ended("hanoi", at) for at in (NOW + DAY - 1, NOW + DAY)]


def test_a_file_of_another_format_says_what_to_do(answers: Answers) -> None:
    answers.db.execute("update head set format = 99")
    with pytest.raises(StoreError, match="another format") as caught:
        Answers(answers.path)
    assert "made anew" in caught.value.hint


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    absent = Answers(tmp_path / "none.db")
    assert not absent.is_there
    with pytest.raises(StoreError, match="no answers"):
        absent.find("hanoi", 5)


SIGNING = """
import sys
from pathlib import Path
from tests.pki.status.builders import Book, House, a_responder
from sentinel.pki.status.answers import Answers
from sentinel.pki.status.keeping import follow
from sentinel.pki.status.ocsp import GOOD
house, book = House({now}), Book()
responder, answers = a_responder(house), Answers(Path(sys.argv[1]), write=True)
for serial in range(1, 200_001):
    book.say(serial, GOOD, {now} + 9_999_999)
print("ready", flush=True)
follow(answers, book, responder, {now})
"""


def test_whoever_is_killed_while_signing_leaves_whole_portions(tmp_path: Path) -> None:
    path, code = tmp_path / "answers.db", SIGNING.format(now=NOW)
    root = Path(__file__).resolve().parents[3]
    for wait in (0.05, 0.3, 0.6):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            stdout=subprocess.PIPE,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        ) as process:
            assert process.stdout
            assert b"ready\n" == process.stdout.readline()
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
        left = Answers(path)
        (count,) = left.db.execute("select count(*) from answer").fetchone()
        assert count == left.followed("hanoi")
        left.close()
    assert count >= PORTION
    checked = sqlite3.connect(path)
    assert [("ok",)] == checked.execute("pragma integrity_check").fetchall()
    checked.close()
