"""Squid's own access log: `1795394079.123 456 192.0.2.1 TCP_MISS/200 1234 GET http://… - HIER_DIRECT/… text/html`.

See the directive `logformat squid` of squid.conf.documented; the names are those of Squid's FAQ, "access.log native
format". What stands behind (with `log_mime_hdrs`, the headers) is kept as `rest`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.request_line import decoded
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from sentinel.formats.gather import Gatherer

KIND = EventKind("squid.access")
_LINE = re.compile(
    r"(?P<time>\d{9,10}\.\d{1,6}) ++(?P<elapsed>-?\d++) (?P<remotehost>[^ ]++) "
    r"(?P<code>[A-Z_]{3,64})/(?P<status>\d{3}) "
    r"(?P<bytes>-?\d++) (?P<method>[^ ]++) (?P<URL>[^ ]++) (?P<rfc931>[^ ]++) "
    r"(?P<peerstatus>[A-Z_]{3,64})/(?P<peerhost>[^ ]++) (?P<type>[^ ]++)(?: (?P<rest>.++))?"
)
_HOST = re.compile(r"(?:[A-Za-z][\w+.-]{0,32}://)?(?:[^/@? ]*@)?(\[[^\]]*\]|[^:/? ]*)")


def parse(line: str) -> dict[str, Any] | None:
    """Read a line; None where it is not of this format."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    event: dict[str, Any] = found.groupdict()
    if event["rest"] is None:
        del event["rest"]
    url = event["URL"]
    host = _HOST.match(url)
    if host:
        event["url_host"] = host[1]
        if event["method"] != "CONNECT":
            _add_path(event, url, host.end())
    event["url_decoded"] = decoded(url) if "%" in url or "+" in url else url
    return event


def _add_path(event: dict[str, Any], url: str, at: int) -> None:
    start = url.find("/", at)
    if start < 0:
        return
    path, mark, query = url[start:].partition("?")
    event["url_path"] = path
    if mark:
        event["url_query"] = query
    _stem, dot, extension = path.rpartition("/")[2].rpartition(".")
    if dot:
        event["url_extension"] = extension


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines are of this format."""
    return lines.most_parse(head, parse)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_lines(block, gatherer, KIND, parse)


FORMAT = Format("squid", "Squid access log", recognise, lines.cut, read, Splits.AT_LINES)
