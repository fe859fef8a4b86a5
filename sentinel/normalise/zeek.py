"""Zeek's logs to ECS."""

from __future__ import annotations

from typing import Final

from sentinel.model.datasets_network import ZEEK_LOGS
from sentinel.normalise.convert import boolean, date, integer, ip, lower, port, text
from sentinel.normalise.lines import peer
from sentinel.normalise.mapping import Event, Family, Map
from sentinel.normalise.network_values import duration, first_protocol, outcome, tls_protocol, tls_version, transport
from sentinel.normalise.paths import extension_of, name_of

_ENDS: Final = (
    *peer("id.orig_h", "id.orig_p"),
    *peer("id.resp_h", "id.resp_p", "destination"),
    Map("source.address", "id.orig_h"),
    Map("destination.address", "id.resp_h"),
    Map("source.mac", "orig_l2_addr"),
    Map("destination.mac", "resp_l2_addr"),
    Map("network.transport", "proto", transport),
    Map("network.community_id", "community_id"),
    Map("network.vlan.id", "vlan"),
    Map("event.id", "uid"),
)
_NETWORK: Final = ("network",)
_PROTOCOL: Final = ("protocol",)
_INFO: Final = ("info",)

# The log → what of ECS its own fields are.
_MAPS: Final[dict[str, tuple[Map, ...]]] = {
    "conn": (
        Map("network.protocol", "service", first_protocol),
        Map("event.duration", "duration", duration),
        Map("source.bytes", "orig_ip_bytes", integer),
        Map("destination.bytes", "resp_ip_bytes", integer),
        Map("source.packets", "orig_pkts", integer),
        Map("destination.packets", "resp_pkts", integer),
        Map("network.bytes", "total_ip_bytes", integer),
        Map("network.packets", "total_pkts", integer),
        Map("network.iana_number", "ip_proto"),
        Map("source.geo.country_iso_code", "orig_cc"),
    ),
    "dns": (
        Map("dns.question.name", "query"),
        Map("dns.question.type", "qtype_name"),
        Map("dns.question.class", "qclass_name"),
        Map("dns.id", "trans_id"),
        Map("dns.op_code", "opcode_name"),
        Map("dns.response_code", "rcode_name"),
        Map("dns.answers.data", "answers"),
        Map("event.duration", "rtt", duration),
        Map("event.outcome", "rcode_name", outcome),
    ),
    "http": (
        Map("http.request.method", "method"),
        Map("http.request.referrer", "referrer"),
        Map("http.version", "version"),
        Map("http.request.body.bytes", "request_body_len", integer),
        Map("http.response.body.bytes", "response_body_len", integer),
        Map("http.response.status_code", "status_code", integer),
        Map("http.request.mime_type", "orig_mime_types"),
        Map("http.response.mime_type", "resp_mime_types"),
        Map("url.original", "uri"),
        Map("url.path", "uri_path"),
        Map("url.query", "uri_query"),
        Map("url.domain", "host"),
        Map("url.username", "username"),
        Map("user.name", "username"),
        Map("user_agent.original", "user_agent"),
    ),
    "ssl": (
        Map("tls.version", "version", tls_version),
        Map("tls.version_protocol", "version", tls_protocol),
        Map("tls.cipher", "cipher"),
        Map("tls.curve", "curve"),
        Map("tls.established", "established", boolean),
        Map("tls.resumed", "resumed", boolean),
        Map("tls.next_protocol", "next_protocol"),
        Map("tls.client.server_name", "server_name"),
        Map("destination.domain", "server_name"),
        Map("tls.client.ja3", "ja3"),
        Map("tls.server.ja3s", "ja3s"),
        Map("tls.client.subject", "client_subject"),
        Map("tls.client.issuer", "client_issuer"),
        Map("tls.server.subject", "subject"),
        Map("tls.server.issuer", "issuer"),
        Map("tls.server.hash.sha256", "cert_chain_fps"),
    ),
    "x509": (
        Map("x509.serial_number", "certificate.serial"),
        Map("x509.subject.distinguished_name", "certificate.subject"),
        Map("x509.issuer.distinguished_name", "certificate.issuer"),
        Map("x509.subject.common_name", "certificate.cn"),
        Map("x509.not_before", "certificate.not_valid_before", date),
        Map("x509.not_after", "certificate.not_valid_after", date),
        Map("x509.public_key_algorithm", "certificate.key_alg"),
        Map("x509.public_key_size", "certificate.key_length", integer),
        Map("x509.signature_algorithm", "certificate.sig_alg"),
        Map("x509.alternative_names", "san.dns"),
    ),
    "files": (
        Map("file.name", "filename", name_of),
        Map("file.extension", "filename", extension_of),
        Map("file.path", "filename"),
        Map("file.mime_type", "mime_type"),
        Map("file.size", "total_bytes", integer),
        Map("file.size", "seen_bytes", integer),
        Map("file.hash.md5", "md5", lower),
        Map("file.hash.sha1", "sha1", lower),
        Map("file.hash.sha256", "sha256", lower),
        Map("network.protocol", "source", lower),
        Map("event.duration", "duration", duration),
        Map("source.ip", "tx_hosts", ip),
        Map("destination.ip", "rx_hosts", ip),
    ),
    "smb_files": (
        Map("event.action", "action"),
        Map("file.path", "name"),
        Map("file.name", "name", name_of),
        Map("file.extension", "name", extension_of),
        Map("file.size", "size", integer),
        Map("file.created", "times.created", date),
    ),
    "smb_mapping": (Map("file.path", "path"),),
    "ssh": (
        Map("event.outcome", "auth_success", outcome),
        Map("user_agent.original", "client"),
        Map("service.version", "server"),
        Map("source.geo.country_iso_code", "remote_location.country_code"),
        Map("source.geo.city_name", "remote_location.city"),
    ),
    "smtp": (
        Map("email.sender.address", "mailfrom"),
        Map("email.from.address", "from"),
        Map("email.to.address", "rcptto"),
        Map("email.cc.address", "cc"),
        Map("email.subject", "subject"),
        Map("email.message_id", "msg_id"),
        Map("user_agent.original", "user_agent"),
    ),
    "ftp": (
        Map("user.name", "user"),
        Map("event.action", "command", lower),
        Map("file.path", "arg"),
        Map("file.size", "file_size", integer),
        Map("file.mime_type", "mime_type"),
        Map("error.code", "reply_code"),
    ),
    "kerberos": (
        Map("user.name", "client"),
        Map("event.action", "request_type", lower),
        Map("event.outcome", "success", outcome),
        Map("error.message", "error_msg"),
        Map("tls.cipher", "cipher"),
        Map("service.name", "service"),
    ),
    "ntlm": (
        Map("user.name", "username"),
        Map("user.domain", "domainname"),
        Map("source.domain", "hostname"),
        Map("destination.domain", "server_dns_computer_name"),
        Map("event.outcome", "success", outcome),
    ),
    "rdp": (Map("user.name", "cookie"), Map("source.domain", "client_name"), Map("event.reason", "result")),
    "radius": (
        Map("user.name", "username"),
        Map("event.outcome", "result", outcome),
        Map("source.mac", "mac"),
    ),
    "mysql": (Map("sentinel.database.statement", "arg"), Map("event.outcome", "success", outcome)),
    "postgresql": (
        Map("user.name", "user"),
        Map("sentinel.database.name", "database"),
        Map("sentinel.database.statement", "frontend_arg"),
        Map("event.outcome", "success", outcome),
    ),
    "dce_rpc": (Map("event.action", "operation"), Map("event.duration", "rtt", duration)),
    "dhcp": (
        Map("source.ip", "client_addr", ip),
        Map("source.mac", "mac"),
        Map("source.domain", "host_name"),
        Map("destination.ip", "server_addr", ip),
        Map("client.ip", "assigned_addr", ip),
        Map("event.duration", "duration", duration),
    ),
    "quic": (Map("tls.client.server_name", "server_name"), Map("network.protocol", "client_protocol", lower)),
    "sip": (
        Map("http.request.method", "method"),
        Map("url.original", "uri"),
        Map("user_agent.original", "user_agent"),
        Map("http.response.status_code", "status_code", integer),
    ),
    "socks": (
        Map("user.name", "user"),
        Map("url.domain", "request.name"),
        Map("server.ip", "request.host", ip),
        Map("server.port", "request_p", port),
    ),
    "snmp": (Map("event.duration", "duration", duration),),
    "syslog": (
        Map("message", "message"),
        Map("log.syslog.facility.name", "facility"),
        Map("log.syslog.severity.name", "severity"),
    ),
    "websocket": (
        Map("url.domain", "host"),
        Map("url.original", "uri"),
        Map("user_agent.original", "user_agent"),
    ),
    "notice": (
        Map("rule.name", "note"),
        Map("rule.description", "msg"),
        Map("message", "msg"),
        Map("source.ip", "src", ip),
        Map("destination.ip", "dst", ip),
        Map("destination.port", "p", port),
        Map("file.mime_type", "file_mime_type"),
    ),
    "intel": (Map("rule.name", "seen.indicator"), Map("rule.ruleset", "sources"), Map("rule.category", "matched")),
    "signatures": (
        Map("rule.id", "sig_id"),
        Map("rule.name", "event_msg"),
        Map("source.ip", "src_addr", ip),
        Map("source.port", "src_port", port),
        Map("destination.ip", "dst_addr", ip),
        Map("destination.port", "dst_port", port),
    ),
    "weird": (Map("event.reason", "name"), Map("rule.name", "name")),
    "traceroute": (Map("source.ip", "src", ip), Map("destination.ip", "dst", ip)),
    "known_hosts": (Map("server.ip", "host", ip),),
    "known_services": (Map("server.ip", "host", ip), Map("server.port", "port_num", port)),
    "known_certs": (
        Map("server.ip", "host", ip),
        Map("server.port", "port_num", port),
        Map("x509.serial_number", "serial"),
        Map("x509.subject.distinguished_name", "subject"),
        Map("x509.issuer.distinguished_name", "issuer_subject"),
    ),
    "software": (
        Map("server.ip", "host", ip),
        Map("service.name", "name"),
        Map("service.version", "unparsed_version"),
        Map("service.type", "software_type", lower),
    ),
    "reporter": (Map("message", "message"), Map("log.level", "level", text)),
    "dpd": (Map("event.reason", "failure_reason"), Map("network.protocol", "analyzer", lower)),
    "analyzer": (Map("event.reason", "failure_reason"), Map("network.protocol", "analyzer_name", lower)),
}

# The log → category, type and kind, where they are not those of any protocol.
_EVENTS: Final[dict[str, Event]] = {
    "conn": Event("", "connection", _NETWORK, ("connection", "end")),
    "http": Event("", "http", ("network", "web"), ("connection", "protocol", "access")),
    "files": Event("", "file", ("file", "network"), _INFO),
    "smb_files": Event("", "smb_files", ("file", "network"), ("connection", "protocol", "access")),
    "ssh": Event("", "ssh", ("network", "session"), ("connection", "protocol")),
    "kerberos": Event("", "kerberos", ("network", "authentication"), ("connection", "protocol")),
    "ntlm": Event("", "ntlm", ("network", "authentication"), ("connection", "protocol")),
    "radius": Event("", "radius", ("network", "authentication"), ("connection", "protocol")),
    "rdp": Event("", "rdp", ("network", "session"), ("connection", "protocol")),
    "smtp": Event("", "smtp", ("network", "email"), ("connection", "protocol")),
    "mysql": Event("", "mysql", ("network", "database"), ("connection", "protocol")),
    "postgresql": Event("", "postgresql", ("network", "database"), ("connection", "protocol")),
    "redis": Event("", "redis", ("network", "database"), ("connection", "protocol")),
    "notice": Event("", "notice", ("intrusion_detection", "network"), _INFO, kind="alert"),
    "signatures": Event("", "signature", ("intrusion_detection", "network"), _INFO, kind="alert"),
    "intel": Event("", "indicator", ("threat",), ("indicator",), kind="enrichment"),
    "weird": Event("", "weird", _NETWORK, _INFO),
    "known_hosts": Event("", "known_host", ("host", "network"), _INFO),
    "known_services": Event("", "known_service", ("host", "network"), _INFO),
    "software": Event("", "software", ("host", "network"), _INFO),
    "pe": Event("", "pe", ("file",), _INFO),
}
_OF_ITSELF: Final = frozenset(
    {"capture_loss", "stats", "reporter", "cluster", "broker", "config", "packet_filter", "loaded_scripts", "print"}
)
_TELLING: Final[dict[str, tuple[str, ...]]] = {
    "conn": ("id.orig_h", "id.resp_h", "id.resp_p", "service", "conn_state"),
    "dns": ("query", "qtype_name", "answers", "id.orig_h"),
    "http": ("method", "host", "uri", "status_code", "user_agent"),
    "ssl": ("server_name", "version", "subject", "id.resp_h"),
    "files": ("filename", "mime_type", "source", "sha256"),
    "notice": ("note", "msg", "src", "dst"),
}
_USERS: Final = ("username", "user", "client", "cookie")


def _family(path: str) -> Family:
    protocol = Event("", path, _NETWORK, ("connection", "protocol"))
    itself = Event("", path, (), _INFO, kind="metric" if path in {"stats", "capture_loss"} else "")
    return Family(
        f"zeek.{path}",
        maps=(*_ENDS, *_MAPS.get(path, ())),
        event=_EVENTS.get(path) or (itself if path in _OF_ITSELF else protocol),
        time="ts",
        users=_USERS if path in {"http", "ftp", "kerberos", "ntlm", "rdp", "radius", "postgresql", "socks"} else (),
        telling=_TELLING.get(path, ()),
    )


FAMILIES: Final[tuple[Family, ...]] = (*(_family(each.path) for each in ZEEK_LOGS), _family("unknown"))
