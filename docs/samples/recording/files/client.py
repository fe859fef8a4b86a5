"""Send HTTP requests as written, from chosen addresses; runs inside a machine, with the plan on its standard input.

Each line of the plan is a JSON object: from, host, method, path, agent, and if need be headers, body, pause (seconds).
Paths go out as they are (`/../` stays), as an intruder's own client would send them.
"""

from __future__ import annotations

import http.client
import json
import sys
import time


def main() -> None:
    """Send every request of the plan."""
    for line in sys.stdin:
        send(json.loads(line))


def send(request: dict[str, object]) -> None:
    """Send one request and read its answer."""
    connection = http.client.HTTPConnection(
        str(request["host"]), 80, timeout=10, source_address=(str(request["from"]), 0)
    )
    headers = {"User-Agent": str(request["agent"]), **dict(request.get("headers") or {})}  # type: ignore[call-overload]
    body = str(request["body"]).encode() if request.get("body") else None
    try:
        connection.putrequest(str(request["method"]), str(request["path"]), skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        pass  # the server refused or closed: its log is what counts
    finally:
        connection.close()
    time.sleep(float(str(request.get("pause") or 0)))


main()
