"""Logs of Zeek about services of a site: files, accounts, databases, control systems."""

from __future__ import annotations

from typing import Final

from sentinel.model.zeek_log import TIME, ZeekLog, log

SERVICES: Final[tuple[ZeekLog, ...]] = (
    log(
        "smb_files",
        "SMB files",
        "action",
        """
fuid string File that was sent
action enum What was done
path string Share
name string Name of the file
size count Bytes of the file
prev_name string Name before
times.modified time When the file was last changed
times.accessed time When the file was last read
times.created time When the file was created
times.changed time When the file's record was last changed
data_offset_req count Offset asked for
data_len_req count Bytes asked for
data_len_rsp count Bytes answered
""",
    ),
    log(
        "smb_mapping",
        "SMB shares",
        "path",
        """
path string Share
service string Sort of resource
native_file_system string File system of the share
share_type string DISK, PIPE or PRINT
""",
    ),
    log(
        "smb_cmd",
        "SMB commands",
        "command version",
        """
command string Command
sub_command string Command within the command
argument string Argument
status string What the server said
rtt interval From command to answer
version string Version of SMB
username string User
tree string Share
tree_service string Sort of resource
referenced_file.fuid string File that was sent
referenced_file.action enum What was done
referenced_file.path string Share of the file
referenced_file.name string Name of the file
referenced_file.size count Bytes of the file
referenced_file.prev_name string Name before
referenced_file.times.modified time When the file was last changed
referenced_file.times.accessed time When the file was last read
referenced_file.times.created time When the file was created
referenced_file.times.changed time When the file's record was last changed
""",
    ),
    log(
        "dce_rpc",
        "remote procedure calls of Windows",
        "operation endpoint",
        """
rtt interval From call to answer
named_pipe string Pipe, or port
endpoint string Interface that was called
operation string Operation that was called
""",
    ),
    log(
        "kerberos",
        "Kerberos",
        "client request_type",
        """
request_type string AS or TGS
client string Who asks
service string Service asked for
success bool Whether a ticket was given
error_code count Number of the error
error_msg string Error
from time From when the ticket holds
till time Until when the ticket holds
cipher string Cipher of the ticket
forwardable bool Whether the ticket may be forwarded
renewable bool Whether the ticket may be renewed
client_cert_subject string Subject of the client's certificate
client_cert_fuid string File of the client's certificate
server_cert_subject string Subject of the server's certificate
server_cert_fuid string File of the server's certificate
auth_ticket string MD5 of the ticket that was shown
new_ticket string MD5 of the ticket that was given
auth_ticket_sha256 string SHA-256 of the ticket that was shown
new_ticket_sha256 string SHA-256 of the ticket that was given
""",
    ),
    log(
        "ntlm",
        "NTLM authentication",
        "",
        """
username string User
hostname string Name of the client
domainname string Domain of the user
server_nb_computer_name string NetBIOS name of the server
server_dns_computer_name string DNS name of the server
server_tree_name string Forest of the server
success bool Whether the user got in
status string What the server said
""",
    ),
    log(
        "rdp",
        "Remote Desktop",
        "cookie",
        """
cookie string Cookie of the client, often the user
result string How the connection went
security_protocol string Security protocol that was chosen
client_channels vector[string] Channels that the client asked for
keyboard_layout string Layout of the keyboard
client_build string Version of the client
client_name string Name of the client
client_dig_product_id string Product of the client
desktop_width count Width of the screen
desktop_height count Height of the screen
requested_color_depth string Colour depth asked for
cert_type string Sort of certificate
cert_count count Certificates
cert_permanent bool Whether the certificate is permanent
encryption_level string Level of encryption
encryption_method string Method of encryption
ssl bool Whether it went over to TLS
fuids vector[string] Files of the certificates
""",
    ),
    log(
        "rfb",
        "VNC (RFB)",
        "client_major_version",
        """
client_major_version string Major version of the client
client_minor_version string Minor version of the client
server_major_version string Major version of the server
server_minor_version string Minor version of the server
authentication_method string How the client proves who it is
auth bool Whether the client got in
share_flag bool Whether the desktop is shared
desktop_name string Name of the desktop
width count Width of the screen
height count Height of the screen
""",
    ),
    log(
        "ldap",
        "LDAP messages",
        "message_id",
        """
message_id int Number of the message
version int Version of LDAP
opcode string Operation
result string Result
diagnostic_message string What the server adds
object string Object
argument string Argument
""",
    ),
    log(
        "ldap_search",
        "LDAP searches",
        "message_id scope",
        """
message_id int Number of the message
scope string Scope
deref_aliases string Whether aliases are followed
base_object string Where the search begins
result_count count How many were found
result string Result
diagnostic_message string What the server adds
filter string Filter
attributes vector[string] Attributes asked for
""",
    ),
    log(
        "radius",
        "RADIUS",
        "result",
        """
username string User
mac string Hardware address of the client
framed_addr addr Address given to the client
tunnel_client string Address of the tunnel's initiator
connect_info string What the client says of the connection
reply_msg string Words of the answer
result string Whether the user got in
ttl interval From request to answer
""",
    ),
    log(
        "snmp",
        "SNMP",
        "version get_requests",
        """
duration interval How long it lasted
version string Version of SNMP
community string Community
get_requests count Get requests
get_bulk_requests count GetBulk requests
get_responses count Answers
set_requests count Set requests
display_string string Description of the system
up_since time Since when the system runs
""",
    ),
    log(
        "mysql",
        "MySQL commands",
        "cmd",
        """
cmd string Command
arg string Argument of the command: the statement
success bool Whether the server took it
rows count Rows
response string Words of the answer
""",
    ),
    log(
        "postgresql",
        "PostgreSQL messages",
        "frontend",
        """
user string User
database string Database
application_name string Application
frontend string Message of the client
frontend_arg string Argument of the client's message: the statement
success bool Whether the server took it
backend string Message of the server
backend_arg string Argument of the server's message
rows count Rows
""",
    ),
    log(
        "redis",
        "Redis commands",
        "",
        """
cmd.name string Command
cmd.key string Key
cmd.value string Value
success bool Whether the server took it
reply.value string Answer
""",
    ),
    log(
        "dhcp",
        "DHCP leases",
        "mac",
        """
uids set[string] Connections
client_addr addr Address of the client
server_addr addr Address of the server
mac string Hardware address of the client
host_name string Name of the client
client_fqdn string Full name of the client
domain string Domain given to the client
requested_addr addr Address asked for
assigned_addr addr Address given
lease_time interval How long the address is given for
client_message string Message of the client
server_message string Message of the server
msg_types vector[string] Messages, in order
duration interval How long it lasted
client_chaddr string Hardware address that the client reported
client_port port Port of the client
server_port port Port of the server
msg_orig vector[addr] Who sent each message
client_software string Software of the client
server_software string Software of the server
circuit_id string Circuit of the relay
agent_remote_id string Peer of the relay
subscriber_id string Subscriber of the relay
uid string Identity of the connection
id.orig_h addr Address of the originator
id.orig_p port Port of the originator
id.resp_h addr Address of the responder
id.resp_p port Port of the responder
assigned_ip addr Address given, before Zeek 2.6
trans_id count Number of the exchange, before Zeek 2.6
""",
        TIME,
    ),
    log(
        "modbus",
        "Modbus",
        "func",
        """
tid count Number of the transaction
unit count Unit
func string Function
pdu_type string REQ or RESP
exception string Exception
track_address count First register
""",
    ),
    log(
        "modbus_register_change",
        "changes of Modbus registers",
        "register new_val",
        """
register count Register
old_val count Value before
new_val count Value after
delta interval Since it was last seen
""",
    ),
    log(
        "dnp3",
        "DNP3",
        "fc_request",
        """
fc_request string Function of the request
fc_reply string Function of the answer
iin count Internal indications
""",
    ),
)
