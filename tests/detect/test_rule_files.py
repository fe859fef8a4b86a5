"""Finding rule files, archives of them, and the cache of what they compile to."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.detect.rule_cache import MOST_KEPT
from sentinel.detect.rule_files import find, load
from sentinel.errors import InputError
from tests.detect.builders import rule


def write(path: Path, title: str = "a rule") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(rule("selection: {F: a}", head=f"title: {title}"))
    return path


def archive(path: Path, **names: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for title, name in names.items():
            packed.writestr(name, rule("selection: {F: a}", head=f"title: {title}"))
    return path


def titles(*paths: Path, cache: Path | None = None) -> list[str]:
    ruleset = load(find(paths), cache)
    assert () == ruleset.rejections
    return [each.title for each in ruleset.rules]


def test_folders_are_walked_in_name_order_and_hidden_files_passed_over(tmp_path: Path) -> None:
    for name in ["b.yml", "a/z.yaml", "a/b/y.yml", ".hidden.yml", ".git/x.yml", "c.txt", "d.yml.bak"]:
        write(tmp_path / name, title=name)
    assert ["a/b/y.yml", "a/z.yaml", "b.yml"] == titles(tmp_path)


def test_paths_are_read_in_their_order_and_a_file_once(tmp_path: Path) -> None:
    one, two = write(tmp_path / "1.yml", "one"), write(tmp_path / "2.yml", "two")
    assert ["two", "one"] == titles(two, tmp_path, one)


def test_a_file_that_is_named_is_read_whatever_its_name(tmp_path: Path) -> None:
    assert ["a rule"] == titles(write(tmp_path / "rule.txt"))


def test_a_link_back_to_a_folder_above_is_no_way_round_in_circles(tmp_path: Path) -> None:
    write(tmp_path / "a" / "1.yml")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "here").symlink_to(tmp_path / "a")
    assert ["a rule"] == titles(tmp_path)


def test_pipes_and_devices_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "1.yml")
    os.mkfifo(tmp_path / "2.yml")
    assert ["a rule"] == titles(tmp_path)


@pytest.mark.parametrize("name", ["missing", "missing.yml"])
def test_a_path_that_does_not_exist_is_an_error_with_its_place(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="No such file") as raised:
        find([tmp_path / name])
    assert (str(tmp_path / name), True) == (raised.value.place, "zip archives" in raised.value.hint)


def test_a_link_that_leads_nowhere_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.yml").symlink_to(tmp_path / "gone")
    with pytest.raises(InputError, match="No such file") as raised:
        find([tmp_path])
    assert str(tmp_path / "x.yml") == raised.value.place


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is closed to root")
def test_a_file_that_may_not_be_read_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = write(tmp_path / "x.yml")
    path.chmod(0)
    with pytest.raises(InputError, match="Permission denied") as raised:
        titles(tmp_path)
    assert str(path) == raised.value.place


def test_a_name_that_is_not_utf8_is_read_and_shown_as_escapes(tmp_path: Path) -> None:
    write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yml")))
    for _time in range(2):
        ruleset = load(find([tmp_path]), tmp_path / "cache")
        assert [str(tmp_path / r"\xff.yml")] == [each.path for each in ruleset.rules]


def test_a_huge_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    with (tmp_path / "x.yml").open("wb") as huge:
        huge.truncate(1 << 40)
    (rejection,) = load(find([tmp_path]), None).rejections
    assert "larger than a rule can be: more than 1048576 bytes" == rejection.reason


def test_an_archive_is_read_in_name_order_with_its_rules_named_by_both(tmp_path: Path) -> None:
    path = archive(tmp_path / "rules.zip", b="x/b.yml", a="x/a.yaml", none="x/readme.md", hidden="__MACOSX/._a.yml")
    assert ["a", "b"] == titles(path)
    assert [f"{path}!x/a.yaml", f"{path}!x/b.yml"] == [each.path for each in load(find([path]), None).rules]


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(5):
            packed.writestr(f"{number}.yml", bytes(60 << 20))
    with pytest.raises(InputError, match="unpacks to more than 256 MiB"):
        titles(tmp_path / "bomb.zip")


def test_a_large_rule_in_an_archive_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "rules.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("big.yml", bytes(2 << 20))
    (rejection,) = load(find([tmp_path / "rules.zip"]), None).rejections
    assert (f"{tmp_path}/rules.zip!big.yml", "larger than") == (rejection.path, rejection.reason[:11])


@given(st.data())
def test_a_damaged_archive_is_an_error_of_ours(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("zip")
    whole = archive(folder / "whole.zip", a="a.yml", b="b.yml").read_bytes()
    damaged = bytearray(whole[: data.draw(st.integers(2, len(whole)))])
    for _change in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(2, len(damaged) - 1)) if len(damaged) > 2 else 1] = data.draw(st.integers(0, 255))
    path = folder / "damaged.zip"
    path.write_bytes(damaged)
    with suppress(InputError):
        ruleset = load(find([path]), None)
        assert len(ruleset.rules) + len(ruleset.rejections) <= 2


def test_an_archive_with_a_password_is_an_error(tmp_path: Path) -> None:
    path = archive(tmp_path / "rules.zip", a="a.yml")
    content = bytearray(path.read_bytes())
    for mark, flags in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)]:
        content[content.index(mark) + flags] |= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="password"):
        titles(path)


# ── the cache ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def compiles(paths: list[Path], cache: Path) -> int:
    """Give how many files were compiled to load the rules."""
    done: list[int] = []
    load(find(paths), cache, done.append)
    return len(done)


def test_unchanged_rules_are_compiled_once(tmp_path: Path) -> None:
    write(tmp_path / "rules" / "1.yml")
    assert [1, 0] == [compiles([tmp_path / "rules"], tmp_path / "cache") for _time in range(2)]
    assert titles(tmp_path / "rules") == titles(tmp_path / "rules", cache=tmp_path / "cache")


def test_a_warm_start_does_not_import_pysigma(tmp_path: Path) -> None:
    write(tmp_path / "rules" / "1.yml")
    program = (
        "import sys; from pathlib import Path; from sentinel.detect.rule_files import find, load;"
        f"rules = load(find([Path({str(tmp_path / 'rules')!r})]), Path({str(tmp_path / 'cache')!r}));"
        "print(len(rules.rules), sorted({'sigma', 'yaml', 'sentinel.detect.sigma.load'} & sys.modules.keys()))"
    )
    said = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _time in range(2)
    ]
    assert ["1 ['sentinel.detect.sigma.load', 'sigma', 'yaml']\n", "1 []\n"] == said


def test_a_changed_file_is_noticed_also_within_the_second(tmp_path: Path) -> None:
    path = write(tmp_path / "rules" / "1.yml", "one")
    assert ["one"] == titles(tmp_path / "rules", cache=tmp_path / "cache")
    write(path, "two")
    assert ["two"] == titles(tmp_path / "rules", cache=tmp_path / "cache")
    write(tmp_path / "rules" / "0.yml", "new")
    assert ["new", "two"] == titles(tmp_path / "rules", cache=tmp_path / "cache")
    path.unlink()
    assert ["new"] == titles(tmp_path / "rules", cache=tmp_path / "cache")


def test_a_file_that_was_only_touched_is_not_compiled_again(tmp_path: Path) -> None:
    path = write(tmp_path / "rules" / "1.yml")
    compiles([path], tmp_path / "cache")
    os.utime(path, (1, 1))
    assert 0 == compiles([path], tmp_path / "cache")


def test_only_changed_files_of_a_set_are_compiled_again(tmp_path: Path) -> None:
    rules, cache = tmp_path / "rules", tmp_path / "cache"
    for number in range(5):
        write(rules / f"{number}.yml", f"rule {number}")
    assert 5 == compiles([rules], cache)
    write(rules / "3.yml", "changed")
    (rules / "0.yml").unlink()
    write(rules / "5.yml", "new")
    assert 2 == compiles([rules], cache)
    assert ["rule 1", "rule 2", "changed", "rule 4", "new"] == titles(rules, cache=cache)


def test_a_set_joined_of_what_is_kept_is_the_one_that_compiling_gives(tmp_path: Path) -> None:
    rules, cache = tmp_path / "rules", tmp_path / "cache"
    for number, value in enumerate(["{A: x, B|re: 'y+'}", "{B: x, 'C|contains|all': [p, q]}", "{A: x}", "[x, y]"]):
        path = write(rules / f"{number}.yml")
        path.write_text(rule(f"s: {value}\nt: {{A: {number}}}\ncondition: s and not t", head=f"title: rule {number}"))
    load(find([rules]), cache)
    (rules / "1.yml").write_text(rule("s: {A: x}\ncondition: t", head="title: wrong"))
    assert load(find([rules]), None) == load(find([rules]), cache)


def test_a_file_that_moved_is_not_compiled_again_but_named_where_it_is(tmp_path: Path) -> None:
    path, cache = write(tmp_path / "rules" / "1.yml"), tmp_path / "cache"
    compiles([path], cache)
    moved = path.rename(tmp_path / "rules" / "2.yml")
    assert 0 == compiles([moved], cache)
    assert [str(moved)] == [each.path for each in load(find([moved]), cache).rules]


def test_of_rules_with_one_id_the_first_of_the_set_is_taken_also_from_the_cache(tmp_path: Path) -> None:
    cache, head = tmp_path / "cache", "title: a rule\nid: 9f3c4d3e-7a55-4b1c-8a1e-2f0b1d3c5e71"
    for name in ["1.yml", "2.yml"]:
        (tmp_path / name).write_text(rule("selection: {F: a}", head=head))
    refused = load(find([tmp_path / "2.yml", tmp_path / "1.yml"]), cache).rejections
    assert [(str(tmp_path / "1.yml"), 2, f"the same id as {tmp_path / '2.yml'}, which is taken", False)] == [
        (each.path, each.line, each.reason, each.fault) for each in refused
    ]
    assert ["a rule"] == titles(tmp_path / "1.yml", cache=cache)


def test_rules_that_compile_to_the_same_have_the_same_digest(tmp_path: Path) -> None:
    for name, title, value in [("1.yml", "one", "a"), ("2.yml", "two", "a"), ("3.yml", "one", "b")]:
        (tmp_path / name).write_text(rule(f"selection: {{F: {value}}}", head=f"title: {title}"))
    one, two, three = (each.digest for each in load(find([tmp_path]), None).rules)
    assert (True, False, 16) == (one == two, one == three, len(one))


def test_the_order_of_rules_is_part_of_what_is_kept(tmp_path: Path) -> None:
    one, two = write(tmp_path / "1.yml", "one"), write(tmp_path / "2.yml", "two")
    assert ["one", "two"] == titles(one, two, cache=tmp_path / "cache")
    assert ["two", "one"] == titles(two, one, cache=tmp_path / "cache")


@pytest.mark.parametrize("damage", ["empty", "cut", "flip", "swap", "folder"])
def test_a_damaged_cache_is_passed_over(tmp_path: Path, damage: str) -> None:
    write(tmp_path / "rules" / "1.yml")
    cache = tmp_path / "cache"
    compiles([tmp_path / "rules"], cache)
    for path in list(cache.iterdir()):
        content = path.read_bytes()
        match damage:
            case "empty":
                path.write_bytes(b"")
            case "cut":
                path.write_bytes(content[:-1])
            case "flip":
                path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
            case "swap":
                path.write_bytes(content[:32] + b"\x94\x90\x90\x90\x90")
            case _:
                path.unlink()
                path.mkdir()
    assert ["a rule"] == titles(tmp_path / "rules", cache=cache)


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o722])
def test_a_cache_that_others_can_write_is_neither_read_nor_written(tmp_path: Path, mode: int) -> None:
    write(tmp_path / "rules" / "1.yml")
    cache = tmp_path / "cache"
    compiles([tmp_path / "rules"], cache)
    cache.chmod(mode)
    assert 1 == compiles([tmp_path / "rules"], cache)
    cache.chmod(0o700)
    assert 0 == compiles([tmp_path / "rules"], cache)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_a_cache_of_another_owner_is_passed_over_and_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "rules" / "1.yml")
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    os.chown(cache, 65534, 65534)
    assert [1, 1] == [compiles([tmp_path / "rules"], cache) for _time in range(2)]
    assert [] == list(cache.iterdir())


def test_a_link_in_the_place_of_the_cache_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "rules" / "1.yml")
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "cache").symlink_to(tmp_path / "elsewhere")
    assert [1, 1] == [compiles([tmp_path / "rules"], tmp_path / "cache") for _time in range(2)]
    assert [] == list((tmp_path / "elsewhere").iterdir())


def test_a_file_in_the_place_of_the_cache_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "rules" / "1.yml")
    (tmp_path / "cache").write_text("mine")
    assert ["a rule"] == titles(tmp_path / "rules", cache=tmp_path / "cache")
    assert "mine" == (tmp_path / "cache").read_text()


def test_the_cache_is_private_and_keeps_the_latest_few(tmp_path: Path) -> None:
    cache = tmp_path / "deep" / "cache"
    for number in range(MOST_KEPT + 3):
        write(tmp_path / "rules" / "1.yml", f"rule {number}")
        titles(tmp_path / "rules", cache=cache)
    assert 0o700 == cache.stat().st_mode & 0o777
    assert MOST_KEPT == len(list(cache.glob("*.rules")))
    assert 3 == len(list(cache.glob("*.files")))
    assert [] == list(cache.glob(".*"))


def test_processes_that_write_at_once_do_each_other_no_harm(tmp_path: Path) -> None:
    write(tmp_path / "rules" / "1.yml")
    program = (
        "import sys, os; from pathlib import Path; from sentinel.detect.rule_files import find, load;"
        f"folder = Path({str(tmp_path)!r}); own = folder / sys.argv[1]; own.mkdir();"
        "text = (folder / 'rules' / '1.yml').read_text();"
        "write = (own / 'x.yml').write_text; cache = folder / 'cache';"
        "[write(text + f'#{sys.argv[1]}{n}') and load(find([own]), cache) for n in range(40)];"
        "print(len(load(find([folder / 'rules']), folder / 'cache').rules))"
    )
    crew = [
        subprocess.Popen(
            [sys.executable, "-c", program, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for name in ["a", "b"]
    ]
    assert [("1\n", "")] * 2 == [each.communicate() for each in crew]
    assert 0 == compiles([tmp_path / "rules"], tmp_path / "cache")
