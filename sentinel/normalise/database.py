"""Database servers, to ECS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sentinel.normalise.mapping import Family

FAMILIES: Final[tuple[Family, ...]] = ()
