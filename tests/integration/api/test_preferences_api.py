"""How numbers are shown: an admin chooses, sentences and files follow, the figures of the API never do."""

import csv
import io
from typing import Any

import httpx
import pytest

from mixmodel_app.domain.preferences import NumberFormat
from mixmodel_app.wording import numbers
from tests.integration.scenes import Account

SWISS = {"currency": "CHF", "number_format": "1.234,56", "interval": 0.8}


def _patch(account: Account, **body: Any) -> httpx.Response:
    return account.call("PATCH", "/api/workspace", json=body)


@pytest.fixture
def swiss(ann: Account) -> Account:
    assert _patch(ann, preferences=SWISS).json()["preferences"] == SWISS
    return ann


def test_a_new_workspace_has_the_defaults_and_a_change_keeps_the_rest(ann: Account) -> None:
    defaults = {"currency": "", "number_format": "1,234.56", "interval": 0.94}
    assert ann.get("/api/workspace").json()["preferences"] == defaults
    changed = _patch(ann, preferences={"currency": "€"}).json()
    assert changed["preferences"] == defaults | {"currency": "€"}
    assert _patch(ann, name="Spring").json()["name"] == "Spring"
    assert ann.get("/api/workspace").json()["preferences"]["currency"] == "€"


@pytest.mark.parametrize(
    ("field", "value"), [("currency", "<script>"), ("interval", 0.95), ("number_format", "1_234"), ("font", "x")]
)
def test_what_cannot_be_shown_is_refused(ann: Account, field: str, value: object) -> None:
    answer = _patch(ann, preferences={field: value})
    assert answer.status_code == 422
    assert field in answer.json()["errors"][0]["field"]


def test_sentences_follow_and_figures_do_not(swiss: Account, finished: tuple[str, str]) -> None:
    found = swiss.get(f"/api/models/{finished[1]}/results").json()
    assert found["hdi_prob"] == 0.94
    sentences = " ".join(found["executive"]["recommendations"])
    assert "CHF " in sentences
    assert "94 % range" in sentences
    assert isinstance(found["executive"]["total_spend"], float)


def test_files_follow_currency_format_and_level(swiss: Account, finished: tuple[str, str]) -> None:
    """The figures of the API are those of 94 %, so its ranges enclose the ones in files."""
    page = swiss.get(f"/api/models/{finished[1]}/report.html").text
    assert "80 % range" in page
    assert "94 % range" not in page
    csv_text = swiss.get(f"/api/models/{finished[1]}/charts/roas.csv").content.decode("utf-8-sig")
    rows = {row["Channel"]: row for row in csv.DictReader(io.StringIO(csv_text))}
    manager = swiss.get(f"/api/models/{finished[1]}/results", view="manager").json()
    for name, (low, high) in manager["channel_roas_hdi"].items():
        assert low <= float(rows[name]["80 % from"]) <= float(rows[name]["80 % to"]) <= high
        with numbers.looking(currency="CHF", number_format=NumberFormat.COMMA):
            assert numbers.roas(manager["channel_roas"][name]) in page
