"""Stateless builders with the right defaults. Pages are put together from these, never from raw boxes and pixels."""
