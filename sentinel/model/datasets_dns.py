"""Datasets of DNS and DHCP servers."""

from __future__ import annotations

from typing import Final

from sentinel.model.dataset import Dataset

_BIND_HEAD: Final = (
    ("time", "When; absent where `print-time` is off, or in syslog"),
    ("category", "Category of the log: queries, security, rpz, …"),
    ("severity", "Severity"),
)
_BIND_CLIENT: Final = (
    ("object", "Identity of the client within the server (`@0x…`)"),
    ("client", "Address of the client"),
    ("port", "Port of the client"),
    ("key", "Key that signed the query (TSIG)"),
    ("name", "Name that the client is served for"),
    ("view", "View"),
    ("query", "Name asked for"),
    ("qclass", "Class asked for"),
    ("qtype", "Record type asked for"),
)
_MANUAL: Final = "https://bind9.readthedocs.io/en/stable/reference.html#query-logging"
_UNBOUND_HEAD: Final = (
    ("time", "When; absent in syslog"),
    ("pid", "Process"),
    ("thread", "Thread"),
    ("level", "Level, or `query` and `reply` where lines are tagged"),
)
_UNBOUND_ASKED: Final = (
    ("client", "Address of the client"),
    ("port", "Port of the client, where it is told"),
    ("name", "Name asked for, with its last dot"),
    ("query", "Name asked for, without its last dot"),
    ("qtype", "Record type asked for"),
    ("qclass", "Class asked for"),
    ("rest", "What else stands on the line"),
)
_DNSMASQ_HEAD: Final = (
    ("time", "When; absent in syslog"),
    ("program", "dnsmasq, or a part of it"),
    ("pid", "Process"),
)
_DNSMASQ_EXTRA: Final = (
    ("serial", "Number of the query (`log-queries=extra`)"),
    ("requestor", "Who asked (`log-queries=extra`)"),
    ("port", "Port of who asked (`log-queries=extra`)"),
    ("action", "query; reply, cached, config, … for an answer; forwarded"),
    ("query", "Name asked for"),
)
_DNSMASQ_MANUAL: Final = "https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html"
_LEARN: Final = "https://learn.microsoft.com/windows-server/networking/"

DNS: Final[tuple[Dataset, ...]] = (
    Dataset(
        "bind.query",
        "BIND 9: queries",
        fields=(
            *_BIND_HEAD,
            *_BIND_CLIENT,
            ("flags", "Flags: + recursion, S signed, E(0) EDNS, T TCP, D DNSSEC OK, C checking disabled, K cookie"),
            ("server", "Address that the query came to"),
            ("rest", "What else stands on the line: the client subnet"),
        ),
        cites=_MANUAL,
    ),
    Dataset(
        "bind.log",
        "BIND 9: everything but queries",
        fields=(
            *_BIND_HEAD,
            ("message", "What it says"),
            *_BIND_CLIENT,
            ("operation", "What was denied or approved: query, zone transfer, update, …"),
            ("result", "denied or approved"),
            ("rcode", "Why a query failed"),
            ("trigger", "What of a response policy zone applied: QNAME, IP, …"),
            ("policy", "What it did: NXDOMAIN, PASSTHRU, …"),
            ("rule", "Record of the response policy zone"),
        ),
        cites=_MANUAL,
    ),
    Dataset(
        "unbound.query",
        "Unbound: queries and replies",
        fields=(
            *_UNBOUND_HEAD,
            ("tag", "query or reply, where lines are tagged"),
            ("type", "query or reply"),
            *_UNBOUND_ASKED,
            ("rcode", "Answer code"),
            ("resolve_time", "Seconds it took"),
            ("from_cache", "1 where it came from the cache"),
            ("size", "Bytes of the reply"),
        ),
        cites="https://unbound.docs.nlnetlabs.nl/en/latest/manpages/unbound.conf.html",
    ),
    Dataset(
        "unbound.log",
        "Unbound: everything but queries and replies",
        fields=(
            *_UNBOUND_HEAD,
            ("message", "What it says"),
            ("zone", "Local zone, or entry of a response policy zone, that applied"),
            ("rpz", "Name of the response policy zone"),
            ("action", "What the zone did: static, always_nxdomain, rpz-nxdomain, …"),
            *_UNBOUND_ASKED,
        ),
        cites="https://unbound.docs.nlnetlabs.nl/en/latest/manpages/unbound.conf.html",
    ),
    Dataset(
        "dnsmasq.query",
        "dnsmasq: queries and answers",
        fields=(
            *_DNSMASQ_HEAD,
            *_DNSMASQ_EXTRA,
            ("type", "query or answer"),
            ("qtype", "Record type asked for"),
            ("client", "Address of the client"),
            ("answer", "Answer: an address, a name, <CNAME>, NXDOMAIN, …"),
        ),
        cites=_DNSMASQ_MANUAL,
    ),
    Dataset(
        "dnsmasq.dhcp",
        "dnsmasq: DHCP",
        fields=(
            *_DNSMASQ_HEAD,
            ("message", "What it says"),
            ("transaction", "Number of the transaction (`log-dhcp`)"),
            ("action", "DHCPDISCOVER, DHCPACK, …"),
            ("interface", "Interface"),
            ("client", "Address of the client"),
            ("mac", "Hardware address, or DUID, of the client"),
            ("host", "Name of the client"),
        ),
        cites=_DNSMASQ_MANUAL,
    ),
    Dataset(
        "dnsmasq.log",
        "dnsmasq: everything else, queries passed on among it",
        fields=(
            *_DNSMASQ_HEAD,
            ("message", "What it says"),
            *_DNSMASQ_EXTRA,
            ("upstream", "Server that the query was passed on to"),
        ),
        cites=_DNSMASQ_MANUAL,
    ),
    Dataset(
        "msdns.debug",
        "DNS server of Windows: debug log",
        fields=(
            ("date", "Date, in the form of the server's language"),
            ("time", "Time"),
            ("date_time", "Date and time"),
            ("thread_id", "Thread ID"),
            ("context", "Context: PACKET, EVENT, …"),
            ("packet_id", "Internal packet identifier"),
            ("protocol", "UDP or TCP"),
            ("direction", "Rcv or Snd"),
            ("remote_ip", "Remote IP"),
            ("remote_port", "Remote port, from the details"),
            ("sender_ip", "Remote IP where the packet was received"),
            ("receiver_ip", "Remote IP where the packet was sent"),
            ("xid", "Xid (hex)"),
            ("qr", "R for a response"),
            ("type", "query or answer"),
            ("opcode", "Q standard query, N notify, U update"),
            ("flags_hex", "Flags (hex)"),
            ("flags", "Flags: A authoritative, T truncated, D recursion desired, R recursion available"),
            ("response_code", "ResponseCode"),
            ("question_type", "Question Type"),
            ("question_name", "Question Name, as written: (3)www(7)example(0)"),
            ("query", "Question Name with dots"),
            ("answers", "Data of the answers, from the details"),
            ("details", "The packet, written out"),
            ("message", "What it says, where it is no packet"),
            ("rest", "What else stands on the line"),
        ),
        cites=f"{_LEARN}dns/dns-logging-and-diagnostics",
    ),
    Dataset(
        "msdhcp.server",
        "DHCP server of Windows: audit log",
        fields=(
            ("ID", "Event id"),
            ("Date", "Date: month/day/year"),
            ("Time", "Time"),
            ("date_time", "Date and time"),
            ("Description", "What happened"),
            ("IP Address", "Address of the client"),
            ("IPv6 Address", "Address of the client, in the log of IPv6"),
            ("Host Name", "Name of the client"),
            ("MAC Address", "Hardware address of the client"),
            ("User Name", "User"),
            ("TransactionID", "Transaction"),
            ("QResult", "Result of quarantine"),
            ("Probationtime", "Time of probation"),
            ("CorrelationID", "Identity that joins events"),
            ("Dhcid", "DHCP client identity"),
            ("VendorClass(Hex)", "Vendor class"),
            ("VendorClass(ASCII)", "Vendor class as text"),
            ("UserClass(Hex)", "User class"),
            ("UserClass(ASCII)", "User class as text"),
            ("RelayAgentInformation", "What the relay says"),
            ("DnsRegError", "Error of registering the name"),
            ("Error Code", "Error, in the log of IPv6"),
            ("Duid Length", "Length of the DUID, in the log of IPv6"),
            ("Duid Bytes(Hex)", "DUID, in the log of IPv6"),
            ("rest", "What stands behind the fields that the heading names"),
        ),
        cites=f"{_LEARN}technologies/dhcp/dhcp-top",
    ),
)
