"""What a row of the tables of log sources says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Source:
    """Which events answer to a log source of Sigma, and what its fields are called there.

    A rule's log source selects every row that has all the attributes that the rule names: `category: webserver` selects
    the rows of every web server, `product: apache` with it those of Apache alone. `fields` maps Sigma's names to native
    ones; a name that is not in it is native itself. `providers`, `codes` and `requires` narrow the events down as in
    `logsource.LogSource`. `supplies` names the native fields that these events can have, for the account of fields
    that nothing supplies; None where that is open.
    """

    datasets: tuple[str, ...]
    product: str = ""
    category: str = ""
    service: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    providers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    requires: tuple[tuple[str, str], ...] = ()
    supplies: frozenset[str] | None = None

    def answers(self, product: str | None, category: str | None, service: str | None) -> bool:
        """Tell whether a rule's log source selects this row."""
        asked = ((product, self.product), (category, self.category), (service, self.service))
        return all(not wanted or wanted == own for wanted, own in asked)
