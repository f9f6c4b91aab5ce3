"""MixModel: self-hostable Bayesian marketing mix modelling."""

__version__ = "0.1.0"
