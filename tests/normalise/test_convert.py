"""Native texts become typed values."""

from __future__ import annotations

import pytest

from sentinel.normalise import convert, paths
from sentinel.normalise.convert import MISFIT, Convert, Value
from sentinel.normalise.windows_words import inserted, kerberos_status, level, logon_type, nt_status

CASES: list[tuple[Convert, str, Value]] = [
    (convert.integer, "0x1F4", 500),
    (convert.integer, "-12", -12),
    (convert.integer, "1_000", MISFIT),
    (convert.integer, "٣", MISFIT),
    (convert.integer, "9" * 19, MISFIT),
    (convert.port, "0", None),
    (convert.port, "65535", 65535),
    (convert.port, "-1", MISFIT),
    (convert.boolean, "True", True),
    (convert.boolean, "%%1843", False),
    (convert.boolean, "2", MISFIT),
    (convert.ip, "::FFFF:192.0.2.1", "192.0.2.1"),
    (convert.ip, "fe80::1%7", "fe80::1"),
    (convert.ip, "010.0.0.1", MISFIT),
    (convert.endpoint_ip, "192.0.2.1:3389", "192.0.2.1"),
    (convert.endpoint_ip, "2001:db8::7", "2001:db8::7"),
    (convert.endpoint_port, "2001:db8::7", None),
    (convert.endpoint_port, "[2001:db8::7]:80", 80),
    (convert.guid, "6A910B9D-498A-5EE0-C903-000000000400", "{6a910b9d-498a-5ee0-c903-000000000400}"),
    (convert.guid, "none", "none"),
    (convert.sid, "s-1-5-18", "S-1-5-18"),
    (convert.sid, "S-1-0-0", None),
    (convert.sid, "TINH\\an", "TINH\\an"),
    (convert.user_of, "NT AUTHORITY\\SYSTEM", "SYSTEM"),
    (convert.domain_of, "NT AUTHORITY\\SYSTEM", "NT AUTHORITY"),
    (convert.domain_of, "SYSTEM", None),
    (convert.common_name, "CN=Nguyen\\, An,OU=x", "Nguyen, An"),
    (convert.short_name, "WS-7.tinh.example", "ws-7"),
    (convert.short_name, "192.0.2.7", "192.0.2.7"),
    (paths.name_of, "C:/a\\b/c.exe", "c.exe"),
    (paths.name_of, "C:\\a\\", None),
    (paths.extension_of, "C:\\a.b\\c", None),
    (paths.extension_of, "C:\\a.b\\.profile", None),
    (paths.registry_path, "\\REGISTRY\\MACHINE\\SOFTWARE", "HKLM\\SOFTWARE"),
    (paths.registry_path, "\\REGISTRY\\USER\\S-1-5-18", "HKU\\S-1-5-18"),
    (paths.registry_hive, "HKEY_LOCAL_MACHINE\\SOFTWARE", "HKLM"),
    (paths.registry_hive, "\\REGISTRY\\A\\{1}", None),
    (paths.registry_value, "HKLM\\SOFTWARE\\(Default)", "(Default)"),
    (paths.details_type, "QWORD (0x00000000-0x00000001)", "REG_QWORD"),
    (paths.details_strings, "QWORD (0x00000000-0x00000001)", "0x00000000-0x00000001"),
    (paths.details_strings, "Binary Data", None),
    (paths.hash_of("sha1"), "SHA1=" + "A" * 40, "a" * 40),
    (paths.hash_of("md5"), "SHA1=" + "A" * 40, None),
    (paths.hash_of("md5"), "not hashes", MISFIT),
    (paths.hash_of("sha256"), "0x" + "B" * 64, "b" * 64),
    (paths.hash_of("sha1"), "Unknown", None),
    (paths.answer_types, "type:  33 x;192.0.2.1;", ["SRV", "A"]),
    (paths.answer_addresses, "type:  28 nonsense;", None),
    (level, "Information", "information"),
    (logon_type, "3", "Network"),
    (logon_type, "99", None),
    (inserted, "%%2310", "Account currently disabled."),
    (inserted, "%%1", "%%1"),
    (nt_status, "0xC0000234", "User logon with account locked"),
    (kerberos_status, "0x19", "KDC_ERR_PREAUTH_REQUIRED"),
]


@pytest.mark.parametrize(("converter", "text", "expected"), CASES)
def test_a_text_gives_its_value(converter: Convert, text: str, expected: Value) -> None:
    assert (type(expected), expected) == (type(converter(text)), converter(text))
