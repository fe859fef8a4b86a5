"""The queue from end to end: logs come in, an alert is worked on, told, handed over, and what was done is proved."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentinel import settings
from sentinel.cli.acting import os_user
from sentinel.cli.main import main
from sentinel.cli.triage import shift_of
from tests.conftest import ROOT
from tests.console.screen.a_sitting import play, sitting
from tests.folders import work_in
from tests.notify.certificates import a_certificate
from tests.notify.servers import HOST, a_hook, a_post

if TYPE_CHECKING:
    from collections.abc import Sequence

    Capture = pytest.CaptureFixture[str]

LAN = "lan.nguyễn"
KEYS = ("enter", "c", "f", "enter")
PAGES = {
    "en": ("Handover", "Closed: 1", "false positive"),
    "vi": ("Bàn giao ca", "Đã đóng: 1", "dương tính giả"),
}
"""What the page for the next shift says in each language."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, as an analyst whom the operating system names."""
    work_in(tmp_path, monkeypatch, 160)
    monkeypatch.setenv("SENTINEL_PEOPLE", str(tmp_path / "people.toml"))
    monkeypatch.setenv("SENTINEL_NOTIFY", str(tmp_path / "notify.toml"))
    monkeypatch.setenv("NO_PROXY", "*")
    assert 0 == main(["people", "add", LAN, "--role", "analyst", "--os-user", os_user()[1]])
    return tmp_path


def called(capfd: Capture, *arguments: str, code: int = 0) -> str:
    capfd.readouterr()
    assert code == main([*arguments])
    return capfd.readouterr().out


def told(capfd: Capture, *arguments: str, code: int = 0) -> Any:  # noqa: ANN401 - a JSON document
    return json.loads(called(capfd, *arguments, "--json", code=code))


def test_from_a_log_to_what_is_proved_months_later(capfd: Capture, folder: Path) -> None:
    first, second = queue_of(capfd)[:2]
    close_on_the_screen(first)
    (closed,) = told(capfd, "alerts", "list", "--state", "closed")["alerts"]
    assert (first["id"], "false_positive", LAN) == (closed["id"], closed["reason"], closed["changed_by"])
    for language, words in PAGES.items():
        hand_over(capfd, language, (*words, first["rule"]["title"], LAN))
    be_told(capfd, folder, second)
    prove(capfd)


def queue_of(capfd: Capture) -> list[dict[str, Any]]:
    """Take the logs of a day in, and give the queue: ranked, and naming what the alerts are about."""
    logs = ROOT / "docs" / "samples" / "windows"
    subprocess.run([sys.executable, "-m", "sentinel", "ingest", "--quiet", logs], check=True)
    queue: list[dict[str, Any]] = told(capfd, "alerts", "list")["alerts"]
    ranks = [alert["rank"] for alert in queue]
    assert sorted(ranks, reverse=True) == ranks
    platforms = {alert["platform"]["id"] for alert in queue if alert["platform"]}
    assert {"portal", "identity", "document-exchange", "shared-databases", "directory"} == platforms
    assert {"G90", "H49", "H49.61.05"} == {alert["agency"] for alert in queue}
    assert queue[0]["platform"]["level"] >= 4
    return queue


def close_on_the_screen(alert: dict[str, Any]) -> None:
    """Open the first alert of the screen and close it, in six keys at most."""
    shift = shift_of(settings.load({}), "")

    async def scene() -> None:
        async with sitting(shift, (160, 40)) as at:
            assert alert["rule"]["title"][:20] in at.line
            await at.press(KEYS[0])
            assert f"{alert['platform']['id']} · level {alert['platform']['level']}" in at.shown
            assert f"agency: {alert['agency']}" in at.shown
            await at.press(*KEYS[1:])
            assert alert["rule"]["title"][:20] not in at.line

    play(scene)
    assert len(KEYS) <= 6


def hand_over(capfd: Capture, language: str, words: Sequence[str]) -> None:
    """Write the page for the next shift; whatever it is written for, it says these words."""
    page = f"trực-{language}.html"
    called(capfd, "--lang", language, "alerts", "handover", "--output", page)
    shown = called(capfd, "--lang", language, "alerts", "handover")
    written = Path(page).read_text(encoding="utf-8")
    assert [] == [word for word in words if word not in shown or word not in written]


def be_told(capfd: Capture, folder: Path, alert: dict[str, Any]) -> None:
    """Have a mail server and a web hook told of the grave alerts, and find this one in what they got."""
    authority, tls = a_certificate(folder)
    with a_post(tls) as post, a_hook() as hook:
        Path("notify.toml").write_text(
            f'[[channel]]\nname = "trực-ban"\ntype = "mail"\nhost = "{HOST}"\nport = {post.port}\nlevel = "critical"\n'
            f'from = "sentinel@gov.example"\nto = ["truc.ban@gov.example"]\nca_file = "{authority}"\nlanguage = "vi"\n'
            f'[[channel]]\nname = "chat"\ntype = "webhook"\nurl = "http://{HOST}:{hook.port}/"\nlevel = "critical"\n',
            encoding="utf-8",
        )
        sent = told(capfd, "notify", "send", "--from-start")["channels"]
    assert {("trực-ban", ""), ("chat", "")} == {(each["channel"], each["problem"]) for each in sent}
    about = alert["rule"]["title"], alert["platform"]["id"], alert["agency"]
    hooked = [each for _headers, body in hook.got for each in json.loads(body)["alerts"]]
    assert about in {(each["title"], each["platform"], each["agency"]) for each in hooked}
    assert any(all(word in text for word in about) for text in map(text_of, post.letters))


def text_of(letter: bytes) -> str:
    body = message_from_bytes(letter, policy=default).get_body(("plain",))
    return str(body.get_content()) if body else ""


def prove(capfd: Capture) -> None:
    """Find the history sound, and one changed field of it."""
    assert told(capfd, "ledger", "verify")["sound"]
    with closing(sqlite3.connect("store/alerts.db")) as db:
        changed = db.execute("update act set actor = 'đức' where actor = ?", [LAN])
        db.commit()
    assert 1 == changed.rowcount
    found = told(capfd, "ledger", "verify", code=5)
    assert (False, True) == (found["sound"], found["fault_count"] > 0)
