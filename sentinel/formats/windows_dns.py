"""Debug log of the DNS server of Windows: `dns.log`.

The log explains itself: a heading ("Message logging key") numbers the fields, and the names here are its own. With
"Details" switched on, the packet is written out below its line. Dates are in the form of the server's language; how
they are read is told by `sentinel.formats.local_dates`.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import entries, lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from sentinel.formats.entries import Told
    from sentinel.formats.gather import Gatherer

DEBUG: Final = EventKind("msdns.debug")

_BEGINS = re.compile(rb"^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.? \d{1,2}[:.]\d\d[:.]\d\d", re.MULTILINE)
_HEAD = (
    r"(?P<date>\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.?) (?P<time>\d{1,2}[:.]\d\d[:.]\d\d(?: ?[A-Za-z.]{2,5})?) "
    r"(?P<thread_id>[0-9A-Fa-f]{3,8}) (?P<context>[A-Z][A-Za-z]*) +"
)
_PACKET = re.compile(
    _HEAD + r"(?P<packet_id>[0-9A-Fa-f]{8,16}) +(?P<protocol>UDP|TCP) (?P<direction>Rcv|Snd) (?P<remote_ip>\S+) +"
    r"(?P<xid>[0-9A-Fa-f]{4}) (?P<qr>[R ]) (?P<opcode>[QNU?]) \[(?P<flags_hex>[0-9A-Fa-f]{4}) "
    r"(?P<flags>[A ][T ][D ][R ]) +(?P<response_code>[A-Z][A-Z0-9]*)\] (?P<question_type>\S+) +"
    r"(?P<question_name>\S++)(?: +(?P<rest>\S.*)| *)"
)
_OTHER = re.compile(_HEAD + r"(?P<message>.*)")
_PORT = re.compile(r"^ *Remote addr \S+, port (\d+)", re.MULTILINE)
_DATA = re.compile(r"^ *DATA +(\S.*)", re.MULTILINE)
_LABEL = re.compile(r"\(\d+\)")
_HEADINGS = (b"DNS Server log file", b"Message logging key", b"Log file wrap")


def name_of(question: str) -> str:
    """Give the name that `(3)www(7)example(3)com(0)` stands for."""
    return ".".join(label for label in _LABEL.split(question) if label) or "."


def tell(entry: str) -> Told | None:
    """Read an entry: its line, and the packet written out below it."""
    line, _end, details = entry.partition("\n")
    line = line.rstrip("\r")
    found = _PACKET.fullmatch(line)
    if found is None:
        other = _OTHER.fullmatch(line)
        return (DEBUG, _with_details({**other.groupdict()}, details)) if other else None
    event: dict[str, Any] = {name: value for name, value in found.groupdict().items() if value}
    event["flags"] = found["flags"].strip()
    event["query"] = name_of(found["question_name"])
    event["type"] = "answer" if found["qr"] == "R" else "query"
    if found["direction"] == "Rcv":
        event["sender_ip"] = found["remote_ip"]
    else:
        event["receiver_ip"] = found["remote_ip"]
    return DEBUG, _with_details(event, details)


def _with_details(event: dict[str, Any], details: str) -> dict[str, Any]:
    event["date_time"] = f"{event['date']} {event['time']}"
    if details.strip():
        event["details"] = details.strip("\r\n")
        port = _PORT.search(details)
        if port:
            event["remote_port"] = port[1]
        section = details.partition("ANSWER SECTION")[2].partition("AUTHORITY SECTION")[0]
        answers = [answer.strip() for answer in _DATA.findall(section)]
        if answers:
            event["answers"] = answers
    return event


def recognise(head: bytes) -> bool:
    """Tell whether it has the heading, or most lines that begin with a date are of this format."""
    begun = b"\n".join(line for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n") if _BEGINS.match(line))
    if head.lstrip(b"\xef\xbb\xbf\r\n \t").startswith(_HEADINGS[0]):
        return True
    return lines.most_parse(begun, _parse) if begun else False


def _parse(line: str) -> dict[str, Any] | None:
    found = _PACKET.fullmatch(line)
    return found.groupdict() if found else None


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every entry of a block; the heading is passed over."""
    counted, take = entries.Counted(gatherer), gatherer.of(DEBUG).take
    for raw, position, number in entries.entries(_BEGINS, block):
        told = entries.tell_line(tell, raw)
        if told is not None:
            take(told[1], raw, position)
            counted.events += 1
        elif raw.strip() and not any(heading in raw[:4096] for heading in _HEADINGS):
            counted.fault(position, number)
    gatherer.took(counted.events, len(block.data))


FORMAT = Format(
    "windows_dns", later("Windows DNS server debug log"), recognise, partial(entries.cut_before_last, _BEGINS), read,
    Splits.NEVER,
)  # fmt: skip
