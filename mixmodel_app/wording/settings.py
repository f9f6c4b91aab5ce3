"""The settings of a run in words."""

SETTINGS = {
    "adstock_type": "Carryover (adstock)",
    "saturation_type": "Diminishing returns (saturation)",
    "l_max": "Longest carryover, in periods",
    "prior_set": "Priors",
    "trend": "Trend of the baseline",
    "yearly_seasonality": "Fourier pairs of the season (0 for none)",
    "holidays": "Public holidays (country code)",
    "n_samples": "Draws per chain",
    "n_chains": "Chains",
    "tune_steps": "Tuning steps per chain",
    "target_accept": "Target acceptance",
    "random_seed": "Random seed",
    "engine": "Engine",
}
"""Label of every setting by its key in `config`, in the order of the form."""
