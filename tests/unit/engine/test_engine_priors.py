"""Priors: the documented defaults, overrides and what is refused."""

import pytest

from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.model_options import Adstock, Saturation
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.priors import PriorSpec, default_priors, resolve_priors


def test_the_documented_priors_are_the_classic_set() -> None:
    priors = default_priors(RunConfig.from_json({"priors": "classic", "saturation_type": "logistic"}))
    assert priors["adstock_alpha"] == PriorSpec("Beta", {"alpha": 2, "beta": 2})
    assert priors["saturation_lam"] == PriorSpec("Gamma", {"alpha": 1, "beta": 1})
    assert priors["saturation_beta"] == PriorSpec("Gamma", {"alpha": 2, "beta": 1})
    assert priors["intercept"] == PriorSpec("Normal", {"mu": 0, "sigma": 10})
    assert priors["sigma"] == PriorSpec("HalfNormal", {"sigma": 1})


def test_each_shape_has_its_own_parameters() -> None:
    priors = default_priors(RunConfig(adstock_type=Adstock.WEIBULL, saturation_type=Saturation.HILL))
    assert {"adstock_lam", "adstock_k", "saturation_slope", "saturation_kappa"} <= set(priors)
    assert not {"adstock_alpha", "saturation_lam"} & set(priors)


def test_an_override_replaces_one_prior() -> None:
    config = RunConfig.from_json({"priors": {"saturation_lam": {"dist": "Gamma", "alpha": 3, "beta": 1}}})
    priors = resolve_priors(config)
    assert priors["saturation_lam"] == PriorSpec("Gamma", {"alpha": 3.0, "beta": 1.0})
    assert priors["sigma"] == default_priors(config)["sigma"]


def test_heights_of_the_default_set_follow_from_the_returns() -> None:
    assert "saturation_beta" not in default_priors(RunConfig())


def test_a_prior_of_the_logistic_curve_asks_for_the_logistic_curve() -> None:
    gamma = {"dist": "Gamma", "alpha": 3, "beta": 1}
    assert RunConfig.from_json({"priors": {"saturation_lam[TV]": gamma}}).saturation_type is Saturation.LOGISTIC
    assert RunConfig.from_json({"priors": {"saturation_slope": gamma}}).saturation_type is Saturation.HILL


def test_an_override_may_be_for_one_channel() -> None:
    config = RunConfig(priors={"adstock_alpha[TV]": {"dist": "Beta", "alpha": 5, "beta": 2}})
    priors = resolve_priors(config, ("TV", "Search"))
    assert priors["adstock_alpha[TV]"] == PriorSpec("Beta", {"alpha": 5.0, "beta": 2.0})
    assert priors["adstock_alpha"] == default_priors(config)["adstock_alpha"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("adstock_alpha[Radio]", "must name one of the channels TV, Search"), ("sigma[TV]", "cannot be for one channel")],
)
def test_an_override_for_a_channel_that_is_not_there_is_refused(name: str, message: str) -> None:
    raw = {"dist": "Beta", "alpha": 5, "beta": 2} if name.startswith("adstock") else {"dist": "HalfNormal", "sigma": 1}
    with pytest.raises(InvalidInput) as caught:
        resolve_priors(RunConfig(priors={name: raw}), ("TV", "Search"))
    assert message in caught.value.errors[0].message


@pytest.mark.parametrize(
    ("name", "raw", "field"),
    [
        ("saturation_kappa", {"dist": "Gamma", "alpha": 1, "beta": 1}, "config.priors.saturation_kappa"),
        ("saturation_lam", {"dist": "Normal", "mu": 0, "sigma": 1}, "config.priors.saturation_lam.dist"),
        ("saturation_lam", {}, "config.priors.saturation_lam.dist"),
        ("adstock_alpha", {"dist": "Gamma", "alpha": 1, "beta": 1}, "config.priors.adstock_alpha.dist"),
        ("intercept", {"dist": "Normal", "sigma": 1}, "config.priors.intercept"),
        ("intercept", {"dist": "Normal", "mu": 0, "sigma": -1}, "config.priors.intercept.sigma"),
        ("intercept", {"dist": "Normal", "mu": "0", "sigma": 1}, "config.priors.intercept.mu"),
        ("sigma", {"dist": "HalfNormal", "sigma": float("nan")}, "config.priors.sigma.sigma"),
        ("sigma", {"dist": "HalfNormal", "sigma": True}, "config.priors.sigma.sigma"),
        ("adstock_alpha", {"dist": "Beta", "mu": 1.5, "sigma": 0.1}, "config.priors.adstock_alpha.mu"),
        ("adstock_alpha", {"dist": "Beta", "mu": 0.5, "sigma": 0.9}, "config.priors.adstock_alpha.sigma"),
    ],
)
def test_a_wrong_prior_is_refused_by_its_field(name: str, raw: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        resolve_priors(RunConfig(saturation_type=Saturation.LOGISTIC, priors={name: raw}))
    assert [error.field for error in caught.value.errors] == [field]


def test_every_wrong_prior_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        resolve_priors(RunConfig(priors={"nonsense": {}, "sigma": {"dist": "Beta"}}))
    assert len(caught.value.errors) == 2
