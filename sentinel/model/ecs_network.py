"""Fields of the schema for servers, networks, the cloud and the journal of Linux."""

from __future__ import annotations

from typing import Final

from sentinel.model.field import Field, FieldType, fields, lists

_K, _IP, _L, _B, _D = FieldType.KEYWORD, FieldType.IP, FieldType.LONG, FieldType.BOOLEAN, FieldType.DATE


def _side(prefix: str, of: str) -> tuple[Field, ...]:
    return fields(
        f"{prefix}.",
        ("address", _K, f"Address or name of {of}, as it was written"),
        ("bytes", _L, f"Bytes that {of} sent"),
        ("packets", _L, f"Packets that {of} sent"),
        ("mac", _K, f"Hardware address of {of}"),
    )


def _name(prefix: str, of: str) -> tuple[Field, ...]:
    return fields(
        f"{prefix}.",
        ("common_name", _K, f"Common name of {of}"),
        ("distinguished_name", _K, f"Distinguished name of {of}"),
    )


NETWORK: Final[tuple[Field, ...]] = (
    *fields(
        "",
        ("message", _K, "What the record says, in its own words"),
        ("error.message", _K, "Error, in the source's words"),
        ("trace.id", _K, "Request or trace that the record belongs to"),
    ),
    *fields(
        "event.",
        ("code", _K, "Code of the event, as the source gives it"),
        ("id", _K, "Identity that the source gave the event"),
        ("duration", _L, "How long it took, in nanoseconds"),
        ("start", _D, "When it began"),
        ("end", _D, "When it ended"),
        ("severity", _L, "Severity, as the source counts"),
        ("url", _K, "Where more is told"),
    ),
    *_side("source", "the source"),
    *_side("destination", "the destination"),
    *fields(
        "client.",
        ("ip", _IP, "Address of the client"),
    ),
    *fields(
        "server.",
        ("ip", _IP, "Address of the server"),
        ("port", _L, "Port of the server"),
        ("address", _K, "Address or name of the server"),
    ),
    *fields(
        "network.",
        ("application", _K, "Application protocol, as the source tells it"),
        ("bytes", _L, "Bytes in both directions"),
        ("packets", _L, "Packets in both directions"),
        ("community_id", _K, "Community ID of the flow"),
        ("vlan.id", _K, "VLAN"),
    ),
    *fields(
        "http.",
        ("version", _K, "Version of HTTP"),
        ("request.method", _K, "Method"),
        ("request.referrer", _K, "Referer that the client named"),
        ("request.bytes", _L, "Bytes of the request"),
        ("request.body.bytes", _L, "Bytes of the request's body"),
        ("request.id", _K, "Identity of the request"),
        ("request.mime_type", _K, "Type of the request's body"),
        ("response.status_code", _L, "Status"),
        ("response.bytes", _L, "Bytes of the answer"),
        ("response.body.bytes", _L, "Bytes of the answer's body"),
        ("response.mime_type", _K, "Type of the answer's body"),
    ),
    *fields(
        "url.",
        ("original", _K, "URL as it was asked for"),
        ("full", _K, "Whole URL"),
        ("scheme", _K, "Scheme: https"),
        ("domain", _K, "Host that was asked for"),
        ("port", _L, "Port that was asked for"),
        ("path", _K, "Path"),
        ("query", _K, "What stands behind the first `?`"),
        ("username", _K, "User in the URL"),
    ),
    *fields("user_agent.", ("original", _K, "User agent, as the client names itself")),
    *fields(
        "user.",
        ("email", _K, "Mail address of who acted"),
        ("full_name", _K, "Full name of who acted"),
    ),
    *lists(),
    *fields(
        "process.",
        ("tty.name", _K, "Terminal"),
        ("user.id", _K, "Number of the user that the process runs as"),
        ("group.id", _K, "Number of the group that the process runs as"),
        ("session_id", _K, "Session that the process belongs to"),
    ),
    *fields(
        "file.",
        ("size", _L, "Bytes"),
        ("mime_type", _K, "Type of the content"),
    ),
    *fields(
        "dns.",
        ("id", _K, "Number of the query"),
        ("op_code", _K, "Operation"),
        ("type", _K, "query or answer"),
        ("question.class", _K, "Class asked for"),
        ("question.type", _K, "Record type asked for"),
    ),
    *lists(("dns.header_flags", _K, "Flags of the header: AA, RD, RA, …")),
    *fields(
        "tls.",
        ("version", _K, "Version"),
        ("version_protocol", _K, "tls or ssl"),
        ("cipher", _K, "Cipher suite"),
        ("curve", _K, "Group of the key exchange"),
        ("established", _B, "Whether the handshake was finished"),
        ("resumed", _B, "Whether a session was resumed"),
        ("next_protocol", _K, "Protocol agreed on (ALPN)"),
        ("client.server_name", _K, "Name that the client asked for (SNI)"),
        ("client.ja3", _K, "JA3 of the client"),
        ("client.subject", _K, "Subject of the client's certificate"),
        ("client.issuer", _K, "Issuer of the client's certificate"),
        ("server.ja3s", _K, "JA3S of the server"),
        ("server.subject", _K, "Subject of the server's certificate"),
        ("server.issuer", _K, "Issuer of the server's certificate"),
        ("server.not_before", _D, "From when the server's certificate holds"),
        ("server.not_after", _D, "Until when the server's certificate holds"),
        ("server.hash.sha256", _K, "SHA-256 of the server's certificate"),
    ),
    *fields(
        "x509.",
        ("serial_number", _K, "Serial number"),
        ("public_key_algorithm", _K, "Algorithm of the key"),
        ("public_key_size", _L, "Bits of the key"),
        ("signature_algorithm", _K, "Algorithm of the signature"),
        ("not_before", _D, "From when it holds"),
        ("not_after", _D, "Until when it holds"),
    ),
    *lists(("x509.alternative_names", _K, "Alternative names")),
    *_name("x509.subject", "the subject"),
    Field("x509.issuer.distinguished_name", _K, "Distinguished name of the issuer"),
    *fields(
        "email.",
        ("subject", _K, "Subject"),
        ("message_id", _K, "Identity of the message"),
        ("sender.address", _K, "Who sent it"),
    ),
    *lists(
        ("email.from.address", _K, "Whom it says it is from"),
        ("email.to.address", _K, "To whom it is"),
        ("email.cc.address", _K, "To whom a copy is"),
    ),
    *fields(
        "cloud.",
        ("account.id", _K, "Account or tenant"),
        ("region", _K, "Region"),
        ("service.name", _K, "Service"),
    ),
    *fields(
        "orchestrator.",
        ("namespace", _K, "Namespace"),
        ("resource.type", _K, "Kind of resource"),
        ("resource.name", _K, "Name of the resource"),
    ),
    *fields(
        "container.",
        ("id", _K, "Container"),
        ("name", _K, "Name of the container"),
    ),
    *fields(
        "observer.",
        ("name", _K, "Device that saw it"),
        ("hostname", _K, "Host name of the device that saw it"),
        ("ip", _IP, "Address of the device that saw it"),
        ("product", _K, "Product of the device"),
        ("vendor", _K, "Maker of the device"),
        ("version", _K, "Version of the device"),
        ("ingress.interface.name", _K, "Interface it came in by"),
        ("egress.interface.name", _K, "Interface it went out by"),
    ),
    *fields(
        "log.",
        ("logger", _K, "Part of the program that logged"),
        ("syslog.appname", _K, "Program that logged"),
        ("syslog.facility.code", _L, "Number of the facility"),
        ("syslog.facility.name", _K, "Facility"),
        ("syslog.hostname", _K, "Host that the message names"),
        ("syslog.msgid", _K, "Type of the message"),
        ("syslog.priority", _L, "Priority: facility times 8, and severity"),
        ("syslog.procid", _K, "Process that logged"),
        ("syslog.severity.code", _L, "Number of the severity"),
        ("syslog.severity.name", _K, "Severity"),
        ("syslog.version", _K, "Version of the protocol"),
    ),
    *fields("host.", ("id", _K, "Identity of the host"), ("mac", _K, "Hardware address of the host")),
    *lists(("host.ip", _IP, "Addresses of the host")),
    *fields(
        "service.",
        ("version", _K, "Version of the service"),
    ),
    *fields(
        "rule.",
        ("description", _K, "What the rule of the source says"),
        ("version", _K, "Version of the rule"),
    ),
    *fields(
        "vulnerability.",
    ),
    *fields(
        "source.geo.",
        ("country_iso_code", _K, "Country of the source"),
        ("city_name", _K, "City of the source"),
    ),
    *fields(
        "sentinel.database.",
        ("name", _K, "Database"),
        ("statement", _K, "Statement, as it was sent"),
    ),
    *fields(
        "sentinel.",
        ("platform.id", _K, "Shared platform that it is about"),
        ("platform.level", _L, "Level of the platform, 1 to 5 (Decree 85/2016)"),
        ("agency.id", _K, "Agency that it is about: of the host, else who owns the platform, else of the client"),
        ("agency.province", _K, "Code of the agency's province"),
        ("source.agency", _K, "Agency whose address the source is"),
    ),
)
