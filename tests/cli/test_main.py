"""The command line's frame: help, usage errors, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer

from sentinel import __version__
from sentinel.cli import main
from sentinel.console.text import visible
from sentinel.errors import InputError, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    Capture = pytest.CaptureFixture[str]


def run(command: Callable[[], None]) -> int:
    """Run `sentinel try`, where `try` is this command."""

    def register(app: typer.Typer) -> None:
        app.command("try")(command)

    return main.main(["try"], [register])


def test_the_version_is_shown(capsys: Capture) -> None:
    assert 0 == main.main(["--version"])
    assert f"sentinel {__version__}\n" == capsys.readouterr().out


def test_without_arguments_the_help_is_shown(capsys: Capture) -> None:
    assert 0 == main.main([])
    assert capsys.readouterr().out.startswith("Usage: sentinel [OPTIONS] COMMAND")


def test_help_is_vietnamese_where_asked_for(capsys: Capture) -> None:
    assert 0 == main.main(["--lang", "vi", "--help"])
    out = capsys.readouterr().out
    # Ours, one that Typer adds, and a heading of Typer's.
    wanted = ["Hiện phiên bản.", "Hiện hướng dẫn này rồi thoát.", "Lệnh:"]
    assert wanted == [text for text in wanted if text in out]


@pytest.mark.parametrize(("command", "path"), [("scan", "PATH..."), ("rules list", "[PATH...]")])
def test_a_usage_line_tells_what_may_be_repeated(command: str, path: str, capsys: Capture) -> None:
    assert 0 == main.main([*command.split(), "--help"])
    assert f"Usage: sentinel {command} [OPTIONS] {path}" == capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize("asked", [["--lang=vi"], ["--lang", "vi"]])
def test_the_flag_decides_about_the_language_of_errors(capsys: Capture, asked: list[str]) -> None:
    assert 2 == main.main([*asked, "confg"])
    assert "lỗi: không có lệnh 'confg'" in capsys.readouterr().err


def test_help_works_with_broken_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sentinel.toml").write_text("nothing = 1")
    monkeypatch.chdir(tmp_path)
    assert 0 == main.main(["--help"])
    assert 2 == main.main(["config", "show"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["confg"], "error: no command 'confg'; like it: 'config'"),
        (["zzz"], "error: no command 'zzz'"),
        (["config"], "error: a command is missing\n  hint: see `sentinel config --help`"),
        (["--colour", "x"], "error: no option --colour"),
        (["config", "show", "--jso"], "error: no option --jso; like it: --json"),
        (["config", "show", "--json=1"], "error: option '--json' takes no value"),
        (["config", "show", "x"], "error: unexpected arguments: x"),
        (["--lang"], "error: option '--lang' needs a value"),
        (["--lang", "fr", "config", "show"], "error: --lang: 'language' must be one of \"\", en, vi: 'fr'"),
        (["\x1b[31m"], r"error: no command '\x1b[31m'"),
    ],
)
def test_a_wrong_call_is_said_in_our_words(capsys: Capture, arguments: list[str], message: str) -> None:
    assert 2 == main.main(arguments)
    assert capsys.readouterr().err.startswith(message)


def test_an_error_shows_its_place_and_hint(capsys: Capture) -> None:
    def fail() -> None:
        raise InputError("torn \x1b[2J\u202e", place="a.evtx:7", hint="copy it again")

    assert 2 == run(fail)
    assert "error: a.evtx:7: torn \\x1b[2J\\u202e\n  hint: copy it again\n" == capsys.readouterr().err


class Unapproved(Refused):
    exit_code = 4


def test_the_exit_code_is_that_of_the_error() -> None:
    def fail() -> None:
        raise Unapproved("no")

    assert 4 == run(fail)


@pytest.mark.parametrize(
    ("raised", "code"), [(KeyboardInterrupt(), 130), (typer.Abort(), 130), (typer.Exit(3), 3), (typer.Exit(), 0)]
)
def test_every_ending_has_its_exit_code(raised: BaseException, code: int) -> None:
    def end() -> None:
        raise raised

    assert code == run(end)


def test_a_bug_shows_its_traceback() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(fail)


def test_a_reader_that_stops_reading_ends_the_run_quietly() -> None:
    command = [sys.executable, "-m", "sentinel", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert (b"", main.ExitCode.UNHEARD) == (process.stderr.read(), process.wait())


@pytest.mark.parametrize("arguments", ["--help", "rules list", "config show"])
def test_a_closed_standard_output_is_no_bug(arguments: str) -> None:
    ended = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m sentinel {arguments} >&-"], check=False, capture_output=True
    )
    assert (b"", 0) == (ended.stderr, ended.returncode)


@pytest.mark.parametrize("arguments", ["--help", "rules list", "config show"])
def test_a_full_disk_behind_standard_output_is_no_bug(arguments: str) -> None:
    command = f"{sys.executable} -m sentinel --lang en {arguments} >/dev/full"
    ended = subprocess.run(["/bin/sh", "-c", command], check=False, capture_output=True)
    assert (b"error: <stdout>: cannot be written: No space left on device\n", 2) == (ended.stderr, ended.returncode)


def test_completion_is_offered() -> None:
    command = [sys.executable, "-m", "sentinel"]
    environ = {"_SENTINEL_COMPLETE": "complete_bash", "COMP_WORDS": "sentinel conf", "COMP_CWORD": "1"}
    ended = subprocess.run(command, check=False, capture_output=True, env=environ, cwd=Path(__file__).parents[2])
    assert b"config" in ended.stdout


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Tiếng Việt → ok", "Tiếng Việt → ok"),
        ("\x1b]0;x\x07", r"\x1b]0;x\x07"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x9b1m", r"\x9b1m"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\ud800", r"\ud800"),
    ],
)
def test_nothing_shown_does_anything_to_a_terminal(text: str, shown: str) -> None:
    assert shown == visible(text)
