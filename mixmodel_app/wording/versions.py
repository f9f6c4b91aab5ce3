"""Datasets in sentences: what a new version has that the one before had not, and what to know of the data of a run."""

from collections.abc import Sequence
from typing import Any

from mixmodel_app.wording import numbers

_SHOWN = 3


def change_sentences(changes: dict[str, Any], period: str) -> list[str]:
    """One sentence for each kind of change (`ingest.difference.Difference` as JSON), or that there is none.

    Args:
        period: "week", "day" or "month".
    """
    found: list[str] = []
    if new := changes["new_periods"]:
        found.append(f"{_count(len(new), f'new {period}')}: {numbers.date_range(new[0], new[-1])}.")
    if gone := changes["gone_periods"]:
        found.append(f"{_count(len(gone), period)} fewer: {numbers.date_range(gone[0], gone[-1])} are no longer there.")
    if columns := changes["new_columns"]:
        found.append(f"New: {_listed(columns)}.")
    if columns := changes["gone_columns"]:
        found.append(f"No longer there, or renamed: {_listed(columns)}.")
    found += [_restated(column) for column in changes["restated"]]
    return found or ["Nothing has changed."]


def data_sentences(notes: dict[str, Any]) -> list[str]:
    """What a reader of results should know of the data (`data_notes` of a run); none when it is plain."""
    fixes = [f"Repaired: {fix['sentence']}" for fix in notes.get("fixes", [])]
    warnings = [f"{warning['title']}: {warning['message']}" for warning in notes.get("warnings", [])]
    if not fixes and not warnings:
        return []
    version = f", version {notes['version']}" if notes["version"] > 1 else ""
    return [f"File: {notes['filename']}{version}.", *fixes, *warnings]


def _restated(column: dict[str, Any]) -> str:
    moved = ""
    if column["before"] and column["after"] != column["before"]:
        share = column["after"] / column["before"] - 1
        moved = f", together {numbers.percent(abs(share))} {'more' if share > 0 else 'less'}"
    span = numbers.date_range(column["first"], column["last"])
    return f"{column['column']} has {_count(column['cells'], 'other figure')} for the past ({span}){moved}."


def _count(number: int, noun: str) -> str:
    return f"{numbers.count(number)} {noun}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown
