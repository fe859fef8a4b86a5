"""Events that a sensor sees, in the generated corpus."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.benchmarks.corpus_parts import Event, event, letters, stamp

if TYPE_CHECKING:
    import random

    from tests.benchmarks.corpus_world import Host, World


def _seen_on_wire(dice: random.Random, moment: datetime, host: Host, dataset: str, action: str) -> Event:
    return {
        **event(dice, moment, host, dataset, "network", "connection", action, "success"),
        "source.ip": host.address,
        "source.port": dice.randrange(1024, 65_535),
        "network.type": "ipv4",
        "network.community_id": f"1:{letters(dice, 27)}=",
        "suricata.flow_id": dice.getrandbits(50),
        "observer.name": f"sensor-{host.province}",
        "observer.ingress.interface.name": f"eth{dice.randrange(4)}",
    }


def name_question(world: World, dice: random.Random, moment: datetime) -> Event:
    """Make a name that was asked for, and the answer."""
    host, (name, domain) = world.hosts.draw(dice), world.names.draw(dice)
    answers = [world.strangers.draw(dice) for _answer in range(dice.choice((0, 1, 1, 2, 4)))]
    return {
        **_seen_on_wire(dice, moment, host, "suricata.dns", "dns-query"),
        "destination.ip": f"10.255.0.{dice.randrange(1, 5)}",
        "destination.port": 53,
        "network.transport": "udp",
        "network.protocol": "dns",
        "network.direction": "internal",
        "dns.id": dice.randrange(65_536),
        "dns.type": "answer",
        "dns.question.name": name,
        "dns.question.registered_domain": domain,
        "dns.question.type": dice.choices(("A", "AAAA", "TXT", "PTR"), (62, 25, 5, 8))[0],
        "dns.question.class": "IN",
        "dns.response_code": "NOERROR" if answers else "NXDOMAIN",
        "dns.answers.data": answers,
        "dns.answers.ttl": [dice.randrange(10, 3600) for _answer in answers],
        "dns.resolved_ip": answers,
        "dns.header_flags": ["RD", "RA"],
        "related.ip": [host.address, *answers],
        "related.hosts": [name],
        "event.duration": dice.randrange(10**5, 10**8),
    }


def handshake(world: World, dice: random.Random, moment: datetime) -> Event:
    """Make a TLS handshake."""
    host, (name, domain), address = world.hosts.draw(dice), world.names.draw(dice), world.strangers.draw(dice)
    return {
        **_seen_on_wire(dice, moment, host, "suricata.tls", "tls-handshake"),
        "destination.ip": address,
        "destination.port": 443,
        "network.transport": "tcp",
        "network.protocol": "tls",
        "network.direction": "egress",
        "tls.version": dice.choice(("1.2", "1.3")),
        "tls.version_protocol": "tls",
        "tls.cipher": dice.choice(("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384")),
        "tls.client.server_name": name,
        "tls.client.ja3": f"{dice.randrange(400) * 0x9E3779B97F4A7C15:032x}",
        "tls.server.x509.subject.common_name": f"*.{domain}",
        "tls.server.x509.issuer.common_name": dice.choice(("Root R1", "Issuing CA 3")),
        "tls.server.x509.serial_number": f"{dice.getrandbits(128):032X}",
        "tls.server.x509.not_after": f"2027-01-{dice.randrange(1, 29):02d}T00:00:00.000Z",
        "tls.server.hash.sha256": f"{dice.getrandbits(256):064x}",
        "related.ip": [host.address, address],
        "related.hosts": [name],
    }


def flow(world: World, dice: random.Random, moment: datetime) -> Event:
    """Make a flow that ended."""
    host = world.hosts.draw(dice)
    address = world.strangers.draw(dice) if dice.random() < 0.6 else world.hosts.draw(dice).address
    sent, received = int(dice.lognormvariate(7, 2)), int(dice.lognormvariate(8, 2))
    return {
        **_seen_on_wire(dice, moment, host, "suricata.flow", "network-flow"),
        "source.mac": host.mac,
        "source.bytes": sent,
        "source.packets": sent // 700 + 1,
        "destination.ip": address,
        "destination.port": dice.choice((443, 443, 80, 53, 22, 445, 3389, 123)),
        "destination.bytes": received,
        "destination.packets": received // 900 + 1,
        "destination.geo.country_iso_code": dice.choice(("VN", "US", "SG", "JP", "DE")),
        "network.bytes": sent + received,
        "network.transport": dice.choice(("tcp", "tcp", "udp")),
        "network.protocol": dice.choice(("tls", "http", "dns", "smb")),
        "network.direction": "egress",
        "event.start": stamp(moment - timedelta(seconds=dice.randrange(300))),
        "event.end": stamp(moment),
        "event.duration": dice.getrandbits(36),
        "suricata.flow.state": dice.choice(("established", "closed", "new")),
        "related.ip": [host.address, address],
    }
