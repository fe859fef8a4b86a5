"""The reference of datasets says what the tables say."""

from __future__ import annotations

from docs.build_datasets import main


def test_the_page_of_datasets_is_what_the_tables_say() -> None:
    assert main(["--check"]) == 0
