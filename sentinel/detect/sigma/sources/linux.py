"""Log sources of Linux: syslog and the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.detect.sigma.sources.base import Source

LINUX: Final[tuple[Source, ...]] = ()
