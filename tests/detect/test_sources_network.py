"""Rules for network sensors hit what Zeek and Suricata write, as tables and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sentinel.detect.sigma.load import compile_files
from sentinel.detect.sigma.logsource import resolve
from sentinel.model.datasets_network import ZEEK_LOGS
from tests.detect.builders import rule
from tests.detections.logs import rules_hit
from tests.formats import network_lines as lines

if TYPE_CHECKING:
    from pathlib import Path

DNS, PROXY, WEB, FIREWALL = (f"{{category: {each}}}" for each in ("dns", "proxy", "webserver", "firewall"))
HTTP_JSON = {
    **{name: value for name, value in lines.dns_json("").items() if name.startswith(("ts", "uid", "id."))},
    "trans_depth": 1, "method": "GET", "host": "portal.gov.example", "uri": "/a/b?c=d", "user_agent": "curl/8.5.0",
    "status_code": 200, "tags": [],
}  # fmt: skip
SURICATA_HTTP = lines.eve(
    "http",
    http={"hostname": "portal.gov.example", "url": "/a/b?c=d", "http_method": "GET", "http_user_agent": "curl/8.5.0"},
)
TXT = {"qtype_name": "TXT", "answers": ["powershell IEX (x)"]}
DNS_LOGS = [
    lines.dns("x.example", "TXT", "powershell IEX (x)", "8.000000"),
    lines.ndjson(lines.dns_json("x.example", **TXT)),
    lines.ndjson(lines.eve("dns", dns={"version": 3, "queries": [{"rrname": "x.example", "rrtype": "TXT"}],
                                       "answers": [{"rdata": "powershell IEX (x)"}]})),
]  # fmt: skip
HTTP_LOGS = [lines.http("/a/b?c=d"), lines.ndjson(HTTP_JSON), lines.ndjson(SURICATA_HTTP)]
CONN_LOGS = [lines.CONN, lines.ndjson(*lines.CONN_JSON)]


def hits(detection: str, source: str, log: bytes) -> bool:
    ruleset = compile_files([("0.yml", rule(f"selection: {detection}", source).encode())])
    assert () == ruleset.rejections
    return bool(rules_hit(ruleset, log.decode()))


@pytest.mark.parametrize("log", DNS_LOGS)
def test_category_dns(log: bytes) -> None:
    assert hits("{query|endswith: .example, record_type: TXT, answer|contains: IEX}", DNS, log)
    assert not hits("{query: y.example}", DNS, log)


@pytest.mark.parametrize("log", HTTP_LOGS)
@pytest.mark.parametrize("source", [PROXY, WEB])
def test_categories_proxy_and_webserver(source: str, log: bytes) -> None:
    asked = "cs-method: GET, cs-host: portal.gov.example, c-useragent|startswith: curl, cs-uri-stem|endswith: /b"
    assert hits(f"{{{asked}, cs-uri-query|contains: 'c=d'}}", source, log)
    assert hits("{cs-uri-query|startswith: '/a/'}", source, log)
    assert hits("{cs-uri-query|startswith: 'c='}", source, log)
    assert not hits("{c-uri: /a/b}", source, log)


@pytest.mark.parametrize("log", [*CONN_LOGS, lines.ndjson({**lines.FLOW, "dest_port": 443})])
def test_category_firewall(log: bytes) -> None:
    assert hits("{src_ip: 192.0.2.7, dst_ip|cidr: 198.51.100.0/24, dst_port: 443}", FIREWALL, log)
    assert not hits("{action: accept}", FIREWALL, log)


def test_a_service_of_zeek_is_the_path_of_a_log() -> None:
    resolved = {each.path: resolve("zeek", None, each.path) for each in ZEEK_LOGS}
    assert {path: (f"zeek.{path}",) for path in resolved} == {
        path: found[0].datasets for path, found in resolved.items() if len(found) == 1
    }


def ends(**more: object) -> dict[str, Any]:
    base = lines.dns_json("")
    return {name: base[name] for name in ("ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p")} | more


def both(path: str, /, **fields: str) -> list[bytes]:
    """Give the same record as a table and as JSON."""
    ts = ["1700000000.123456"]
    columns = [("ts", "time"), ("uid", "string"), ("id.orig_h", "addr"), ("id.orig_p", "port"), ("id.resp_h", "addr"),
               ("id.resp_p", "port"), *((name, "string") for name in fields)]  # fmt: skip
    row = [*ts, *lines.FROM[1:], "445", *(value.replace("\\", "\\x5c") for value in fields.values())]
    return [lines.table(path, columns, row), lines.ndjson(ends(**{"_path": path, **fields}))]


ZEEK, NET = "rules/network/zeek", "rules/network/dns"
SIGMAHQ = [
    (f"{ZEEK}/zeek_dns_torproxy.yml", [lines.dns("a.onion.ws"), lines.ndjson(lines.dns_json("a.onion.ws"))]),
    (f"{ZEEK}/zeek_dns_nkn.yml", both("dns", query="seed-0001.nkn.org")),
    (f"{ZEEK}/zeek_http_webdav_put_request.yml", both("http", method="PUT", user_agent="Microsoft-WebDAV-MiniRedir")),
    (f"{ZEEK}/zeek_http_executable_download_from_webdav.yml", both("http", uri="/webdav/a.exe", method="GET")),
    (f"{ZEEK}/zeek_default_cobalt_strike_certificate.yml", both("x509", **{"certificate.serial": "8BB00EE"})),
    (f"{ZEEK}/zeek_smb_converted_win_impacket_secretdump.yml",
     both("smb_files", path="\\\\10.0.0.1\\ADMIN$", name="SYSTEM32\\abc.tmp")),
    (f"{ZEEK}/zeek_dce_rpc_mitre_bzar_execution.yml", both("dce_rpc", endpoint="svcctl", operation="CreateServiceW")),
    (f"{ZEEK}/zeek_susp_kerberos_rc4.yml", both("kerberos", request_type="TGS", cipher="rc4-hmac", service="cifs/a")),
    (f"{ZEEK}/zeek_rdp_public_listener.yml", both("rdp", cookie="an")),
    (f"{NET}/net_dns_susp_txt_exec_strings.yml", DNS_LOGS),
    (f"{NET}/net_dns_susp_b64_queries.yml", [lines.dns("aGk==.x.example"), lines.ndjson(lines.dns_json("a==.x"))]),
    ("rules-emerging-threats/2017/TA/Equation-Group/net_firewall_apt_equationgroup_c2.yml",
     both("conn", conn_state="SF", proto="tcp")),
    ("rules-emerging-threats/2025/Malware/Katz-Stealer/zeek_http_katz_stealer_susp_useragent.yml",
     both("http", user_agent="katz-ontop")),
    (
        "rules/web/proxy_generic/proxy_ua_powershell.yml", both("http", user_agent="x WindowsPowerShell/5.1")),
    ("rules/web/webserver_generic/web_path_traversal_exploitation_attempt.yml",
     both("http", uri="/a/../../../../../lib/password", method="GET")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "logs"), SIGMAHQ)
def test_rules_of_sigmahq_hit_what_they_are_for(shared: Path, name: str, logs: list[bytes]) -> None:
    ruleset = compile_files([(name, (shared / "sigma" / name).read_bytes())])
    assert () == ruleset.rejections
    logs = [log.replace(b"198.51.100.9", b"69.42.98.86") for log in logs]
    assert [{0}] * len(logs) == [rules_hit(ruleset, log.decode()) for log in logs]


def test_every_rule_of_sigmahq_for_zeek_compiles(shared: Path) -> None:
    files = sorted(shared.glob("sigma/rules*/**/zeek_*.yml"))
    ruleset = compile_files([(str(path), path.read_bytes()) for path in files])
    assert (len(files), ()) == (len(ruleset.rules), ruleset.rejections)
