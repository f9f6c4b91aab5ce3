"""Whether the model would have foreseen the last quarter of a year about as well as a calendar."""

from mixmodel_app.domain.results import HealthCheck
from mixmodel_app.engine.health.fitted import CHECK, GOOD, finding
from mixmodel_app.engine.holdout import Holdout
from mixmodel_app.wording import numbers

WORSE_LIMIT = 1.25
FAR_LIMIT = 3.0  # deviations, beyond which chance takes a prediction once in 370 times


def check_holdout(found: Holdout | None, period: str) -> HealthCheck:
    """The last quarter of a year, hidden and predicted: good unless a calendar does much better or it is far off.

    A model of marketing need not win at forecasting, and over a quarter a calendar can be lucky. To be checked when the
    error is a quarter above that of the better of two naive forecasts: a model that loses to "the same as a year ago"
    has learned something that is not so. Also when the total lies more than three deviations from its prediction,
    which counts that periods are missed together, as the single ranges do not.
    """
    if found is None:
        return finding("holdout", GOOD, f"Not checked: hiding some {period}s needs two years of data besides.")
    worse = found.error > WORSE_LIMIT * min(found.naive, found.corrected)
    far = abs(found.distance) > FAR_LIMIT
    evidence = (
        f"For the last {found.n_periods} {period}s, hidden from it, the model is off by {numbers.money(found.error)} a "
        f"{period}; the same {period}s a year earlier are off by {numbers.money(found.naive)}, corrected for the level "
        f"by {numbers.money(found.corrected)}. {numbers.percent(found.covered)} lie within their likely range."
    )
    if not worse and not far:
        return finding("holdout", GOOD, evidence)
    side = "above" if found.distance > 0 else "below"
    reason = "A calendar does much better" if worse else f"The total lies {side} what the model held possible"
    return finding("holdout", CHECK, f"{evidence} {reason}: look at season, trend and what changed of late.")
