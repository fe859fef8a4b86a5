"""Log sources of tables with a header (CSV)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.detect.sigma.sources.base import Source

TABLES: Final[tuple[Source, ...]] = ()
