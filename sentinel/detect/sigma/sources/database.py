"""Log sources of database servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.detect.sigma.sources.base import Source

DATABASE: Final[tuple[Source, ...]] = ()
