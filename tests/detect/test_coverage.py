"""What rules look at, and which fields they ask for in vain."""

from __future__ import annotations

from sentinel.detect.coverage import coverage
from tests.detect.builders import compiled, rule


def test_a_field_that_no_dataset_with_a_list_of_fields_has_is_told_beside_open_ones() -> None:
    (found,) = coverage(compiled(rule("selection: {cs-uri-stem: /x, nobody_writes: y}", "{category: webserver}")))
    assert ["nobody_writes"] == list(found.without_source)
