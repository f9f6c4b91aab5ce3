"""Typed reads from an environment, for `config`."""

from collections.abc import Mapping
from urllib.parse import urlsplit

_FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class SettingsError(ValueError):
    """A setting is missing or wrong; the text is one sentence for the person who starts MixModel."""


class Reader:
    """Typed reads; every message names the variable."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env

    def text(self, name: str, default: str = "") -> str:
        return self.env.get(name, "").strip() or default

    def choice(self, name: str, known: tuple[str, ...]) -> str:
        value = self.text(name, known[0]).lower()
        if value not in known:
            raise SettingsError(f"{name} is {value!r} but must be one of {', '.join(known)}.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, str(default)).lower()
        if value not in _FLAGS:
            raise SettingsError(f"{name} is {value!r} but must be 0 or 1.")
        return _FLAGS[value]

    def whole(self, name: str, default: int, low: int, high: int = 1_000_000) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise SettingsError(f"{name} is {value!r} but must be a whole number from {low} to {high}.")
        return int(value)

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self.text(name).split(",") if word.strip())

    def url(self, name: str, schemes: tuple[str, ...], default: str = "") -> str:
        value = self.text(name, default)
        if value and urlsplit(value).scheme not in schemes:
            # The value may hold a password, so it is not repeated here.
            raise SettingsError(f"{name} must start with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
        return value
