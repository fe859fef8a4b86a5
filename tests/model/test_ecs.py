"""The fields of the schema are told apart and typed."""

from __future__ import annotations

import pyarrow as pa

from sentinel.model import ecs


def test_no_field_is_described_twice() -> None:
    assert len(ecs.FIELDS) == len(ecs.BY_NAME)


def test_types_have_their_arrow_types() -> None:
    expected = {
        "@timestamp": pa.timestamp("ns", "UTC"),
        "process.pid": pa.int64(),
        "dll.code_signature.signed": pa.bool_(),
        "source.ip": pa.string(),
        "related.ip": pa.list_(pa.string()),
    }
    assert expected == {name: ecs.arrow_type(ecs.BY_NAME[name]) for name in expected}
