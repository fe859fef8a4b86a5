"""What the pages say of requests is what the code does."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel.pki.certificates import algorithms
from sentinel.pki.office import working
from sentinel.pki.register import holding
from sentinel.pki.requests import agencies, batch, check, csr, lookalike, names, rights, table, wanted, weak
from tests.pki.requests.policies import PROFILES

if TYPE_CHECKING:
    from types import ModuleType

DOCS = Path(__file__).resolve().parents[3] / "docs"
REFERENCE = (DOCS / "reference" / "pki-agencies.md").read_text(encoding="utf-8")
HOWTO = (DOCS / "howto" / "request-certificates.md").read_text(encoding="utf-8")
ROOM = (agencies, algorithms, batch, check, csr, holding, lookalike, names, rights, wanted, weak, working)


def messages(module: ModuleType) -> list[str]:
    """Give what a module tells, `…` for what it fills in; hints are left out."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    hints: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="hint") | ast.Assign(targets=[ast.Name(id="hint")]):
                hints.update(ast.walk(node.value))
            case ast.Call(func=ast.Attribute(attr="_fault"), args=[_, _, hint]):
                hints.update(ast.walk(hint))
    return [
        re.sub(r"\{\w+\}", "…", str(node.args[0].value))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node not in hints
        and isinstance(node.func, ast.Name)
        and node.func.id in {"_", "later"}
        if isinstance(node.args[0], ast.Constant)
    ]


def rows(page: str) -> list[list[str]]:
    """Give the cells of every table of a page, less its head."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]


def test_the_page_names_every_key_and_column() -> None:
    keys, columns = REFERENCE.split("\n## A table of requests")
    first = [re.findall(r"^`(\w+)`$", row[0]) for row in rows(keys)]
    assert [*agencies.KEYS] == [name for found in first for name in found]
    cells = [row for row in rows(columns) if row[0].startswith("`")]
    assert [*table.COLUMNS] == [row[0].strip("`") for row in cells]
    assert [*table.COLUMNS.values()] == [tuple(row[3].split(", ")) for row in cells]
    assert [*table.REQUIRED] == [row[0].strip("`") for row in cells if row[1] == "must be there"]


@pytest.mark.parametrize("module", [agencies, lookalike, rights], ids=lambda module: module.__name__)
def test_the_page_tells_every_check(module: ModuleType) -> None:
    parts = {"cannot be read: …", "agency …", "platform '…'", "agency … may not ask for wildcards"}
    told = [text for text in messages(module) if text not in parts]
    assert len(told) > 1, "the messages are found"
    assert [] == [text for text in told if text not in REFERENCE]


def test_what_the_page_says_is_told_is_told() -> None:
    known = [text for module in ROOM for text in messages(module)] + [
        "not TOML: …",
        "is not known",
        "… keys are still to be made",
    ]
    sections = re.split(r"\n\| told \| \w+ \|\n", REFERENCE)[1:]
    told = [row[0] for section in sections for row in rows(section.partition("\n\n")[0]) if row[0] != "---"]
    assert len(told) > 35
    plain = [text.removesuffix(": …").removeprefix("code: ") for text in told]
    assert [] == [text for text in plain if not any(text in each for each in known)]


def test_the_rights_of_the_howto_say_what_it_says(tmp_path: Path) -> None:
    text = HOWTO.partition("```toml\n")[2].partition("\n```")[0]
    (tmp_path / "an-giang.toml").write_text(text, encoding="utf-8")
    found, faults = agencies.load([tmp_path], PROFILES)
    province, commune = found.rights_of("H49"), found.rights_of("H49.61.05")
    assert ([], True, True) == (faults, province is not None, commune is not None)
    if province and commune:
        may = names.read("mot-cua.anphu.angiang.gov.example"), names.read("10.49.61.5")
        assert [""] * 4 == [rights.check_name(name, each, found) for name in may for each in (province, commune)]
        assert "" != rights.check_name(names.read("web.angiang.gov.example"), commune, found)
        assert province.profiles == commune.profiles


def test_the_request_of_the_howto_is_read(tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)\n```", HOWTO, re.DOTALL)
    command = next(block for block in blocks if block.startswith("openssl"))
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True)  # noqa: S607 - as people do
    found = csr.read((tmp_path / "server.csr").read_bytes(), "server.csr")
    assert ["dns:mot-cua.anphu.angiang.gov.example"] == [str(name) for name in found.names]


def test_the_table_of_the_howto_has_columns_that_are_known() -> None:
    head, *lines = rows(HOWTO)
    faults: list[Exception] = []
    text = "\n".join(",".join(cells) for cells in (head, *lines))
    found = table.parse(text, "thay-doi.csv", faults)  # type: ignore[arg-type]
    assert ([], 3) == (faults, len(found))
