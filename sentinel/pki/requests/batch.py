"""Many requests at once, as a table has them.

A row that is wrong never stops the others: its faults are told with its line. Each row has a key that is the same when
the row is taken again, so that a batch that was broken off goes on where it stopped, and one that is taken twice makes
nothing twice. Reading writes nothing: a dry run is to look at what was read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError, SentinelError
from sentinel.language import _
from sentinel.model.duration import is_duration, nanoseconds_of
from sentinel.model.estate import code_of
from sentinel.pki.requests import csr, keys, names, table
from sentinel.pki.requests.check import Findings, check
from sentinel.pki.requests.table import SUBJECT, Row
from sentinel.pki.requests.wanted import Wanted, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sentinel.model.estate import Agency
    from sentinel.pki.model import Name
    from sentinel.pki.requests.check import Policy

GENERATE: Final = "generate"
_GENERATE: Final = frozenset({GENERATE, "new", "tạo", "tạo mới", "sinh khóa", "sinh khoá"})
_APART: Final = re.compile(r"[\s;,|]+")
_DAYS: Final = re.compile(r"[0-9]{1,5}")
_DAY: Final = 86_400
_SECOND: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of rows: certificates that are wanted, keys of rows that were made before, and what is wrong.

    For a row of `faults` nothing is made; of `warnings` whoever approves should know.
    """

    wanted: tuple[Wanted, ...] = ()
    done: tuple[str, ...] = ()
    rows: int = 0
    faults: tuple[SentinelError, ...] = ()
    warnings: tuple[SentinelError, ...] = ()


@dataclass(frozen=True, slots=True)
class Taking:
    """How rows are taken: `folder` is where paths begin, `name` makes a batch another one than the same rows before.

    `done` are keys of rows that were made before; `ask` gives the passphrase of files of keys; `after` is called after
    each row.
    """

    folder: Path = field(default_factory=Path)
    name: str = ""
    done: Collection[str] = frozenset()
    ask: Callable[[], bytes] | None = None
    after: Callable[[], object] = lambda: None


def read(path: Path, policy: Policy, taking: Taking | None = None) -> Batch:
    """Read and check a table (see `table`). Raises InputError where it cannot be read as one."""
    faults: list[SentinelError] = []
    rows = table.read(path, faults)
    if not rows and not faults:
        raise InputError(_("the table has no lines"), place=str(path))
    batch = of_rows(rows, policy, taking or Taking(path.parent))
    return replace(batch, faults=tuple(sorted((*faults, *batch.faults), key=_line)), rows=batch.rows + len(faults))


def _line(fault: SentinelError) -> int:
    line = fault.place.rpartition(":")[2]
    return int(line) if line.isdecimal() else 0


def of_rows(rows: Iterable[Row], policy: Policy, taking: Taking) -> Batch:
    """Check rows, each on its own and against the others."""
    reading, findings = _Reading(policy, taking), Findings()
    wanted, done, number = list[Wanted](), list[Wanted](), 0
    for number, row in enumerate(rows, 1):  # noqa: B007 - how many there were
        try:
            found = reading.wanted(row)
            if found.key in taking.done:
                done.append(found)
            elif check(found, policy, findings):
                wanted.append(found)
        except SentinelError as fault:
            findings.faults.append(type(fault)(fault.message, place=fault.place or row.place, hint=fault.hint))
        taking.after()
    keys_done = tuple(each.key for each in done)
    kept = tuple(_alone(done, wanted, findings))
    return Batch(kept, keys_done, number, tuple(findings.faults), tuple(findings.warnings))


def _alone(done: Iterable[Wanted], wanted: Iterable[Wanted], findings: Findings) -> Iterator[Wanted]:
    """Give what is wanted with keys of one agency; another's row with the same key is a fault: each could act as both.

    Rows that were made before hold theirs, wherever they stand.
    """
    holders = dict[bytes, Wanted]()
    for each in done:
        holders.setdefault(each.public_key, each)
    for each in wanted:
        first = holders.setdefault(each.public_key, each)
        if each.public_key and first.agency != each.agency:
            told = _("its key is that of agency {code} too ({place})").format(code=first.agency, place=first.place)
            findings.faults.append(InputError(told, place=each.place, hint=_("each has a key of its own")))
        else:
            yield each


class _Reading:
    """Rows become what is wanted; what the estate knows of an agency is looked up once."""

    def __init__(self, policy: Policy, taking: Taking) -> None:
        self._policy, self._taking = policy, taking
        self._keys: dict[str, str] = {}
        self._subjects: dict[str, dict[str, str]] = {}

    def wanted(self, row: Row) -> Wanted:
        """Give what a row asks for. Raises InputError and Refused for what it cannot be."""
        for column in table.REQUIRED:
            if not row.get(column):
                raise InputError(_("'{name}' is empty").format(name=column), place=row.place, hint=_hint(column))
        agency = self._policy.known.get(code_of(row.get("agency")))
        code = agency.id if agency else row.get("agency")
        request, public_key, file = self._key(row)
        asked, common = _names(row, request)
        return Wanted(
            self._row_key(row, code, asked, common, public_key),
            row.get("profile"),
            code,
            asked,
            public_key,
            self._subject(row, agency, common),
            _validity(row),
            request.content if request else b"",
            file,
            row.place,
            request.facts if request else None,
        )

    def _key(self, row: Row) -> tuple[csr.Csr | None, bytes, str]:
        """Give the request of a row, its public key, and the file with its private key."""
        text = row.get("key")
        if text.casefold() in _GENERATE:
            return None, b"", ""
        path = self._taking.folder / text
        content = _content(path, row.place, is_absolute=Path(text).is_absolute())
        if path.suffix != keys.SUFFIX:  # a key alone is none of ours, and what reads requests says so
            request = _request(content, path, row.place)
            return request, request.public_key, ""
        if self._taking.ask is None:
            told = _("the key in {path} needs a passphrase").format(path=path)
            raise InputError(told, place=row.place, hint=_("name a file with it: --new-passphrase-file"))
        try:
            return None, keys.public_of(path, self._taking.ask, is_free=True), str(path)
        except SentinelError as fault:
            raise _of_file(fault, row.place) from None

    def _row_key(self, row: Row, code: str, asked: Sequence[Name], common: str, public_key: bytes) -> str:
        parts = [row.get("profile"), code_of(code), row.get("id"), common, *sorted(map(str, asked))]
        key = key_of(parts, public_key, self._taking.name)
        if (first := self._keys.setdefault(key, row.place)) != row.place:
            told = _("the same as {place}").format(place=first)
            raise InputError(told, place=row.place, hint=_("leave one out, or tell them apart by a column `id`"))
        return key

    def _subject(self, row: Row, agency: Agency | None, common: str) -> Mapping[str, str]:
        profile = self._policy.profiles.get(row.get("profile"))
        fields = profile.fields if profile else {}
        given = {column: row.get(column) for column in SUBJECT if row.get(column)}
        if common and "common_name" in fields:
            given["common_name"] = common
        elif names.is_host(common):
            given.pop("common_name", None)  # the profile writes the first of the names there
        return {**{each: text for each, text in self._of_agency(agency).items() if each in fields}, **given}

    def _of_agency(self, agency: Agency | None) -> dict[str, str]:
        """Give the fields of subjects that the estate knows."""
        if agency is None:
            return {}
        if agency.id not in self._subjects:
            self._subjects[agency.id] = subject_of(agency)
        return self._subjects[agency.id]


def subject_of(agency: Agency) -> dict[str, str]:
    """Give the fields of subjects that the estate knows of an agency: its name, its province, its commune."""
    from sentinel.estate import places

    province = places.provinces().get(agency.province)
    commune = places.communes().get(agency.commune) if agency.commune else None
    found = {
        "organization": agency.name,
        "province": province.name if province else "",
        "locality": commune.name if commune else "",
    }
    return {name: text for name, text in found.items() if text}


def _hint(column: str) -> str:
    return {"key": _("the path of a request, or `generate`")}.get(column, "")


def _content(path: Path, place: str, *, is_absolute: bool) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(2 * csr.LARGEST)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        told = _("{path} cannot be read: {reason}").format(path=path, reason=reason)
        hint = "" if is_absolute else _("paths begin at the folder of the table")
        raise InputError(told, place=place, hint=hint) from None


def _request(content: bytes, path: Path, place: str) -> csr.Csr:
    """Read the request of a row; where it is wrong, the line of the table is the place that is told."""
    try:
        return csr.read(content, str(path))
    except SentinelError as fault:
        raise _of_file(fault, place) from None


def _of_file(fault: SentinelError, place: str) -> SentinelError:
    """Give what is wrong with a file that a row names, at the line of the row."""
    return type(fault)(f"{fault.place}: {fault.message}", place=place, hint=fault.hint)


def _names(row: Row, request: csr.Csr | None) -> tuple[tuple[Name, ...], str]:
    """Give the names of a row, else those of its request; a common name that is a host's comes first."""
    given = row.get("names")
    common = row.get("common_name") or (request.common_name if request else "")
    if given and not row.get("common_name") and names.is_host(common):
        common = ""  # the row says which names, and that of the request may be none of them
    asked = [names.read(each, row.place) for each in _APART.split(given) if each] if given else []
    if not asked and request:
        asked = list(request.names)
    if names.is_host(common):
        host = names.read(common, row.place)
        return tuple(dict.fromkeys((host, *asked))), host.value
    return tuple(dict.fromkeys(asked)), common


def _validity(row: Row) -> int:
    """Give a span in seconds, 0 where none is named; a bare number is of days."""
    text = row.get("validity")
    if not text:
        return 0
    if _DAYS.fullmatch(text) and int(text):
        return int(text) * _DAY
    if is_duration(text) and (span := nanoseconds_of(text) // _SECOND):
        return span
    raise InputError(_("'{text}' is no span of time").format(text=text), place=row.place, hint=_("90d, or 90 for days"))
