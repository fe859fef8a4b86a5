"""`sentinel triage`: how the call ends, what the terminal shows, and what the words of the filter line mean."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from select import select
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from sentinel import settings
from sentinel.cli.main import main
from sentinel.cli.triage import line_of, shift_of, wanted_in
from sentinel.cli.wanted import Filters, wanted_of
from sentinel.errors import InputError, Refused
from sentinel.model.alert import OPEN, Reason, State, Wanted
from sentinel.model.severity import Level
from tests.folders import work_in
from tests.triage.builders import a_desk

if TYPE_CHECKING:
    from collections.abc import Iterator

    Capture = pytest.CaptureFixture[str]

LONGEST = 60.0
NOW = settings.load({})
MOMENT = 1_795_424_400 * 10**9


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder whose store has two alerts."""
    work_in(tmp_path, monkeypatch)
    monkeypatch.setenv("SENTINEL_PEOPLE", str(tmp_path / "people.toml"))
    monkeypatch.setenv("TERM", "xterm-256color")
    (tmp_path / "store").mkdir()
    a_desk(tmp_path / "store", 1, 2).close()
    return tmp_path


class Terminal:
    """A terminal in which `sentinel triage` runs; `shown` is what it was told to show so far."""

    def __init__(self, screen: int, program: subprocess.Popen[bytes]) -> None:
        self._screen, self._program = screen, program
        self._bytes = b""
        self._end = monotonic() + LONGEST

    @property
    def shown(self) -> str:
        return self._bytes.decode(errors="replace")

    def until(self, word: str) -> None:
        """Read until a word is shown."""
        while word not in self.shown:
            assert self._read(), f"{word} was never shown: {self.shown!r}"

    def press(self, key: str) -> None:
        os.write(self._screen, key.encode())

    def ended(self) -> int:
        """Read to the end; give how it ended."""
        while self._read():
            pass
        return self._program.wait(LONGEST)

    def _read(self) -> bool:
        ready, _none, _none = select([self._screen], [], [], max(0, self._end - monotonic()))
        assert ready, f"it has nothing more to say: {self.shown!r}"
        try:
            more = os.read(self._screen, 65536)
        except OSError:  # what Linux says where nobody has the other side open any more
            return False
        self._bytes += more
        return bool(more)


@contextmanager
def a_terminal(*arguments: str) -> Iterator[Terminal]:
    """Call `sentinel triage` in a terminal of 100 columns."""
    screen, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("4H", 30, 100, 0, 0))
    command = [sys.executable, "-m", "sentinel", "triage", *arguments]
    with subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner) as program:
        os.close(inner)
        try:
            yield Terminal(screen, program)
        finally:
            program.kill()
            os.close(screen)


def test_the_screen_opens_in_a_terminal_and_ends_well() -> None:
    with a_terminal("--level", "high") as terminal:
        terminal.until("level=high")
        terminal.press("q")
        assert 0 == terminal.ended()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--level", "hig"), ("error: --level", "must be one of")),
        (("--all", "--suppressed"), ("error:", "--all", "--suppressed")),
        (("--since", "sometime"), ("error:", "sometime")),
        (("--key", "không có.key"), ("error:", "không có.key")),
    ],
)
def test_a_wrong_call_opens_no_screen(arguments: tuple[str, ...], says: tuple[str, ...]) -> None:
    with a_terminal(*arguments) as terminal:
        code = terminal.ended()
    assert (2, []) == (code, [word for word in says if word not in terminal.shown])
    assert "Traceback" not in terminal.shown


def test_without_a_store_there_is_nothing_to_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTINEL_STORE", "kho")
    with a_terminal() as terminal:
        code = terminal.ended()
    assert (2, True) == (code, "kho: there is no store here" in terminal.shown)
    assert not Path("kho").exists()


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_without_a_terminal_on_every_side_there_is_no_screen(stream: str) -> None:
    screen, inner = pty.openpty()
    sides: dict[str, Any] = {"stdin": inner, "stdout": inner, "stderr": inner, stream: subprocess.DEVNULL}
    try:
        assert 2 == subprocess.run([sys.executable, "-m", "sentinel", "triage"], **sides, check=False).returncode
    finally:
        os.close(inner)
        os.close(screen)


def test_without_a_terminal_it_says_what_gives_the_queue_to_programs(capfd: Capture) -> None:
    assert 2 == main(["triage"])
    out, error = capfd.readouterr()
    assert ("", True) == (out, error.startswith("error: the screen needs a terminal"))
    assert "sentinel alerts list --json" in error


def test_who_is_not_registered_may_read() -> None:
    assert 0 == main(["people", "add", "lan.nguyễn", "--role", "analyst", "--os-user", "không-phải-ai"])
    assert isinstance(shift_of(settings.load({}), "").acting, Refused)
    assert ("lan.nguyễn",) == shift_of(settings.load({}), "").people


CASES: dict[str, dict[str, Any]] = {
    "": {},
    "level=high": {"level": Level.HIGH},
    "level:high": {"level": Level.HIGH},
    "--level=high": {"level": Level.HIGH},
    "LEVEL=HIGH": {"level": Level.HIGH},
    "state=new": {"states": frozenset({State.NEW})},
    "state=new,closed": {"states": frozenset({State.NEW, State.CLOSED})},
    "all": {"states": frozenset()},
    "--all": {"states": frozenset()},
    "suppressed": {"states": frozenset({State.SUPPRESSED})},
    "closed-as=benign": {"states": frozenset({State.CLOSED}), "reason": Reason.BENIGN},
    "mine": {"assignee": "lan.nguyễn"},
    "nobody": {"assignee": ""},
    "assigned=hoa": {"assignee": "hoa"},
    "host=pc* user:lan": {"host": "pc*", "user": "lan"},
    "user=GOV\\lan": {"user": "GOV\\lan"},
    "address=2001:db8::1": {"address": "2001:db8::1"},
    "address:2001:db8::1": {"address": "2001:db8::1"},
    'user="Nguyễn Thị Lan"': {"user": "Nguyễn Thị Lan"},
    "user=Nguye\u0302\u0303n": {"user": "Nguyễn"},
    "platform=portal agency=H49.*": {"platform": "portal", "agency": "H49.*"},
    "đăng nhập": {"text": "đăng nhập"},
    "text=sai mật khẩu": {"text": "sai mật khẩu"},
    "http://pc1:80": {"text": "http://pc1:80"},
    "C:\\Windows": {"text": "C:\\Windows"},
    "# lan": {"text": "# lan"},
}
"""The filter line, and what it asks for beside all alerts that are open."""


@pytest.mark.parametrize("line", CASES)
def test_the_filter_line_means(line: str) -> None:
    assert Wanted(**({"states": OPEN} | CASES[line])) == wanted_in(line, NOW, "lan.nguyễn")


def test_those_overdue_are_those_whose_deadline_has_passed() -> None:
    assert wanted_in("overdue", NOW, "").overdue is not None


@pytest.mark.parametrize(
    ("line", "place", "says"),
    [
        ("lebel=high", "lebel=high", "no filter is called so"),
        ("level=high --mien", "--mien", "no filter is called so"),
        ("level=hig", "--level", "must be one of"),
        ("state=new,odl", "--state", "must be one of"),
        ("closed-as=fun", "--closed-as", "must be one of"),
        ("all suppressed", "", "--all"),
        ("since=sometime", "", "sometime"),
        ('host="pc1', 'host="pc1', "a quotation mark has no other"),
    ],
)
def test_a_filter_line_that_cannot_be_read_is_told_with_its_place(line: str, place: str, says: str) -> None:
    with pytest.raises(InputError) as raised:
        wanted_in(line, NOW, "lan")
    told = f"{raised.value} {raised.value.hint}"
    assert (True, True) == (place in told, says in told)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(level="high", state=["new", "closed"]),
        Filters(assigned="me", overdue=True),
        Filters(paused=True, platform="portal"),
        Filters(all=True, user="Nguyễn Thị 'Lan'", host='"pc"*'),
        Filters(user="GOV\\lan", text="sai mật khẩu = lỗi"),
        Filters(reason="benign", since="2026-11-20", until="2026-11-21"),
    ],
)
def test_options_and_the_line_that_they_make_ask_for_the_same(filters: Filters) -> None:
    by_options = wanted_of(filters, NOW, MOMENT, OPEN, lambda: "lan")
    by_line = wanted_in(line_of(filters), NOW, "lan")
    assert by_options == replace(by_line, overdue=MOMENT if by_line.overdue else None)
