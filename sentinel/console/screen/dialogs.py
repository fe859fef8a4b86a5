"""What the screen asks, and tells when an action is done: each a box above the queue that Escape closes."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from rich.text import Text
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from sentinel.console.screen.reading import Reading
from sentinel.console.theme import FAINT, HEAD, WARNING
from sentinel.errors import SentinelError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

T = TypeVar("T")


class Dialog(ModalScreen[T | None], Generic[T]):
    """A box with a title and what to press below; Escape gives None."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "")]

    def __init__(self, title: str, hint: str) -> None:
        """Take the title and what is to be pressed, in words."""
        super().__init__()
        self._title, self._hint = title, hint

    def compose(self) -> ComposeResult:
        """Give the box."""
        with Vertical():
            yield Static(Text(self._title, style=HEAD), markup=False)
            yield from self.inside()
            yield Static(Text(self._hint, style=FAINT), markup=False)

    def inside(self) -> ComposeResult:
        """Give what stands between title and hint."""
        yield from ()

    def action_leave(self) -> None:
        """Close it without an answer."""
        self.dismiss(None)


class Choose(Dialog[T]):
    """One of a few answers, each with a key of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [("up", "move(-1)", ""), ("down", "move(1)", ""), ("enter", "take", "")]

    def __init__(self, title: str, choices: Sequence[tuple[str, str, T]]) -> None:
        """Take the title and the answers: key, words, value."""
        super().__init__(title, _("the letter, or ↑ ↓ and Enter; Escape leaves"))
        self._choices = choices
        self._place = 0

    def inside(self) -> ComposeResult:
        """Give the answers."""
        yield Static(self._shown(), markup=False, id="choices")

    def _shown(self) -> Text:
        lines = [
            Text(f"{'›' if place == self._place else ' '} {key}  {words}", "reverse" if place == self._place else "")
            for place, (key, words, _value) in enumerate(self._choices)
        ]
        return Text("\n").join(lines)

    def action_move(self, places: int) -> None:
        """Go to another answer."""
        self._place = (self._place + places) % len(self._choices)
        self.query_one("#choices", Static).update(self._shown())

    def action_take(self) -> None:
        """Give the answer that the cursor is at."""
        self.dismiss(self._choices[self._place][2])

    def on_key(self, event: events.Key) -> None:
        """Give the answer whose key is pressed."""
        for key, _words, value in self._choices:
            if event.character == key:
                event.stop()
                self.dismiss(value)
                return


class Fill(Dialog[dict[str, str]]):
    """One line to write, or several; what is wrong with them is said below and nothing typed is lost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("up", "app.focus_previous", ""),
        ("down", "app.focus_next", ""),
        ("ctrl+s", "give", ""),
    ]

    def __init__(
        self,
        title: str,
        lines: Mapping[str, tuple[str, str]],
        fault: Callable[[dict[str, str]], str] = lambda _lines: "",
        *,
        said: str = "",
    ) -> None:
        """Take each line's name, label and first text; `fault` tells what is wrong with lines, "" where nothing is.

        `said` is what was wrong with them before.
        """
        several = _("Enter goes on, after the last line it is done; Escape leaves")
        super().__init__(title, several if len(lines) > 1 else _("Enter is done; Escape leaves"))
        self._lines, self._fault, self._said = lines, fault, said

    def inside(self) -> ComposeResult:
        """Give the lines."""
        for name, (label, text) in self._lines.items():
            if label:
                yield Static(Text(label), markup=False)
            yield Input(text, id=name, compact=True, select_on_focus=False)
        yield Static(Text(self._said, style=WARNING), markup=False, id="fault")

    def on_mount(self) -> None:
        """Begin in the first line that is empty, else in the first."""
        inputs = list(self.query(Input))
        next((each for each in inputs if not each.value), inputs[0]).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the next line, or give them all."""
        event.stop()
        inputs = list(self.query(Input))
        place = inputs.index(event.input)
        if place + 1 < len(inputs):
            inputs[place + 1].focus()
        else:
            self.action_give()

    def action_give(self) -> None:
        """Give what is written, where nothing is wrong with it."""
        written = {each.id or "": unicodedata.normalize("NFC", each.value.strip()) for each in self.query(Input)}
        try:
            fault = self._fault(written)
        except SentinelError as error:
            fault = told(error)
        if fault:
            self.query_one("#fault", Static).update(Text(fault, style=WARNING))
        else:
            self.dismiss(written)


class Agree(Dialog[bool]):
    """A question to which yes is Enter or y."""

    BINDINGS: ClassVar[list[BindingType]] = [("enter,y", "agree", ""), ("n", "leave", "")]

    def __init__(self, question: str) -> None:
        """Take the question."""
        super().__init__(question, _("Enter or y: yes · Escape or n: no"))

    def action_agree(self) -> None:
        """Say yes."""
        self.dismiss(True)  # noqa: FBT003 - the answer


class Read(Dialog[Any]):
    """Lines to read."""

    BINDINGS: ClassVar[list[BindingType]] = [("enter,q,question_mark,w", "leave", "")]

    def __init__(self, title: str, lines: Sequence[Text], *, tall: bool = False) -> None:
        """Take the title and the lines; `tall` takes most of the window."""
        super().__init__(title, _("↑ ↓ scroll · Enter or Escape closes"))
        self._lines = lines
        self.set_class(tall, "tall")

    def inside(self) -> ComposeResult:
        """Give the lines."""
        yield Reading(self._lines, name="lines")

    def on_mount(self) -> None:
        """Let keys scroll."""
        self.query_one(Reading).focus()


def told(error: SentinelError) -> str:
    """Give an error and what to do about it, in one line."""
    return f"{error} · {error.hint}" if error.hint else str(error)
