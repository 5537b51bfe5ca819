"""What plans are called where several of them stand together.

A plan is known by its content, and its name is no more than what it is called. Of plans with one name and different
content each gets a label of its own; the same plan given twice is one plan.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from pathlib import Path

from merida.facts import Facts
from merida.framework.builtin import names, plan_named
from merida.framework.framework import Framework
from merida.framework.plan import SHORT, Plan
from merida.user_tables import one_line

INNER = ("reference", "best")
"""What the house itself calls plans that it makes (`merida.ensemble.run`, `merida.decide.allocation`)."""


def labelled(
    plans: Sequence[Plan], framework: Framework, facts: Facts, taken: Collection[str] = ()
) -> dict[str, Plan]:
    """Return plans by label, in order, each once; see `labels`.

    Examples
    --------
    >>> merida, facts = Framework.load("merida"), Facts("2012-12")
    >>> memo = plan_named("memo", merida, facts)
    >>> list(labelled([memo, Plan("memo", "merida", (), source="my-plan.toml"), memo], merida, facts))
    ['memo', 'memo (my-plan.toml)']
    """
    found: dict[str, Plan] = {}
    for label, plan in zip(labels(plans, framework, facts, taken), plans, strict=True):
        found.setdefault(label, plan)
    return found


def labels(
    plans: Sequence[Plan], framework: Framework, facts: Facts, taken: Collection[str] = ()
) -> tuple[str, ...]:
    """Return the label of each of several plans.

    It is the plan's name, where no other plan among them has it and it is not the name of another plan that needs no
    file, such as ``memo``. Else it is the name with the file's, ``memo (my-plan.toml)``, then with the path as given,
    then with the beginning of the plan's digest. Plans of one name and content have one label.

    Parameters
    ----------
    plans : sequence of Plan
    framework : Framework
    facts : Facts
        The record, which says what ``continuation`` is.
    taken : collection of str
        Labels that others have.
    """
    every = [(shown_name(plan), plan.digest) for plan in plans]
    first = dict(reversed(list(zip(every, plans, strict=True))))
    spelt = {key: spellings(key[0], plan) for key, plan in first.items()}
    label: dict[tuple[str, str], str] = {}
    again = set(first)
    while again:
        label |= {key: next(spelt[key]) for key in again}
        times = Counter(label.values())
        again = {
            key
            for key, text in label.items()
            if times[text] > 1
            or text in taken
            or text in INNER
            or passes_as_another(text, key[1], framework, facts)
        }
    return tuple(label[key] for key in every)


def shown_name(plan: Plan) -> str:
    """Return a plan's name as one line, alike for names that look alike."""
    return " ".join(one_line(unicodedata.normalize("NFC", plan.name)).split())


def passes_as_another(label: str, digest: str, framework: Framework, facts: Facts) -> bool:
    """Tell whether a label is the name of a plan that needs no file, and the content is not that plan's."""
    return label in names(framework) and plan_named(label, framework, facts).digest != digest


def spellings(name: str, plan: Plan) -> Iterator[str]:
    """Yield what a plan may be called, the shortest first, without end."""
    yield name
    if plan.source:
        yield f"{name} ({one_line(Path(plan.source).name)})"
        yield f"{name} ({one_line(plan.source)})"
    yield f"{name} ({plan.digest[:SHORT]})"
    yield from (f"{name} ({plan.digest} {number})" for number in count(1))
