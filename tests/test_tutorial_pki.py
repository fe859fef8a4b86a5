"""The tutorial on certificates is true: its commands are run, and print what it shows."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
TUTORIAL = DOCS / "tutorials" / "first-authority.md"
HOWTOS = ("approve-and-issue.md", "revoke-and-publish.md")
TLS_PORT, STATUS_PORT = "8443", "8080"
"""The ports on the pages, for which free ones are taken."""
MOST_COMMANDS: Final = 10
RESPONDERS_LOOK: Final = 3
"""Seconds after which a responder has surely seen what changed; people type no faster."""
ON_THE_PAGE = "/home/lan/first-authority"

# What the terminal would ask for, a script says by options.
PASSPHRASES: Final = {
    "sentinel people add minh": "--new-passphrase-file minh.pass",
    "sentinel people key new lan": "--new-passphrase-file lan.pass --passphrase-file minh.pass",
    "sentinel people change": "--passphrase-file minh.pass",
    "sentinel pki approve r5": "--passphrase-file lan.pass",
    "sentinel pki init": "--approver-passphrase-file minh.pass --new-passphrase-file ca.pass",
    "sentinel pki approve": "--passphrase-file minh.pass",
    "sentinel pki reject": "--passphrase-file minh.pass",
    "sentinel pki issue": "--signer-passphrase-file ca.pass",
    "sentinel pki crl": "--signer-passphrase-file ca.pass",
    "sentinel pki serve": "--responder-passphrase-file ca.pass",
    "sentinel pki audit checkpoint": "--passphrase-file minh.pass",
}
MASKS: Final = (
    (re.compile(r"SHA256:[\w+/]+…?"), "SHA256:F"),
    (re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?"), "T"),
    (re.compile(r"\b[0-9a-f]{12,}(…|\b)"), "X"),
    (re.compile(r"users: \S+|os:\d+:\S+"), "U"),
    (re.compile(r" +"), " "),  # columns are as wide as what is masked was
)

pytestmark = pytest.mark.skipif(
    not (shutil.which("openssl") and shutil.which("curl") and shutil.which("bash")),
    reason="openssl, curl or bash is not there",
)


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a page, and what the page shows that it prints."""

    command: str
    shown: str


def steps(page: str) -> list[Step]:
    """Give the commands of the blocks ```console of a page: lines that begin with `$ `, and those they go on with."""
    found: list[Step] = []
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, shown = re.fullmatch(r"((?:[^\n]*\\\n)*[^\n]*\n)(.*)", part, re.DOTALL).groups()  # type: ignore[union-attr]
            found.append(Step(command.strip(), shown))
    return found


def masked(text: str) -> str:
    """Give a text without what differs from run to run."""
    for what, stands in MASKS:
        text = what.sub(stands, text)
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


class Desk:
    """A folder of a reader: commands are run there by a shell; servers stop at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._servers: list[subprocess.Popen[bytes]] = []
        self._ports = {TLS_PORT: _free_port(), STATUS_PORT: _free_port()}
        (folder / "bin").mkdir()
        (folder / "bin" / "sentinel").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sentinel "$@"\n')
        (folder / "bin" / "sentinel").chmod(0o755)
        for name in ("minh", "lan", "ca"):
            (folder / f"{name}.pass").write_text(f"mật khẩu thật dài của {name}\n")
            (folder / f"{name}.pass").chmod(0o600)
        kept = {name: text for name, text in os.environ.items() if not name.startswith("SENTINEL_")}
        self._environment = kept | {
            "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), "COLUMNS": "100",
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8",
            "SENTINEL_LANGUAGE": "en", "SENTINEL_PKI": "pki", "SENTINEL_PEOPLE": "people.toml",
        }  # fmt: skip

    def run(self, command: str) -> str:
        """Run a command and give what it prints; one that ends with `&` runs until the end."""
        time.sleep(RESPONDERS_LOOK if command.startswith("openssl ocsp") else 0)
        written = self._with_ports(self._with_passphrases(command))
        if written.endswith("&"):
            return self._start(written.removesuffix("&"))
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", written],
            cwd=self.folder, env=self._environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert (command, 0, "") == (command, done.returncode, "" if done.returncode == 0 else done.stderr)
        return self._on_the_page(done.stdout)

    def _start(self, command: str) -> str:
        port = next(self._ports[each] for each in self._ports if str(self._ports[each]) in command)
        started = subprocess.Popen(
            ["/bin/bash", "-c", f"exec {command}"],
            cwd=self.folder, env=self._environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._servers.append(started)
        for _attempt in range(300):
            with socket.socket() as asking:
                if asking.connect_ex(("127.0.0.1", port)) == 0:
                    return ""
            assert started.poll() is None, command
            time.sleep(0.05)
        raise AssertionError(command)

    def _with_passphrases(self, command: str) -> str:
        options = next((given for begin, given in PASSPHRASES.items() if command.startswith(begin)), "")
        return f"{command.removesuffix('&')} {options}{'&' if command.endswith('&') else ''}" if options else command

    def _with_ports(self, command: str) -> str:
        for port, free in self._ports.items():
            command = re.sub(rf"\b{port}\b", str(free), command)
        return command

    def _on_the_page(self, printed: str) -> str:
        return printed.replace(str(self.folder), ON_THE_PAGE)

    def close(self) -> None:
        """Stop the servers."""
        for each in self._servers:
            os.killpg(each.pid, signal.SIGKILL)
            each.wait()


def _free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a desk at which the tutorial was worked through."""
    made = Desk(tmp_path_factory.mktemp("d"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def printed(desk: Desk) -> list[tuple[Step, str]]:
    """Give what the commands of the tutorial printed."""
    return [(step, desk.run(step.command)) for step in steps(TUTORIAL.read_text(encoding="utf-8"))]


def test_each_command_prints_what_the_tutorial_shows(printed: list[tuple[Step, str]]) -> None:
    shown = [(step.command, masked(step.shown)) for step, _out in printed]
    assert shown == [(step.command, masked(out)) for step, out in printed]


def test_curl_and_openssl_accept_the_server_after_ten_commands(printed: list[tuple[Step, str]]) -> None:
    first = [(shlex.split(step.command)[:2], out) for step, out in printed[:MOST_COMMANDS]]
    assert [("curl", "200 0\n")] == [(words[0], out) for words, out in first if words[0] == "curl"]
    told = [out for words, out in first if words == ["openssl", "s_client"]]
    assert ["Verification: OK\nVerified peername: trucvanban.gov.example\n"] == told


def test_a_server_with_another_name_is_not_accepted(desk: Desk, printed: list[tuple[Step, str]]) -> None:
    """The check of the tutorial can fail."""
    (asked,) = [step.command for step, _out in printed if step.command.startswith("openssl s_client")]
    with pytest.raises(AssertionError):
        desk.run(asked.replace("verify_hostname trucvanban", "verify_hostname khac"))


def test_every_command_of_the_how_to_pages_ends_well_after_the_tutorial(
    desk: Desk, printed: list[tuple[Step, str]]
) -> None:
    assert printed
    pages = [(DOCS / "howto" / page).read_text(encoding="utf-8") for page in HOWTOS]
    blocks = [block for page in pages for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)]
    told = [(command, desk.run(command)) for block in blocks for command in block.splitlines()]
    answers = [out.partition("\n")[0] for command, out in told if command.startswith("openssl ocsp")]
    assert ["chain.pem: good", "chain.pem: revoked"] == answers
