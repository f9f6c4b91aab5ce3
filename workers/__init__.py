"""Processes beside the web: the worker that fits, and the janitor that puts things right."""
