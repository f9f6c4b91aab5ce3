"""Use cases. Each takes the principal first, checks what it may do, runs in one transaction, and returns plain data."""
