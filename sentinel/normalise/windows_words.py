"""What Windows writes as numbers, in words.

Only meanings that Microsoft documents; a number that is not here is left out of the field made from it, and stands in
its native column.
"""

from __future__ import annotations

from sentinel.normalise.convert import MISFIT, Value, after, digits, integer, lookup

level = lookup(
    "level",
    "Level in words; other texts in lower case.",
    {"0": "information", "1": "critical", "2": "error", "3": "warning", "4": "information", "5": "verbose"},
    otherwise=str.lower,
)

logon_type = lookup(
    "logon_type",
    "Type of logon in words.",
    {
        "0": "System",
        "2": "Interactive",
        "3": "Network",
        "4": "Batch",
        "5": "Service",
        "6": "Proxy",
        "7": "Unlock",
        "8": "NetworkCleartext",
        "9": "NewCredentials",
        "10": "RemoteInteractive",
        "11": "CachedInteractive",
        "12": "CachedRemoteInteractive",
        "13": "CachedUnlock",
    },
)

# Insertion strings of the security log (msobjs.dll); `inserted` leaves others as they are.
_INSERTED = {
    "%%1832": "Identification",
    "%%1833": "Impersonation",
    "%%1840": "Delegation",
    "%%1842": "Yes",
    "%%1843": "No",
    "%%1904": "New registry value created",
    "%%1905": "Existing registry value modified",
    "%%1906": "Registry value deleted",
    "%%1936": "TokenElevationTypeDefault",
    "%%1937": "TokenElevationTypeFull",
    "%%1938": "TokenElevationTypeLimited",
    "%%2304": "An Error occured during Logon.",
    "%%2305": "The specified user account has expired.",
    "%%2306": "The NetLogon component is not active.",
    "%%2307": "Account locked out.",
    "%%2308": "The user has not been granted the requested logon type at this machine.",
    "%%2309": "The specified account's password has expired.",
    "%%2310": "Account currently disabled.",
    "%%2311": "Account logon time restriction violation.",
    "%%2312": "User not allowed to logon at this computer.",
    "%%2313": "Unknown user name or bad password.",
    "%%2314": "Domain sid inconsistent.",
    "%%2315": "Smartcard logon is required and was not used.",
}
inserted = lookup("inserted", "Insertion string in words, others as they are.", _INSERTED, otherwise=str)

direction = lookup(
    "direction",
    "ingress or egress, of the filtering platform's inbound and outbound.",
    {"%%14592": "ingress", "%%14593": "egress", "inbound": "ingress", "outbound": "egress"},
)

object_category = lookup(
    "object_category",
    "Category of event by the type of the object.",
    {"file": "file", "key": "registry", "process": "process", "token": "process"},
)

registry_type = lookup(
    "registry_type",
    "Type of registry data.",
    {
        "%%1872": "REG_NONE",
        "%%1873": "REG_SZ",
        "%%1874": "REG_EXPAND_SZ",
        "%%1875": "REG_BINARY",
        "%%1876": "REG_DWORD",
        "%%1877": "REG_DWORD_BIG_ENDIAN",
        "%%1878": "REG_LINK",
        "%%1879": "REG_MULTI_SZ",
        "%%1883": "REG_QWORD",
    },
)

nt_status = after(
    digits,
    lookup(
        "nt_status",
        "What a logon's NTSTATUS means ([MS-ERREF] 2.3.1).",
        {
            "0xc000005e": "There are currently no logon servers available to service the logon request.",
            "0xc0000064": "User logon with misspelled or bad user account",
            "0xc000006a": "User logon with misspelled or bad password",
            "0xc000006d": "The cause is either a bad username or authentication information",
            "0xc000006e": "Account restriction prevented a valid logon",
            "0xc000006f": "User logon outside authorized hours",
            "0xc0000070": "User logon from unauthorized workstation",
            "0xc0000071": "User logon with expired password",
            "0xc0000072": "User logon to account disabled by administrator",
            "0xc00000dc": "The server was in the wrong state to perform the operation",
            "0xc0000133": "Clocks of the domain controller and the computer are too far apart",
            "0xc000015b": "The user has not been granted the requested logon type at this machine",
            "0xc000018c": "The trust relationship between the primary and the trusted domain failed",
            "0xc0000192": "The Netlogon service was not started",
            "0xc0000193": "User logon with expired account",
            "0xc0000224": "User is required to change the password at next logon",
            "0xc0000234": "User logon with account locked",
            "0xc0000413": "The account is not allowed to authenticate to this machine",
        },
    ),
)

kerberos_status = after(
    digits,
    lookup(
        "kerberos_status",
        "Name of a Kerberos error (RFC 4120, 7.5.9).",
        {
            "0x1": "KDC_ERR_NAME_EXP",
            "0x2": "KDC_ERR_SERVICE_EXP",
            "0x3": "KDC_ERR_BAD_PVNO",
            "0x6": "KDC_ERR_C_PRINCIPAL_UNKNOWN",
            "0x7": "KDC_ERR_S_PRINCIPAL_UNKNOWN",
            "0x8": "KDC_ERR_PRINCIPAL_NOT_UNIQUE",
            "0x9": "KDC_ERR_NULL_KEY",
            "0xb": "KDC_ERR_NEVER_VALID",
            "0xc": "KDC_ERR_POLICY",
            "0xd": "KDC_ERR_BADOPTION",
            "0xe": "KDC_ERR_ETYPE_NOSUPP",
            "0x12": "KDC_ERR_CLIENT_REVOKED",
            "0x13": "KDC_ERR_SERVICE_REVOKED",
            "0x14": "KDC_ERR_TGT_REVOKED",
            "0x17": "KDC_ERR_KEY_EXPIRED",
            "0x18": "KDC_ERR_PREAUTH_FAILED",
            "0x19": "KDC_ERR_PREAUTH_REQUIRED",
            "0x1f": "KRB_AP_ERR_BAD_INTEGRITY",
            "0x20": "KRB_AP_ERR_TKT_EXPIRED",
            "0x21": "KRB_AP_ERR_TKT_NYV",
            "0x22": "KRB_AP_ERR_REPEAT",
            "0x23": "KRB_AP_ERR_NOT_US",
            "0x25": "KRB_AP_ERR_SKEW",
            "0x29": "KRB_AP_ERR_MODIFIED",
            "0x34": "KRB_ERR_RESPONSE_TOO_BIG",
            "0x3c": "KRB_ERR_GENERIC",
            "0x44": "KDC_ERR_WRONG_REALM",
        },
    ),
)

transport = lookup(
    "transport",
    "Transport, by name or by its number in the IP header.",
    {
        **{name: name for name in ("tcp", "udp", "icmp", "sctp", "ipv6-icmp")},
        "1": "icmp",
        "6": "tcp",
        "17": "udp",
        "58": "ipv6-icmp",
        "132": "sctp",
    },
    otherwise=str.lower,
)

_AUDIT_FAILURE, _AUDIT_SUCCESS = 1 << 52, 1 << 53
_AUDIT_WORDS = {"audit success": "success", "audit failure": "failure"}


def outcome_of_keywords(value: str) -> Value:
    """Outcome, by the audit bits of the keywords."""
    if value.lower() in _AUDIT_WORDS:
        return _AUDIT_WORDS[value.lower()]
    bits = _keyword_bits(value)
    if bits & _AUDIT_FAILURE:
        return "failure"
    return "success" if bits & _AUDIT_SUCCESS else None


def _keyword_bits(value: str) -> int:
    if value[:2] in {"0x", "0X"}:
        try:
            return int(value, 16)
        except ValueError:
            return 0
    number = integer(value)
    return number if isinstance(number, int) else 0


def outcome_of_status(value: str) -> Value:
    """Outcome: success where the status is 0, else failure."""
    number = integer(value)
    if number is MISFIT:
        return None
    return "failure" if number else "success"
