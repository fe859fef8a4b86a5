"""A careless portal: searches by pasted SQL and keeps every upload; runs inside a machine, behind nginx or HAProxy.

Nobody should run it anywhere else: it is here to be attacked.
"""

from __future__ import annotations

import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

UPLOADS = Path("/srv/portal/tai-len")
SCHEMA = """
create table ho_so (ma text, ten text, trang_thai text);
create table tai_khoan (ten text, mat_khau text);
insert into ho_so values ('H49-0001', 'Cấp giấy khai sinh', 'Đã xong'), ('H49-0002', 'Cấp phép xây dựng', 'Đang xử lý');
insert into tai_khoan values ('quantri', 'khong-that'), ('canbo01', 'khong-that');
"""


class Portal(BaseHTTPRequestHandler):
    """Answers the pages of the portal."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Show a page, a search or an uploaded file."""
        url = urlsplit(self.path)
        fields = parse_qs(url.query, encoding="utf-8", errors="replace")
        if url.path == "/tra-cuu":
            self.search(fields.get("ma", [""])[0])
        elif url.path.startswith("/tai-len/"):
            self.uploaded(unquote(url.path.removeprefix("/tai-len/")))
        elif url.path in {"/", "/dang-nhap"} or url.path.startswith("/dich-vu-cong/"):
            self.answer(200, "<h1>Cổng dịch vụ công</h1>" + "<p>Thủ tục hành chính</p>" * (len(self.path) % 40))
        else:
            self.answer(404, "<h1>Không tìm thấy</h1>")

    def do_POST(self) -> None:
        """Take a form or an upload."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/tai-len":
            name = body.partition(b'filename="')[2].partition(b'"')[0].decode() or "tep"
            (UPLOADS / Path(name).name).write_bytes(body)
            self.answer(201, "Đã nhận")
        elif self.path == "/dang-nhap":
            self.answer(302 if b"mat_khau=dung" in body else 401, "")
        else:
            self.answer(404, "")

    def search(self, code: str) -> None:
        """Find a request by its code: the mistake that the injection uses is here."""
        database = sqlite3.connect(":memory:")
        try:
            database.executescript(SCHEMA)
            rows = database.execute(f"select ma, ten, trang_thai from ho_so where ma = '{code}'").fetchall()  # noqa: S608
        except sqlite3.Error as error:
            self.answer(500, f"Lỗi cơ sở dữ liệu: {error}")
        else:
            lines = [f"<tr><td>{'</td><td>'.join(map(str, row))}</td></tr>" for row in rows]
            self.answer(200, "".join(lines) or "Không có")
        finally:
            database.close()

    def uploaded(self, name: str) -> None:
        """Give back what was uploaded, as if it had run."""
        found = (UPLOADS / Path(name).name).is_file()
        self.answer(200 if found else 404, "uid=33(www-data) gid=33(www-data) groups=33(www-data)" if found else "")

    def answer(self, status: int, text: str) -> None:
        """Send a page."""
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_HEAD = do_GET  # noqa: N815 - the library's naming

    def log_message(self, *_: object) -> None:
        """Say nothing: the server before it keeps the log."""


def main() -> None:
    """Serve on the port given as argument until ended."""
    UPLOADS.mkdir(parents=True, exist_ok=True)
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Portal).serve_forever()


main()
