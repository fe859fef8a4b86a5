"""Log sources of tables with a header (CSV): rules for them name `product: csv`, and columns by the header's names."""

from __future__ import annotations

from typing import Final

from sentinel.detect.sigma.sources.base import Source

TABLES: Final = (Source(("csv.table",), product="csv", service="table"),)
