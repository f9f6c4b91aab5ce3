"""The same for the names of these tests."""

from tests.architecture.test_names import test_names_are_the_same_in_every_process

__all__ = ["test_names_are_the_same_in_every_process"]
