"""Channels find their datasets."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.model.datasets import DATASETS, dataset_of, title_of

CHANNELS = [
    ("Microsoft-Windows-Sysmon/Operational", "windows.sysmon"),
    ("Security", "windows.security"),
    ("security", "windows.security"),
    ("Windows PowerShell", "windows.powershell"),
    ("PowerShellCore/Operational", "windows.powershell_operational"),
    ("Microsoft-Windows-AppLocker/Packaged app-Execution", "windows.applocker"),
    ("Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "windows.rdp_local_session"),
    ("Contoso-Agent/Log 1", "windows.contoso_agent_log_1"),
    ("???", "windows.unknown"),
    ("", "windows.unknown"),
]


@pytest.mark.parametrize(("channel", "expected"), CHANNELS)
def test_a_channel_has_its_dataset_in_any_case(channel: str, expected: str) -> None:
    assert expected == dataset_of(channel)
    assert expected == dataset_of(channel.upper())


def test_the_provider_decides_only_where_there_is_no_channel() -> None:
    assert dataset_of("", "Microsoft-Windows-Sysmon") == "windows.sysmon"
    assert dataset_of("Security", "Microsoft-Windows-Sysmon") == "windows.security"


def test_long_channels_that_begin_alike_stay_apart() -> None:
    assert dataset_of("a" * 500 + "x") != dataset_of("a" * 500 + "y")


@given(st.text())
def test_every_channel_has_a_well_formed_dataset(channel: str) -> None:
    assert re.fullmatch(r"windows\.[a-z0-9_]{1,64}", dataset_of(channel))


def test_no_channel_or_provider_belongs_to_two_datasets() -> None:
    keys = [key for dataset in DATASETS for key in (*dataset.channels, *dataset.providers)]
    assert len(set(keys)) == len(keys)


def test_every_dataset_has_a_title() -> None:
    assert [d.name for d in DATASETS if title_of(d.name) == d.name] == []
