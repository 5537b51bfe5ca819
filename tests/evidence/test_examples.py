"""The examples in the docstrings of the room give what they say."""

import doctest
import pkgutil
from importlib import import_module

import merida.evidence


def test_examples_of_the_room() -> None:
    names = [module.name for module in pkgutil.walk_packages(merida.evidence.__path__, "merida.evidence.")]
    results = [doctest.testmod(import_module(name)) for name in names]
    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) > 20
