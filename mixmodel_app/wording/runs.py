"""Sentences about runs that more than one page says."""

INCOMPLETE = (
    "Incomplete: the time limit stopped this fit. Its figures are rougher than they should be and cannot be exported."
)
