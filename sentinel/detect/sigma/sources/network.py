"""Log sources of network sensors: Zeek and Suricata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.detect.sigma.sources.base import Source

NETWORK: Final[tuple[Source, ...]] = ()
