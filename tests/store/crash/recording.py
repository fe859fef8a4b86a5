"""Records what a program does to files, in order: system calls as strace tells them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

# Whatever can change a file or a folder, and what is needed to know which one a descriptor means.
TRACED = (
    "openat,open,creat,close,dup,dup2,dup3,fcntl,lseek,close_range,write,pwrite64,writev,pwritev,pwritev2,ftruncate,"
    "truncate,fallocate,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,"
    "fsync,fdatasync,sync,syncfs,sync_file_range,sendfile,copy_file_range,clone,clone3,fork,vfork,mmap,io_uring_setup"
)
BIRTHS = ("clone", "clone3", "fork", "vfork")
_WHOLE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+|\?)(?:<.*>)?(?: .*)?")
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>")
_ENDED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+|0x[0-9a-f]+|\?)(?:<.*>)?(?: .*)?")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_NUMBER = re.compile(r"(?:, |^)(-?\d+|0x[0-9a-f]+)(?=$|,|<)")
_CURRENT = re.compile(r"AT_FDCWD<((?:\\x[0-9a-f]{2})*)>")


@dataclass(frozen=True, slots=True)
class Call:
    """A system call that ended: its arguments as strace writes them, and the lines where it began and ended."""

    process: int
    name: str
    arguments: str
    result: int
    begun: int
    ended: int

    def texts(self) -> list[bytes]:
        """Give the strings among its arguments."""
        found = _TEXT.findall(self.arguments)
        assert not any(cut for _text, cut in found), "strace cut a string"
        return [_bytes(text) for text, _cut in found]

    def numbers(self) -> list[int]:
        """Give the whole numbers among its arguments, descriptors too, in order."""
        return [int(number, 0) for number in _NUMBER.findall(_TEXT.sub('""', self.arguments))]

    def current_folders(self) -> list[str]:
        """Give the folders that relative paths among its arguments start from."""
        return [_bytes(folder).decode() for folder in _CURRENT.findall(self.arguments)]


@cache
def why_not() -> str:
    """Tell why nothing can be recorded here; "" where it can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed"
    ended = subprocess.run([strace, "-f", "-o", os.devnull, "/bin/true"], check=False, capture_output=True, text=True)
    return "" if ended.returncode == 0 else f"strace may not trace here: {ended.stderr.strip()[:100]}"


def record(command: Sequence[str], log: Path, environ: dict[str, str]) -> list[Call]:
    """Run a command to its good end and give the calls that it and its children made."""
    strace = shutil.which("strace") or ""
    options = ["--seccomp-bpf", "-f", "-qq", "-y", "-xx", "-s", str(1 << 28), "-e", f"trace={TRACED}", "-o", str(log)]
    ended = subprocess.run([strace, *options, *command], check=False, env=environ, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    with log.open(encoding="ascii") as lines:
        return births_first(list(calls(lines)))


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Give the calls of a log of strace in the order in which they ended."""
    begun: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(lines):
        if found := _WHOLE.fullmatch(line.rstrip("\n")):
            yield _call(found, found[3], number, number)
        elif found := _BEGUN.fullmatch(line.rstrip("\n")):
            begun[found[1]] = number, found[3]
        elif found := _ENDED.fullmatch(line.rstrip("\n")):
            since, arguments = begun.pop(found[1])
            yield _call(found, arguments + found[3], since, number)


def births_first(found: list[Call]) -> list[Call]:
    """Put the call that made a process before those of the process, which may be told first."""
    starts: dict[int, int] = {}
    for at, call in enumerate(found):
        starts.setdefault(call.process, at)
    places = [
        starts[call.result] - 0.5 if call.name in BIRTHS and starts.get(call.result, at) < at else float(at)
        for at, call in enumerate(found)
    ]
    return [found[at] for at in sorted(range(len(found)), key=places.__getitem__)]


def _call(found: re.Match[str], arguments: str, begun: int, ended: int) -> Call:
    result = -1 if found[4] == "?" else int(found[4], 0)
    return Call(int(found[1]), found[2], arguments, result, begun, ended)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))
