"""The simulator of lost power itself: what is safe stays, and what a careless program says too soon is found out."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.store.crash import recording
from tests.store.crash.losses import build, kept
from tests.store.crash.model_disk import ModelDisk
from tests.store.crash.power import lose, recorded

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(bool(recording.why_not()), reason=recording.why_not())

# Writes five records to files of their own, and says each once it takes it for safe.
CAREFUL = """
import os, sys
world, said = sys.argv[1:]
out = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
folder = os.open(world, os.O_RDONLY | os.O_DIRECTORY)
for number in range(5):
    path = f"{world}/{number}"
    file = os.open(path + ".new", os.O_CREAT | os.O_WRONLY)
    os.write(file, b"first half of %d;" % number)
    os.write(file, b"other half of %d" % number)
    os.fsync(file)  # the file
    os.rename(path + ".new", path)
    os.fsync(folder)  # its name
    os.write(out, b"%d\\n" % number)
"""
# Appends records to one file: each is to be there whole or not at all, by its own word for its length.
LOG = """
import os, sys
world, said = sys.argv[1:]
out = os.open(said, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
file = os.open(world + "/log", os.O_CREAT | os.O_WRONLY)
folder = os.open(world, os.O_RDONLY | os.O_DIRECTORY)
os.fsync(folder)
for number in range(5):
    os.write(file, b"%d" % number * 5000 + b"\\n")
    os.fdatasync(file)
    os.write(out, b"%d\\n" % number)
"""


def whole_files(folder: Path, heard: list[bytes]) -> None:
    for number in heard:
        text = (folder / number.decode()).read_bytes()
        assert b"first half of %b;other half of %b" % (number, number) == text
    for path in folder.glob("?"):
        assert f"first half of {path.name};other half of {path.name}".encode() == path.read_bytes()


def heard_lines(folder: Path, heard: list[bytes]) -> None:
    lines = (folder / "log").read_bytes().split(b"\n") if heard else []
    assert [number * 5000 for number in heard] == lines[: len(heard)]


def only_whole_lines(folder: Path, _heard: list[bytes]) -> None:
    text = (folder / "log").read_bytes() if (folder / "log").exists() else b""
    assert [] == [line[:9] for line in text.split(b"\n")[:-1] if len(line) != 5000 or set(line) != {line[0]}]


def run(program: str, tmp_path: Path, check: Callable[[Path, list[bytes]], None]) -> int:
    return lose(recorded(["-c", program], tmp_path), tmp_path, check, most=300)


def test_a_careful_program_loses_nothing(tmp_path: Path) -> None:
    assert run(CAREFUL, tmp_path, whole_files) > 100


@pytest.mark.parametrize(
    ("careful", "careless"),
    [
        ("os.fsync(file)", "pass"),
        ("os.fsync(folder)", "pass"),
        ("    os.fsync(file)  # the file\n", ""),
        ('    os.write(file, b"first', '    os.fsync(file); os.write(file, b"first'),
        (
            'os.rename(path + ".new", path)\n    os.fsync(folder)',
            "os.fsync(folder)\n    os.rename(path + '.new', path)",
        ),
    ],
    ids=["no fsync of the file", "no fsync of the folder", "no call at all", "fsync too early", "renamed afterwards"],
)
def test_a_careless_program_is_found_out(tmp_path: Path, careful: str, careless: str) -> None:
    program = CAREFUL.replace(careful, careless)
    if careless.startswith("    os.fsync"):
        program = program.replace("    os.fsync(file)  # the file\n", "")
    assert program != CAREFUL
    with pytest.raises((AssertionError, FileNotFoundError)):
        run(program, tmp_path, whole_files)


def test_what_a_log_acknowledged_is_there(tmp_path: Path) -> None:
    assert run(LOG, tmp_path, heard_lines) > 50


def test_a_log_that_says_before_it_syncs_is_found_out(tmp_path: Path) -> None:
    sync, say = "    os.fdatasync(file)\n", '    os.write(out, b"%d\\n" % number)\n'
    with pytest.raises((AssertionError, FileNotFoundError)):
        run(LOG.replace(sync + say, say + sync), tmp_path, heard_lines)


def test_a_log_without_checksums_is_torn(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        run(LOG, tmp_path, only_whole_lines)


# Everything that a program may do to a file, so that the model of the disk can be held against the disk.
EVERYTHING = """
import os, shutil, sqlite3, subprocess, sys, threading
import pyarrow as pa, pyarrow.parquet as pq
world, said = sys.argv[1:]
os.mkdir(world + "/deep"); os.mkdir(world + "/deep/er")
base = sqlite3.connect(world + "/deep/base.db", isolation_level=None)
base.execute("PRAGMA journal_mode=WAL"); base.execute("CREATE TABLE t(a)")
base.execute("INSERT INTO t VALUES (zeroblob(50000))"); base.execute("UPDATE t SET a = 'x'")
pq.write_table(pa.table({"a": range(50000)}), world + "/one.parquet")
shutil.copyfile(world + "/one.parquet", world + "/deep/er/two.parquet")
file = os.open(world + "/file", os.O_CREAT | os.O_RDWR)
os.writev(file, [b"ab", b"cd"]); os.pwrite(file, b"X", 1); os.lseek(file, 2, os.SEEK_SET); os.write(file, b"Y")
os.posix_fallocate(file, 0, 10); os.ftruncate(file, 7); os.pwritev(file, [b"p", b"q"], 3)
other = os.dup(file); os.write(other, b"Z"); os.write(file, b"z")
with open(world + "/lines", "a") as lines: lines.write("one\\n")
with open(world + "/lines", "a") as lines: lines.write("two\\n")
os.link(world + "/lines", world + "/deep/link"); os.unlink(world + "/lines")
os.rename(world + "/file", world + "/deep/er/file"); os.write(file, b"after")
open(world + "/gone", "w").write("x"); os.unlink(world + "/gone"); os.mkdir(world + "/no"); os.rmdir(world + "/no")
open(world + "/cut", "w").write("long"); open(world + "/cut", "w").write("s")
if os.fork() == 0:
    os.write(file, b"child"); os._exit(0)
os.wait(); os.write(file, b"parent")
threads = [threading.Thread(target=lambda n=n: open(f"{world}/t{n}", "w").write(str(n) * 9999)) for n in range(4)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
subprocess.run(["/bin/sh", "-c", f"echo shell > {world}/shell; echo more >> {world}/shell; mv {world}/shell {world}/s"])
os.kill(os.getpid(), 0); base.execute("INSERT INTO t VALUES (1)"); sys.stdout.flush(); os._exit(0)
"""


def test_the_model_holds_what_the_disk_holds(tmp_path: Path) -> None:
    def files(folder: Path) -> dict[str, bytes]:
        there = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
        return {name: path.read_bytes() for name, path in there.items() if not name.endswith("-shm")}

    calls, world, said = recorded(["-c", EVERYTHING], tmp_path)
    disk = ModelDisk(world)
    disk.listen(said)
    for call in calls:
        disk.follow(call)
    build(kept(disk, Random()), tmp_path / "model")  # noqa: S311 - chance, not secrecy
    real, model = files(Path(world)), files(tmp_path / "model")
    assert sorted(real) == sorted(model)
    assert [] == [name for name in real if real[name] != model[name]]
    assert 12 == len(real)
