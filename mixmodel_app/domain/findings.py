"""What the checks say about a table: findings with evidence, and the report that collects them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mixmodel_app.domain.fixes import FixOffer


class Severity(StrEnum):
    """Errors block a run, warnings ask for a decision, suggestions are offers."""

    ERROR = "error"
    WARNING = "warning"
    SUGGESTION = "suggestion"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    Attributes:
        code: stable, like "MM204".
        title: a short noun phrase.
        message: what is wrong and where, with the offending values.
        column: the column, or None for the whole table.
        rows: line numbers as the person sees them in the file (the header is row 1), at most 20.
        hint: how to fix it.
        effect: what it does to the model.
        fixes: repairs that a person can take with one click, the best first.
    """

    code: str
    severity: Severity
    title: str
    message: str
    column: str | None = None
    rows: tuple[int, ...] = ()
    hint: str = ""
    effect: str = ""
    fixes: tuple[FixOffer, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity.value,
            "title": self.title,
            "message": self.message,
            "column": self.column,
            "rows": list(self.rows),
            "hint": self.hint,
            "effect": self.effect,
            "fixes": [fix.to_json() for fix in self.fixes],
        }


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """All findings of one table under one mapping, with a summary of the data."""

    findings: tuple[Finding, ...]
    data_summary: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def is_valid(self) -> bool:
        return not self.of(Severity.ERROR)

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is severity)

    def to_json(self) -> dict[str, Any]:
        return {
            "is_valid": self.is_valid,
            "errors": [f.to_json() for f in self.of(Severity.ERROR)],
            "warnings": [f.to_json() for f in self.of(Severity.WARNING)],
            "suggestions": [f.to_json() for f in self.of(Severity.SUGGESTION)],
            "data_summary": self.data_summary,
        }
