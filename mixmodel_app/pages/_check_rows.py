"""A dataset's report, repairs and answers as the page of the checks shows them."""

from typing import Any

from mixmodel_app.components.answer_panel import AnswerRow
from mixmodel_app.components.change_log import ChangeRow
from mixmodel_app.components.finding_card import FindingData, FindingRows, FixButton, MarkedCell
from mixmodel_app.domain.answerability import Answerability
from mixmodel_app.domain.fixes import FixOffer, safe_offers
from mixmodel_app.pages._column_cards import cell_text
from mixmodel_app.wording import numbers

GROUPS = ("errors", "warnings", "suggestions")


def keyed_findings(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every finding of a report under a key of its own."""
    return {f"{group}-{place}": raw for group in GROUPS for place, raw in enumerate(report[group])}


def offers_of(finding: dict[str, Any]) -> list[FixOffer]:
    return [FixOffer(raw["kind"], raw["label"], raw["arguments"]) for raw in finding["fixes"]]


def safe_repairs(report: dict[str, Any]) -> list[FixOffer]:
    """The repairs of a report that need no judgement."""
    return safe_offers(offers_of(raw) for raw in keyed_findings(report).values())


def finding_data(key: str, raw: dict[str, Any], previews: list[dict[str, Any] | None]) -> FindingData:
    """A finding with what each of its repairs would do."""
    buttons = [
        FixButton(place, offer["label"], change_size(previews[place]) if place < len(previews) else "")
        for place, offer in enumerate(raw["fixes"])
    ]
    return FindingData(
        key=key,
        code=raw["code"],
        severity=raw["severity"],
        title=raw["title"],
        message=raw["message"],
        column=raw["column"] or "",
        rows=", ".join(str(number) for number in raw["rows"]),
        hint=raw["hint"],
        effect=raw["effect"],
        fixes=buttons,
    )


def change_size(change: dict[str, Any] | None) -> str:
    """ "Changes 3 cells", "Changes 2 cells and removes 1 row"; "" for a change that is not known."""
    if change is None:
        return ""
    parts: list[str] = []
    if change["cells"]:
        parts.append(f"changes {_count(change['cells'], 'cell')}")
    if change["rows"] > 0:
        parts.append(f"removes {_count(change['rows'], 'row')}")
    if not parts:
        parts.append("changes a role" if change["columns"] else "changes nothing")
    return " and ".join(parts).capitalize()


def change_row(entry: dict[str, Any]) -> ChangeRow:
    """One entry of the log (`AppliedFix.to_json`)."""
    who = f" by {entry['applied_by']}" if entry["applied_by"] else ""
    by = f"{who} on {numbers.date_text(entry['applied_at'])}"
    return ChangeRow(sentence=entry["change"]["sentence"], size=change_size(entry["change"]), by=by)


def marked_rows(key: str, finding: dict[str, Any], found: dict[str, Any]) -> FindingRows:
    """The rows behind a finding (`services.datasets.lines`), its column marked."""
    names = found["columns"]
    rows = [
        [MarkedCell(str(line), False), *(MarkedCell(cell_text(row[name]), name == finding["column"]) for name in names)]
        for line, row in zip(found["lines"], found["rows"], strict=True)
    ]
    return FindingRows(key=key, head=["Row", *names], rows=rows)


def answer_rows(found: Answerability) -> list[AnswerRow]:
    return [AnswerRow(answer.channel, answer.verdict.value, answer.reason) for answer in found.channels]


def counted(report: dict[str, Any]) -> str:
    """ "0 errors · 2 warnings · 1 suggestion"."""
    words = zip(GROUPS, ("error", "warning", "suggestion"), strict=True)
    return " · ".join(_count(len(report[group]), word) for group, word in words)


def _count(count: int, word: str) -> str:
    return f"{numbers.count(count)} {word}{'' if count == 1 else 's'}"
