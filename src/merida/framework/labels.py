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
    own = names(framework)

    def free(key: tuple[str, str], text: str, times: int) -> bool:
        if not text or text in taken or text in INNER:
            return False
        if text in own:  # it is the plan of that name by its content, or it does not pass as it
            return plan_named(text, framework, facts).digest == key[1]
        return times == 1

    every = [(shown_name(plan), plan.digest) for plan in plans]
    first = dict(reversed(list(zip(every, plans, strict=True))))
    spelt = {key: spellings(key[0], plan) for key, plan in first.items()}
    label: dict[tuple[str, str], str] = {}
    again = set(first)
    while again:
        label |= {key: next(spelt[key]) for key in again}
        times = Counter(label.values())
        again = {key for key, text in label.items() if not free(key, text, times[text])}
    return tuple(label[key] for key in every)


def shown_name(plan: Plan) -> str:
    """Return a plan's name as one line, alike for names that look alike."""
    return " ".join(one_line(unicodedata.normalize("NFC", plan.name)).split())


def spellings(name: str, plan: Plan) -> Iterator[str]:
    """Yield what a plan may be called, the shortest first, without end."""
    yield name
    if plan.source:
        yield f"{name} ({one_line(Path(plan.source).name)})".lstrip()
        yield f"{name} ({one_line(plan.source)})".lstrip()
    yield f"{name} ({plan.digest[:SHORT]})".lstrip()
    yield from (f"{name} ({plan.digest} {number})".lstrip() for number in count(1))
