import os

# Before anything of Mérida is imported: the tests read English whatever the machine speaks.
os.environ["MERIDA_LANGUAGE"] = "en"

from collections.abc import Iterator
from importlib import import_module

import pytest

from merida.facts import Facts
from tests.small_border import small


@pytest.fixture(scope="session", autouse=True)
def few_crossings() -> Iterator[None]:
    """What delay does at all crossings takes most of a minute: runs of plans see five, with schedules by hand."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("merida.ensemble.simulate"), "kept_response", small)
        yield


@pytest.fixture(scope="session")
def facts() -> Facts:
    return Facts()


@pytest.fixture(scope="session")
def facts_2012() -> Facts:
    return Facts("2012-12")
