"""`sentinel notify`: what it sends and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.cli.main import main
from sentinel.notify import states
from sentinel.triage.desk import Desk
from tests.folders import work_in
from tests.notify.servers import HOST, a_hook
from tests.triage.builders import NOW, a_desk, a_sighting

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder whose store has one alert."""
    work_in(tmp_path, monkeypatch)
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SENTINEL_NOTIFY", str(tmp_path / "notify.toml"))
    (tmp_path / "store").mkdir()
    a_desk(tmp_path / "store", 1).close()
    return tmp_path


def channel(name: str, port: int, more: str = "") -> str:
    return (
        f'[[channel]]\nname = "{name}"\ntype = "webhook"\nurl = "http://{HOST}:{port}/"\n'
        f'group_within = "0s"\nurgent = "high"\n{more}\n'
    )


def raised(*numbers: int) -> None:
    with Desk(Path("store"), write=True) as desk:
        desk.take([a_sighting(number) for number in numbers], NOW)


def told(capfd: Capture, *arguments: str, code: int = 0) -> Any:  # noqa: ANN401 - JSON
    capfd.readouterr()
    assert code == main(["notify", *arguments, "--json"])
    return json.loads(capfd.readouterr().out)


def test_what_comes_after_the_beginning_is_sent_once(capfd: Capture) -> None:
    with a_hook() as hook:
        Path("notify.toml").write_text(channel("trực-ban", hook.port))
        assert [True] == [each["begun"] for each in told(capfd, "send")["channels"]]
        raised(2, 3)
        assert 0 != len(told(capfd, "send", "--dry-run")["messages"])
        assert [2] == [each["told"] for each in told(capfd, "send")["channels"]]
        assert [0] == [each["told"] for each in told(capfd, "send")["channels"]]
    assert 2 == sum(json.loads(body)["total"] for _headers, body in hook.got)
    (status,) = told(capfd, "status")["channels"]
    assert ("trực-ban", 2, 0, "") == (status["channel"], status["told"], status["waiting"], status["error"])


def test_a_new_channel_may_be_told_of_what_was_there(capfd: Capture) -> None:
    with a_hook() as hook:
        Path("notify.toml").write_text(channel("a", hook.port))
        assert 1 == len(told(capfd, "send", "--from-start", "--dry-run")["messages"])
        assert [1] == [each["told"] for each in told(capfd, "send", "--from-start")["channels"]]
        assert [0] == [each["told"] for each in told(capfd, "send", "--from-start")["channels"]]


def test_a_channel_that_is_down_loses_nothing_and_stops_no_other(capfd: Capture) -> None:
    with a_hook(503) as down, a_hook() as up:
        Path("notify.toml").write_text(channel("a", down.port) + channel("b", up.port))
        told(capfd, "send")
        raised(2)
        first, second = told(capfd, "send", code=3)["channels"]
    assert (0, 1, True) == (first["told"], first["waiting"], "503" in first["problem"])
    assert (1, 0, "") == (second["told"], second["waiting"], second["problem"])


def test_what_a_channel_refuses_for_good_is_given_up_and_told(capfd: Capture) -> None:
    with a_hook(400) as hook:
        Path("notify.toml").write_text(channel("trực-ban", hook.port))
        told(capfd, "send")
        raised(2, 3)
        assert 3 == main(["notify", "send"])
        shown = capfd.readouterr()
        assert (2, True) == (shown.err.count("trực-ban: given up: “Title of r1”"), "400" in shown.err)
        assert "given up: 2" in shown.out
        hook.status = 204
        assert [0] == [each["told"] for each in told(capfd, "send")["channels"]], "it was given up"
        raised(4)
        assert [1] == [each["told"] for each in told(capfd, "send")["channels"]]
    assert 2 == json.loads(hook.got[-1][1])["dropped"]
    (status,) = told(capfd, "status")["channels"]
    assert (1, 2, 0, 2) == (status["told"], status["dropped"], status["waiting"], len(status["given_up"]))
    assert ("400" in status["given_up"][0]["reason"], 1) == (True, status["given_up"][0]["total"])
    assert 0 == main(["notify", "status"])
    assert 2 == capfd.readouterr().out.count("trực-ban: given up: “Title of r1”")


def test_a_test_message_needs_no_alert(capfd: Capture) -> None:
    with a_hook() as hook:
        Path("notify.toml").write_text(channel("a", hook.port, 'language = "vi"'))
        assert "" == told(capfd, "test", "A")["problem"]
        hook.status = 500
        assert "" != told(capfd, "test", "a", code=1)["problem"]
    assert "test" == json.loads(hook.got[0][1])["kind"]
    assert 2 == main(["notify", "test", "nobody"])
    assert {} == states.read(Path("store"))


@pytest.mark.parametrize(
    ("wrong", "line", "says"),
    [
        ('lebel = "high"', 7, "did you mean 'level'"),
        ('level = "hihg"', 7, "did you mean 'high'"),
        ("rank = 101", 7, "0 to 100"),
        ('on = ["new", "old"]', 7, "'old' is none of"),
        ('quiet = ["25:00-06:00"]', 7, "is no span of the day"),
        ('quiet = ["xyz 22:00-06:00"]', 7, "is no span of the day"),
        ('every = "soon"', 7, "must be a span of time"),
        ('timezone = "Mars"', 7, "is no time zone"),
        ('proxy = "socks5://x"', 7, "the proxy is no address"),
        ('proxy = "http://lan:secret@proxy"', 7, "must hold no user and password"),
        ("[[channel]]\nname = 'b'\ntype = 'mail'\nhost = 'x'\nfrom = 'nobody'", 11, "is no mail address"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(capfd: Capture, wrong: str, line: int, says: str) -> None:
    Path("notify.toml").write_text(channel("a", 9, wrong))
    capfd.readouterr()
    assert 1 == main(["notify", "check"])
    error = capfd.readouterr().err
    assert (True, True) == (f"notify.toml:{line}: " in error, says in error)
    assert 2 == main(["notify", "send"])


def test_check_connects_only_when_asked(capfd: Capture) -> None:
    with a_hook() as hook:
        Path("notify.toml").write_text(channel("a", hook.port))
        assert [""] == [each["problem"] for each in told(capfd, "check", "--connect")["channels"]]
    told(capfd, "check")
    assert [True] == [bool(each["problem"]) for each in told(capfd, "check", "--connect", code=1)["channels"]]


def test_without_channels_there_is_nothing_to_do() -> None:
    assert 2 == main(["notify", "send"])
    Path("notify.toml").write_text("x = [\n")
    assert 2 == main(["notify", "check"])


def test_one_sends_at_a_time() -> None:
    Path("notify.toml").write_text(channel("a", 9))
    with states.alone(Path("store")):
        assert 2 == main(["notify", "send"])


def test_watch_ends_well_when_told_to() -> None:
    with a_hook() as hook:
        Path("notify.toml").write_text(channel("a", hook.port))
        command = [sys.executable, "-m", "sentinel", "notify", "watch", "--interval", "1s", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
            assert watching.stdout is not None
            assert json.loads(watching.stdout.readline())["begun"]
            raised(2)
            assert 1 == json.loads(watching.stdout.readline())["told"]
            watching.send_signal(signal.SIGTERM)
            assert 0 == watching.wait(20)
    assert 1 == len(hook.got)
