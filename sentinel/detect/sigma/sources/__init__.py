"""Log sources of Sigma beside those of Windows, as datasets of ours: tables, one module an area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.detect.sigma.sources.audit import AUDIT
from sentinel.detect.sigma.sources.cloud import CLOUD
from sentinel.detect.sigma.sources.database import DATABASE
from sentinel.detect.sigma.sources.dns import DNS
from sentinel.detect.sigma.sources.linux import LINUX
from sentinel.detect.sigma.sources.network import NETWORK
from sentinel.detect.sigma.sources.tables import TABLES
from sentinel.detect.sigma.sources.web import WEB

if TYPE_CHECKING:
    from sentinel.detect.sigma.sources.base import Source

SOURCES: tuple[Source, ...] = (
    *WEB,
    *LINUX,
    *AUDIT,
    *NETWORK,
    *DNS,
    *DATABASE,
    *CLOUD,
    *TABLES,
)
