"""Rules for web servers and proxies hit what web logs say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from sentinel.detect.sigma.load import compile_files
from sentinel.detect.sigma.logsource import resolve
from tests.scanning import scanned

if TYPE_CHECKING:
    from pathlib import Path

COMBINED = '203.0.113.66 - - [22/Nov/2026:10:00:00 +0700] "GET {uri} HTTP/1.1" 200 12 "-" "{agent}"\n'
IIS = (
    "#Software: Microsoft Internet Information Services 10.0\n"
    "#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) sc-status sc-win32-status\n"
    "2026-11-22 03:00:00 GET {uri} 203.0.113.66 {agent} 200 0\n"
)
HAPROXY = (
    "203.0.113.66:51234 [22/Nov/2026:10:00:00.123] cong ung-dung/may-01 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "
    '{{cong.gov.example|{agent}}} "GET {uri} HTTP/1.1"\n'
)
SQUID = "1795316400.123 456 10.1.1.7 TCP_MISS/200 1234 GET {uri} - HIER_DIRECT/203.0.113.9 text/html\n"
BLUE_COAT = (
    "#Software: SGOS 7.3.8.1\n#Fields: date time c-ip s-action sc-status cs-method cs-host cs-uri-path cs(User-Agent)\n"
    '2026-11-22 03:00:00 10.1.1.7 TCP_MISS 200 GET evil.example {uri} "{agent}"\n'
)
NGINX_ERROR = "2026/11/22 10:00:00 [alert] 12#12: worker process 7 exited on signal 6 (core dumped)\n"
APACHE_ERROR = (
    "[Sun Nov 22 10:00:00.1 2026] [core:notice] [pid 1] AH00051: child pid 7 exit signal Segmentation Fault (11)\n"
)


def hits_on(tmp_path: Path, log: str, rules: list[tuple[str, bytes]]) -> list[str]:
    """Give the titles of the rules that hit a log."""
    path = tmp_path / "a.log"
    path.write_text(log, encoding="utf-8")
    ruleset = compile_files(rules)
    found = scanned([path], ruleset)
    assert {} == found.faults
    titles = {rule.id: rule.title for rule in ruleset.rules}
    return [titles[rule] for rule in found.counts(path)]


@pytest.mark.parametrize(
    ("rule", "log"),
    [
        ("web_sql_injection_in_access_logs", COMBINED.format(uri="/?id=1%27%20UNION%20SELECT%201", agent="a")),
        ("web_sql_injection_in_access_logs", COMBINED.format(uri="/?id=1%2527+UNI%4fN+%53ELECT+1", agent="a")),
        ("web_xss_in_access_logs", COMBINED.format(uri="/?q=%3Cscript%3Ealert(1)%3C/script%3E", agent="a")),
        ("web_path_traversal_exploitation_attempt", COMBINED.format(uri="/x?f=../../../../../etc/passwd", agent="a")),
        ("web_path_traversal_exploitation_attempt", COMBINED.format(uri="/x?f=..%2f..%2f..%2fetc%2fp", agent="a")),
        ("web_path_traversal_exploitation_attempt", IIS.format(uri="/x f=../../../../etc/x", agent="a")),
        ("web_path_traversal_exploitation_attempt", HAPROXY.format(uri="/x?f=../../../../etc/x", agent="a")),
        ("web_susp_useragents", COMBINED.format(uri="/", agent="sqlmap/1.8")),
        ("web_susp_useragents", IIS.format(uri="/ -", agent="Mozilla/5.0+(sqlmap/1.8)")),
        ("web_susp_useragents", HAPROXY.format(uri="/", agent="sqlmap/1.8")),
        ("web_jndi_exploit", COMBINED.format(uri="/Basic/ReverseShell/203.0.113.9/1/", agent="a")),
        ("proxy_raw_paste_service_access", SQUID.format(uri="http://www.pastebin.com/raw/x")),
        ("proxy_susp_flash_download_loc", SQUID.format(uri="http://a.example/flash_install.php")),
        ("proxy_ua_hacktool", BLUE_COAT.format(uri="/", agent="Mozilla/4.0 (hydra)")),
        ("web_nginx_core_dump", NGINX_ERROR),
        ("web_apache_segfault", APACHE_ERROR),
    ],
)
def test_a_rule_of_sigmahq_hits_what_it_is_about(shared: Path, tmp_path: Path, rule: str, log: str) -> None:
    (path,) = (shared / "sigma" / "rules").rglob(f"{rule}.yml")
    text = path.read_bytes()
    assert [yaml.safe_load(text)["title"]] == hits_on(tmp_path, log, [(path.name, text)])


def test_rules_of_sigmahq_leave_plain_visits_alone(shared: Path, tmp_path: Path) -> None:
    rules = [(path.name, path.read_bytes()) for path in (shared / "sigma" / "rules" / "web").rglob("*.yml")]
    visit = {"uri": "/tim-kiem?tu-khoa=khai%20sinh", "agent": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Firefox/144.0"}
    assert [] == hits_on(tmp_path, COMBINED.format(**visit), rules)
    assert [] == hits_on(tmp_path, HAPROXY.format(**visit), rules)


def test_every_web_log_source_of_sigmahq_is_read(shared: Path) -> None:
    sources = set()
    for path in (shared / "sigma").glob("rules*/**/*.yml"):
        for document in yaml.load_all(path.read_text(encoding="utf-8"), yaml.CSafeLoader):
            source = document["logsource"]
            sources.add((source.get("product"), source.get("category"), source.get("service")))
    web = {each for each in sources if each[1] in {"webserver", "proxy"} or each[2] in {"apache", "nginx"}}
    assert len(web) >= 4
    assert set() == {each for each in web if not resolve(*each)}


def test_a_web_rule_looks_at_json_too(tmp_path: Path) -> None:
    rule = b"""
title: A web shell
logsource: {category: webserver}
detection:
    selection: {cs-uri-query|contains: 'cmd=cat /etc', sc-status: 200}
    condition: selection
"""
    record = {"remote_addr": "192.0.2.1", "request": "GET /a.php?cmd=cat%20%2Fetc HTTP/1.1", "status": 200}
    assert ["A web shell"] == hits_on(tmp_path, json.dumps(record) + "\n", [("a.yml", rule)])
