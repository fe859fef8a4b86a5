"""Suricata's events to ECS."""

from __future__ import annotations

from typing import Final

from sentinel.model.datasets_suricata import SURICATA
from sentinel.normalise.convert import boolean, date, integer, lookup, lower
from sentinel.normalise.lines import peer
from sentinel.normalise.mapping import Event, Family, Map
from sentinel.normalise.network_values import outcome, sni, tls_protocol, tls_version, transport
from sentinel.normalise.paths import extension_of, name_of
from sentinel.normalise.suricata_times import read_fast
from sentinel.normalise.times import read_iso

_ACTION: Final = lookup("verdict", "allowed or denied", {"allowed": "allowed", "blocked": "denied", "drop": "denied"})

_ENDS: Final = (
    *peer("src_ip", "src_port"),
    *peer("dest_ip", "dest_port", "destination"),
    Map("source.address", "src_ip"),
    Map("destination.address", "dest_ip"),
    Map("network.transport", "proto", transport),
    Map("network.protocol", "app_proto", lower),
    Map("network.community_id", "community_id"),
    Map("network.vlan.id", "vlan"),
    Map("event.id", "flow_id"),
    Map("observer.hostname", "host"),
    Map("observer.ingress.interface.name", "in_iface"),
)
_ALERT: Final = (
    Map("event.severity", "alert.severity", integer),
    Map("rule.id", "alert.signature_id"),
    Map("rule.name", "alert.signature"),
    Map("rule.category", "alert.category"),
    Map("rule.version", "alert.rev"),
    Map("message", "alert.signature"),
    Map("event.type", "alert.action", _ACTION),
)
_DNS: Final = (
    Map("dns.question.name", "dns.rrname"),
    Map("dns.question.type", "dns.rrtype"),
    Map("dns.response_code", "dns.rcode"),
    Map("dns.id", "dns.id"),
    Map("dns.type", "dns.type"),
    Map("dns.answers.data", "dns.rdata"),
    Map("dns.answers.type", "dns.answers.rrtype"),
    Map("event.outcome", "dns.rcode", outcome),
)
_HTTP: Final = (
    Map("http.request.method", "http.http_method"),
    Map("http.request.referrer", "http.http_refer"),
    Map("http.response.status_code", "http.status", integer),
    Map("http.response.body.bytes", "http.length", integer),
    Map("http.response.mime_type", "http.http_content_type"),
    Map("http.version", "http.protocol"),
    Map("url.original", "http.url"),
    Map("url.path", "http.url_path"),
    Map("url.query", "http.url_query"),
    Map("url.domain", "http.hostname"),
    Map("user_agent.original", "http.http_user_agent"),
)
_TLS: Final = (
    Map("tls.version", "tls.version", tls_version),
    Map("tls.version_protocol", "tls.version", tls_protocol),
    Map("tls.client.server_name", "tls.sni", sni),
    Map("destination.domain", "tls.sni", sni),
    Map("tls.client.ja3", "tls.ja3.hash"),
    Map("tls.server.ja3s", "tls.ja3s.hash"),
    Map("tls.server.subject", "tls.subject"),
    Map("tls.server.issuer", "tls.issuerdn"),
    Map("tls.server.not_before", "tls.notbefore", date),
    Map("tls.server.not_after", "tls.notafter", date),
    Map("tls.resumed", "tls.session_resumed", boolean),
    Map("x509.serial_number", "tls.serial"),
)
_FLOW: Final = (
    Map("source.bytes", "flow.bytes_toserver", integer),
    Map("destination.bytes", "flow.bytes_toclient", integer),
    Map("source.packets", "flow.pkts_toserver", integer),
    Map("destination.packets", "flow.pkts_toclient", integer),
    Map("network.bytes", "flow.bytes", integer),
    Map("network.packets", "flow.pkts", integer),
    Map("event.start", "flow.start", date),
    Map("event.end", "flow.end", date),
    Map("event.reason", "flow.reason"),
)
_FILE: Final = (
    Map("file.path", "fileinfo.filename"),
    Map("file.name", "fileinfo.filename", name_of),
    Map("file.extension", "fileinfo.filename", extension_of),
    Map("file.size", "fileinfo.size", integer),
    Map("file.hash.md5", "fileinfo.md5", lower),
    Map("file.hash.sha1", "fileinfo.sha1", lower),
    Map("file.hash.sha256", "fileinfo.sha256", lower),
)
_MAPS: Final[dict[str, tuple[Map, ...]]] = {
    "alert": (*_ALERT, *_HTTP, *_DNS, *_TLS, *_FLOW),
    "drop": _ALERT,
    "anomaly": (Map("event.reason", "anomaly.event"), Map("rule.name", "anomaly.event")),
    "dns": _DNS,
    "http": _HTTP,
    "http2": _HTTP,
    "tls": _TLS,
    "quic": (Map("tls.client.server_name", "quic.sni", sni),),
    "flow": _FLOW,
    "netflow": (
        Map("network.bytes", "netflow.bytes", integer),
        Map("network.packets", "netflow.pkts", integer),
        Map("event.start", "netflow.start", date),
        Map("event.end", "netflow.end", date),
    ),
    "fileinfo": (*_FILE, *_HTTP),
    "ssh": (
        Map("user_agent.original", "ssh.client.software_version"),
        Map("service.version", "ssh.server.software_version"),
    ),
    "smtp": (
        Map("email.sender.address", "smtp.mail_from"),
        Map("email.from.address", "email.from"),
        Map("email.to.address", "smtp.rcpt_to"),
        Map("email.subject", "email.subject"),
    ),
    "smb": (
        Map("event.action", "smb.command"),
        Map("file.path", "smb.filename"),
        Map("file.name", "smb.filename", name_of),
        Map("user.name", "smb.ntlmssp.user"),
        Map("user.domain", "smb.ntlmssp.domain"),
    ),
    "krb5": (
        Map("user.name", "krb5.cname"),
        Map("user.domain", "krb5.realm"),
        Map("event.action", "krb5.msg_type"),
        Map("service.name", "krb5.sname"),
        Map("error.code", "krb5.error_code"),
    ),
    "dhcp": (
        Map("source.mac", "dhcp.client_mac"),
        Map("source.domain", "dhcp.hostname"),
        Map("event.action", "dhcp.dhcp_type"),
    ),
    "ftp": (Map("event.action", "ftp.command", lower),),
    "rdp": (Map("user.name", "rdp.cookie"),),
    "nfs": (Map("event.action", "nfs.procedure", lower), Map("file.name", "nfs.filename")),
    "fast": (
        Map("event.severity", "priority", integer),
        Map("rule.id", "signature_id"),
        Map("rule.name", "signature"),
        Map("rule.category", "category"),
        Map("rule.version", "rev"),
        Map("message", "signature"),
        Map("event.type", "action", lookup("drop", "denied where dropped", {"drop": "denied", "wdrop": "denied"})),
    ),
}
_NETWORK: Final = ("network",)
_INTRUSION: Final = ("intrusion_detection", "network")
_EVENTS: Final[dict[str, Event]] = {
    "alert": Event("", "alert", _INTRUSION, ("info",), kind="alert"),
    "fast": Event("", "alert", _INTRUSION, ("info",), kind="alert"),
    "drop": Event("", "drop", _NETWORK, ("connection", "denied")),
    "anomaly": Event("", "anomaly", _NETWORK, ("info",)),
    "flow": Event("", "flow", _NETWORK, ("connection",)),
    "netflow": Event("", "netflow", _NETWORK, ("connection",)),
    "http": Event("", "http", ("network", "web"), ("connection", "protocol", "access")),
    "http2": Event("", "http2", ("network", "web"), ("connection", "protocol", "access")),
    "fileinfo": Event("", "fileinfo", ("network", "file"), ("info",)),
    "smtp": Event("", "smtp", ("network", "email"), ("connection", "protocol")),
    "krb5": Event("", "krb5", ("network", "authentication"), ("connection", "protocol")),
    "ssh": Event("", "ssh", ("network", "session"), ("connection", "protocol")),
    "rdp": Event("", "rdp", ("network", "session"), ("connection", "protocol")),
    "stats": Event("", "stats", (), ("info",), kind="metric"),
}
_TELLING: Final[dict[str, tuple[str, ...]]] = {
    "alert": ("alert.signature", "alert.category", "src_ip", "dest_ip"),
    "fast": ("signature", "category", "src_ip", "dest_ip"),
    "dns": ("dns.rrname", "dns.rrtype", "dns.rdata", "src_ip"),
    "http": ("http.http_method", "http.hostname", "http.url", "http.status"),
    "tls": ("tls.sni", "tls.version", "tls.subject", "dest_ip"),
    "fileinfo": ("fileinfo.filename", "fileinfo.sha256", "src_ip"),
    "flow": ("src_ip", "dest_ip", "dest_port", "app_proto", "flow.state"),
}


def _family(dataset: str) -> Family:
    kind = dataset.removeprefix("suricata.")
    return Family(
        dataset,
        maps=(*_ENDS, *_MAPS.get(kind, ())),
        event=_EVENTS.get(kind) or Event("", kind, _NETWORK, ("connection", "protocol")),
        time="timestamp",
        hosts=("host",),
        users=("smb.ntlmssp.user", "krb5.cname", "rdp.cookie"),
        telling=_TELLING.get(kind, ()),
        read_time=read_fast if kind == "fast" else read_iso,
    )


FAMILIES: Final[tuple[Family, ...]] = tuple(_family(each.name) for each in SURICATA)
