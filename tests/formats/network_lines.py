"""Lines of Zeek and Suricata as their documentation lays them down, with made-up hosts."""

from __future__ import annotations

import json
from typing import Any

_HEAD = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
_ENDS = [
    ("ts", "time"), ("uid", "string"), ("id.orig_h", "addr"), ("id.orig_p", "port"), ("id.resp_h", "addr"),
    ("id.resp_p", "port"),
]  # fmt: skip
FROM = ["1700000000.123456", "CHhAvVGS1DHFjwGM9", "192.0.2.7", "49152", "198.51.100.9"]


def table(path: str, fields: list[tuple[str, str]], *rows: list[str], closed: bool = True) -> bytes:
    """Give a log as Zeek writes it: https://docs.zeek.org/en/current/log-formats.html."""
    names, types = zip(*fields, strict=True)
    lines = [
        f"{_HEAD}#path\t{path}\n#open\t2023-11-14-22-13-20",
        "\t".join(("#fields", *names)),
        "\t".join(("#types", *types)),
        *("\t".join(row) for row in rows),
        *(["#close\t2023-11-14-23-00-00"] if closed else []),
    ]
    return ("\n".join(lines) + "\n").encode()


CONN = table(
    "conn",
    [
        *_ENDS, ("proto", "enum"), ("service", "string"), ("duration", "interval"), ("orig_bytes", "count"),
        ("resp_bytes", "count"), ("conn_state", "string"), ("local_orig", "bool"), ("orig_pkts", "count"),
        ("orig_ip_bytes", "count"), ("resp_pkts", "count"), ("resp_ip_bytes", "count"),
        ("tunnel_parents", "set[string]"),
    ],
    [*FROM, "443", "tcp", "ssl,http", "0.000015", "10", "-", "SF", "T", "3", "130", "2", "90", "(empty)"],
    [*FROM, "80", "tcp", "-", "-", "-", "-", "S0", "F", "1", "40", "0", "0", "CaaaaaaaaaaaaaaaaB,CbbbbbbbbbbbbbbbbC"],
)  # fmt: skip
CONN_JSON: list[dict[str, Any]] = [
    {
        "ts": 1700000000.123456, "uid": FROM[1], "id.orig_h": FROM[2], "id.orig_p": 49152, "id.resp_h": FROM[4],
        "id.resp_p": 443, "proto": "tcp", "service": "ssl,http", "duration": 1.5e-05, "orig_bytes": 10,
        "conn_state": "SF", "local_orig": True, "orig_pkts": 3, "orig_ip_bytes": 130, "resp_pkts": 2,
        "resp_ip_bytes": 90, "tunnel_parents": [],
    },
    {
        "ts": "2023-11-14T22:13:20.123456Z", "uid": FROM[1], "id": {"orig_h": FROM[2], "orig_p": 49152,
        "resp_h": FROM[4], "resp_p": 80}, "proto": "tcp", "conn_state": "S0", "local_orig": False, "orig_pkts": 1,
        "orig_ip_bytes": 40, "resp_pkts": 0, "resp_ip_bytes": 0,
        "tunnel_parents": ["CaaaaaaaaaaaaaaaaB", "CbbbbbbbbbbbbbbbbC"],
    },
]  # fmt: skip


def dns(query: str, qtype: str = "A", answers: str = "-", ttls: str = "-") -> bytes:
    return table(
        "dns",
        [
            *_ENDS, ("proto", "enum"), ("trans_id", "count"), ("query", "string"), ("qtype_name", "string"),
            ("rcode_name", "string"), ("Z", "count"), ("answers", "vector[string]"), ("TTLs", "vector[interval]"),
            ("rejected", "bool"),
        ],
        [*FROM, "53", "udp", "7", query, qtype, "NOERROR", "0", answers, ttls, "F"],
    )  # fmt: skip


def dns_json(query: str, **more: object) -> dict[str, Any]:
    return {
        "ts": 1700000000.123456, "uid": FROM[1], "id.orig_h": FROM[2], "id.orig_p": 49152, "id.resp_h": FROM[4],
        "id.resp_p": 53, "proto": "udp", "trans_id": 7, "query": query, "qtype_name": "A", "rcode_name": "NOERROR",
        "Z": 0, "rejected": False, **more,
    }  # fmt: skip


def http(uri: str, user_agent: str = "curl/8.5.0", method: str = "GET") -> bytes:
    return table(
        "http",
        [
            *_ENDS, ("trans_depth", "count"), ("method", "string"), ("host", "string"), ("uri", "string"),
            ("user_agent", "string"), ("status_code", "count"), ("tags", "set[enum]"),
        ],
        [*FROM, "80", "1", method, "portal.gov.example", uri, user_agent, "200", "(empty)"],
    )  # fmt: skip


def eve(event_type: str, /, **more: object) -> dict[str, Any]:
    """Give an event: https://docs.suricata.io/en/latest/output/eve/eve-json-format.html."""
    return {
        "timestamp": "2023-11-14T22:13:20.123456+0000", "flow_id": 586497171462735, "in_iface": "eth0",
        "event_type": event_type, "src_ip": "192.0.2.7", "src_port": 49152, "dest_ip": "198.51.100.9",
        "dest_port": 53, "proto": "UDP", **more,
    }  # fmt: skip


NAME = "www.example"
DNS_1 = eve("dns", dns={"type": "answer", "id": 7, "rcode": "NOERROR", "rrname": NAME, "rrtype": "A", "ttl": 8,
                        "rdata": "192.0.2.1"})  # fmt: skip
DNS_2 = eve("dns", dns={"version": 2, "type": "answer", "id": 7, "rcode": "NOERROR", "rrname": NAME, "rrtype": "A",
                        "grouped": {"A": ["192.0.2.1"]}})  # fmt: skip
DNS_3 = eve("dns", dns={"version": 3, "type": "response", "id": 7, "rcode": "NOERROR",
                        "queries": [{"rrname": NAME, "rrtype": "A"}],
                        "answers": [{"rrname": NAME, "rrtype": "A", "ttl": 8, "rdata": "192.0.2.1"}]})  # fmt: skip
ALERT = eve("alert", proto="TCP", dest_port=80, app_proto="http", community_id="1:abc=", alert={
    "action": "blocked", "gid": 1, "signature_id": 2100498, "rev": 7, "signature": "id check returned root",
    "category": "Potentially Bad Traffic", "severity": 2},
    http={"hostname": "portal.gov.example", "url": "/a?b=1", "http_method": "GET", "status": 200})  # fmt: skip
FLOW = eve("flow", app_proto="dns", flow={"pkts_toserver": 1, "pkts_toclient": 2, "bytes_toserver": 70,
           "bytes_toclient": 230, "start": "2023-11-14T22:13:19.000000+0000", "state": "closed"})  # fmt: skip
TLS = eve("tls", proto="TCP", dest_port=443, tls={"sni": "id.gov.example", "version": "TLS 1.2", "subject": "CN=a",
          "issuerdn": "CN=b", "ja3": {"hash": "0" * 32}})  # fmt: skip
EVE = [DNS_1, DNS_2, DNS_3, ALERT, FLOW, TLS]
FAST = (
    b"11/14/2023-22:13:20.123456  [**] [1:2100498:7] id check returned root [**] "
    b"[Classification: Potentially Bad Traffic] [Priority: 2] {TCP} 192.0.2.7:80 -> 198.51.100.9:49152\n"
    b"11/14/2023-22:13:21.000001  [Drop] [**] [1:1000001:1] ping [**] [Classification: (null)] [Priority: 3] "
    b"{IPv6-ICMP} 2001:db8::7:128 -> 2001:db8::9:0\n"
)


def ndjson(*records: dict[str, Any]) -> bytes:
    return "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records).encode()


SEEDS = [
    CONN,
    dns("a.example", "TXT", "one\\x2ctwo,three", "60.000000,-") + http("/a?b=c", "\\xff\\x09\\\\"),
    ndjson(*CONN_JSON, dns_json("b.example", answers=["x"], TTLs=[60.0])),
    ndjson(*EVE),
    FAST,
]
