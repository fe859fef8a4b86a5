"""Where output goes: a stream, or a file that appears only when it is whole."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a stream to a temporary file beside the path, which takes the path's place at the end.

    Where anything is raised meanwhile, the path stays as it was. Raises InputError where it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        stream = temporary.open("wb")
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with stream:
            yield stream
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(_("cannot be written: {reason}").format(reason=error.strerror or error), place=str(path))
