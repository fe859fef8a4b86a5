"""Squid's own access log: `1795394079.123 456 192.0.2.1 TCP_MISS/200 1234 GET http://… - HIER_DIRECT/… text/html`.

See the directive `logformat squid` of squid.conf.documented; the names are those of Squid's FAQ, "access.log native
format". What stands behind (with `log_mime_hdrs`, the headers) is kept as `rest`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.request_line import decoded
from sentinel.language import later
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
_REMEMBERED = 512
"""As in `request_line`: most URLs come again and again."""
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
    event |= (_parts_of if len(url) < _REMEMBERED else _parts_of.__wrapped__)(url)
    return event


@lru_cache(maxsize=8192)
def _parts_of(url: str) -> dict[str, str]:
    """Give the parts of a URL; of what CONNECT asks for, the host alone."""
    parts = {"url_decoded": decoded(url) if "%" in url or "+" in url else url}
    host = _HOST.match(url)
    at = url.find("/", host.end()) if host else -1
    if host:
        parts["url_host"] = host[1]
    if at >= 0:
        path, mark, query = url[at:].partition("?")
        parts["url_path"] = path
        if mark:
            parts["url_query"] = query
        _stem, dot, extension = path.rpartition("/")[2].rpartition(".")
        if dot:
            parts["url_extension"] = extension
    return parts


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines are of this format."""
    return lines.most_parse(head, parse)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_lines(block, gatherer, KIND, parse)


FORMAT = Format("squid", later("Squid access log"), recognise, lines.cut, read, Splits.AT_LINES)
