"""Questions and decisions about the reading of a file, between the services and the page of the columns."""

from typing import Any

from mixmodel_app.components.reading_panel import AnswerButton, QuestionData

OPTIONS = ("sheet", "decimal", "day_first", "reshape")
_WORDS = {"true": True, "false": False}


def question_data(raw: dict[str, Any]) -> QuestionData:
    """A `domain.reading.Question` as JSON."""
    answers = [AnswerButton(raw["option"], as_text(choice["value"]), choice["label"]) for choice in raw["choices"]]
    return QuestionData(text=raw["text"], answers=answers)


def as_text(value: str | bool | None) -> str:
    """The value of an option as a form has it: "" where the reader decides."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def changed(reading: dict[str, Any], option: str, text: str) -> dict[str, Any]:
    """The reading options with one of them set, or left to the reader by ""."""
    kept = {key: value for key, value in reading.items() if key != option}
    if text == "":
        return kept
    boolean = option in ("day_first", "reshape")
    return kept | {option: _WORDS.get(text, text) if boolean else text}
