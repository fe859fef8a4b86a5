"""Which certificates are wanted, and when those that hold will end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sentinel.pki.register.tables import State

if TYPE_CHECKING:
    from sentinel.pki.register.file import Register, Row

COUNTS: Final = frozenset({State.ISSUED, State.HELD})
_WEEK: Final = 7 * 86_400
_NAMED: Final = "(subject glob ? or certificate.number in (select certificate from name where value glob ?))"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of certificates; what is "" or None is not asked. Times are seconds since 1970, UTC.

    `agency` holds what is below it too; `name` is any part of a name or of the common name; `ends_before` and
    `ends_after` bound the end.
    """

    states: frozenset[State] = frozenset()
    issuer: str = ""
    profile: str = ""
    agency: str = ""
    name: str = ""
    request: int | None = None
    ends_after: int | None = None
    ends_before: int | None = None

    def condition(self) -> tuple[str, list[Any]]:
        """Give it as a condition of SQL, and its values."""
        states = ", ".join(str(int(state)) for state in sorted(self.states))
        part = f"*{''.join(map(_either, self.name))}*"
        below = self.agency, f"{self.agency}.", f"{self.agency}/"  # whose sign follows the point
        terms: tuple[tuple[bool, str, tuple[Any, ...]], ...] = (
            (bool(self.states), f"state in ({states})", ()),
            (bool(self.issuer), "authority.id = ?", (self.issuer,)),
            (bool(self.profile), "profile = ?", (self.profile,)),
            (bool(self.agency), "(agency = ? or agency > ? and agency < ?)", below),
            (bool(self.name), _NAMED, (part, part)),
            (self.request is not None, "request = ?", (self.request,)),
            (self.ends_after is not None, "not_after >= ?", (self.ends_after,)),
            (self.ends_before is not None, "not_after < ?", (self.ends_before,)),
        )
        asked = [(sql, values) for applies, sql, values in terms if applies]
        return " and ".join(sql for sql, _values in asked) or "1", [value for _sql, values in asked for value in values]


def _either(sign: str) -> str:
    """Give a sign as SQLite's GLOB matches it, large or small: its LIKE knows so of ASCII's letters alone."""
    cases = {each for each in (sign, sign.lower(), sign.upper()) if len(each) == 1}
    return f"[{''.join(sorted(cases))}]" if len(cases) > 1 or sign in "*?[" else sign


def find(register: Register, wanted: Wanted, limit: int = -1, after: int = 0) -> list[Row]:
    """Give the certificates that are wanted behind number `after`, the oldest first, at most so many."""
    where, values = wanted.condition()
    return register.find(f"certificate.number > ? and {where}", [after, *values], limit)


def count(register: Register, wanted: Wanted) -> int:
    """Count the certificates that are wanted."""
    where, values = wanted.condition()
    asked = (
        "select count(*) from certificate join authority on authority.number = certificate.issuer "  # noqa: S608
        f"join subject on subject.number = certificate.number where {where}"
    )
    rows = register.rows(asked, *values)
    return int(rows[0][0]) if rows else 0


@dataclass(frozen=True, slots=True)
class Week:
    """A week, from its first second on, and how many certificates end in it, by agency, those with most first."""

    begins: int
    count: int
    agencies: tuple[tuple[str, int], ...]


def weeks(register: Register, now: int, weeks_: int) -> list[Week]:
    """Give the weeks from `now` on in which certificates that hold will end; one without any is left out."""
    asked = (
        "select (not_after - ?1) / ?2, agency, count(*) from certificate join subject on "
        "subject.number = certificate.number where state in (?3, ?4) and not_after >= ?1 and not_after < ?1 + ?2 * ?5 "
        "group by 1, 2"
    )
    by_week: dict[int, Counter[str]] = {}
    for week, agency, number in register.rows(asked, now, _WEEK, int(State.ISSUED), int(State.HELD), weeks_):
        by_week.setdefault(week, Counter())[agency] += number
    return [
        Week(now + week * _WEEK, agencies.total(), tuple(agencies.most_common()))
        for week, agencies in sorted(by_week.items())
    ]
