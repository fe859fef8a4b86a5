"""The estate: its files, what is wrong with them, and which events belong to what."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from sentinel import content
from sentinel.cli.main import main
from sentinel.errors import InputError
from sentinel.estate import agencies, check, platforms, reach
from sentinel.estate.check import problems
from sentinel.estate.load import load
from sentinel.model.batch import EventBatch, EventKind
from sentinel.model.estate import AGENCY_ID, AGENCY_PROVINCE, PLATFORM_ID, PLATFORM_LEVEL, SOURCE_AGENCY, Contact
from sentinel.normalise import enrich
from sentinel.normalise.enrich import Enricher
from tests.folders import work_in
from tests.triage.builders import a_desk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from sentinel.model.estate import Estate

    Capture = pytest.CaptureFixture[str]

PORTAL = """id = "portal"
name = "Cổng Dịch vụ công"
level = 4
owner = "G90"
hosts = ["portal*"]
domains = ["dichvucong.gov.example"]
networks = ["192.0.2.0/24", "2001:db8:1::/48"]
[focal_point]
phone = "+00 1"
"""
AGENCIES = """id,name,tier,province,commune,parent,phone,level,hosts,domains,networks
G90,Cơ quan chủ quản,central,,,,+00 2,,,,
H49,Ủy ban nhân dân tỉnh,province,91,,,+00 3,3,,tinh.gov.example,10.49.0.0/16
H49.61,Ủy ban nhân dân xã,commune,91,,H49,+00 4,2,xa-pc*,,10.49.61.0/24
"""


def an_estate(folder: Path, portal: str = PORTAL, table: str = AGENCIES) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "portal.toml").write_text(portal)
    (folder / "agencies.csv").write_text(table)
    return folder


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    found = load(an_estate(tmp_path / "estate"))
    assert () == found.faults
    return found


def enriched(estate: Estate, **columns: Sequence[str | None]) -> list[dict[str, Any]]:
    names = [name.replace("__", ".") for name in columns]
    arrays = [pa.array(values, pa.string()) for values in columns.values()]
    count = len(arrays[0])
    batch = EventBatch(
        EventKind("nginx.access"), pa.RecordBatch.from_arrays(arrays, names), [b""] * count, range(count), []
    )
    rows: list[dict[str, Any]] = Enricher(estate).enriched(batch).columns.to_pylist()
    return rows


def test_an_event_is_about_where_it_happened_and_tells_who_asked(estate: Estate) -> None:
    (row,) = enriched(estate, host__name=["PORTAL01"], source__ip=["10.49.61.7"])
    assert ("portal", 4, "G90", "H49.61") == (row[PLATFORM_ID], row[PLATFORM_LEVEL], row[AGENCY_ID], row[SOURCE_AGENCY])


@pytest.mark.parametrize(
    ("column", "value", "platform", "agency", "province"),
    [
        ("url__domain", "dichvucong.gov.example", "portal", "G90", None),
        ("url__domain", "www.dichvucong.gov.example", "portal", "G90", None),
        ("url__domain", "evil-dichvucong.gov.example", None, None, None),
        ("host__name", "xa-pc7", None, "H49.61", "91"),
        ("host__name", "MAIL.tinh.gov.example", None, "H49", "91"),
        ("destination__ip", "192.0.2.77", "portal", "G90", None),
        ("destination__ip", "2001:db8:1::7", "portal", "G90", None),
        ("source__ip", "10.49.61.7", None, "H49.61", "91"),
        ("source__ip", "10.49.62.7", None, "H49", "91"),
        ("source__ip", "203.0.113.1", None, None, None),
        ("source__ip", "no address", None, None, None),
    ],
)
def test_names_and_the_narrowest_network_tell(
    estate: Estate, column: str, value: str, platform: str | None, agency: str | None, province: str | None
) -> None:
    (row,) = enriched(estate, **{column: [value]})
    assert (platform, agency, province) == (row.get(PLATFORM_ID), row.get(AGENCY_ID), row.get(AGENCY_PROVINCE))


def test_events_of_a_batch_are_told_apart_and_those_nobody_knows_stay_bare(estate: Estate) -> None:
    rows = enriched(estate, host__name=["portal1", None, "other", "xa-pc1"])
    assert ["portal", None, None, None] == [row[PLATFORM_ID] for row in rows]
    assert ["G90", None, None, "H49.61"] == [row[AGENCY_ID] for row in rows]


def test_the_practice_estate_that_is_shipped_is_whole() -> None:
    found = load(content.practice_estate())
    assert [] == [str(each) for each in problems(found)]
    assert {"portal", "document-exchange"} <= {platform.id for platform in found.platforms}


@pytest.mark.parametrize(
    ("portal", "table", "told"),
    [
        (PORTAL.replace("level = 4", "level = 9"), AGENCIES, "portal.toml:3"),
        (PORTAL.replace("192.0.2.0/24", "192.0.2.0/33"), AGENCIES, "portal.toml:7"),
        (PORTAL.replace("owner", "ownr"), AGENCIES, "portal.toml:4"),
        (PORTAL + "broken", AGENCIES, "portal.toml:10"),
        (PORTAL.replace("G90", "G91"), AGENCIES, "which is no agency"),
        (PORTAL, AGENCIES.replace("10.49.61.0/24", "10.49.0.0/16"), "10.49.0.0/16"),
        (PORTAL, AGENCIES.replace("10.49.61.0/24", "10.49.61.0"), "10.49.61.0"),
        (PORTAL, AGENCIES.replace(",91,,H49", ",99,,H49"), "no province has the code '99'"),
        (PORTAL, AGENCIES.replace("H49.61,", "61!,"), "'61!' is no identifier code"),
        (PORTAL, AGENCIES.replace("commune,91,,H49,", "commune,91,,H50,"), "H50"),
        (PORTAL, AGENCIES + AGENCIES.splitlines()[-1] + "\n", "described twice"),
        (PORTAL, AGENCIES.replace(",2,xa-pc*", ",7,xa-pc*"), "agencies.csv:4"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_all_at_once(tmp_path: Path, portal: str, table: str, told: str) -> None:
    found = [str(each) for each in problems(load(an_estate(tmp_path / "estate", portal, table)))]
    plain = len(problems(load(an_estate(tmp_path / "plain"))))
    if told == "10.49.61.0":
        assert plain == len(found), "a single address within a network of its parent is fine"
    else:
        assert any(told in each for each in found), found


@pytest.mark.parametrize(
    ("cell", "networks"),
    [
        ("10.0.0.0/8; 10.0.0.1, ::1", ["10.0.0.0/8", "10.0.0.1", "::1"]),
        ("2001:DB8::/32", ["2001:db8::/32"]),
        ("::ffff:10.0.0.1", ["10.0.0.1"]),
        ("fe80::1%eth0", ["fe80::1"]),
        ("10.0.0.0/08", ["10.0.0.0/8"]),
        ("10.0.0.0/", None),
        ("10.0.0.0//", None),
        ("10.0.0.1/8", None),
        ("2001:db8::1/32", None),
        ("10.0.0.0/33", None),
        ("0.0.0.0/0", None),
        ("::/0", None),
        ("10.0.0", None),
    ],
)
def test_networks_of_a_cell_are_read_or_told(cell: str, networks: list[str] | None) -> None:
    faults: list[Any] = []
    found = agencies.parse(f'id,name,tier,networks\nH1,n,province,"{cell}"\n', "a.csv", faults)
    assert networks == ([network.text for network in found[0].reach.networks] if found else None)
    assert ([] if networks else ["a.csv:2"]) == [fault.place for fault in faults]


@pytest.mark.parametrize(
    ("cell", "hosts"),
    [
        ("pc1", ("pc1",)),
        ("*-pc*.gov.example", ("*-pc*.gov.example",)),
        ("PC1. ; máy*", ("pc1", "máy*")),
        ("*", None),
        ("**", None),
        ("*.", None),
        ("a:1", None),
    ],
)
def test_hosts_of_a_cell_are_read_or_told(cell: str, hosts: tuple[str, ...] | None) -> None:
    faults: list[Any] = []
    found = agencies.parse(f'id,name,tier,hosts\nH1,n,province,"{cell}"\n', "a.csv", faults)
    assert (hosts, hosts is None) == (found[0].reach.hosts if found else None, bool(faults))


def test_a_folder_without_an_estate_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError):
            load(folder)


def test_a_table_that_is_written_and_read_again_is_the_same(estate: Estate, tmp_path: Path) -> None:
    (tmp_path / "again.csv").write_text(agencies.written(estate.agencies), encoding="utf-8-sig")
    faults: list[Any] = []
    again = agencies.read(tmp_path / "again.csv", faults)
    assert [] == faults
    assert [agencies.cells_of(each) for each in estate.agencies] == [agencies.cells_of(each) for each in again]


def test_cells_are_no_formulas_and_come_back_as_they_were(tmp_path: Path) -> None:
    table = AGENCIES.replace("Cơ quan chủ quản", "'=SUM(A1)")
    found = load(an_estate(tmp_path / "estate", table=table)).agencies
    assert "=SUM(A1)" == found[0].name
    assert "\n=SUM" not in agencies.written(found)
    assert ",=SUM" not in agencies.written(found)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SENTINEL_ESTATE", str(an_estate(tmp_path / "estate")))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capfd: Capture, *arguments: str, code: int = 0) -> Any:  # noqa: ANN401 - any JSON value
    capfd.readouterr()
    assert code == main(["estate", *arguments, "--json"])
    return json.loads(capfd.readouterr().out)


def test_check_ends_with_one_where_something_is_wrong(here: Path, capfd: Capture) -> None:
    an_estate(here / "estate", PORTAL.replace('owner = "G90"', 'owner = "G99"'))
    assert "G99" in json.dumps(told(capfd, "check", code=1), ensure_ascii=False)


@pytest.mark.usefixtures("here")
def test_show_says_what_covers_a_host_or_an_address(capfd: Capture) -> None:
    for asked, expected in (
        ("portal7", "portal"),
        ("10.49.61.9", "H49.61"),
        ("H49", "H49"),
        ("2001:db8:1::1", "portal"),
    ):
        assert f'"{expected}"' in json.dumps(told(capfd, "show", asked))
    assert 0 == main(["estate", "show"])
    assert "Ủy ban nhân dân xã" in capfd.readouterr().out


def test_export_and_import_again_change_nothing(here: Path, capfd: Capture) -> None:
    assert 0 == main(["estate", "export", "out.csv"])
    before = (here / "estate" / "agencies.csv").read_bytes()
    assert 0 == main(["estate", "import", "out.csv", "--to", str(here / "estate"), "--dry-run"])
    assert before == (here / "estate" / "agencies.csv").read_bytes()
    assert 0 == main(["estate", "import", "out.csv", "--to", str(here / "estate")])
    capfd.readouterr()
    assert 3 == len(load(here / "estate").agencies)


def test_a_bad_line_of_an_import_is_told_and_the_others_come_in(here: Path, capfd: Capture) -> None:
    lines = AGENCIES.splitlines()
    (here / "more.csv").write_text(
        "\n".join(
            [
                lines[0],
                "H49.62,Xã mới,commune,91,,H49,+00 5,2,,,10.49.62.0/24",
                "H49.63,Xã hỏng,commune,91,,H49,+00 6,9,,,",
            ]
        )
    )
    assert 3 == main(["estate", "import", "more.csv", "--to", str(here / "estate")])
    assert "more.csv:3" in capfd.readouterr().err
    assert {"G90", "H49", "H49.61", "H49.62"} <= {each.id for each in load(here / "estate").agencies}


PAGE = Path(__file__).parents[2] / "docs" / "reference" / "estate.md"


def messages(module: ModuleType) -> list[str]:
    """Give what a module tells, `…` for what it fills in; hints are left out."""
    tree = ast.parse(Path(str(module.__file__)).read_text())
    hints: set[ast.AST] = set()
    for node in ast.walk(tree):
        told: list[ast.AST] = []
        match node:
            case ast.Call(func=ast.Name(id="_problem"), args=[_, _, hint]):
                told = [hint]
            case ast.keyword(arg="hint") | ast.Assign(targets=[ast.Name(id="hint" | "known")]):
                told = [node.value]
            case ast.Tuple(elts=[_, hint]):
                told = [hint]
            case ast.FunctionDef(name="_did_you_mean"):
                told = [node]
        hints.update(each for part in told for each in ast.walk(part))
    texts = [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node not in hints and isinstance(node.func, ast.Name) and node.func.id == "_"
        if isinstance(node.args[0], ast.Constant)
    ]
    return [re.sub(r"\{\w+\}", "…", str(text)) for text in texts]


@pytest.mark.parametrize("module", [check, agencies, platforms, reach], ids=lambda module: module.__name__)
def test_the_page_tells_every_check(module: ModuleType) -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = messages(module)
    assert len(told) > 5, "the messages are found"
    assert [] == [text for text in told if f"\n| {text} | " not in page]


def named_first(text: str) -> list[str]:
    """Give the names in the first cells of a table."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


def test_the_page_names_every_key_column_and_clue() -> None:
    whole = PAGE.read_text(encoding="utf-8")
    _head, keys, columns, *_rest = whole.split("\n## ")
    assert sorted(platforms.KEYS) == sorted(named_first(keys))
    assert [*agencies.COLUMNS] == named_first(columns)
    assert [*enrich.CLUES] == re.findall(r"`([\w.]+)`", whole.partition("\n1. ")[2])
    focal_point = next(line for line in keys.splitlines() if line.startswith("| `focal_point`"))
    assert [] == [field for field in Contact.__struct_fields__ if f"`{field}`" not in focal_point]
    assert [*agencies.REQUIRED] == re.findall(r"`(\w+)` \| must be there ", columns)


def test_the_page_says_which_keys_must_be_there(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8").split("\n## ")[1]
    needed = []
    for key in platforms.KEYS:
        path, faults = tmp_path / "a.toml", list[Any]()
        lines = PORTAL.partition("\n[")[0] if key == platforms.CONTACT else re.sub(rf"(?m)^{key} = .*\n", "", PORTAL)
        path.write_text(lines)
        if platforms.read(path, faults) is None:
            needed.append(key)
    assert sorted(needed) == sorted(re.findall(r"`(\w+)` \| must be there ", page))


def test_reading_commands_never_open_the_estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work_in(tmp_path, monkeypatch)
    (tmp_path / "a.log").write_text("Nov 20 10:00:00 pc1 sshd[1]: Failed password for root from 198.51.100.7 port 1\n")
    assert 0 == main(["ingest", "a.log", "--no-rules"])
    a_desk(tmp_path / "store", 1).close()
    monkeypatch.setenv("SENTINEL_ESTATE", str(tmp_path / "none"))
    assert 2 == main(["ingest", "a.log", "--no-rules"]), "it needs the estate, which is not there"
    for command in (["alerts", "list"], ["alerts", "stats"], ["search", "*"], ["top", "host.name"]):
        assert 0 == main(command)
