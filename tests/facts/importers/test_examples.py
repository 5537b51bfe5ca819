import doctest
from importlib import import_module

import pytest

MODULES = (
    "facts.importers.cells", "facts.importers.draft", "facts.importers.names", "facts.importers.template",
    "facts.importers.waits", "user_tables.lines", "user_tables.tree",
)  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_are_right(module: str) -> None:
    found = doctest.testmod(import_module(f"merida.{module}"))
    assert found.attempted
    assert found.failed == 0
