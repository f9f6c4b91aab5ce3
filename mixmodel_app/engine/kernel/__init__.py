"""The fast path: one log density with its gradient in numba, compiled once per machine and read from disk after that.

What it computes is the density of the PyMC-Marketing model of `engine.pymc_model`, to which the tests hold it; how that
is done without a compiler and with fewer dimensions is told by `density.py` and by ADR 0006.
"""
