"""What a run offers, in the words of the form: presets, settings and the labels of its fields."""

from mixmodel_app.domain.model_options import Adstock, FitMode, PriorSet, Saturation, Sign, Trend
from mixmodel_app.domain.run import Priority
from mixmodel_app.engine.base import load_engines

PRESET_CARDS = (
    (
        FitMode.QUICK,
        "Quick",
        "A first look",
        "2 chains of 500 draws: one to three seconds for three years of weeks. More follow where chains disagree.",
    ),
    (
        FitMode.FULL,
        "Full",
        "For decisions",
        "4 chains of 2,000 draws: the ends of the ranges are firmer. Two to six seconds for the same data.",
    ),
    (FitMode.CUSTOM, "Custom", "Your own", "Draws, chains and tuning as you set them; the time grows with the draws."),
)

NUMBERS = frozenset(
    {"l_max", "yearly_seasonality", "n_samples", "n_chains", "tune_steps", "target_accept", "random_seed"}
)

CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "adstock_type": (
        (Adstock.GEOMETRIC.value, "Geometric: strongest at once, then fading"),
        (Adstock.DELAYED.value, "Delayed: rises to a peak, then fades"),
        (Adstock.BINOMIAL.value, "Binomial: fades to nothing at the end"),
        (Adstock.WEIBULL.value, "Weibull: any peak and any tail (advanced)"),
        (Adstock.WEIBULL_CDF.value, "Weibull survival: fading speeds up or slows (advanced)"),
    ),
    "saturation_type": (
        (Saturation.LOGISTIC.value, "Logistic: returns fall from the first unit"),
        (Saturation.HILL.value, "Hill: may start slowly (S-shape)"),
        (Saturation.MICHAELIS_MENTEN.value, "Michaelis-Menten: levels off slowly"),
        (Saturation.TANH.value, "Tanh: the logistic curve in another form (advanced)"),
        (Saturation.ROOT.value, "Root: never levels off (advanced)"),
    ),
    "prior_set": (
        (PriorSet.DEFAULT.value, "Default: channels return similar, not equal amounts"),
        (PriorSet.CLASSIC.value, "Classic: each channel's effect on its own"),
    ),
    "trend": (
        (Trend.SMOOTH.value, "Smooth: drifts, slower than a year"),
        (Trend.LINEAR.value, "Straight: a line up or down"),
        (Trend.NONE.value, "None"),
    ),
    "engine": tuple((found.key, found.label) for found in load_engines()),
}

HINTS = {
    "holidays": "Two letters such as DE or US; empty for none.",
    "random_seed": "Empty: drawn at random and kept with the run.",
    "engine": "Thorough takes about half a minute longer for the same answer.",
    "target_accept": "Higher takes smaller steps: slower, fewer divergences.",
}

SIGNS = (
    (Sign.FREE.value, "Not known"),
    (Sign.POSITIVE.value, "Raises the outcome"),
    (Sign.NEGATIVE.value, "Lowers the outcome"),
)

PRIORITIES = (
    (Priority.NORMAL.value, "This one in its turn"),
    (Priority.HIGH.value, "This one first"),
    (Priority.LOW.value, "This one last"),
)

FIELDS = {
    "name": "name",
    "start": "first day",
    "end": "last day",
    "channel": "channel",
    "measured_to": "measured to",
    "extra_spend": "extra spend",
    "extra_outcome": "extra outcome",
    "error": "± error",
    "low": "lower end",
    "likely": "most likely",
    "high": "upper end",
}
"""What the fields of rows are called, as they stand inside a sentence."""
