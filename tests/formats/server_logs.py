"""Small logs of DNS, DHCP and database servers, and tables, in the forms that their manuals document."""

from __future__ import annotations

from typing import Final

BIND: Final = b"""\
22-Nov-2026 10:00:00.123 queries: info: client @0x7f49fb078098 192.0.2.1#53211 (www.example.com): \
query: www.example.com IN A +E(0)K (192.0.2.53)
22-Nov-2026 10:00:01.000 queries: info: client @0x7f49fb078098 2001:db8::7#1025/key tsig (x\\)y.example): \
view internal: query: x\\)y.example IN TXT -ETDC (2001:db8::53) [ECS 192.0.2.0/24/0]
22-Nov-2026 10:00:02.000 client 192.0.2.9#4000: query: old.example IN AAAA +
22-Nov-2026 10:00:03.000 security: info: client @0x7f49fb078098 192.0.2.1#53211 (a.example): \
query (cache) 'a.example/A/IN' denied (allow-query-cache did not match)
22-Nov-2026 10:00:04.000 rpz: info: client @0x7f49fb078098 192.0.2.1#53211 (bad.example): \
rpz QNAME NXDOMAIN rewrite bad.example/A/IN via bad.example.rpz.local
22-Nov-2026 10:00:05.000 query-errors: info: client @0x7f49fb078098 192.0.2.1#53211 (b.example): \
query failed (SERVFAIL) for b.example/IN/A at query.c:7836
22-Nov-2026 10:00:06.000 general: notice: running
"""
UNBOUND: Final = b"""\
[1700000000] unbound[123:0] notice: init module 0: validator
[1700000001] unbound[123:0] info: 192.0.2.1 www.example.com. A IN
[1700000001] unbound[123:0] info: 192.0.2.1 www.example.com. A IN NOERROR 0.020500 0 45
[1700000002] unbound[123:1] query: 2001:db8::1 . NS IN
[1700000002] unbound[123:1] reply: 2001:db8::1 . NS IN NOERROR 0.000000 1 811
Nov 14 22:13:23 unbound[123:1] info: bad.example. always_nxdomain 192.0.2.1@5353 www.bad.example. A IN
2023-11-14T22:13:24.500+00:00 unbound[123:1] info: rpz: applied [local] bad.example. rpz-nxdomain \
192.0.2.1@5353 bad.example. A IN
"""
DNSMASQ: Final = b"""\
Nov 22 10:00:00 dnsmasq[812]: query[A] www.example.com from 192.0.2.1
Nov 22 10:00:00 dnsmasq[812]: forwarded www.example.com to 192.0.2.53
Nov 22 10:00:00 dnsmasq[812]: reply www.example.com is 192.0.2.80
Nov 22 10:00:01 dnsmasq[812]: 17 192.0.2.1/53211 query[TXT] t.example from 192.0.2.1
Nov 22 10:00:01 dnsmasq[812]: 17 192.0.2.1/53211 cached t.example is NXDOMAIN
Nov 22 10:00:02 dnsmasq[812]: /etc/hosts router.example is 192.0.2.254
Nov 22 10:00:03 dnsmasq-dhcp[812]: DHCPACK(eth0) 192.0.2.10 00:00:5e:00:53:23 may-01
Nov 22 10:00:03 dnsmasq-dhcp[812]: DHCPDISCOVER(eth0) 00:00:5e:00:53:24
Nov 22 10:00:04 dnsmasq[812]: exiting on receipt of SIGTERM
"""
WINDOWS_DNS: Final = b"""\
DNS Server log file creation at 11/22/2026 9:55:12 AM\r
Log file wrap at 11/22/2026 9:55:12 AM\r
\r
Message logging key (for packets - other items use a subset of these fields):\r
\tField #  Information         Values\r
\t-------  -----------         ------\r
\t   1     Date\r
\r
11/22/2026 9:55:12 AM 0A10 EVENT   The DNS server has started.\r
11/22/2026 9:55:13 AM 0E4C PACKET  00000024B2B3F0C0 UDP Rcv 192.0.2.1       0002   Q [0001   D   NOERROR] A      \
(3)www(7)example(3)com(0)\r
UDP question info at 00000024B2B3F0C0\r
  Socket = 332\r
  Remote addr 192.0.2.1, port 54397\r
\r
11/22/2026 9:55:14 AM 0E4C PACKET  00000024B2B3F0C0 TCP Snd 192.0.2.1       0002 R Q [8385 A DR NXDOMAIN] TXT    \
(3)www(7)example(3)com(0)\r
TCP response info at 00000024B2B3F0C0\r
  Remote addr 192.0.2.1, port 54397\r
    ANSWER SECTION:\r
      DATA   192.0.2.80  \r
      DATA   192.0.2.81\r
    AUTHORITY SECTION:\r
      DATA   ns.example\r
"""
WINDOWS_DHCP: Final = b"""\
\t\tMicrosoft DHCP Service Activity Log\r
\r
\r
Event ID  Meaning\r
00\tThe log was started.\r
14\tA lease request could not be satisfied because the scope's\r
\taddress pool was exhausted.\r
50+\tCodes above 50 are used for Rogue Server Detection information.\r
\r
QResult: 0: NoQuarantine, 1:Quarantine, 2:Drop Packet, 3:Probation\r
\r
ID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name, TransactionID, QResult,Probationtime, \
CorrelationID,Dhcid,VendorClass(Hex),VendorClass(ASCII),UserClass(Hex),UserClass(ASCII),RelayAgentInformation,\
DnsRegError.\r
00,11/22/26,00:00:01,Started,,,,,0,6,,,,,,,,,0\r
10,11/22/26,08:30:00,Assign,192.0.2.10,may-01.example,00005E005323,,2861733,0,,,,0x4D53,MSFT 5.0,,,,0\r
15,11/22/26,08:31:00,NACK,192.0.2.11,,00005E005324,,2861734,0,,,,,,,,,0,extra\r
"""
POSTGRESQL: Final = b"""\
2026-11-22 10:00:00.123 UTC [120] LOG:  database system is ready to accept connections
2026-11-22 10:00:01.000 UTC [762] [unknown]@[unknown] LOG:  connection received: host=192.0.2.1 port=33274
2026-11-22 10:00:02.000 UTC [765] postgres@shop FATAL:  password authentication failed for user "postgres"
2026-11-22 10:00:02.000 UTC [765] postgres@shop DETAIL:  Connection matched pg_hba.conf line 99: "host all"
2026-11-22 10:00:03 +07 [700]: [3-1] user=web,db=shop,app=psql 16,client=192.0.2.9 LOG:  duration: 12.500 ms  \
statement: select 1,
\t'LOG:  not an entry'
\tfrom t
2026-11-22 10:00:04.000 UTC:192.0.2.1(51234):web@shop:[123]:ERROR:  42601: syntax error at or near "'"
2026-11-22 10:00:04.000 UTC:192.0.2.1(51234):web@shop:[123]:STATEMENT:  select *
\tfrom users where name = '''
"""
POSTGRESQL_CSV: Final = b'''\
2026-11-22 10:00:00.123 UTC,,,762,"192.0.2.1:33274",6b038f19.2fa,1,"",2026-11-22 10:00:00 UTC,,0,LOG,00000,\
"connection received: host=192.0.2.1 port=33274",,,,,,,,,"","not initialized",,0
2026-11-22 10:00:02.000 UTC,"web","shop",765,"[local]",6b038f19.2fd,2,"SELECT",2026-11-22 10:00:00 UTC,3/63,0,ERROR,\
42601,"syntax error at or near ""'""",,,,,,"select *
from users, t where name = '
2026-11-22 10:00:03.000 UTC,,,forged",31,,"psql","client backend",,-77
2026-11-22 10:00:04.000 UTC,"web","shop",765,"2001:db8::1:4711",6b038f19.2fd,3,"SELECT",2026-11-22 10:00:00 UTC,3/63,0,\
LOG,00000,"AUDIT: SESSION,1,1,READ,SELECT,,,""select a, b from t"",<none>",,,,,,,,,"psql"
'''
MYSQL_ERROR: Final = b"""\
2026-11-22T10:00:00.123456Z 0 [Warning] [MY-010068] [Server] CA certificate ca.pem is self signed.
2026-11-22T10:00:01.123456Z 8 [Note] Access denied for user 'root'@'192.0.2.1' (using password: YES)
2026-11-22  7:53:21 6 [Warning] Aborted connection 6 to db: 'shop' user: 'web' host: '192.0.2.9' (Got timeout)
261122  7:53:22 [ERROR] mysqld got signal 11 ;
This could be because you hit a bug.
stack_bottom = 0x0 thread_stack 0x49000
261122 07:53:23 mysqld_safe Number of processes running now: 0
261122  7:53:24  InnoDB: The InnoDB memory heap is disabled
"""
MYSQL_GENERAL: Final = b"""\
/usr/sbin/mariadbd, Version: 10.11.6-MariaDB-log (Debian 12). started with:
Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock
Time\t\t    Id Command\tArgument
261122 10:00:00\t    31 Connect\tweb@192.0.2.9 on shop using TCP/IP
\t\t    31 Query\tselect *
from users
where a = 1
\t\t    31 Quit\t
261122 10:00:01\t    32 Connect\tAccess denied for user 'root'@'192.0.2.1' (using password: YES)
2026-11-22T10:00:02.123456Z\t    8 Init DB\tshop
2026-11-22T10:00:02.123456Z\t    8 Query\tdrop table users
"""
MYSQL_SLOW: Final = b"""\
/usr/sbin/mysqld, Version: 8.0.36 (MySQL Community Server - GPL). started with:
Tcp port: 3306  Unix socket: /var/run/mysqld/mysqld.sock
Time                 Id Command    Argument
# Time: 2026-11-22T10:00:00.123456Z
# User@Host: root[root] @ localhost [127.0.0.1]  Id:     8
# Query_time: 2.000123  Lock_time: 0.000001 Rows_sent: 1  Rows_examined: 4
use shop;
SET timestamp=1795341600;
select sleep(2),
# not a head
'x';
# User@Host: web[web] @  [192.0.2.9]
# Thread_id: 31  Schema: shop  QC_hit: No
# Query_time: 3.5  Lock_time: 0.000  Rows_sent: 0  Rows_examined: 0
# administrator command: Quit;
"""
MYSQL_AUDIT: Final = b"""\
20261122 10:00:00,db1,root,localhost,31,0,CONNECT,shop,,0
20261122 10:00:01,db1,web,192.0.2.9,31,123,QUERY,shop,'select \\'a\\', b\\nfrom t where c = \\'O\\',1',0
20261122 10:00:01,db1,web,192.0.2.9,31,123,READ,shop,users,0
20261122 10:00:02,db1,root,192.0.2.1,32,0,FAILED_CONNECT,,,1045
"""
CSV: Final = """\
\ufeffTime;User;Địa chỉ;Note;User
22/11/2026 10:00:00;an;192.0.2.1;"two
lines; one cell";a
22/11/2026 10:00:01;bình;192.0.2.2;"a ""word"" here";b
22/11/2026 10:00:02;"chi";192.0.2.3;5" disk;c
""".encode()

LOGS: Final[dict[str, bytes]] = {
    "bind": BIND,
    "unbound": UNBOUND,
    "dnsmasq": DNSMASQ,
    "windows_dns": WINDOWS_DNS,
    "windows_dhcp": WINDOWS_DHCP,
    "postgresql": POSTGRESQL,
    "postgresql_csv": POSTGRESQL_CSV,
    "mysql_error": MYSQL_ERROR,
    "mysql_general": MYSQL_GENERAL,
    "mysql_slow": MYSQL_SLOW,
    "mysql_audit": MYSQL_AUDIT,
    "csv": CSV,
}
