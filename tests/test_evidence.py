"""What a hit tells of its event: the host that logged it, and the address that it came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sentinel.inputs import reader
from sentinel.pipeline import scan
from sentinel.reading import Finding
from tests.detect.builders import compiled, rule

if TYPE_CHECKING:
    from pathlib import Path

_ACCESS = '{} - - [20/Nov/2026:10:28:04 +0700] "GET /hit HTTP/1.1" 200 5 "-" "-"'
_SQUID = "1795150800.000 12 192.0.2.9 TCP_MISS/200 5 GET http://hit.example/ - HIER_DIRECT/198.51.100.7 text/html"
_ALERT = {
    "timestamp": "2026-11-20T10:28:04.000000+0700",
    "event_type": "alert",
    "src_ip": "192.0.2.9",
    "dest_ip": "198.51.100.7",
    "proto": "TCP",
    "alert": {"signature": "hit", "category": "c", "severity": 1, "signature_id": 1, "rev": 1, "gid": 1},
}
_LOGON = {
    "EventID": 4625,
    "Channel": "Security",
    "Computer": "dc1",
    "IpAddress": "::ffff:192.0.2.9",
    "TargetUserName": "hit",
}
_LOCAL = {"EventID": 21, "Channel": "Application", "Computer": "ts1", "Address": "LOCAL", "User": "hit"}
_SOURCES = ("{product: windows}", "{category: webserver}", "{category: proxy}", "{product: suricata}")


@pytest.mark.parametrize(
    ("name", "line", "host", "peer"),
    [
        ("access.log", _ACCESS.format("192.0.2.9"), "", "192.0.2.9"),
        ("vhost.log", "dvc.tinh.example:443 " + _ACCESS.format("192.0.2.9"), "dvc.tinh.example", "192.0.2.9"),
        ("squid.log", _SQUID, "", "192.0.2.9"),
        ("eve.json", json.dumps(_ALERT), "", "192.0.2.9"),
        ("sensor.json", json.dumps(_ALERT | {"host": "ids01"}), "ids01", "192.0.2.9"),
        ("security.ndjson", json.dumps(_LOGON), "dc1", "192.0.2.9"),
        ("session.ndjson", json.dumps(_LOCAL), "ts1", ""),
    ],
)
def test_a_hit_tells_the_host_that_logged_it_and_where_it_came_from(
    tmp_path: Path, name: str, line: str, host: str, peer: str
) -> None:
    (tmp_path / name).write_text(line + "\n")
    rules = compiled(*(rule("selection: [hit]", source) for source in _SOURCES))
    found = scan(reader.find([str(tmp_path)]), rules, now=0, processes=1)
    assert [(host, peer)] == [(hit.host, hit.peer) for each in found if isinstance(each, Finding) for hit in each.hits]
