"""What a hunt is divided into, and what its workers tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    import numpy as np
    import numpy.typing as npt

    from sentinel.detect.plan import Ruleset
    from sentinel.model.hit import Hit

    Rows: TypeAlias = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Plan:
    """Some of the rules, and their numbers in the whole set."""

    ruleset: Ruleset
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """Parts of one dataset, the plan that is left to run over them, and what is known of each.

    `known` are the rows that are hit, by rule, and `lines` what is told of rows, packed.
    """

    parts: tuple[int, ...]
    plan: int
    known: tuple[Mapping[int, Rows], ...]
    lines: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a plan's rules hit in a part, rule → rows, and what is told of its rows, packed: b"" where none is new."""

    part: int
    hits: Mapping[int, Rows]
    lines: bytes = b""


@dataclass(frozen=True, slots=True)
class Told:
    """Hits whose `source` numbers the paths, and how many events are done with."""

    hits: tuple[Hit, ...] = ()
    paths: tuple[str, ...] = ()
    events: int = 0
