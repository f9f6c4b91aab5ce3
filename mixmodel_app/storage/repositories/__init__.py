"""All SQL. Queries on tenant tables start from `scoping.scoped`; `leases` is the worker's own door."""
