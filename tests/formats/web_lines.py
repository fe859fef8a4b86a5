"""Lines of web logs in the forms that their documentation gives, for tests and the fuzzer."""

from __future__ import annotations

import json

COMBINED = (
    b'203.0.113.66 - - [22/Nov/2026:10:00:00 +0700] "GET /tim-kiem?tu-khoa=khai%20sinh HTTP/1.1" 200 512 '
    b'"https://cong.gov.example/" "Mozilla/5.0 (X11; Linux x86_64)"\n'
    b'2001:db8::7 - an [22/Nov/2026:10:00:01 +0700] "POST /dang-nhap HTTP/2.0" 302 - "-" "curl/8.9"\n'
    b'198.51.100.9 - - [22/Nov/2026:10:00:02 +0700] "\\x16\\x03\\x01\\x02" 400 157 "-" "-"\n'
)
VHOST = (
    b'cong.gov.example:443 198.51.100.9 - Nguyen Van A [22/Nov/2026:10:00:00 +0700] "GET / HTTP/1.1" 200 12 "-" '
    b'"curl/8.9"\n'
)
MAIN = (
    b'10.0.0.5 - - [22/Nov/2026:10:00:00 +0700] "GET / HTTP/1.1" 200 12 "-" "curl/8.9" "203.0.113.66, 10.0.0.9" '
    b"0.003 0.002\n"
)
NGINX_ERROR = (
    b'2026/11/22 10:00:00 [error] 12#14: *34 open() "/srv/www/.env" failed (2: No such file or directory), client: '
    b'203.0.113.66, server: cong.gov.example, request: "GET /.env HTTP/1.1", host: "cong.gov.example", referrer: '
    b'"https://cong.gov.example/a, b"\n'
    b"2026/11/22 10:00:01 [notice] 12#12: signal process started\n"
)
NGINX_MODSECURITY = (
    b"2026/11/22 10:00:02 [error] 12#14: *35 [client 203.0.113.66] ModSecurity: Access denied with code 403 (phase 2). "
    b'Matched "Operator `Ge\' with parameter `5\'" [file "/etc/crs/949.conf"] [line "80"] [id "949110"] '
    b'[msg "Inbound Anomaly \\"5\\""] [severity "2"] [tag "a"] [tag "b"] [hostname "10.0.0.1"] [uri "/"] '
    b'[unique_id "171"], client: 203.0.113.66, server: cong, request: "GET /?id=1%27 HTTP/1.1", host: "cong"\n'
)
NGINX_PHP = (
    b'2026/11/22 10:00:03 [error] 12#14: *36 FastCGI sent in stderr: "PHP message: PHP Fatal error: x\nStack trace:\n'
    b'#0 {main}" while reading upstream, client: 203.0.113.66, server: cong, request: "GET /a.php HTTP/1.1", upstream: '
    b'"fastcgi://127.0.0.1:9000", host: "cong"\n'
)
APACHE_ERROR = (
    b"[Sun Nov 22 10:00:00.123456 2026] [core:error] [pid 731:tid 795] [client 203.0.113.66:35607] AH10244: invalid "
    b"URI path (/../etc/passwd)\n"
    b"[Sun Nov 22 10:00:01.000000 2026] [proxy:error] [pid 731:tid 760] (111)Connection refused: AH00957: http: "
    b"attempt to connect to 127.0.0.1:8000 failed\n"
    b"[Sun Nov 22 10:00:02 2026] [error] [client 2001:db8::7] File does not exist: /srv/www/x, referer: http://a/\n"
    b"[Sun Nov 22 10:00:03.000001 2026] [php:error] [pid 9] [client 203.0.113.66:4] PHP Fatal error:  x\n"
    b"Stack trace:\n#0 {main}\n"
)
IIS = (
    b"#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2026-11-22 03:00:00\r\n"
    b"#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) "
    b"sc-status sc-substatus sc-win32-status time-taken\r\n"
    b"2026-11-22 03:00:00 10.0.0.8 GET /th%E1%BB%A7-tuc.aspx id=1 443 - 203.0.113.66 Mozilla/5.0+(Windows+NT+10.0) - "
    b"200 0 0 15\r\n"
    b"#Fields: date time c-ip cs-method cs-uri-stem sc-status\r\n"
    b"2026-11-22 03:00:01 203.0.113.66 GET /a+b 404\r\n"
)
HTTPERR = (
    b"#Software: Microsoft HTTP API 2.0\r\n#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri "
    b"sc-status s-siteid s-reason s-queuename\r\n"
    b"2026-11-22 03:00:00 203.0.113.66 5123 10.0.0.8 80 HTTP/1.1 GET /..%255c../ 400 - URL -\r\n"
)
BLUE_COAT = (
    b"#Software: SGOS 7.3.8.1\n#Fields: date time time-taken c-ip cs-username s-action sc-status cs-method cs-host "
    b"cs-uri-path cs-uri-query cs-uri-extension cs(User-Agent) r-ip\n"
    b'2026-11-22 03:00:00 17 10.1.1.7 an TCP_MISS 200 GET evil.example /a.exe ?x=1 exe "Mozilla/5.0 (hydra)" '
    b"203.0.113.9\n"
)
FIREWALL = (
    b"#Version: 1.5\r\n#Software: Microsoft Windows Firewall\r\n#Time Format: Local\r\n#Fields: date time action "
    b"protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn tcpack tcpwin icmptype icmpcode info path pid\r\n"
    b"2026-11-22 10:00:00 DROP TCP 203.0.113.66 10.0.0.8 51234 3389 52 S 1 0 64240 - - - RECEIVE 4\r\n"
)
CLOUDFRONT = (
    b"#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status\n"
    b"2026-11-22\t03:00:00\tSIN2\t512\t203.0.113.66\tGET\td1.cloudfront.net\t/a b\t200\n"
)
EXCHANGE = (
    b"#Software: Microsoft Exchange Server\n#Log-type: Message Tracking Log\n#Fields: date-time,client-ip,recipient,"
    b'subject\n2026-11-22T03:00:00.000Z,10.0.0.7,an@cong.gov.example,"Mot, ""hai"""\n'
)
HAPROXY_HTTP = (
    b"203.0.113.66:51234 [22/Nov/2026:10:00:00.123] cong~ ung-dung/may-01 10/0/30/69/109 200 2750 - - ---- "
    b'1/1/1/1/0 0/0 {cong.gov.example|curl/8.9} {nginx} "GET /?a=%3Cscript%3E HTTP/1.1"\n'
)
HAPROXY_TCP = b"203.0.113.66:51234 [22/Nov/2026:10:00:00.123] ssh ssh/may-01 0/0/5007 212 -- 0/0/0/0/3 0/0\n"
HAPROXY_SYSLOG = (
    b"<134>Nov 22 10:00:00 can-bang haproxy[728]: " + HAPROXY_HTTP +
    b"Nov 22 10:00:01 can-bang haproxy[728]: Server ung-dung/may-01 is DOWN, reason: Layer4 timeout.\n"
)  # fmt: skip
SQUID = (
    b"1795316400.123    456 10.1.1.7 TCP_MISS/200 1234 GET http://evil.example/a/b.exe?x=%41 an HIER_DIRECT/203.0.113.9"
    b" application/octet-stream\n"
    b"1795316401.456     12 10.1.1.7 TCP_TUNNEL/200 39 CONNECT mail.example:443 - HIER_DIRECT/203.0.113.8 -\n"
)
ENVOY = (
    b'[2026-11-22T03:00:00.123Z] "GET /a?b=%2e HTTP/1.1" 503 UF,URX - - "-" 0 91 15 - "203.0.113.66" "curl/8.9" '
    b'"cc21d9b0" "cong.gov.example" "10.0.0.1:80"\n'
)
ALB = (
    b"h2 2026-11-22T03:00:00.123456Z app/cong/50dc6c495c0c9188 203.0.113.66:2817 10.0.0.1:80 0.000 0.048 0.000 404 404 "
    b'34 366 "GET https://cong.gov.example:443/a?b=%2e HTTP/2.0" "curl/8.9" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
    b'arn:aws:elasticloadbalancing:x "Root=1-58337281" "cong.gov.example" "-" 0 2026-11-22T03:00:00.1Z "forward"\n'
)
NGINX_JSON = (
    json.dumps(
        {
            "time_iso8601": "2026-11-22T10:00:00+07:00",
            "remote_addr": "203.0.113.66",
            "request": "GET /?q=%C4%91 HTTP/1.1",
            "status": 200,
            "request_time": 0.25,
            "http_user_agent": "curl/8.9",
            "http_x_forwarded_for": "198.51.100.1, 10.0.0.9",
            "host": "cong.gov.example",
        }
    ).encode()
    + b"\n"
)
CADDY = (
    json.dumps(
        {
            "level": "info",
            "ts": 1795316400.5,
            "logger": "http.log.access",
            "msg": "handled request",
            "request": {
                "remote_ip": "203.0.113.66",
                "remote_port": "41342",
                "client_ip": "203.0.113.66",
                "proto": "HTTP/2.0",
                "method": "GET",
                "host": "cong.gov.example",
                "uri": "/a?b=%2e%2e",
                "headers": {"User-Agent": ["curl/8.9"]},
            },
            "user_id": "",
            "duration": 0.001,
            "size": 12,
            "status": 404,
        }
    ).encode()
    + b"\n"
)
TRAEFIK = (
    json.dumps(
        {
            "ClientHost": "203.0.113.66",
            "ClientPort": "5123",
            "ClientUsername": "-",
            "DownstreamStatus": 502,
            "Duration": 1500000,
            "RequestHost": "cong.gov.example",
            "RequestMethod": "GET",
            "RequestPath": "/a?b=1",
            "RequestProtocol": "HTTP/1.1",
            "StartUTC": "2026-11-22T03:00:00.5Z",
            "request_User-Agent": "curl/8.9",
        }
    ).encode()
    + b"\n"
)
SOURCES: dict[str, list[bytes]] = {
    "access_log": [COMBINED, VHOST, MAIN],
    "nginx_error": [NGINX_ERROR, NGINX_MODSECURITY, NGINX_PHP],
    "apache_error": [APACHE_ERROR],
    "w3c": [IIS, HTTPERR, BLUE_COAT, FIREWALL, CLOUDFRONT, EXCHANGE],
    "haproxy": [HAPROXY_HTTP, HAPROXY_TCP, HAPROXY_SYSLOG],
    "squid": [SQUID],
    "envoy": [ENVOY],
    "aws_alb": [ALB],
}
