"""Logs of Zeek about what was found: notices, indicators, hosts."""

from __future__ import annotations

from typing import Final

from sentinel.model.zeek_log import CONNECTION, TIME, ZeekLog, log, rows

_FILE = CONNECTION + rows("""
fuid string File
file_mime_type string Type of the file
file_desc string What is known of the file
""")

FINDINGS: Final[tuple[ZeekLog, ...]] = (
    log(
        "notice",
        "notices",
        "note actions",
        """
proto enum Transport
note enum Sort of notice
msg string Message
sub string More of the message
src addr Source
dst addr Destination
p port Port
n count Number that goes with it
peer_descr string Sensor
actions set[enum] What was done about it
email_dest set[string] Whom it was mailed to
suppress_for interval How long the same is not told again
identifier string What makes it the same
remote_location.country_code string Country of the peer
remote_location.region string Region of the peer
remote_location.city string City of the peer
remote_location.latitude double Latitude of the peer
remote_location.longitude double Longitude of the peer
dropped bool Whether the connection was stopped
""",
        _FILE,
    ),
    log(
        "weird",
        "what protocols do not foresee",
        "name notice",
        """
name string What was odd
addl string More of it
notice bool Whether it became a notice
peer string Sensor
source string Protocol
""",
    ),
    log(
        "intel",
        "indicators seen",
        "seen.indicator",
        """
seen.indicator string Indicator
seen.indicator_type enum Sort of indicator
seen.where enum Where it was seen
seen.node string Sensor
seen.host addr Address that it is
matched set[enum] Sorts of indicator that matched
sources set[string] Who gave the indicator
cif.confidence double How sure its source is
cif.description string What its source says of it
cif.tags string Tags of its source
cif.firstseen string When its source first saw it
cif.lastseen string When its source last saw it
""",
        _FILE,
    ),
    log(
        "signatures",
        "signatures that matched",
        "note sig_id",
        """
uid string Identity of the connection
src_addr addr Source
src_port port Port of the source
dst_addr addr Destination
dst_port port Port of the destination
note enum Sort of notice
sig_id string Signature
event_msg string Message of the signature
sub_msg string What matched
sig_count count Signatures that matched
host_count count Hosts
""",
        TIME,
    ),
    log(
        "traceroute",
        "traceroutes",
        "src dst",
        """
proto string Transport
src addr Who traced
dst addr Where to
""",
        TIME,
    ),
    log("known_hosts", "hosts that speak TCP", "host", "host addr Address", TIME),
    log(
        "known_services",
        "services of hosts",
        "port_num port_proto",
        """
host addr Address
port_num port Port
port_proto enum Transport
service set[string] Protocols
""",
        TIME,
    ),
    log(
        "known_certs",
        "certificates of hosts",
        "port_num serial",
        """
host addr Address
port_num port Port
subject string Subject
issuer_subject string Issuer
serial string Serial number
""",
        TIME,
    ),
    log(
        "known_modbus",
        "hosts that speak Modbus",
        "device_type",
        """
host addr Address
device_type enum Master or slave
""",
        TIME,
    ),
    log(
        "software",
        "software of hosts",
        "software_type",
        """
host addr Address
host_p port Port
software_type enum Sort of software
name string Name
version.major count Major version
version.minor count Minor version
version.minor2 count Third number of the version
version.minor3 count Fourth number of the version
version.addl string Rest of the version
unparsed_version string Version, as it was written
url string Where it was loaded from
""",
        TIME,
    ),
)
