"""Tables with a header (CSV), to ECS: what columns are usually called."""

from __future__ import annotations

from typing import Final

from sentinel.normalise.convert import ip, port
from sentinel.normalise.local_dates import read_local
from sentinel.normalise.mapping import Event, Family, Map


def _named(target: str, *names: str) -> tuple[Map, ...]:
    convert = {"ip": ip, "port": port}.get(target.rpartition(".")[2])
    return tuple(Map(target, name, convert) if convert else Map(target, name) for name in names)


TABLE = Family(
    "csv.table",
    maps=(
        *_named("source.ip", "src_ip", "source_ip", "SourceIP", "client_ip", "ClientIP", "ip", "IP", "IPAddress"),
        *_named("source.port", "src_port", "source_port", "SourcePort"),
        *_named("destination.ip", "dst_ip", "dest_ip", "destination_ip", "DestinationIP"),
        *_named("destination.port", "dst_port", "dest_port", "destination_port", "DestinationPort"),
        *_named("user.name", "user", "User", "username", "UserName", "user_name", "Username"),
        *_named("host.name", "host", "Host", "hostname", "Hostname", "computer", "Computer"),
        *_named("event.action", "action", "Action", "event", "Event"),
        *_named("message", "message", "Message"),
    ),
    event=Event(""),
    time="when",
    read_time=read_local,
    hosts=("host", "Host", "hostname", "Hostname", "computer", "Computer"),
    users=("user", "User", "username", "UserName", "user_name", "Username"),
    telling=("message", "Message", "action", "Action"),
)

FAMILIES: Final[tuple[Family, ...]] = (TABLE,)
