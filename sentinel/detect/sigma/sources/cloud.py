"""Log sources of cloud services and Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.detect.sigma.sources.base import Source

CLOUD: Final[tuple[Source, ...]] = ()
