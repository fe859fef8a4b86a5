"""Options that choose rules, shared by `scan` and `rules`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentinel import content
from sentinel.errors import InputError, RuleError
from sentinel.language import _, n_
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from sentinel.detect.plan import Rejection, Rule, Ruleset
    from sentinel.settings import Settings

STATUSES: Final = ("stable", "test", "experimental", "deprecated", "unsupported")


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """Which rules to keep: those at or above a level, and of each list that is not empty, those that fit any entry."""

    level: Level = Level.INFORMATIONAL
    statuses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """Give the options that ask for this."""
        level = (f"--level {self.level.label}",) if self.level > Level.INFORMATIONAL else ()
        lists = (("--status", self.statuses), ("--tag", self.tags), ("--rule", self.texts))
        return " ".join((*level, *(f"{option} {value}" for option, values in lists for value in values)))

    def keeps(self, rule: Rule) -> bool:
        """Tell whether a rule is kept."""
        return (
            rule.level >= self.level
            and (not self.statuses or rule.status in self.statuses)
            and (not self.tags or any(_is_tagged(rule, tag) for tag in self.tags))
            and (not self.texts or any(text == rule.id or text in rule.title.casefold() for text in self.texts))
        )


def _is_tagged(rule: Rule, wanted: str) -> bool:
    """Tell whether a rule has a tag or one below it: attack.t1003 is above attack.t1003.001."""
    tags = [tag.lower().replace("_", "-") for tag in rule.tags]
    return any(f"{tag}.".startswith(f"{wanted}.") for tag in tags)


def rule_filter(
    level: str | None, statuses: Sequence[str] | None, tags: Sequence[str] | None, texts: Sequence[str] | None
) -> RuleFilter:
    """Give the filter that options ask for. Raises InputError for a level or status that Sigma does not have."""
    return RuleFilter(
        level_named(level, "--level") if level else Level.INFORMATIONAL,
        tuple(one_of(status, "--status", STATUSES) for status in statuses or ()),
        tuple(tag.lower().replace("_", "-") for tag in tags or ()),
        tuple(text.casefold() for text in texts or ()),
    )


def level_named(name: str, option: str) -> Level:
    """Give a level by Sigma's name. Raises InputError for another."""
    return Level[one_of(name.lower(), option, [level.label for level in Level]).upper()]


def one_of(value: str, option: str, choices: Sequence[str]) -> str:
    """Give a value that is one of the choices. Raises InputError for another."""
    if value not in choices:
        shown = ", ".join(choices)
        raise InputError(_("must be one of {choices}, not '{value}'").format(choices=shown, value=value), place=option)
    return value


def rule_paths(settings: Settings, given: Sequence[Path] | None, *, shipped: bool) -> tuple[Path, ...]:
    """Give where rules are read from: what was given, else the settings' rules and the shipped ones."""
    if not given:
        return content.rule_folders(settings.rules)
    return content.rule_folders(given) if shipped else tuple(given)


def load(paths: Sequence[Path], settings: Settings, console: Console | None) -> Ruleset:
    """Give the compiled rules of the paths, telling on the console how far it has come.

    Raises InputError where a path cannot be read, or there is no rule at all.
    """
    from sentinel.console.progress import ProgressLine, compiling
    from sentinel.detect import rule_files

    files = rule_files.find(paths)
    if not files:
        raise InputError(
            _("no rule is found here"),
            place=", ".join(map(str, paths)),
            hint=_("Sigma rules are files that end in .yml or .yaml, or zip archives of them"),
        )
    line = ProgressLine(console, len(files))
    try:
        return rule_files.load(files, settings.cache, lambda done: line.tell(done, compiling(done, len(files))))
    finally:
        line.close()


def faults_of(ruleset: Ruleset) -> list[Rejection]:
    """Give the rules that are themselves wrong."""
    return [rejection for rejection in ruleset.rejections if rejection.fault]


def refuse_faulty(ruleset: Ruleset, show: Callable[[RuleError], None]) -> None:
    """Show every faulty rule and raise RuleError where there is one: what `--strict` asks for."""
    from sentinel.console.rules import place_of

    faulty = faults_of(ruleset)
    if not faulty:
        return
    for each in faulty:
        show(RuleError(each.reason, place=place_of(each), hint=each.hint))
    count = n_("{count} rule is faulty", "{count} rules are faulty", len(faulty)).format(count=len(faulty))
    raise RuleError(count, hint=_("without --strict the other rules run"))
