"""Log sources of database servers.

`category: database` is any log of statements; `category: application, product: sql` are errors that a database
reports. What SigmaHQ has of SQL Server comes in Windows' Application channel.
"""

from __future__ import annotations

from typing import Final

from sentinel.detect.sigma.sources.base import Source

DATABASE: Final = (
    Source(("postgresql.log",), product="postgresql", category="database", service="postgresql"),
    Source(("mysql.general",), product="mysql", category="database", service="general"),
    Source(("mysql.slow",), product="mysql", category="database", service="slow"),
    Source(("mysql.audit",), product="mysql", category="database", service="audit"),
    Source(("mysql.error",), product="mysql", service="error"),
    Source(("postgresql.log", "mysql.error", "mysql.audit"), product="sql", category="application"),
)
