"""Checks on data before a fit. Each module here registers functions with `@check`; see `_base` for the contract."""
