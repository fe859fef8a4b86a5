"""Every error raised on purpose, and no other.

    SentinelError
    ├── InputError      a file, record or argument that cannot be read as what it claims to be
    ├── RuleError       a detection rule that cannot be loaded or compiled
    ├── SettingsError   a setting with an unknown name or a value of the wrong kind
    ├── StoreError      a store that cannot be opened, read or written
    │   └── Damaged     a store whose contents are not what was written
    └── Refused         a request that policy does not allow

Whatever else reaches the user as an exception is a bug and shows its traceback.
"""

from __future__ import annotations

from typing import ClassVar


class SentinelError(Exception):
    """An error with a message, the place it concerns (`path:line`) and a hint (what to do next)."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, place: str = "", hint: str = "") -> None:
        """Keep the three parts apart, so that every surface can show them its own way."""
        super().__init__(message, place, hint)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        """Give `place: message`, without the hint."""
        return f"{self.place}: {self.message}" if self.place else self.message

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way between processes with all three parts."""
        return _rebuild, (type(self), self.message, self.place, self.hint)


class InputError(SentinelError):
    """A file, record or argument that cannot be read as what it claims to be."""


class RuleError(SentinelError):
    """A detection rule that cannot be loaded or compiled."""


class SettingsError(SentinelError):
    """A setting with an unknown name or a value of the wrong kind."""


class StoreError(SentinelError):
    """A store that cannot be opened, read or written."""


class Damaged(StoreError):  # noqa: N818 - what is found, not what went wrong with us
    """A store whose contents are not what was written."""

    exit_code: ClassVar[int] = 5


class Refused(SentinelError):  # noqa: N818 - the word of the architecture: a refusal is an answer, not a fault
    """A request that policy does not allow."""


def _rebuild(kind: type[SentinelError], message: str, place: str, hint: str) -> SentinelError:
    return kind(message, place=place, hint=hint)
