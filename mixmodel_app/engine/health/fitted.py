"""What the checks look at: a finished fit, and what several of them need, computed once."""

from dataclasses import dataclass
from functools import cached_property

from mixmodel_app.domain.curves import Array
from mixmodel_app.domain.results import ChannelResult, HealthCheck, HealthStatus
from mixmodel_app.engine.expected import expected, media_effects, thinned
from mixmodel_app.engine.health.search import Verdict, search
from mixmodel_app.engine.holdout import Holdout, holdout
from mixmodel_app.engine.laplace import Mode, coverable, find_mode, point_of
from mixmodel_app.engine.loo import Loo, leave_one_out, log_density
from mixmodel_app.engine.posterior import Posterior
from mixmodel_app.engine.spec import ModelSpec
from mixmodel_app.engine.types import ModelDraws, PreparedData
from mixmodel_app.wording.numbers import date_text

GOOD, CHECK, BAD = HealthStatus.GOOD, HealthStatus.CHECK, HealthStatus.DO_NOT_USE
_DRAWS, _NUMBERS = 500, 2_000_000


@dataclass(frozen=True)
class Fitted:
    """A posterior and what it says of the channels. S is up to 500 of its draws, fewer for long series."""

    posterior: Posterior
    channels: list[ChannelResult]

    @property
    def spec(self) -> ModelSpec:
        return self.posterior.spec

    @property
    def data(self) -> PreparedData:
        return self.spec.data

    @property
    def target(self) -> str:
        return self.data.mapping.target_column

    @cached_property
    def draws(self) -> ModelDraws:
        size = max(min(_DRAWS, _NUMBERS // self.data.media.size), 100)
        return thinned(self.posterior.model_draws(), size)

    @cached_property
    def effects(self) -> Array:
        """(C, S, T) of each channel on the scaled target."""
        return media_effects(self.draws, self.data)

    @cached_property
    def mean(self) -> Array:
        """(S, T) expected scaled target."""
        return expected(self.draws, [drivers.block for drivers in self.spec.drivers], self.effects)

    @cached_property
    def scaled_target(self) -> Array:
        return self.data.target / self.data.target_scale

    @cached_property
    def loo(self) -> Loo:
        return leave_one_out(log_density(self.scaled_target, self.mean, self.draws.sigma))

    @cached_property
    def _point(self) -> Array:
        return point_of(self.posterior)

    @cached_property
    def mode(self) -> Mode | None:
        """The mode of the model, uphill from the posterior's mean."""
        return find_mode(coverable(self.spec), self._point)

    @cached_property
    def structure(self) -> dict[str, Verdict]:
        """What the data say of parts that the model may lack, by code."""
        return search(self.mode) if self.mode else {}

    @cached_property
    def holdout(self) -> Holdout | None:
        return holdout(self.spec, self._point)

    def period_text(self, index: int) -> str:
        """A period in words: "the week of 12 Jan 2026"."""
        return f"the {self.data.frequency.period} of {date_text(self.data.date_texts[index])}"


def grade(good: bool, tolerable: bool) -> HealthStatus:
    """Good, else to be checked while tolerable, else not to be used: as what is not a number is neither."""
    return GOOD if good else CHECK if tolerable else BAD


def finding(code: str, status: HealthStatus, evidence: str) -> HealthCheck:
    return HealthCheck(code, TITLES[code], status, evidence)


TITLES = {
    "convergence": "Convergence",
    "effective_draws": "Effective draws",
    "divergences": "Divergences",
    "energy": "Energy",
    "fit_quality": "Fit to the data",
    "posterior_predictive": "Surprises in the data",
    "residuals": "What is left unexplained",
    "season": "Season",
    "trend": "Trend",
    "carryover": "Carryover",
    "demand": "Demand that spending follows",
    "baseline": "Baseline",
    "returns": "Plausible returns",
    "prior_conflict": "Data against expectations",
    "holdout": "Forecast of hidden periods",
    "collinear": "Channels apart",
    "influence": "Single periods",
    "data_repairs": "Repairs to the data",
}
