"""A ledger checked, and who did what, as tables and as other programs read them."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from rich.text import Text

from sentinel.console.numbers import number
from sentinel.console.tables import EXTRA, Column, table
from sentinel.console.text import visible
from sentinel.console.theme import FAINT, WARNING
from sentinel.console.times import iso, shown
from sentinel.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.ledger.checkpoint import Checkpoint
    from sentinel.ledger.verify import Verified
    from sentinel.store.histories import Happening


def verified_lines(found: Verified, origin: str) -> Iterator[Text]:
    """Give the lines of what was found wrong, and of what was looked at."""
    for fault in found.faults:
        yield Text(visible(str(fault)), style=WARNING)
    more = found.fault_count - len(found.faults)
    if more:
        yield Text(n_("and {count} more", "and {count} more", more).format(count=number(more)), style=WARNING)
    told = (
        n_("{count} act", "{count} acts", found.acts).format(count=number(found.acts)),
        _("{count} of them signed").format(count=number(found.signed)),
        n_("{count} entry", "{count} entries", found.entries).format(count=number(found.entries)),
        n_("{count} subject", "{count} subjects", found.subjects).format(count=number(found.subjects)),
        n_("{count} checkpoint", "{count} checkpoints", found.checkpoints).format(count=number(found.checkpoints)),
    )
    yield Text(_("ledger {origin}: {parts}").format(origin=visible(origin or "–"), parts=", ".join(told)))
    if found.fault_count:
        text = n_(
            "{count} thing is not as it was written", "{count} things are not as they were written", found.fault_count
        )
        yield Text(text.format(count=number(found.fault_count)), style=WARNING)
        return
    yield Text(_("everything is as it was written"))
    bare = found.entries - found.covered
    if bare:
        text = n_("{count} entry is behind the last checkpoint", "{count} entries are behind the last checkpoint", bare)
        yield Text(text.format(count=number(bare)), style=FAINT)


def compared_line(authorities: int, requests: int, certificates: int) -> str:
    """Give the line of how much of a register was compared with its ledger."""
    parts = (
        n_("{count} authority", "{count} authorities", authorities).format(count=number(authorities)),
        n_("{count} request", "{count} requests", requests).format(count=number(requests)),
        n_("{count} certificate", "{count} certificates", certificates).format(count=number(certificates)),
    )
    return _("compared: {parts}").format(parts=", ".join(parts))


def verified_object(found: Verified, origin: str) -> dict[str, Any]:
    """Give a ledger that was checked as programs read it."""
    faults = [
        {
            "what": fault.what,
            "entry": fault.entry or None,
            "subject": fault.subject or None,
            "act": fault.act or None,
            "checkpoint": fault.checkpoint or None,
        }
        for fault in found.faults
    ]
    return {
        "sound": not found.fault_count,
        "origin": origin,
        "acts": found.acts,
        "signed": found.signed,
        "entries": found.entries,
        "subjects": found.subjects,
        "root": b64encode(found.root).decode(),
        "checkpoints": found.checkpoints,
        "other_checkpoints": found.others,
        "covered": found.covered,
        "faults": faults,
        "fault_count": found.fault_count,
    }


def checkpoint_object(checkpoint: Checkpoint, file: str) -> dict[str, Any]:
    """Give a checkpoint as programs read it."""
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": b64encode(checkpoint.root).decode(),
        "at": iso(checkpoint.at),
        "signed_by": [each.name for each in checkpoint.signatures],
        "file": file,
    }


def checking(done: int, total: int) -> Callable[[float, float | None], str]:
    """Give what is said while entries are checked."""
    text = _("{done} of {total} entries").format(done=number(done), total=number(total))
    return lambda _gone, _left: text


def log_table(happened: Sequence[Happening], zone: ZoneInfo, width: int) -> list[Text]:
    """Give the lines of the table of who did what."""
    columns = [
        Column(_("entry"), [str(each.entry.number) for each in happened], rank=2, right=True),
        Column(_("time"), [shown(each.act.at, zone) for each in happened]),
        Column(_("who"), [each.act.actor for each in happened], least=8),
        Column(_("action"), [each.act.action for each in happened], least=8),
        Column(_("subject"), [each.entry.subject for each in happened], rank=1, least=14),
        Column(_("what"), [each.entry.kind for each in happened], rank=3, least=6),
        Column(_("proved by"), [each.act.via for each in happened], rank=EXTRA, least=12, style=FAINT),
    ]
    return table(columns, width)


def log_object(each: Happening) -> dict[str, Any]:
    """Give an entry and its act as programs read them."""
    return {
        "number": each.entry.number,
        "at": iso(each.act.at),
        "actor": each.act.actor,
        "via": each.act.via,
        "signed": bool(each.act.signature),
        "act": each.act.number,
        "action": each.act.action,
        "arguments": _json(each.act.body),
        "subject": each.entry.subject,
        "seq": each.entry.seq,
        "kind": each.entry.kind,
        "body": _json(each.entry.body),
    }


def _json(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Give what a body says; as text where somebody made it no JSON."""
    import json

    try:
        return json.loads(body)
    except (ValueError, TypeError):
        return repr(body)
