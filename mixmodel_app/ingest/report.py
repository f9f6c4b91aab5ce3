"""All checks over one table: the report that a person reads before a run."""

from typing import Any

import numpy as np

from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.findings import ValidationReport
from mixmodel_app.ingest.checks._base import CHECKS, Check, CheckInput
from mixmodel_app.ingest.table import Table
from mixmodel_app.registry import Registry, import_all


def all_checks() -> Registry[Check]:
    """Every check of the folder `checks`, by code."""
    import_all("mixmodel_app.ingest.checks")
    return CHECKS


def validate(table: Table, mapping: ColumnMapping, previous: Table | None = None) -> ValidationReport:
    """Run every check in order of its code. Problems of the data are findings; a crash of a check is a crash.

    Args:
        previous: the last upload of the same source; figures that have changed since are found with it.
    """
    data = CheckInput(table, mapping, previous)
    checks = sorted(all_checks(), key=lambda check: check.code)
    findings = tuple(finding for check in checks for finding in check.run(data))
    return ValidationReport(findings, summarise(data))


def summarise(data: CheckInput) -> dict[str, Any]:
    """Rows, dates (ISO), frequency, counts and money; JSON-safe, None where nothing is known.

    `channels` is `{name: {"spend", "share"}}`, both None for exposure without a spend column.
    """
    days = data.dates.values.dropna() if data.dates else []
    totals = {name: float(values.sum()) for name, values in data.spend.items()}
    every = sum(totals.values())
    channels = {name: _money(totals.get(name), every) for name in data.mapping.channel_names}
    return {
        "rows": data.table.n_rows,
        "date_start": str(min(days).date()) if len(days) else None,
        "date_end": str(max(days).date()) if len(days) else None,
        "frequency": data.frequency.value,
        "n_channels": len(data.mapping.media_columns),
        "n_controls": len(data.mapping.control_columns),
        "total_spend": every,
        "total_target": float(np.nansum(data.target[1].values)) if data.target else None,
        "channels": channels,
    }


def _money(spend: float | None, every: float) -> dict[str, float | None]:
    if spend is None:
        return {"spend": None, "share": None}
    return {"spend": spend, "share": spend / every if every else 0.0}
