"""Postgres, Redis and object storage: the only package that talks to them."""
