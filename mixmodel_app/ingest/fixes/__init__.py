"""Repairs, one file per family: every function with `@fix(…)` can be offered, previewed, applied and replayed."""
