"""Log sources of the Linux audit system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.detect.sigma.sources.base import Source

AUDIT: Final[tuple[Source, ...]] = ()
