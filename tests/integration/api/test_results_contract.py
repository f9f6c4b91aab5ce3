"""Results of a real fit, over HTTP, key by key as API.md lists them."""

import io
import math
from typing import Any

import pytest
import xarray

from mixmodel_app.storage import cache
from tests.integration.scenes import Account

pytestmark = pytest.mark.fit

CHANNELS = {"TV", "Search"}

EXECUTIVE = {"total_spend", "total_revenue", "blended_roas", "revenue_breakdown", "recommendations", "model_health"}
MANAGER = {
    *("channel_roas", "channel_roas_hdi", "marginal_roas", "contributions"),
    *("saturation_curves", "adstock_curves", "waterfall"),
    *("learned_from", "learning"),
}
ANALYST = {"posteriors", "diagnostics", "divergences", "fit", "residuals", "r2", "mape"}


@pytest.fixture
def views(ann: Account, finished: tuple[str, str]) -> dict[str, Any]:
    answer = ann.get(f"/api/models/{finished[1]}/results")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_each_view_has_its_keys_alone_and_together(ann: Account, finished: tuple[str, str], views: dict) -> None:
    for name, keys in (("executive", EXECUTIVE), ("manager", MANAGER), ("analyst", ANALYST)):
        assert keys <= set(views[name])
        assert ann.get(f"/api/models/{finished[1]}/results", view=name).json() == views[name]
    assert ann.get(f"/api/models/{finished[1]}/results", view="ceo").status_code == 422


def test_the_breakdown_sums_to_the_revenue(views: dict) -> None:
    executive = views["executive"]
    assert set(executive["revenue_breakdown"]) == {"media", "baseline", "controls"}
    assert sum(executive["revenue_breakdown"].values()) == pytest.approx(executive["total_revenue"], rel=1e-9)
    contributions = sum(views["manager"]["contributions"].values())
    assert contributions == pytest.approx(executive["revenue_breakdown"]["media"], rel=1e-6)
    assert executive["model_health"]["status"] in ("good", "check", "do_not_use")
    assert len(executive["recommendations"]) <= 3


def test_the_waterfall_adds_up(views: dict) -> None:
    *steps, total = views["manager"]["waterfall"]
    assert total["kind"] == "total"
    assert sum(step["value"] for step in steps) == pytest.approx(total["value"], rel=1e-9)
    assert total["value"] == pytest.approx(views["executive"]["total_revenue"])
    assert {step["label"] for step in steps if step["kind"] == "channel"} == CHANNELS


def test_every_channel_has_return_range_and_curves(views: dict) -> None:
    manager = views["manager"]
    for key in ("channel_roas", "channel_roas_hdi", "marginal_roas", "contributions"):
        assert set(manager[key]) == CHANNELS
    for channel in CHANNELS:
        low, high = manager["channel_roas_hdi"][channel]
        assert low < manager["channel_roas"][channel] < high
        curve = manager["saturation_curves"][channel]
        assert {"spend_range", "response", "hdi_lower", "hdi_upper"} <= set(curve)
        assert len({len(curve[key]) for key in ("spend_range", "response", "hdi_lower", "hdi_upper")}) == 1
        assert curve["response"] == sorted(curve["response"])
        carry = manager["adstock_curves"][channel]
        assert len(carry["weeks"]) == len(carry["effect"])
        assert sum(carry["effect"]) == pytest.approx(1, abs=0.1)


def test_every_return_says_how_much_of_it_was_learned(views: dict) -> None:
    manager = views["manager"]
    assert set(manager["learned_from"]) == set(manager["learning"]) == CHANNELS
    for channel in CHANNELS:
        assert manager["learned_from"][channel] in ("data", "assumption")
        low, high = manager["channel_roas_hdi"][channel]
        assert f"{low:.2f}–{high:.2f}" in manager["learning"][channel], "the range that is shown"


def test_a_return_is_contribution_by_spend(views: dict) -> None:
    manager = views["manager"]
    for channel in CHANNELS:
        low, high = manager["channel_roas_hdi"][channel]
        mean = manager["contributions"][channel] / manager["spend"][channel]
        assert low < mean < high
    assert sum(manager["spend"].values()) == pytest.approx(views["executive"]["total_spend"])


def test_the_analyst_can_check_everything(views: dict) -> None:
    analyst = views["analyst"]
    assert set(analyst["posteriors"]) == set(analyst["diagnostics"])
    for posterior in analyst["posteriors"].values():
        assert set(posterior) == {"mean", "std", "hdi_3%", "hdi_97%", "samples"}
        assert posterior["hdi_3%"] <= posterior["mean"] <= posterior["hdi_97%"] or posterior["std"] > 0
        assert 1 <= len(posterior["samples"]) <= 200
    for found in analyst["diagnostics"].values():
        assert set(found) == {"rhat", "ess_bulk", "ess_tail"}
    fit = analyst["fit"]
    assert {"dates", "actual", "predicted", "hdi_lower", "hdi_upper"} <= set(fit)
    assert len(fit["dates"]) == len(analyst["residuals"]) == 60
    for actual, predicted, residual in zip(fit["actual"], fit["predicted"], analyst["residuals"], strict=True):
        assert actual - predicted == pytest.approx(residual, abs=1e-6 * abs(actual))
    assert 0.5 < analyst["r2"] <= 1
    assert sum(fit["actual"]) == pytest.approx(views["executive"]["total_revenue"])


def test_all_numbers_are_numbers(views: dict) -> None:
    def walk(value: Any) -> None:
        if isinstance(value, dict):
            [walk(one) for one in value.values()]
        elif isinstance(value, list):
            [walk(one) for one in value]
        elif isinstance(value, float):
            assert math.isfinite(value)

    walk(views)


def test_the_artifact_is_a_netcdf_file_that_xarray_opens(ann: Account, finished: tuple[str, str]) -> None:
    answer = ann.get(f"/api/models/{finished[1]}/artifact")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-netcdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="mixmodel-{finished[1]}.nc"'
    assert len(answer.content) < 3_000_000
    with xarray.open_dataset(io.BytesIO(answer.content), group="posterior", engine="h5netcdf") as posterior:
        assert posterior.sizes["chain"] == 2
        assert posterior.sizes["draw"] % 200 == 0


def test_there_are_no_results_before_the_end(ann: Account) -> None:
    run_id = ann.start(ann.ready_dataset())
    for path in ("results", "artifact"):
        answer = ann.get(f"/api/models/{run_id}/{path}")
        assert answer.status_code == 409
        assert "queued" in answer.json()["detail"]
    assert ann.post(f"/api/models/{run_id}/optimize", {"total_budget": 1000}).status_code == 409


def test_a_deleted_run_is_gone_from_the_cache_too(ann: Account, finished: tuple[str, str]) -> None:
    run_id = finished[1]
    ann.get(f"/api/models/{run_id}/results")
    assert cache.read(cache.results_key(run_id)) is not None  # pyright: ignore[reportArgumentType]
    assert ann.call("DELETE", f"/api/models/{run_id}").status_code == 204
    assert cache.read(cache.results_key(run_id)) is None  # pyright: ignore[reportArgumentType]
    assert ann.get(f"/api/models/{run_id}/results").status_code == 404
