import os

# Before anything of Mérida is imported: the tests read English whatever the machine speaks.
os.environ["MERIDA_LANGUAGE"] = "en"

from collections.abc import Iterator
from importlib import import_module

import pytest

from merida.brief.content import build
from merida.document.blocks import Document
from merida.facts import Facts
from tests.small_border import small


@pytest.fixture(scope="session", autouse=True)
def few_crossings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What delay does at all crossings takes long: runs of plans see five, with schedules by hand, a brief shows two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("merida.ensemble.simulation"), "kept_response", small)
        patch.setattr(import_module("merida.brief.findings"), "BUSIEST", 1)
        # What is computed under these patches is not kept where a user would find it.
        patch.setattr("merida.answers.store.folder", lambda: tmp_path_factory.getbasetemp() / "answers")
        # Nor do rows of a developer's own enter the tests.
        patch.setenv("MERIDA_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def facts() -> Facts:
    return Facts()


@pytest.fixture(scope="session")
def facts_2012() -> Facts:
    return Facts("2012-12")


@pytest.fixture(scope="session")
def document(facts: Facts) -> Document:
    """The brief of the record without plans, built once: it takes ten seconds."""
    return build(facts)


@pytest.fixture(scope="session")
def document_2012(facts_2012: Facts) -> Document:
    return build(facts_2012)


# Files that take longest, longest first: they are begun first, so that no worker ends alone with one of them.
LONGEST = (
    "tests/brief",
    "tests/fuzz",
    "tests/ensemble/test_invariances",
    "tests/violence/monitoring/test_monitor.py",
    "tests/charts",
    "tests/decide",
    "tests/border",
    "tests/cli",
    "tests/violence",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""

    def rank(item: pytest.Item) -> int:
        places = (number for number, name in enumerate(LONGEST) if item.nodeid.startswith(name))
        return next(places, len(LONGEST))

    items.sort(key=rank)
