"""Any cell of any table that was changed, any row that was left out or added, and any end cut off, is found."""

# ruff: noqa: S608 - statements are made of the names of tables and columns, which are ours

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.crypto.keys import PrivateKey
from sentinel.errors import SentinelError
from sentinel.ledger.base import Signer
from sentinel.ledger.chain import FIRST, act_digest, entry_digest
from sentinel.ledger.checkpoint import Checkpoint, signed
from sentinel.ledger.merkle import leaf_hash, root_of
from sentinel.ledger.verify import Ledger, examine
from sentinel.pki.model import Reason
from sentinel.pki.register.asking import approve, ask, reject
from sentinel.pki.register.audit import audit
from sentinel.pki.register.file import Register
from sentinel.pki.register.founding import found, plan
from sentinel.pki.register.issuing import Issuance
from sentinel.pki.register.revoking import Listing, record_list, restore, revoke
from sentinel.pki.register.tables import NAME, State
from sentinel.pki.signing.approvals import Approval, What
from tests.pki.register.an_authority import ISSUER, LAN, MINH, NOW, S, Signing, an_item, entry, finish

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path
    from typing import TypeAlias

    from sentinel.pki.register.file import Request

    Change: TypeAlias = tuple[str, tuple[Any, ...]]

SECRET = PrivateKey.new()
SIGNERS = {SECRET.public.fingerprint: Signer("an", SECRET.public, 0)}


def a_request(register: Register, *numbers: int, shard: int = 0, state: State = State.APPROVED) -> Request:
    """Give a request that somebody asked, and approved unless it is to wait."""
    request = ask(register, "agencies", [an_item(number, shard=shard) for number in numbers], LAN, NOW * S, "máy chủ")
    if state is State.WAITING:
        return request
    given = Approval(What.CERTIFICATES, "agencies", request.digest, request.count, "lan", "minh", NOW * S, NOW * S + 9)
    return approve(register, request, given, MINH, NOW * S + 1, lambda _request: None)


def a_register(folder: Path) -> Register:
    """Give a register with rows in every table and with certificates and requests in every state."""
    folder.mkdir(exist_ok=True)
    register, signing = Register(folder, write=True), Signing()
    given = Approval(What.AUTHORITY, "other", bytes(32), 1, "lan", "minh", NOW * S, NOW * S + 1)
    plan(register, "other", b"broken off", given, LAN, NOW * S)
    found(register, ISSUER, "issuing", "", LAN, NOW * S)
    issuance = Issuance(register, signing, finish, lambda: NOW * S + 2)
    for shard, numbers in ((0, (1, 2, 3)), (7, (4, 5, 6))):
        issuance.issue(a_request(register, *numbers, shard=shard), LAN)
    _given_up(register, issuance, signing)
    rows = register.find("state = ?", [int(State.ISSUED)])
    revoke(register, [rows[0], rows[3]], Reason.SUPERSEDED, LAN, (NOW + 5) * S, entry, "thay máy")
    revoke(register, [rows[1], rows[4]], Reason.HOLD, LAN, (NOW + 6) * S, entry)
    restore(register, [rows[1]], LAN, (NOW + 7) * S, "tìm thấy")
    for shard in (0, 7):
        authority = register.authority("agencies")
        record_list(register, authority, shard, b"list", Listing(1, NOW, NOW + 9, 2), LAN, NOW * S)
    reject(register, a_request(register, 11, state=State.WAITING), LAN, NOW * S + 3, "không cần")
    a_request(register, 12, 13, state=State.WAITING)
    a_request(register, 14, 15)
    _intended(register, issuance, signing)
    return register


def _given_up(register: Register, issuance: Issuance, signing: Signing) -> None:
    signing.breaks_after = 1
    with pytest.raises(ConnectionError):
        issuance.issue(a_request(register, 8, 9), LAN)
    signing.refuses = "the approval has expired"
    issuance.recover()
    signing.refuses, signing.breaks_after = "", None


def _intended(register: Register, issuance: Issuance, signing: Signing) -> None:
    signing.breaks_after = 0
    with pytest.raises(ConnectionError):
        issuance.issue(a_request(register, 16, 17), LAN)


def a_checkpoint(register: Register) -> Checkpoint:
    """Give a signed head of all that is there."""
    histories = register.histories
    root = root_of([leaf_hash(digest) for _entry, digest in histories.entries()])
    return signed(Checkpoint(histories.origin, histories.count(), root, NOW * S), "an", SECRET)


def is_found(register: Register, head: Checkpoint) -> bool:
    """Tell whether `sentinel pki audit verify` would find anything."""
    histories = register.histories
    ledger = Ledger(histories.origin, histories.act_rows(), histories.entry_rows(), histories.heads())
    try:
        examined = examine(ledger, [head], SIGNERS)
        if examined.faults or histories.counts() != (examined.acts, examined.entries):
            return True
        return bool(audit(register, entry).faults)
    except SentinelError:
        return True


def tables(db: sqlite3.Connection) -> dict[str, list[str]]:
    """Give every table that there is, with its columns."""
    names = [name for (name,) in db.execute("select name from sqlite_master where type = 'table'")]
    return {name: [row[1] for row in db.execute(f"pragma table_info({name})")] for name in names}


def key_of(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"pragma table_info({table})") if row[5]]


def others(value: object) -> list[object]:
    """Give what somebody could put in the place of a value."""
    if value is None:
        return [1, "x", b"x"]
    if isinstance(value, int):
        return [value + 1, -value - 1]
    if isinstance(value, str):
        return [value + "x", None, *([""] if value else [])]
    assert isinstance(value, bytes)
    return [value[:-1] + bytes([value[-1] ^ 1]), b"", value + b"\0", None] if value else [b"x", None]


def another(value: object) -> object:
    """Give a value that no other row has, as part of a key."""
    return value + 1000 if isinstance(value, int) else f"{value}x"


def changes(db: sqlite3.Connection, names: Collection[str]) -> Iterator[Change]:
    """Give what changes a cell each, leaves a row out each, or adds a copy of one each, under another key."""
    for table in names:
        columns, key = tables(db)[table], key_of(db, table)
        where = " and ".join(f"{name} is ?" for name in key)
        for row in db.execute(f"select * from {table}").fetchall():
            cells = dict(zip(columns, row, strict=True))
            place = tuple(cells[name] for name in key)
            for name, value in cells.items():
                for instead in others(value):
                    yield f"update {table} set {name} = ? where {where}", (instead, *place)
            yield f"delete from {table} where {where}", place
            for name in key:
                copy = cells | {name: another(cells[name])}
                yield f"insert into {table} values({', '.join('?' * len(copy))})", tuple(copy.values())


def test_any_changed_cell_and_any_row_left_out_or_added_is_found(tmp_path: Path) -> None:
    lost: list[Change] = []
    done: set[str] = set()
    with closing(a_register(tmp_path)) as register:
        head, db = a_checkpoint(register), register.histories.db
        assert not is_found(register, head)
        assert {True} == {bool(db.execute(f"select 1 from {name}").fetchone()) for name in tables(db)}
        for statement, values in changes(db, tables(db).keys() - {"head"}):
            db.execute("begin")
            try:
                db.execute(statement, values)
            except sqlite3.IntegrityError:
                continue  # the file takes no such row
            else:
                done.add(statement)
                lost += [] if is_found(register, head) else [(statement, values)]
            finally:
                db.execute("rollback")
        for name, columns in tables(db).items():
            assert name == "head" or {f"update {name} set {column} = " for column in columns} <= {
                statement.partition("?")[0] for statement in done
            } | {f"update {name} set {column} = " for column in key_of(db, name)}
    assert [] == lost


def test_a_file_that_says_something_else_of_itself_is_found(tmp_path: Path) -> None:
    with closing(a_register(tmp_path / "there")) as register:
        head = a_checkpoint(register)
        every = list(changes(register.histories.db, ["head"]))
    for number, (statement, values) in enumerate(every):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "there", folder)
        with closing(sqlite3.connect(folder / NAME)) as db, db:
            try:
                db.execute(statement, values)
            except sqlite3.IntegrityError:
                continue
        assert opens_and_is_found(folder, head), (statement, values)


def opens_and_is_found(folder: Path, head: Checkpoint) -> bool:
    try:
        with closing(Register(folder)) as register:
            return is_found(register, head)
    except SentinelError:
        return True


@pytest.mark.parametrize("acts", [1, 5])
def test_an_end_that_was_cut_off_with_all_its_traces_is_found_by_the_checkpoint(tmp_path: Path, acts: int) -> None:
    with closing(a_register(tmp_path)) as register:
        before, last = [a_checkpoint(register)], register.histories.counts()[0]
        for number in range(acts):
            request = a_request(register, 20 + number, state=State.WAITING)
        assert request.number == register.requests(limit=1)[0].number
        head, db = a_checkpoint(register), register.histories.db
        with register.writing():
            cut_off(db, last)
        assert not is_found(register, before[0])
        assert is_found(register, head)


def cut_off(db: sqlite3.Connection, last: int) -> None:
    """Take away all that requests behind an act left, as if they had never been."""
    db.execute(
        "delete from asked where request in (select number from request where subject in "
        "(select subject from entry where act > ? and seq = 1))",
        (last,),
    )
    db.execute("delete from request where subject in (select subject from entry where act > ? and seq = 1)", (last,))
    db.execute("delete from subject where number in (select subject from entry where act > ? and seq = 1)", (last,))
    db.execute("delete from entry where act > ?", (last,))
    db.execute("delete from act where number > ?", (last,))
    db.execute("update head set acts = ?, entries = (select count(*) from entry)", (last,))


def test_a_history_that_was_written_anew_is_found_by_the_checkpoint(tmp_path: Path) -> None:
    """Whoever makes every digest anew is found by the signed head alone."""
    with closing(a_register(tmp_path)) as register:
        head, db = a_checkpoint(register), register.histories.db
        with register.writing():
            changed = db.execute(
                "update entry set body = cast(replace(cast(body as text), 'thay máy', 'thay khóa') as blob) "
                "where kind = 'revoked'"
            )
            assert changed.rowcount > 0
            write_anew(register)
        assert not is_found(register, a_checkpoint(register))
        assert is_found(register, head)


def write_anew(register: Register) -> None:
    """Make the digests of all entries anew."""
    histories, digests = register.histories, dict[str, bytes]()
    acts = {act.number: act_digest(act) for act, _digest in histories.acts()}
    for entry_, _digest in list(histories.entries()):
        digest = entry_digest(entry_, digests.get(entry_.subject, FIRST), acts[entry_.act])
        digests[entry_.subject] = digest
        histories.db.execute("update entry set digest = ? where number = ?", (digest, entry_.number))
    histories.db.executemany("update subject set digest = ? where name = ?", [(d, name) for name, d in digests.items()])
