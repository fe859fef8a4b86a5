"""Options that choose alerts, said once for all commands that take them."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from sentinel.language import later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed import DataclassInstance

    from sentinel.model.alert import State, Wanted
    from sentinel.settings import Settings

Level = Annotated[
    str | None, typer.Option("--level", metavar="LEVEL", help=later("Only alerts of this level or above."))
]
States = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help=later("Only alerts that are new, acknowledged, closed, suppressed; repeatable."),
    ),
]
AnyState = Annotated[bool, typer.Option("--all", help=later("Alerts of every state, closed and suppressed ones too."))]
Suppressed = Annotated[bool, typer.Option("--suppressed", help=later("Only alerts that a suppression holds back."))]
Rule = Annotated[
    str, typer.Option("--rule", metavar="TEXT", help=later("Only of the rule with this id, or this text in its title."))
]
Host = Annotated[str, typer.Option("--host", metavar="NAME", help=later("Only of this host; * is any text."))]
User = Annotated[str, typer.Option("--user", metavar="NAME", help=later("Only of this user; * is any text."))]
Address = Annotated[
    str, typer.Option("--address", metavar="ADDRESS", help=later("Only of this address of the other side, or 203.0.*."))
]
Dataset = Annotated[str, typer.Option("--dataset", metavar="NAME", help=later("Only of events of this dataset."))]
Platform = Annotated[str, typer.Option("--platform", metavar="NAME", help=later("Only of this shared platform."))]
Agency = Annotated[
    str, typer.Option("--agency", metavar="CODE", help=later("Only of this agency; H49.* is all below."))
]
Assigned = Annotated[
    str | None,
    typer.Option("--assigned", metavar="NAME", help=later("Only those that are this person's; me, or nobody.")),
]
WhyClosed = Annotated[
    str | None,
    typer.Option(
        "--closed-as",
        metavar="REASON",
        help=later("Only closed ones: true_positive, false_positive, benign or duplicate."),
    ),
]
Story = Annotated[str, typer.Option("--story", metavar="ID", help=later("Only those of the story with this id."))]
HeldBy = Annotated[
    str, typer.Option("--suppression", metavar="ID", help=later("Only those that this suppression holds back."))
]
Technique = Annotated[
    str, typer.Option("--technique", metavar="T1003", help=later("Only of this technique of ATT&CK or one below it."))
]
Words = Annotated[
    str, typer.Option("--text", metavar="WORDS", help=later("Only with these words in the title or a name."))
]
Overdue = Annotated[bool, typer.Option("--overdue", help=later("Only those whose deadline has passed."))]
Paused = Annotated[bool, typer.Option("--paused", help=later("Only those whose clocks stand."))]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help=later("Only seen last from this time on: 2026-11-20T10:14, 24h, 7d.")),
]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help=later("Only seen last before this time; a date is included.")),
]


@dataclass(frozen=True, slots=True)
class Filters:
    """The options that choose alerts, as they were given."""

    level: Level = None
    state: States = None
    all: AnyState = False
    suppressed: Suppressed = False
    rule: Rule = ""
    host: Host = ""
    user: User = ""
    address: Address = ""
    dataset: Dataset = ""
    platform: Platform = ""
    agency: Agency = ""
    assigned: Assigned = None
    reason: WhyClosed = None
    story: Story = ""
    suppression: HeldBy = ""
    technique: Technique = ""
    text: Words = ""
    overdue: Overdue = False
    paused: Paused = False
    since: Since = None
    until: Until = None

    @property
    def given(self) -> dict[str, Any]:
        """Give those that were given, by their names here."""
        every = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        return {name: value for name, (value, default) in every.items() if value not in (default, [])}


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command whose parameters are groups of options, such as `Filters`, take each as an option of its own.

    A group is a dataclass with a default for every field; its options stand in the place of the parameter.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: kind for name, kind in hints.items() if isinstance(kind, type) and is_dataclass(kind)}
    parameters = [
        each
        for parameter in signature(command).parameters.values()
        for each in (
            _options(groups[parameter.name])
            if parameter.name in groups
            else [parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=hints[parameter.name])]
        )
    ]

    def called(**values: Any) -> Any:  # noqa: ANN401 - whatever the command takes and gives
        made = {
            name: group(**{field.name: values.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        return command(**values, **made)

    called.__name__, called.__doc__ = command.__name__, command.__doc__
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    called.__signature__ = signature(command).replace(parameters=parameters)  # type: ignore[attr-defined] # PEP 362
    return called


def _options(group: type[DataclassInstance]) -> list[Parameter]:
    own = get_type_hints(group, include_extras=True)
    return [
        Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=own[field.name])
        for field in fields(group)
    ]


def wanted_of(
    filters: Filters, now: Settings, moment: int, states: Iterable[State], me: Callable[[], str] | None = None
) -> Wanted:
    """Give the alerts that options ask for; of those `states` where they name none.

    `moment` is nanoseconds since 1970, UTC. `me` gives the name of whoever asks, where it is asked for; else the
    operating system says who that is. Raise InputError for what an option cannot be.
    """
    from sentinel.cli.filters import level_named
    from sentinel.console import times
    from sentinel.model import alert, severity
    from sentinel.people.register import nfc

    level = level_named(filters.level, "--level") if filters.level else severity.Level.INFORMATIONAL
    return alert.Wanted(
        level=level,
        rule=filters.rule,
        host=nfc(filters.host),
        user=nfc(filters.user),
        address=filters.address,
        dataset=filters.dataset,
        platform=nfc(filters.platform),
        agency=nfc(filters.agency),
        states=_states(filters, states),
        assignee=None if filters.assigned is None else person(filters.assigned, me or (lambda: _who(now))),
        reason=reason_named(filters.reason, "--closed-as") if filters.reason else None,
        story=filters.story.lower(),
        suppression=f"{filters.suppression.lower()}*" if filters.suppression else "",
        technique=filters.technique,
        text=nfc(filters.text),
        overdue=moment if filters.overdue else None,
        paused=filters.paused,
        window=times.window(filters.since, filters.until, times.zone_named(now.timezone), moment),
    )


def _states(filters: Filters, usual: Iterable[State]) -> frozenset[State]:
    from sentinel.cli.asked import only_one
    from sentinel.cli.filters import one_of
    from sentinel.model.alert import State

    only_one({"--state": bool(filters.state), "--all": filters.all, "--suppressed": filters.suppressed})
    if filters.all:
        return frozenset()
    if filters.suppressed or filters.suppression:
        return frozenset({State.SUPPRESSED})
    named = [one_of(name.lower(), "--state", list(State)) for name in filters.state or ()]
    if filters.reason and not named:
        return frozenset({State.CLOSED})
    return frozenset(map(State, named)) or frozenset(usual)


def person(name: str, me: Callable[[], str]) -> str:
    """Give the name of a person as alerts have it: `me` is who asks, and `nobody` is ""."""
    from sentinel.people.register import nfc

    given = nfc(name)
    if given.casefold() == "me":
        return me()
    return "" if given.casefold() == "nobody" else given


def _who(now: Settings) -> str:
    from sentinel.cli.acting import acting_of

    return acting_of(now).name


def reason_named(name: str, option: str) -> Any:  # noqa: ANN401 - a Reason, which is imported where it is needed
    """Give a reason to close an alert by its name; `-` may stand for `_`. Raise InputError for another."""
    from sentinel.cli.filters import one_of
    from sentinel.model.alert import Reason

    return Reason(one_of(name.lower().replace("-", "_"), option, list(Reason)))
