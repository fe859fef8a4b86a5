"""Logs of Zeek about connections and what they carry.

Fields as Zeek 7 and 8 write them with the policies they ship; those of optional policies (VLANs, hardware addresses,
hashes) are among them.
"""

from __future__ import annotations

from typing import Final

from sentinel.model.zeek_log import ZeekLog, log

CONNECTIONS: Final[tuple[ZeekLog, ...]] = (
    log(
        "conn",
        "connections",
        "proto conn_state",
        """
proto enum Transport
service string Protocols that were recognised, with commas between
duration interval How long it lasted
orig_bytes count Bytes of payload that the originator sent
resp_bytes count Bytes of payload that the responder sent
conn_state string How it went: SF, S0, REJ, …
local_orig bool Whether the originator is in the local network
local_resp bool Whether the responder is in the local network
missed_bytes count Bytes that the sensor did not see
history string What was seen, a letter each: ShADadFf
orig_pkts count Packets of the originator
orig_ip_bytes count Bytes of the originator, IP headers with them
resp_pkts count Packets of the responder
resp_ip_bytes count Bytes of the responder, IP headers with them
tunnel_parents set[string] Connections that this one is tunnelled in
ip_proto count Number of the protocol above IP
total_ip_bytes count Bytes in both directions, IP headers with them; added by the reader
total_pkts count Packets in both directions; added by the reader
failed_service set[string] Protocols whose analysis failed
community_id string Community ID of the flow
vlan int VLAN
inner_vlan int Inner VLAN
orig_l2_addr string Hardware address of the originator
resp_l2_addr string Hardware address of the responder
orig_cc string Country of the originator
resp_cc string Country of the responder
pppoe_session_id count Session of PPPoE
speculative_service set[string] Protocols that may be spoken
mac_addr string Hardware address
""",
    ),
    log(
        "dns",
        "DNS queries and answers",
        "proto rejected",
        """
proto enum Transport
trans_id count Number of the query
rtt interval From query to answer
query string Name asked for
qclass count Number of the class asked for
qclass_name string Class asked for
qtype count Number of the record type asked for
qtype_name string Record type asked for
rcode count Number of the answer code
rcode_name string Answer code
AA bool Whether the answer is authoritative
TC bool Whether the message was cut off
RD bool Whether recursion was asked for
RA bool Whether recursion is offered
Z count Reserved bits of the header
answers vector[string] Answers, in order
TTLs vector[interval] How long each answer may be kept
rejected bool Whether the server refused
opcode count Number of the operation
opcode_name string Operation
auth set[string] Authority section
addl set[string] Additional section
original_query string Name asked for, in the letters of the client
""",
    ),
    log(
        "http",
        "HTTP requests and answers",
        "trans_depth",
        """
trans_depth count Number of the request in the connection
method string Method
host string Host header
uri string URI asked for
uri_path string What of the URI stands before the first `?`; added by the reader
uri_query string What of the URI stands behind the first `?`; added by the reader
referrer string Referer that the client named
version string Version of HTTP
user_agent string User agent, as the client names itself
origin string Origin header
request_body_len count Bytes of the request's body
response_body_len count Bytes of the answer's body
status_code count Status
status_msg string Words of the status
info_code count Last 1xx status
info_msg string Words of the last 1xx status
tags set[enum] What the sensor noticed
username string User of basic authentication
password string Password of basic authentication
proxied set[string] Headers that tell of a proxy
orig_fuids vector[string] Files that the client sent
orig_filenames vector[string] Names of files that the client sent
orig_mime_types vector[string] Types of files that the client sent
resp_fuids vector[string] Files that the server sent
resp_filenames vector[string] Names of files that the server sent
resp_mime_types vector[string] Types of files that the server sent
client_header_names vector[string] Names of the headers that the client sent
server_header_names vector[string] Names of the headers that the server sent
cookie_vars vector[string] Names in the cookies
uri_vars vector[string] Names in the query
""",
    ),
    log(
        "ssl",
        "TLS handshakes",
        "resumed established",
        """
version string Version
cipher string Cipher suite
curve string Group of the key exchange
server_name string Name that the client asked for (SNI)
resumed bool Whether a session was resumed
last_alert string Last alert
next_protocol string Protocol agreed on (ALPN)
established bool Whether the handshake was finished
ssl_history string Messages of the handshake, a letter each
cert_chain_fps vector[string] Fingerprints of the server's certificates
client_cert_chain_fps vector[string] Fingerprints of the client's certificates
cert_chain_fuids vector[string] Files of the server's certificates
client_cert_chain_fuids vector[string] Files of the client's certificates
subject string Subject of the server's certificate
issuer string Issuer of the server's certificate
client_subject string Subject of the client's certificate
client_issuer string Issuer of the client's certificate
sni_matches_cert bool Whether the certificate holds for the name asked for
requested_client_certificate_authorities vector[string] Authorities whose certificates the server takes
validation_status string What the check of the chain said
validation_code count Number of what the check of the chain said
ocsp_status string What the stapled answer said
valid_ct_logs count Logs of Certificate Transparency that signed
valid_ct_operators count Operators of Certificate Transparency logs that signed
notary.first_seen count When a notary first saw the certificate
notary.last_seen count When a notary last saw the certificate
notary.times_seen count How often a notary saw the certificate
notary.valid bool Whether the notary holds the certificate to be valid
ja3 string JA3 of the client
ja3s string JA3S of the server
ja4 string JA4 of the client
""",
    ),
    log(
        "ssh",
        "SSH connections",
        "auth_attempts",
        """
version count Version of SSH
auth_success bool Whether anybody got in
auth_attempts count How often it was tried
direction enum Whether it came in or went out
client string Version of the client
server string Version of the server
cipher_alg string Cipher
mac_alg string Message authentication
compression_alg string Compression
kex_alg string Key exchange
host_key_alg string Algorithm of the host key
host_key string Fingerprint of the host key
host_key_fingerprint string Fingerprint of the host key
remote_location.country_code string Country of the peer
remote_location.region string Region of the peer
remote_location.city string City of the peer
remote_location.latitude double Latitude of the peer
remote_location.longitude double Longitude of the peer
""",
    ),
    log(
        "smtp",
        "mail",
        "trans_depth fuids tls",
        """
trans_depth count Number of the message in the connection
helo string Name that the client gave
mailfrom string Sender of the envelope
rcptto set[string] Recipients of the envelope
date string Date header
from string From header
to set[string] To header
cc set[string] Cc header
reply_to string Reply-To header
msg_id string Message-ID header
in_reply_to string In-Reply-To header
subject string Subject header
x_originating_ip addr X-Originating-IP header
first_received string First Received header
second_received string Second Received header
last_reply string Last answer of the server
path vector[addr] Addresses that the message passed
user_agent string User agent, as the client names itself
tls bool Whether it went over to TLS
fuids vector[string] Files in the message
is_webmail bool Whether it was sent by webmail
""",
    ),
    log(
        "ftp",
        "FTP commands",
        "user",
        """
user string User
password string Password, where it is kept
command string Command
arg string Argument of the command
mime_type string Type of the file
file_size count Bytes of the file
reply_code count Answer code
reply_msg string Words of the answer
data_channel.passive bool Whether the client opens the data connection
data_channel.orig_h addr Who opens the data connection
data_channel.resp_h addr Who takes the data connection
data_channel.resp_p port Port of the data connection
fuid string File that was sent
cwd string Working directory
""",
    ),
    log(
        "irc",
        "IRC commands",
        "command",
        """
nick string Nickname
user string User
command string Command
value string Value of the command
addl string What else the command says
dcc_file_name string Name of the file offered
dcc_file_size count Bytes of the file offered
dcc_mime_type string Type of the file offered
fuid string File that was sent
""",
    ),
    log(
        "sip",
        "SIP requests",
        "trans_depth request_path",
        """
trans_depth count Number of the request in the connection
method string Method
uri string URI asked for
date string Date header
request_from string From header of the request
request_to string To header of the request
response_from string From header of the answer
response_to string To header of the answer
reply_to string Reply-To header
call_id string Call
seq string CSeq header
subject string Subject header
request_path vector[string] Via headers of the request
response_path vector[string] Via headers of the answer
user_agent string User agent, as the client names itself
status_code count Status
status_msg string Words of the status
warning string Warning header
request_body_len count Bytes of the request's body
response_body_len count Bytes of the answer's body
content_type string Content-Type header
""",
    ),
    log(
        "quic",
        "QUIC connections",
        "client_initial_dcid",
        """
version string Version
client_initial_dcid string First connection id that the client chose for the server
client_scid string Connection id of the client
server_scid string Connection id of the server
server_name string Name that the client asked for (SNI)
client_protocol string First protocol that the client offers (ALPN)
history string What was seen, a letter each
""",
    ),
    log(
        "websocket",
        "WebSocket handshakes",
        "host uri",
        """
host string Host header
uri string URI asked for
user_agent string User agent, as the client names itself
subprotocol string Protocol agreed on
client_protocols vector[string] Protocols that the client offers
server_extensions vector[string] Extensions agreed on
client_extensions vector[string] Extensions that the client offers
""",
    ),
    log(
        "tunnel",
        "tunnels",
        "tunnel_type action",
        """
tunnel_type enum Sort of tunnel
action enum What happened to it
""",
    ),
    log(
        "socks",
        "SOCKS requests",
        "version",
        """
version count Version of SOCKS
user string User
password string Password, where it is kept
status string What the server said
request.host addr Address asked for
request.name string Name asked for
request_p port Port asked for
bound.host addr Address that the server bound
bound.name string Name that the server bound
bound_p port Port that the server bound
""",
    ),
    log(
        "syslog",
        "syslog messages",
        "proto facility severity message",
        """
proto enum Transport
facility string Facility
severity string Severity
message string Message
""",
    ),
)
