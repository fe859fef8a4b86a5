"""Where output goes: a file that appears whole, or a device."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a stream to a temporary file beside the path, which takes the path's place at the end.

    Where anything is raised meanwhile, the path stays as it was. A link stays one: the file it names is replaced. What
    is no file (/dev/null, a pipe) is written to as it is. Raises InputError where the path cannot be written.
    """
    try:
        with path.open("wb") if _is_no_file(path) else _beside(Path(os.path.realpath(path))) as stream:
            yield stream
    except BrokenPipeError:
        raise  # whoever reads has gone, here or at another stream: nothing is wrong with the path
    except OSError as error:
        raise _unwritable(path, error) from None


def _is_no_file(path: Path) -> bool:
    """Tell whether a folder, device or pipe stands at the path: to take its place would destroy it."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


@contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as stream:
            yield stream
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(_("cannot be written: {reason}").format(reason=error.strerror or error), place=str(path))
