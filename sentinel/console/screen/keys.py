"""The keys of the screen: what each does, and how the hints and the help call it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text

from sentinel.console.text import width_of
from sentinel.console.theme import FAINT, HEAD
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Iterator

_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class Key:
    """A key: how the terminal calls it, how people do, what it does here, its short name and the longer one.

    Keys without a `deed` are those of the list itself, which only the help names.
    """

    key: str
    shown: str
    deed: str
    hint: str
    help: str


KEYS: Final = (
    Key("", "Enter", "", later("open"), later("open the alert, or the story")),
    Key("a", "a", "acknowledge", later("ack"), later("acknowledge: I have begun to look at it")),
    Key("c", "c", "close", later("close"), later("close, with a reason")),
    Key("n", "n", "note", later("note"), later("write a note")),
    Key("slash", "/", "filter", later("filter"), later("filter: level=high state=new mine platform=portal, or words")),
    Key("", "␣", "", later("mark"), later("mark the row; actions are then about all that are marked")),
    Key("u", "u", "undo", later("undo"), later("take back what I did last")),
    Key("t", "t", "take", later("mine"), later("take it: assign it to me")),
    Key("v", "v", "stories", later("stories"), later("stories: alerts that belong together, or the queue again")),
    Key("w", "w", "around", later("around"), later("what its host, user and address did around that time")),
    Key("s", "s", "suppress", later("suppress"), later("suppress alerts like it, with a reason and until when")),
    Key("T", "T", "assign", later("assign"), later("assign it to somebody, or to nobody")),
    Key("o", "o", "reopen", later("reopen"), later("open it again")),
    Key("p", "p", "pause", later("pause"), later("let its clocks stand, with a reason")),
    Key("r", "r", "resume", later("resume"), later("let its clocks run again")),
    Key("asterisk", "*", "mark_all", later("mark all"), later("mark everything that the filter lets through")),
    Key("i", "i", "order", later("order"), later("order by rank, by the latest hit, by deadline")),
    Key("escape", "Esc", "back", later("back"), later("back: to the list, from the story, without marks")),
    Key("left_square_bracket", "[", "previous", "", later("the alert before, while one is open")),
    Key("right_square_bracket", "]", "following", "", later("the alert behind, while one is open")),
    Key("f5", "F5", "refresh", "", later("ask anew; the screen does so by itself when something changes")),
    Key("q", "q", "quit", later("quit"), later("quit")),
)
_HELP: Final = Key("question_mark", "?", "help", later("help"), later("this help"))
ALL: Final = (*KEYS, _HELP)


def hints(width: int) -> Text:
    """Give as many keys with their names as fit, the help always among them."""
    line = Text()
    spare = width - _taken(_HELP)
    for key in KEYS:
        if not key.hint or (spare := spare - _taken(key) - _GAP) < 0:
            continue
        line.append_text(_hint(key)).append(" " * _GAP)
    return line.append_text(_hint(_HELP))


def _hint(key: Key) -> Text:
    return Text.assemble((key.shown, HEAD), " ", (_(key.hint), FAINT))


def _taken(key: Key) -> int:
    return width_of(key.shown) + 1 + width_of(_(key.hint))


def help_lines() -> Iterator[Text]:
    """Give a line a key."""
    widest = max(width_of(key.shown) for key in ALL)
    for key in ALL:
        yield Text.assemble((key.shown + " " * (widest - width_of(key.shown)), HEAD), "  ", _(key.help))
    yield Text.assemble(("↑ ↓ " + _("or") + " j k", HEAD), "  ", _("up and down; PageUp, PageDown, Home and End too"))
