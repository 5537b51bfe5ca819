import os

# Before anything of Mérida is imported: the tests read English whatever the machine speaks.
os.environ["MERIDA_LANGUAGE"] = "en"

from collections.abc import Iterator
from functools import cached_property, lru_cache
from importlib import import_module
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from merida.answers.context import Context
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
        shared = cached_property(lambda context: opened(Facts(context.as_of)))
        shared.__set_name__(Context, "facts")
        patch.setattr(Context, "facts", shared)
        yield


@lru_cache(maxsize=4)
def opened(facts: Facts) -> Facts:
    """Return the first of equal records: commands of one process would each read the same tables again."""
    return facts


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


# What runs in one process, in this order: tests that compile the same programs, or share what takes long to build.
TOGETHER = {
    "system": (
        "tests/decide/test_allocation.py",
        "tests/decide/test_next_million.py",
        "tests/ensemble/test_invariances.py",
        "tests/ensemble/test_elsewhere.py",
        "tests/decide/test_border_allocation.py",
        "tests/answers/test_decide.py",
        "tests/decide/test_ranking.py",
        "tests/ensemble/test_border_money.py",
        "tests/ensemble/test_record.py",
        "tests/models/test_registry.py",
    ),
    "brief": ("tests/brief/",),
}
# Files that take longest, longest first: they are begun first, so that no worker ends alone with one of them.
LONGEST = (
    *TOGETHER["system"],
    *TOGETHER["brief"],
    "tests/models/test_two_levels.py",
    "tests/border/queueing/test_fluid.py",
    "tests/violence/monitoring/test_monitor.py",
    "tests/border/crossings/test_calibration.py",
    "tests/cli/test_as_of.py",
    "tests/decide/test_fit.py",
    "tests/answers",
    "tests/workbench",
    "tests/charts",
    "tests/fuzz",
    "tests/cli",
    "tests/decide",
    "tests/border",
    "tests/violence",
)


class Together(LoadScopeScheduling):
    """Gives a worker a file at a time, or what runs together."""

    def _split_scope(self, nodeid: str) -> str:
        alike = (name for name, files in TOGETHER.items() if nodeid.startswith(files))
        return next(alike, nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""

    def rank(item: pytest.Item) -> int:
        places = (number for number, name in enumerate(LONGEST) if item.nodeid.startswith(name))
        return next(places, len(LONGEST))

    items.sort(key=rank)
