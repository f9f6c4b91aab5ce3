"""Passwords: rules, hashing by bcrypt, and checks that take the same time for accounts that do not exist.

A hash costs a core some tenths of a second. Hashes are made by threads of their own, fewer than there are cores,
so that many sign-ins at once wait for each other and nobody else for them.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import bcrypt

from mixmodel_app.domain.errors import FieldError, InvalidInput

MIN_LENGTH = 8
MAX_BYTES = 72
ROUNDS = 12
NONE = "!"
"""In place of a hash: no password fits. Whoever has none signs in by the provider."""


def check_rules(password: str) -> None:
    """Raise `InvalidInput` with what is missing."""
    problem = _problem(password)
    if problem:
        raise InvalidInput(f"The password {problem}.", errors=(FieldError("password", problem),))


def _problem(password: str) -> str | None:
    if len(password.encode()) > MAX_BYTES:
        return f"is longer than {MAX_BYTES} bytes, which is the most that can be checked"
    if len(password) < MIN_LENGTH:
        return f"needs at least {MIN_LENGTH} characters"
    if not any(c.isupper() for c in password):
        return "needs an upper-case letter"
    if not any(c.isdigit() for c in password):
        return "needs a digit"
    if "\0" in password:
        return "must not contain a NUL character"
    return None


def hash_password(password: str) -> str:
    return _hashing().submit(bcrypt.hashpw, password.encode(), bcrypt.gensalt(ROUNDS)).result().decode()


def matches(password: str, hashed: str | None) -> bool:
    """Whether the password fits the hash; without a hash the same work is done and the answer is no."""
    if len(password.encode()) > MAX_BYTES or hashed == NONE:
        password, hashed = "", None
    fits = _hashing().submit(bcrypt.checkpw, password.encode(), (hashed or _decoy()).encode()).result()
    return fits and hashed is not None


@lru_cache(maxsize=1)
def _decoy() -> str:
    return hash_password("A password that nobody has 1")


@lru_cache(maxsize=1)
def _hashing() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1), thread_name_prefix="passwords")
