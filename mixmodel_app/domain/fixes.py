"""Repairs of a table: what a finding offers, what one did or would do, and the log of those that were taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

type Value = str | float | None

SAFE_FIXES = frozenset({"fill_zero", "interpolate", "drop_partial"})
"""Kinds of fixes that need no judgement: they say what a fit would assume anyway, or drop what it could not use."""


@dataclass(frozen=True, slots=True)
class FixOffer:
    """One repair, ready to be applied.

    Attributes:
        kind: the registered name of the fix, like "fill_zero".
        label: what the button says, like "Fill the empty cells of tv_spend with 0".
        arguments: what the fix needs to know, as JSON; which keys there are is up to the kind.
    """

    kind: str
    label: str
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "label": self.label, "arguments": self.arguments}


def safe_offers(offers: Iterable[Sequence[FixOffer]]) -> list[FixOffer]:
    """The first offer of each finding, where it is a repair that needs no judgement."""
    return [first for first, *_ in (group for group in offers if group) if first.kind in SAFE_FIXES]


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell before and after; `row` is its line in the person's file."""

    column: str
    row: int
    before: Value
    after: Value

    def to_json(self) -> dict[str, Any]:
        return {"column": self.column, "row": self.row, "before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class Change:
    """What one fix did to a table, or would do.

    Attributes:
        sentence: in words, for the change log.
        cells: number of cells that hold something else than before, those of new columns included.
        rows: number of rows that went away.
        columns: the columns that changed, came, or have another role.
        examples: up to ten of the cells.
        changes_mapping: whether a column has another role than before.
    """

    sentence: str
    cells: int
    rows: int
    columns: tuple[str, ...]
    examples: tuple[CellChange, ...] = ()
    changes_mapping: bool = False

    @property
    def is_nothing(self) -> bool:
        return not (self.cells or self.rows or self.changes_mapping)

    def to_json(self) -> dict[str, Any]:
        return {
            "sentence": self.sentence,
            "cells": self.cells,
            "rows": self.rows,
            "columns": list(self.columns),
            "examples": [example.to_json() for example in self.examples],
        }


@dataclass(frozen=True, slots=True)
class AppliedFix:
    """One entry of a dataset's log, with all that it takes to do it again or to take it back.

    Attributes:
        mapping_before: the mapping (JSON) under which it was applied; roles decide what a fix does.
        mapping_after: the mapping (JSON) that it left.
        change: what it did, as `Change.to_json` gives it.
        applied_at: ISO 8601, UTC.
        applied_by: the person's name.
    """

    kind: str
    arguments: dict[str, Any]
    change: dict[str, Any]
    mapping_before: dict[str, Any]
    mapping_after: dict[str, Any]
    applied_at: str
    applied_by: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "arguments": self.arguments,
            "change": self.change,
            "mapping_before": self.mapping_before,
            "mapping_after": self.mapping_after,
            "applied_at": self.applied_at,
            "applied_by": self.applied_by,
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls(**raw)


@dataclass(frozen=True, slots=True)
class SkippedFix:
    """A fix that was not applied to new data, with the reason in words."""

    kind: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "reason": self.reason}


def log_of(raw: Iterable[dict[str, Any]]) -> tuple[AppliedFix, ...]:
    """The log that a dataset's row keeps, oldest first."""
    return tuple(AppliedFix.from_json(entry) for entry in raw)
