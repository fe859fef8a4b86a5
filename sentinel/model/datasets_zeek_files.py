"""Logs of Zeek about files, clocks and Zeek itself."""

from __future__ import annotations

from typing import Final

from sentinel.model.zeek_log import TIME, ZeekLog, log

FILES: Final[tuple[ZeekLog, ...]] = (
    log(
        "files",
        "files",
        "source seen_bytes",
        """
fuid string Identity of the file
uid string Identity of the connection
id.orig_h addr Address of the originator
id.orig_p port Port of the originator
id.resp_h addr Address of the responder
id.resp_p port Port of the responder
tx_hosts set[addr] Who sent it, before Zeek 5.1
rx_hosts set[addr] Who got it, before Zeek 5.1
conn_uids set[string] Connections, before Zeek 5.1
source string What carried it: HTTP, SMTP, …
depth count Depth in what carried it
analyzers set[string] What looked at it
mime_type string Type of the content
filename string Name that the source gave it
duration interval How long it was looked at
local_orig bool Whether it came from the local network
is_orig bool Whether the originator sent it
seen_bytes count Bytes seen
total_bytes count Bytes that it has
missing_bytes count Bytes missed
overflow_bytes count Bytes that did not fit the order
timedout bool Whether its end was not seen
parent_fuid string File that it was in
md5 string MD5
sha1 string SHA-1
sha256 string SHA-256
extracted string File that it was kept in
extracted_cutoff bool Whether what was kept was cut off
extracted_size count Bytes kept
entropy double Entropy
""",
        TIME,
    ),
    log(
        "pe",
        "Windows programs",
        "machine compile_ts",
        """
id string File
machine string Processor
compile_ts time When it was compiled
os string System needed
subsystem string Subsystem needed
is_exe bool Whether it is a program, and no library
is_64bit bool Whether it is of 64 bits
uses_aslr bool Whether its place in memory is random
uses_dep bool Whether data is never run
uses_code_integrity bool Whether code integrity is asked for
uses_seh bool Whether structured exceptions are used
has_import_table bool Whether it has a table of imports
has_export_table bool Whether it has a table of exports
has_cert_table bool Whether it is signed
has_debug_data bool Whether it has data for debugging
section_names vector[string] Sections
""",
        TIME,
    ),
    log(
        "x509",
        "certificates",
        "certificate.version certificate.serial",
        """
id string File, before Zeek 4.1
fingerprint string Fingerprint
certificate.version count Version
certificate.serial string Serial number
certificate.subject string Subject
certificate.issuer string Issuer
certificate.cn string Common name
certificate.not_valid_before time From when it holds
certificate.not_valid_after time Until when it holds
certificate.key_alg string Algorithm of the key
certificate.sig_alg string Algorithm of the signature
certificate.tbs_sig_alg string Algorithm of the signature, as the signed part names it
certificate.key_type string Sort of key
certificate.key_length count Bits of the key
certificate.exponent string Exponent of the key
certificate.curve string Curve of the key
san.dns vector[string] Names that it holds for
san.uri vector[string] URIs that it holds for
san.email vector[string] Mail addresses that it holds for
san.ip vector[addr] Addresses that it holds for
san.other_fields bool Whether it holds for anything else
basic_constraints.ca bool Whether it is of an authority
basic_constraints.path_len count How many authorities may be below
host_cert bool Whether a server showed it
client_cert bool Whether a client showed it
cert string The certificate itself, in Base64
logcert bool Whether it is logged
""",
        TIME,
    ),
    log(
        "ocsp",
        "OCSP answers",
        "issuerNameHash certStatus",
        """
id string File
hashAlgorithm string Algorithm of the hashes
issuerNameHash string Hash of the issuer's name
issuerKeyHash string Hash of the issuer's key
serialNumber string Serial number
certStatus string good, revoked or unknown
revoketime time When it was revoked
revokereason string Why it was revoked
thisUpdate time Since when that is known
nextUpdate time When more will be known
""",
        TIME,
    ),
    log(
        "ntp",
        "NTP messages",
        "version mode",
        """
version count Version of NTP
mode count Mode
stratum count Stratum
poll interval Longest time between messages
precision interval Precision of the clock
root_delay interval Round trip to the reference
root_disp interval Dispersion to the reference
ref_id string Reference
ref_time time When the clock was last set
org_time time When the request left the client
rec_time time When the request reached the server
xmt_time time When the answer left the server
num_exts count Extension fields
""",
    ),
    log(
        "dpd",
        "protocols that could not be analysed",
        "analyzer failure_reason",
        """
proto enum Transport
analyzer string Analyser
failure_reason string Why it gave up
packet_segment string What it was given last
""",
    ),
    log(
        "analyzer",
        "analysers that gave up",
        "analyzer_kind analyzer_name",
        """
cause string What happened
analyzer_kind string protocol, file or packet
analyzer_name string Analyser
uid string Identity of the connection
fuid string File
id.orig_h addr Address of the originator
id.orig_p port Port of the originator
id.resp_h addr Address of the responder
id.resp_p port Port of the responder
proto enum Transport
failure_reason string Why it gave up
failure_data string What it was given last
packet_segment string Packet that it was given last
""",
        TIME,
    ),
    log(
        "capture_loss",
        "how much the sensor misses",
        "ts_delta percent_lost",
        """
ts_delta interval Since the last measure
peer string Sensor
gaps count Missed acknowledgements
acks count Acknowledgements
percent_lost double Share of what was missed
""",
        TIME,
    ),
    log(
        "stats",
        "load of the sensor",
        "pkts_proc bytes_recv",
        """
peer string Sensor
mem count Memory, in MiB
pkts_proc count Packets
bytes_recv count Bytes
pkts_dropped count Packets dropped
pkts_link count Packets on the link
pkt_lag interval How far it is behind
pkts_filtered count Packets filtered out
events_proc count Events
events_queued count Events queued
active_tcp_conns count Connections of TCP now
active_udp_conns count Connections of UDP now
active_icmp_conns count Connections of ICMP now
tcp_conns count Connections of TCP
udp_conns count Connections of UDP
icmp_conns count Connections of ICMP
timers count Timers
active_timers count Timers now
files count Files
active_files count Files now
dns_requests count DNS requests
active_dns_requests count DNS requests now
reassem_tcp_size count Bytes that wait in reassembly of TCP
reassem_file_size count Bytes that wait in reassembly of files
reassem_frag_size count Bytes that wait in reassembly of fragments
reassem_unknown_size count Bytes that wait in other reassembly
""",
        TIME,
    ),
    log(
        "reporter",
        "messages of the sensor",
        "level message",
        """
level enum Level
message string Message
location string Place in the scripts
""",
        TIME,
    ),
    log("cluster", "messages of the cluster", "node message", "node string Node\nmessage string Message", TIME),
    log(
        "broker",
        "messages between sensors",
        "ty ev",
        """
ty enum Sort of message
ev string What happened
peer.address string Address of the peer
peer.bound_port port Port of the peer
message string Message
""",
        TIME,
    ),
    log(
        "config",
        "changes of options",
        "id old_value new_value",
        """
id string Option
old_value string Value before
new_value string Value after
location string Where it was changed
""",
        TIME,
    ),
    log(
        "packet_filter",
        "packet filters",
        "node filter",
        """
node string Sensor
filter string Filter
init bool Whether it is the first
success bool Whether it was taken
failure_reason string Why it was not taken
""",
        TIME,
    ),
    log("loaded_scripts", "scripts that were loaded", "name", "name string Script", ()),
    log("print", "what scripts print", "vals", "vals vector[string] What was printed", TIME),
)
