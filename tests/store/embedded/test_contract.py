"""The embedded store keeps the contract of every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.store.embedded.compact import compact
from sentinel.store.embedded.store import EmbeddedStore, open_store
from sentinel.store.embedded.writer import seal_left
from tests.store.contract_questions import QuestionsContract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentinel.store.base import EventStore
    from tests.store.contract import Opened


class TestEmbeddedStore(QuestionsContract):
    @pytest.fixture
    def opened(self, tmp_path: Path) -> Iterator[Opened]:
        stores: list[EmbeddedStore] = []

        def opened() -> EmbeddedStore:
            stores.append(open_store(tmp_path / "store", create=True))
            return stores[-1]

        yield opened
        for store in stores:
            store.close()

    def settle(self, store: EventStore) -> None:
        """Seal what dead writers left, merge all that can be, and remove what nobody reads."""
        assert isinstance(store, EmbeddedStore)
        seal_left(store.layout, store.manifest, least=0)
        compact(store.layout, store.manifest)
