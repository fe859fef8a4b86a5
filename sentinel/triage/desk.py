"""The desk: the queue of alerts of a store, and whatever people do with it."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.ledger.chain import Act
from sentinel.model.alert import OPEN, Sighting, State, Wanted, alert_id, sighting_id
from sentinel.store.alerts.file import SUBJECT, AlertFile
from sentinel.store.alerts.pages import MOST_COUNTED
from sentinel.store.histories import Draft
from sentinel.triage import entries, raising, suppressions
from sentinel.triage.actions import NAMES, UNDO, Action, Hold, Release, happens, problem, words
from sentinel.triage.fold import fold, is_action, was
from sentinel.triage.policy import Policy
from sentinel.triage.rank import ranked
from sentinel.triage.stats import counted
from sentinel.triage.told import News, Outcome, Page, Story, Told, folded, told_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from sentinel.model.alert import Alert
    from sentinel.model.severity import Level
    from sentinel.model.window import Window
    from sentinel.people.acting import Acting
    from sentinel.triage.entries import Happened
    from sentinel.triage.raising import Raised
    from sentinel.triage.rank import Ranked
    from sentinel.triage.stats import Stats
    from sentinel.triage.suppressions import Suppression

MAY_ACT: Final = "alerts.act"
MAY_SUPPRESS: Final = "alerts.suppress"
MANUAL: Final = "manual"
"""What stands for the rule of alerts that people wrote."""
_DIGITS: Final = 32


class Desk:
    """The queue of alerts of a store's folder."""

    def __init__(self, folder: Path, policy: Policy | None = None, *, write: bool = False) -> None:
        """Open the queue; who writes makes the file where it is not. Raise StoreError."""
        self.file = AlertFile(folder, write=write)
        self.policy = policy or Policy()

    def __enter__(self) -> Self:
        """Give the desk."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    # ── what is asked ──

    def page(self, wanted: Wanted, limit: int, after: str = "") -> Page:
        """Give the first alerts that are wanted; raise InputError where `after` is not what a page gave."""
        alerts, found = self.file.page(wanted, limit, after)
        return Page(tuple(alerts), found.total, found.after, found.total >= max(limit, MOST_COUNTED))

    def one(self, prefix: str) -> Alert:
        """Give the alert whose id begins so; raise InputError where there is none or more than one."""
        found = self.file.beginning(prefix)
        if len(found) == 1:
            return found[0]
        raise InputError(
            _("several alerts have an id that begins so") if found else _("no alert has an id that begins so"),
            place=prefix,
            hint=_("`sentinel alerts list` shows ids; give four digits or more"),
        )

    def every(self, wanted: Wanted) -> list[Alert]:
        """Give all alerts that are wanted."""
        return self.file.numbered(self.file.numbers(wanted))

    def sightings(self, alert: Alert, limit: int = 1, *, latest: bool = False) -> list[Sighting]:
        """Give an alert's first sightings, or its latest, in the order they came, with what evidence is kept."""
        return self.file.sightings(alert, limit, latest=latest)

    def history(self, alert: Alert) -> list[Told]:
        """Give what happened to an alert, in order."""
        return [told_of(each) for each in self.file.histories.history(SUBJECT + alert.id)]

    def explained(self, alert: Alert) -> Ranked:
        """Give the factors that made an alert's rank."""
        return ranked(alert.level, alert.importance, self.file.rule_alerts([alert.rule])[alert.rule])

    def stories(self, limit: int, after: str = "") -> tuple[list[Story], str]:
        """Give stories with open alerts, the highest rank first, and what to ask for those behind them with.

        Raise InputError where `after` is not what such a list gave.
        """
        if not self.file.is_there:
            return [], ""
        found, more = self.file.stories.page(limit, after)
        tops = {alert.number: alert for alert in self.file.numbered([row.top for row in found])}
        ids = self.file.ids(row.number for row in found)
        return [
            Story(ids[row.number], row.rank, row.open, row.size, row.first, row.last, tops[row.top]) for row in found
        ], more

    def stats(self, window: Window, now: int) -> Stats:
        """Count the alerts whose latest sighting lies in a window; `now` is nanoseconds since 1970, UTC."""
        return counted(self.file, window, now)

    def suppressions(self) -> list[Suppression]:
        """Give every suppression there ever was, in the order they were made."""
        return [suppressions.read(body, hits) for _name, body, hits in self.file.suppressions()]

    def newest(self) -> int:
        """Give the number of the last entry."""
        return self.file.histories.count()

    def news(self, after: int, limit: int) -> tuple[list[News], int]:
        """Give what happened to alerts behind entry `after`, in order, and the number of the last entry looked at.

        At most `limit` entries are looked at.
        """
        happened = self.file.histories.since(after, limit)
        named = [each for each in happened if each.entry.subject.startswith(SUBJECT)]
        alerts = self.file.named({each.entry.subject.removeprefix(SUBJECT) for each in named})
        told = [(each, alerts.get(each.entry.subject.removeprefix(SUBJECT))) for each in named]
        last = happened[-1].entry.number if happened else after
        return [News(each.entry.number, told_of(each), alert) for each, alert in told if alert], last

    # ── what is done ──

    def take(self, sightings: Sequence[Sighting], now: int) -> Raised:
        """Count sightings and raise what is new; `now` is nanoseconds since 1970, UTC."""
        return raising.take(self.file, sightings, self.policy, now)

    def act(
        self, action: Action, alerts: Iterable[Alert], by: Acting, now: int, *, looked_at: bool = False
    ) -> list[Outcome]:
        """Do one thing to alerts, each or not at all, and say of each what came of it; durable when this returns.

        With `looked_at` an action is done only to what nobody else has changed since the alert was read. `now` is
        nanoseconds since 1970, UTC. Raise Refused where the actor may not, StoreError.
        """
        by.must(MAY_ACT)
        return self._acting(
            NAMES[type(action)],
            _arguments(action),
            list(alerts),
            by,
            now,
            lambda alert, seen: self._tried(action, alert, seen if looked_at else alert, by),
        )

    def write(  # noqa: PLR0913 - what is told of an alert, by name
        self,
        title: str,
        level: Level,
        by: Acting,
        now: int,
        *,
        text: str = "",
        host: str = "",
        user: str = "",
        address: str = "",
        platform: str = "",
        agency: str = "",
        importance: int = 0,
        time: int | None = None,
    ) -> Alert:
        """Write an alert by hand and give it; `time` is when it happened, now where that is not told.

        Times are nanoseconds since 1970, UTC. Raise Refused where the actor may not, StoreError.
        """
        by.must(MAY_ACT)
        event = secrets.token_hex(_DIGITS // 2)
        fingerprint = (("manual", event),)
        sighting = Sighting(
            id=sighting_id(MANUAL, event), alert=alert_id(MANUAL, fingerprint), rule=MANUAL, title=title, level=level,
            tags=(), group=event, window=0, dataset="", code="", host=host, user=user, peer=address, detail=text,
            time=now if time is None else time, seen=now, platform=platform, importance=importance, agency=agency,
            fingerprint=fingerprint, evidence=b"",
        )  # fmt: skip
        body = msgspec.json.encode({"title": title, "level": level.label} | _sha256_of([sighting.alert]))
        act = by.signed(Act(0, now, by.name, by.via, "new", body))
        taken = raising.take(self.file, [sighting], self.policy, now, act=act)
        return (*taken.new, *taken.suppressed)[0]

    def suppress(self, wanted: Suppression, by: Acting, now: int) -> tuple[Suppression, list[Outcome]]:
        """Hold alerts back: those to come, and those open that it is about. Give it with its id, and each outcome.

        Raise InputError where it selects on nothing or does not expire later, Refused, StoreError.
        """
        by.must(MAY_SUPPRESS)
        self._check(wanted, now)
        made = msgspec.structs.replace(wanted, id=secrets.token_hex(_DIGITS // 2), made=now, lifted=None, hits=0)
        body = suppressions.written(made)
        with self.file.writing():
            self._suppressing(suppressions.SUPPRESSED, made, body, by, now)
            return made, self.act(Hold(made.id), self._held_by(made), by, now)

    def _check(self, wanted: Suppression, now: int) -> None:
        if not any(getattr(wanted, name) for name in suppressions.FIELDS):
            raise InputError(
                _("a suppression of everything is none"),
                hint=_("name one of {fields} at least").format(fields=", ".join(suppressions.FIELDS)),
            )
        if not wanted.reason.strip():
            raise InputError(_("a suppression needs a reason"), hint=_("whoever reads it in a year must see why"))
        if not now < wanted.until <= now + suppressions.LONGEST:
            raise InputError(_("a suppression must expire, within a year"), hint=_("give an end such as 7d, or a date"))

    def _held_by(self, made: Suppression) -> list[Alert]:
        """Give the open alerts that a suppression is about."""
        asked = {name: getattr(made, name) for name in suppressions.FIELDS}
        return [alert for alert in self.every(Wanted(**asked, states=OPEN)) if made.holds(alert)]

    def _suppressing(self, kind: str, made: Suppression, body: bytes, by: Acting, now: int) -> None:
        act = by.signed(Act(0, now, by.name, by.via, kind, body))
        self.file.histories.append(act, [Draft(suppressions.SUBJECT + made.id, kind, body)])
        self.file.set_suppression(made.id, body)

    def lift(self, prefix: str, by: Acting, now: int, *, release: bool) -> tuple[Suppression, list[Outcome]]:
        """Take a suppression back; with `release` bring what it holds back into the queue. Give it, and each outcome.

        Raise InputError where no suppression's id begins so, or more than one's, or it was lifted; Refused, StoreError.
        """
        by.must(MAY_SUPPRESS)
        fitting = [each for each in self.suppressions() if each.id.startswith(prefix.lower())]
        if len(fitting) != 1:
            raise InputError(
                _("several suppressions have an id that begins so")
                if fitting
                else _("no suppression has an id that begins so"),
                place=prefix,
                hint=_("`sentinel alerts suppressions` shows them"),
            )
        if fitting[0].lifted is not None:
            raise InputError(_("it was lifted already"), place=prefix)
        lifted = msgspec.structs.replace(fitting[0], lifted=now)
        with self.file.writing():
            self._suppressing(suppressions.LIFTED, lifted, suppressions.written(lifted), by, now)
            held = self.every(Wanted(suppression=lifted.id, states=frozenset({State.SUPPRESSED}))) if release else []
            return lifted, self.act(Release(), held, by, now) if held else []

    def undo(self, alerts: Iterable[Alert], by: Acting, now: int) -> list[Outcome]:
        """Take back what the actor did last to alerts, where nobody has changed them since."""
        by.must(MAY_ACT)
        return self._acting(UNDO, {}, list(alerts), by, now, lambda alert, _seen: self._undone(alert, by))

    def undoing(self, alerts: Iterable[Alert], by: Acting) -> list[Outcome]:
        """Give what `undo` would take back of each alert that is there, and why it would not; nothing is done."""
        by.must(MAY_ACT)
        tries = ((alert, self._undone(alert, by)) for alert in self.file.now(list(alerts)).values())
        return [Outcome(each.id, each, tried.problem, tried.meanwhile, back=tried.back) for each, tried in tries]

    def _acting(  # noqa: PLR0913, PLR0917 - an act: what, with what, to what, by whom, when, and how
        self,
        name: str,
        arguments: dict[str, Any],
        alerts: Sequence[Alert],
        by: Acting,
        now: int,
        attempt: Callable[[Alert, Alert], _Attempt],
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        drafts: list[Draft] = []
        changed: list[tuple[Alert, Alert]] = []
        with self.file.writing():
            there = self.file.now(alerts)
            for seen in {alert.id: alert for alert in alerts}.values():
                alert = there.get(seen.id)
                if alert is None:
                    outcomes.append(Outcome(seen.id, None, _("there is no such alert")))
                    continue
                tried = attempt(alert, seen)
                after = alert
                for happened in tried.happens:
                    after = fold(after, happened, now, by.name)
                    kind, told = entries.kind_of(happened), entries.written(happened)
                    drafts.append(Draft(SUBJECT + alert.id, kind, told, alert.number))
                if tried.happens:
                    changed.append((alert, after))
                noted = bool(tried.problem and tried.happens)
                outcomes.append(Outcome(seen.id, after, tried.problem, tried.meanwhile, noted))
            if drafts:
                body = arguments | _subjects(alert for alert, _after in changed)
                self._write(Act(0, now, by.name, by.via, name, msgspec.json.encode(body)), by, drafts, changed)
        return outcomes

    def _write(self, act: Act, by: Acting, drafts: list[Draft], changed: list[tuple[Alert, Alert]]) -> None:
        self.file.append(by.signed(act), drafts, (), changed)
        opened = {
            alert.number: after.is_open - alert.is_open for alert, after in changed if after.is_open != alert.is_open
        }
        moved: Counter[int] = Counter()
        for number, story in self.file.stories.of(opened).items():
            moved[story] += opened[number]
        self.file.stories.move(moved)

    def _tried(self, action: Action, alert: Alert, seen: Alert, by: Acting) -> _Attempt:
        meanwhile = self._meanwhile(alert, seen) if alert.touched != seen.touched else ()
        fault = _("others changed it meanwhile") if meanwhile else problem(action, alert)
        if not fault:
            return _Attempt(happens(action, alert, by.name, self.policy))
        kept = (entries.Noted(words(action), NAMES[type(action)]),) if words(action) else ()
        return _Attempt(kept, fault, meanwhile or self._latest(alert))

    def _meanwhile(self, alert: Alert, seen: Alert) -> tuple[Told, ...]:
        return tuple(told for told in self.history(alert) if told.seq > seen.touched and is_action(told.happened))

    def _latest(self, alert: Alert) -> tuple[Told, ...]:
        return tuple(told for told in self.history(alert) if told.seq == alert.touched)

    def _undone(self, alert: Alert, by: Acting) -> _Attempt:
        told = self.history(alert)
        last = next(each for each in reversed(told) if each.seq == alert.touched)
        own = tuple(each for each in told if each.act == last.act)
        if last.actor != by.name or last.action in {UNDO, "raise"} or own[0].seq == 1:
            return _Attempt(problem=_("the last change is not yours to take back"), meanwhile=(last,))
        if all(isinstance(each.happened, entries.Noted) for each in own):
            return _Attempt(problem=_("what was written stays"), meanwhile=(last,))
        before = folded(alert.id, [each for each in told if each.seq < own[0].seq])
        return _Attempt((entries.Undone(own[0].seq, was(before)),), back=own)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What an action leaves on an alert, or why it was not done."""

    happens: tuple[Happened, ...] = ()
    problem: str = ""
    meanwhile: tuple[Told, ...] = ()
    back: tuple[Told, ...] = ()


def _arguments(action: Action) -> dict[str, Any]:
    """Give what an act says of its action: all but what its entries say anyway."""
    return {name: str(value) for name in action.__slots__ if (value := getattr(action, name))}


def _subjects(alerts: Iterable[Alert]) -> dict[str, Any]:
    """Give what a signed act says of its subjects: how many, and the SHA-256 of `<id>@<version>` of each, sorted."""
    return _sha256_of(f"{alert.id}@{alert.version}" for alert in alerts)


def _sha256_of(subjects: Iterable[str]) -> dict[str, Any]:
    lines = sorted(f"{subject}\n" for subject in subjects)
    return {"count": len(lines), "subjects": sha256("".join(lines).encode()).hexdigest()}
