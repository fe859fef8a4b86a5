"""Sysmon for Linux: XML in a message, and no bomb goes off."""

from __future__ import annotations

import time

import pytest

from sentinel.formats.auditd_sysmon import parse_sysmon
from sentinel.model.batch import EventKind

EVENT = (
    '<Event><System><Provider Name="Linux-Sysmon" Guid="{ff032593-a8d3-4f13-b0d6-01fc615a0f97}"/>'
    "<EventID>3</EventID><Version>5</Version><EventRecordID>77</EventRecordID>"
    '<TimeCreated SystemTime="2023-11-14T22:13:20.123456000Z"/><Channel>Linux-Sysmon/Operational</Channel>'
    '<Computer>portal-1</Computer><Security UserId="0"/></System><EventData><Data Name="RuleName"></Data>'
    '<Data Name="Image">/usr/bin/curl</Data><Data Name="DestinationIp">198.51.100.7</Data></EventData></Event>'
)
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


def test_an_event_is_read_from_a_message() -> None:
    assert (
        EventKind("linux.sysmon", provider="linux-sysmon", code="3"),
        {
            "Provider_Name": "Linux-Sysmon",
            "Provider_Guid": "{ff032593-a8d3-4f13-b0d6-01fc615a0f97}",
            "EventID": "3",
            "Version": "5",
            "EventRecordID": "77",
            "TimeCreated": "2023-11-14T22:13:20.123456000Z",
            "Channel": "Linux-Sysmon/Operational",
            "Computer": "portal-1",
            "UserID": "0",
            "Image": "/usr/bin/curl",
            "DestinationIp": "198.51.100.7",
        },
    ) == parse_sysmon(EVENT)


NONE = {
    "an empty message": "",
    "half an event": EVENT[:300],
    "no event": "Sysmon started",
    "an event without a number": EVENT.replace("<EventID>3</EventID>", ""),
    "an entity of its own": EVENT.replace("<Event>", f"<Event>{BOMB}"),
    "an unknown entity": EVENT.replace("portal-1", "&b;"),
    "a lone surrogate": EVENT.replace("portal-1", "\ud800"),
    "a control character": EVENT.replace("portal-1", "\x00"),
}


@pytest.mark.parametrize("message", NONE)
def test_what_is_no_whole_event_gives_none(message: str) -> None:
    assert parse_sysmon(NONE[message]) is None


def test_what_stands_in_front_of_an_event_is_not_read() -> None:
    assert parse_sysmon(BOMB + EVENT) is None


def test_deep_nesting_is_read_in_little_time() -> None:
    begin = time.process_time()
    parse_sysmon("<Event>" + "<a>" * 300_000 + "</Event>")
    parse_sysmon("<Event>" * 100_000 + "</Event>" * 100_000)
    assert time.process_time() - begin < 10
