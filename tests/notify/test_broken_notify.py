"""Descriptions of channels, and states of them, that are broken: each is refused with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.errors import Damaged, InputError
from sentinel.notify import states
from sentinel.notify.channels import Webhook
from sentinel.notify.reading import channels_of, read
from tests.notify.builders import ZONE

if TYPE_CHECKING:
    from pathlib import Path

CHANNEL = '[[channel]]\nname = "siem"\ntype = "syslog"\nhost = "siem.gov.example"\n'
HOOK = '[[channel]]\nname = "chat"\ntype = "webhook"\nurl = "https://chat.gov.example/a"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "notify.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('secret_file = "~nobody-at-all/secret"', "is no path of a file"),
        ('secret_file = "a\\u0000b"', "is no path of a file"),
        ("nested = " + "[" * 10_000, "nested too deep"),
        ("rank = " + "1" * 5000, "too many digits"),
        ("a" + ".a" * 99 + " = 1", "a key of too many parts"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(line: str, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{HOOK}{line}\n")
    with pytest.raises(InputError, match=message) as caught:
        channels_of(path, "en", ZONE)
    assert f"{path}:5" == caught.value.place


def test_a_file_of_ones_home_is_found_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    path = written(tmp_path, HOOK + 'secret_file = "~/secret"\nca_file = "ca.pem"\n')
    (channel,) = channels_of(path, "en", ZONE)
    assert isinstance(channel.target, Webhook)
    assert (tmp_path / "home" / "secret", tmp_path / "ca.pem") == (channel.target.secret_file, channel.target.ca_file)


def test_the_second_of_a_name_is_refused_and_the_first_stays(tmp_path: Path) -> None:
    path = written(tmp_path, CHANNEL + CHANNEL.replace("siem", "SIEM") + HOOK)
    channels, faults = read(path, "en", ZONE)
    assert ["siem", "chat"] == [channel.name for channel in channels]
    assert [f"{path}:5: two channels are called 'SIEM'"] == [str(fault) for fault in faults]


def test_a_line_ends_where_toml_ends_it(tmp_path: Path) -> None:
    path = written(tmp_path, "# one\u2028line\u0085still\n" + CHANNEL + "rank = -1\n")
    with pytest.raises(InputError) as caught:
        channels_of(path, "en", ZONE)
    assert f"{path}:6" == caught.value.place


def test_states_that_are_nested_too_deep_are_damage(tmp_path: Path) -> None:
    (tmp_path / states.FILE).write_text('{"version":1,"channels":{},"more":' + '{"a":' * 10_000)
    with pytest.raises(Damaged):
        states.read(tmp_path)
