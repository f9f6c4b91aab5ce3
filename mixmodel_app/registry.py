"""The one decorator registry behind pages, engines, checks and charts.

A registry maps a key to an item and keeps the order of registration, so that what a data scientist adds in one
file appears everywhere the registry is read, with no other line touched.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator


class Registry[T]:
    """Items by key, in the order in which they were registered.

    Args:
        noun: what is registered, used in error messages ("engine", "chart").
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._items: dict[str, T] = {}

    def register(self, key: str) -> Callable[[T], T]:
        """Decorator that files the item under `key`; a second item under one key is a programming error."""

        def add(item: T) -> T:
            if key in self._items:
                raise ValueError(f"The {self.noun} {key!r} is registered twice.")
            self._items[key] = item
            return item

        return add

    def get(self, key: str) -> T:
        """The item under `key`; a `KeyError` that names the known keys when there is none."""
        try:
            return self._items[key]
        except KeyError:
            known = ", ".join(self._items) or "none"
            raise KeyError(f"There is no {self.noun} {key!r}. Known: {known}.") from None

    def keys(self) -> tuple[str, ...]:
        return tuple(self._items)

    def items(self) -> tuple[tuple[str, T], ...]:
        return tuple(self._items.items())

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: str) -> bool:
        return key in self._items


def import_all(package: str) -> None:
    """Import every module of a package, so that its decorators run. Private modules (`_x`) are left alone."""
    module = importlib.import_module(package)
    for info in pkgutil.iter_modules(module.__path__):
        if not info.name.startswith("_"):
            importlib.import_module(f"{package}.{info.name}")
