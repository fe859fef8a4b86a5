"""Machines of namespaces on a switch of their own: real programs run on them, and nothing leaves.

A machine is a process that holds namespaces of its own (network, mounts, host name, IPC, processes). Its /etc, /var and
/usr/local lie as overlays in a temporary directory; its /home, /root, /run, /srv, /tmp and /var/log start empty: what a
program writes stays there. Every machine has one network card, joined to a bridge in one more namespace without any way
out. When the process that holds it dies, so does every process of the machine and, with them, its namespaces: there is
nothing to clean up after Ctrl-C, nor after SIGKILL (but for the audit scene's, which audit.py explains).
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FILES = Path(__file__).resolve().parent / "files"
FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": FOLDERS, "HOME": "/root", "LANG": "C.UTF-8"}
FIRST_PROCESS = 700  # what a server has started before the programs that are recorded
# What a machine can reach: the documentation ranges of RFC 5737 and the private ones of RFC 1918, all on the switch.
NETWORKS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
PATIENCE = 20.0  # seconds for a program to start


class Missing(Exception):  # noqa: N818 - what the person lacks, said to them
    """Something that recording needs is not there; the text says what to do."""


class Failed(Exception):  # noqa: N818 - as Missing
    """A program did not do what the recording needs; the text holds what it said."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A host on the switch: its name, the process that holds its namespaces, where its overlays lie."""

    name: str
    holder: int
    owns_processes: bool

    def run(self, command: Sequence[str] | str, *, stdin: str = "", check: bool = True, seconds: float = 180) -> str:
        """Run a command (a text is for the shell) to its end and give what it printed, errors included."""
        try:
            done = subprocess.run(  # noqa: S603 - every command is in this package
                self._inside(command),
                input=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                env=ENVIRONMENT,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Failed(f"{self.name}: {command} took more than {seconds:.0f} s") from error
        if check and done.returncode:
            raise Failed(f"{self.name}: {command} ended with {done.returncode}: {done.stdout[-2000:]}")
        return done.stdout

    def start(self, command: Sequence[str] | str) -> subprocess.Popen[bytes]:
        """Start a program that goes on; it ends with the machine."""
        log = os.open(self.path("/var/tmp/programs"), os.O_CREAT | os.O_APPEND | os.O_WRONLY)  # noqa: S108 - the machine's
        try:
            return subprocess.Popen(  # noqa: S603 - every command is in this package
                self._inside(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT
            )
        finally:
            os.close(log)

    def _inside(self, command: Sequence[str] | str) -> list[str]:
        words = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
        spaces = ["--net", "--mount", "--uts", "--ipc", *(["--pid"] if self.owns_processes else [])]
        return ["nsenter", "--target", str(self.holder), *spaces, "--wd=/", "--", *words]

    def path(self, inside: str) -> Path:
        """Give the path by which a file of the machine is reached from outside."""
        return Path(f"/proc/{self.holder}/root{inside}")

    def write(self, inside: str, text: str, mode: int = 0o644) -> None:
        """Write a file of the machine, with the folders above it."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    def folder(self, inside: str, owner: str = "root", mode: str = "755") -> None:
        """Make a folder that belongs to an account of the machine."""
        self.run(f"mkdir -p {inside} && chown {owner}: {inside} && chmod {mode} {inside}")

    def take(self, inside: str) -> bytes:
        """Give what a log holds and empty it; its writer goes on at the start, as every one here appends."""
        path = self.path(inside)
        data = path.read_bytes()
        os.truncate(path, 0)
        return data

    def wait(self, what: str, seconds: float = PATIENCE) -> None:
        """Wait until a command of the shell succeeds."""
        until(lambda: self._succeeds(what), f"{self.name}: {what}", seconds, lambda: self.said)

    def wait_for_port(self, port: int) -> None:
        """Wait until a program listens on a TCP port."""
        self.wait(f"ss -Hltn sport = :{port} | grep -q .")

    def _succeeds(self, what: str) -> bool:
        return subprocess.run(self._inside(what), env=ENVIRONMENT, capture_output=True, check=False).returncode == 0  # noqa: S603

    def said(self) -> str:
        """Give the end of what the started programs printed."""
        path = self.path("/var/tmp/programs")  # noqa: S108 - the machine's
        return path.read_text(errors="replace")[-2000:] if path.exists() else ""


def until(holds: Callable[[], bool], what: str, seconds: float, said: Callable[[], object]) -> None:
    """Wait until something holds; raise Failed when it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds:.0f} s. {said()}")
        time.sleep(0.1)


@dataclass(slots=True)
class Network:
    """A switch without a way out and the machines on it; leaving the `with` ends them all."""

    folder: Path
    holders: list[subprocess.Popen[bytes]] = field(default_factory=list)
    machines: list[Machine] = field(default_factory=list)
    switch: int = 0

    def __enter__(self) -> Self:
        """Make the switch."""
        self.switch = self._hold(["--net"], "exec sleep infinity")
        self._on_switch("ip link add bridge type bridge && ip link set bridge up")
        return self

    def __exit__(self, *_: object) -> None:
        """End every process of every machine; their namespaces go with them."""
        for machine in self.machines:
            if not machine.owns_processes:
                end_processes(machine.holder)
        for holder in self.holders:
            holder.kill()
            holder.wait()

    def machine(self, name: str, *addresses: str, owns_processes: bool = True) -> Machine:
        """Start a machine with a full host name and its addresses, the first of which it sends from."""
        spaces = ["--net", "--mount", "--uts", "--ipc", "--propagation", "private"]
        if owns_processes:
            spaces += ["--pid", "--mount-proc"]
        disk = self.folder / name
        disk.mkdir()
        boot = (FILES / "boot.sh").read_text(encoding="utf-8")
        settings = {"DISK": str(disk), "NAME": name, "LAST": str(FIRST_PROCESS if owns_processes else 0)}
        holder = self._hold(spaces, "".join(f"{k}={shlex.quote(v)}\n" for k, v in settings.items()) + boot)
        one = Machine(name, holder, owns_processes)
        self.machines.append(one)
        until(one.path("/run/booted").exists, f"{name}: boot", PATIENCE, one.said)
        self._join(one, addresses)
        return one

    def _join(self, machine: Machine, addresses: Sequence[str]) -> None:
        """Give a machine its card: every address it may reach is next door, so no router is needed."""
        port = f"port{len(self.machines)}"
        self._on_switch(
            f"ip link add {port} type veth peer name eth0 netns {machine.holder}"
            f" && ip link set {port} master bridge && ip link set {port} up"
        )
        lines = ["ip link set lo up", *(f"ip addr add {one} dev eth0{' nodad' * (':' in one)}" for one in addresses)]
        # RFC 7042 keeps these hardware addresses for documentation.
        lines.append(f"ip link set eth0 address 00:00:5e:00:53:{len(self.machines):02x} up")
        plain = addresses[0].partition("/")[0]
        lines += [f"ip route replace {network} dev eth0 src {plain}" for network in NETWORKS]
        machine.run(" && ".join(lines))

    def _on_switch(self, command: str) -> None:
        subprocess.run(["nsenter", "--target", str(self.switch), "--net", "sh", "-c", command], check=True)  # noqa: S603, S607

    def _hold(self, spaces: list[str], script: str) -> int:
        """Start the process that holds namespaces; it dies with this program (--pdeathsig, --kill-child)."""
        command = ["setpriv", "--pdeathsig", "KILL", "unshare", *spaces, "--fork", "--kill-child"]
        command += ["/bin/sh", "-ec", script]
        holder = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=ENVIRONMENT)  # noqa: S603
        self.holders.append(holder)
        children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children")
        until(lambda: bool(children.read_text()), "unshare", PATIENCE, holder.poll)
        return int(children.read_text())


def end_processes(holder: int) -> None:
    """End what runs in a machine that shares the process numbers of the real one."""
    mine = mounts_of(Path(f"/proc/{holder}"))
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != holder and mounts_of(process) == mine:
            os.kill(int(process.name), signal.SIGKILL)


def mounts_of(process: Path) -> str:
    """Give the name of a process's mount namespace, empty when it has just ended."""
    try:
        return str((process / "ns" / "mnt").readlink())
    except OSError:
        return ""
