"""Log sources of DNS and DHCP servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.detect.sigma.sources.base import Source

DNS: Final[tuple[Source, ...]] = ()
