import os

# Before anything of Mérida is imported: the tests read English whatever the machine speaks.
os.environ["MERIDA_LANGUAGE"] = "en"

import pytest

from merida.facts import Facts


@pytest.fixture(scope="session")
def facts() -> Facts:
    return Facts()


@pytest.fixture(scope="session")
def facts_2012() -> Facts:
    return Facts("2012-12")
