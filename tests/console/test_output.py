"""Where output goes: a file that appears whole, or a device."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from sentinel.console.output import replacing
from sentinel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def put(path: Path, text: bytes) -> None:
    with replacing(path) as stream:
        stream.write(text)


def test_a_file_stays_as_it_was_where_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "hits"
    put(path, b"old")

    def stop() -> None:
        with replacing(path) as stream:
            stream.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert (b"old", [path]) == (path.read_bytes(), [*tmp_path.iterdir()])


def test_a_link_stays_and_the_file_it_names_is_replaced(tmp_path: Path) -> None:
    link, path = tmp_path / "link", tmp_path / "hits"
    link.symlink_to("hits")
    put(link, b"new")
    assert (True, b"new") == (link.is_symlink(), path.read_bytes())


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    put(path, b"new")
    reader.join()
    assert (True, [b"new"]) == (path.is_fifo(), read)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (lambda here: here, "Is a directory"),
        (lambda here: here / "nowhere" / "hits", "No such file or directory"),
        (lambda here: here / "file" / "hits", "Not a directory"),
    ],
)
def test_what_cannot_be_written_is_named(tmp_path: Path, place: Callable[[Path], Path], reason: str) -> None:
    (tmp_path / "file").touch()
    path = place(tmp_path)
    with pytest.raises(InputError, match=f"cannot be written: {reason}") as caught:
        put(path, b"new")
    assert str(path) == caught.value.place


def test_a_reader_that_goes_away_is_not_the_files_fault(tmp_path: Path) -> None:
    def go() -> None:
        with replacing(tmp_path / "faults"):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        go()
    assert [] == [*tmp_path.iterdir()]
