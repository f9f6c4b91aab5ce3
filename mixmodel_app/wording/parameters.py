"""Parameters of a model in words."""

_WORDS = {
    "adstock_alpha": "the carryover",
    "adstock_theta": "the delay of the carryover",
    "adstock_lam": "the time scale of the carryover",
    "adstock_k": "the shape of the carryover",
    "saturation_lam": "the diminishing returns",
    "saturation_gamma": "the diminishing returns",
    "saturation_alpha": "the diminishing returns",
    "saturation_slope": "the steepness of the diminishing returns",
    "saturation_kappa": "the half-saturation point",
    "saturation_beta": "the height of the effect",
    "gamma_control": "the effect",
    "gamma_event": "the effect of the event",
    "gamma_holiday": "the effect of the holiday",
    "gamma_fourier": "the seasonal term",
    "intercept": "the baseline level",
    "trend": "the trend",
    "drift": "the drift of the baseline",
    "sigma": "the noise",
}


def in_words(name: str) -> str:
    """A parameter such as `adstock_alpha[TV]`: "the carryover (adstock_alpha) of TV"."""
    base, _, inside = name.partition("[")
    word = _WORDS.get(base, "the parameter")
    return f"{word} ({base}) of {inside.rstrip(']')}" if inside else f"{word} ({base})"
