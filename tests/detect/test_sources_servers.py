"""Rules for DNS servers and databases hit what their logs say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from sentinel.detect.sigma.load import compile_files
from tests.scanning import scanned

if TYPE_CHECKING:
    from pathlib import Path

BIND = "22-Nov-2026 10:00:00.123 queries: info: client @0x7f 192.0.2.1#53 ({0}): query: {0} IN A +E(0)K (192.0.2.53)\n"
UNBOUND = "[1700000001] unbound[123:0] info: 192.0.2.1 {0}. A IN\n"
DNSMASQ = "Nov 22 10:00:00 dnsmasq[812]: query[A] {0} from 192.0.2.1\n"
WINDOWS = (
    "11/22/2026 9:55:13 AM 0E4C PACKET  00000024B2B3F0C0 UDP Snd 192.0.2.1       0002 R Q [8085 A DR  NOERROR] TXT    "
    "(3)www(4)evil(0)\nTCP response info at 0\n    ANSWER SECTION:\n      DATA   IEX (New-Object Net.WebClient)\n"
)
POSTGRESQL = "2026-11-22 10:00:00.123 UTC [762] web@shop LOG:  statement: {0}\n"
GENERAL = "2026-11-22T10:00:02.123456Z\t    8 Query\t{0}\n"
AUDIT = "20261122 10:00:01,db1,web,192.0.2.9,31,123,QUERY,shop,'{0}',0\n"
MYSQL_ERROR = "2026-11-22T10:00:02.1Z 8 [ERROR] [MY-010584] [Repl] You have an error in your SQL syntax; check\n"


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
        ("net_dns_susp_telegram_api", BIND.format("api.telegram.org")),
        ("net_dns_susp_telegram_api", UNBOUND.format("api.telegram.org")),
        ("net_dns_susp_telegram_api", DNSMASQ.format("api.telegram.org")),
        ("net_dns_external_service_interaction_domains", UNBOUND.format("x1.oast.fun")),
        ("net_dns_mal_cobaltstrike", BIND.format("aaa.stage.1.example")),
        ("net_dns_susp_txt_exec_strings", WINDOWS),
        ("db_anomalous_query", POSTGRESQL.format("drop table users")),
        ("db_anomalous_query", GENERAL.format("drop table users")),
        ("db_anomalous_query", AUDIT.format("select * from users")),
        ("app_sqlinjection_errors", MYSQL_ERROR),
    ],
)
def test_a_rule_of_sigmahq_hits_what_it_is_about(shared: Path, tmp_path: Path, rule: str, log: str) -> None:
    (path,) = (shared / "sigma" / "rules").rglob(f"{rule}.yml")
    text = path.read_bytes()
    assert [yaml.safe_load(text)["title"]] == hits_on(tmp_path, log, [(path.name, text)])


@pytest.mark.parametrize("log", [BIND, UNBOUND, DNSMASQ])
def test_rules_of_sigmahq_leave_plain_queries_alone(shared: Path, tmp_path: Path, log: str) -> None:
    rules = [(path.name, path.read_bytes()) for path in (shared / "sigma" / "rules" / "network" / "dns").glob("*.yml")]
    assert [] == hits_on(tmp_path, log.format("www.example.com"), rules)
