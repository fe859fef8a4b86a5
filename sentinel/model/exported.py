"""The mark of an event that a store exported, so that taking it in gives the same event again.

A line of an export is a document of the Elastic Common Schema: the event's columns, dotted names nested, times as RFC
3339 in UTC with nine places, `_overflow` as an object. Beside them stand the two fields below. Whoever takes such a
document in keeps `event.id`, `@timestamp` and every other field as they are, instead of normalising them again; these
two are not kept.
"""

from __future__ import annotations

from typing import Final

MARK: Final = "sentinel.export"
"""Holds the version of the form."""
VERSION: Final = 1
KIND: Final = "sentinel.kind"
"""Holds channel, provider and code of the event's kind (`model.batch.EventKind`); its dataset is `event.dataset`."""
