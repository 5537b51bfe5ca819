"""What plans are called where several stand together: told apart by content, each under one plain line of its own."""

from dataclasses import replace
from itertools import permutations
from random import Random

import pytest

from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow, labelled, labels, plan_named

ROW = PlanRow("vetting", "INCLE", "08", "2013-01", "2014-12", 1e6)
MERIDA = Framework.load("merida")
RECORD = Facts("2012-12")


def plan(name: str, usd: float = 1e6, source: str = "") -> Plan:
    return Plan(name, "merida", (replace(ROW, usd_per_year=usd),), source=source)


def called(*plans: Plan, taken: tuple[str, ...] = ()) -> tuple[str, ...]:
    return labels(plans, MERIDA, RECORD, taken)


def test_a_name_is_the_label_where_it_is_the_only_one() -> None:
    assert called(plan("mine"), plan("yours", 2e6)) == ("mine", "yours")
    assert called(plan("mine"), plan("yours")) == ("mine", "yours")  # one content, and two names for it


def test_a_plan_of_the_user_never_passes_as_the_memo() -> None:
    memo, own = plan_named("memo", MERIDA, RECORD), plan("memo", source="folder/my-plan.toml")
    assert called(own, memo) == ("memo (my-plan.toml)", "memo")
    assert called(own) == ("memo (my-plan.toml)",)
    assert called(plan("continuation"))[0] == f"continuation ({plan('continuation').digest[:8]})"
    copy = Plan("memo", "merida", tuple(reversed(memo.rows)), source="copy.toml")
    assert called(copy, memo) == ("memo", "memo")  # the same rows are the same plan
    assert labelled([copy, memo], MERIDA, RECORD) == {"memo": copy}


def test_the_shortest_that_tells_apart() -> None:
    two = plan("mine", 2e6, "b/p.toml"), plan("mine", 3e6, "c/p.toml")
    assert called(plan("mine", source="a.toml"), *two) == (
        "mine (a.toml)",
        "mine (b/p.toml)",
        "mine (c/p.toml)",
    )
    python = plan("mine"), plan("mine", 2e6)
    assert called(*python) == tuple(f"mine ({one.digest[:8]})" for one in python)
    same_file = plan("mine", 1e6, "p.toml"), plan("mine", 2e6, "p.toml")  # which was written anew between
    assert called(*same_file) == tuple(f"mine ({one.digest[:8]})" for one in same_file)


def test_a_plan_without_a_name_has_a_label() -> None:
    assert called(plan(""), plan(" ", 2e6, "x.toml")) == (f"({plan('').digest[:8]})", "(x.toml)")


@pytest.mark.parametrize("name", ["reference", "best", "per_head"])
def test_names_of_the_house_stay_its_own(name: str) -> None:
    assert called(plan(name, source="p.toml"), taken=("per_head",)) == (f"{name} (p.toml)",)


def test_a_label_is_never_another_plans_name() -> None:
    memo, own = plan_named("memo", MERIDA, RECORD), plan("memo", source="p.toml")
    sly = plan("memo (p.toml)", 7e6, "q.toml")
    for order in permutations([memo, own, sly]):
        found = dict(zip(called(*order), order, strict=True))
        assert len(found) == 3
        assert found["memo"] is memo
    assert called(own, sly) == called(sly, own)[::-1]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("[/x]", "[/x]"),
        ("[bold]", "[bold]"),
        ("=1+1", "=1+1"),
        ("a\x1b[31m", "a\\x1b[31m"),
        ("a\u202eb\u200f\u2066", "a\\u202eb\\u200f\\u2066"),
        ("two\nlines\t", "two\\nlines\\t"),
        ("half \ud800", "half \\ud800"),
        ("  wide   name ", "wide name"),
        ("e\u0301", "é"),
        ("emoji 🚔", "emoji 🚔"),
    ],
)
def test_a_label_is_one_plain_line(name: str, shown: str) -> None:
    assert called(plan(name)) == (shown,)
    assert called(plan("memo", source=f"folder/{name}"))[0].startswith("memo (")
    assert called(plan("memo", source=f"{name}.toml"))[0].isprintable()


def test_names_that_look_alike_are_told_apart() -> None:
    assert len(set(called(plan("e\u0301 "), plan("é", 2e6), plan(" é", 3e6)))) == 3


@pytest.mark.parametrize("seed", range(20))
def test_labels_tell_apart_what_differs_and_nothing_else(seed: int) -> None:
    names = ("memo", "a", "a (x.toml)", "a (y/x.toml)", "best", "none", "[/x]", "")
    random = Random(seed)
    plans = [
        plan(random.choice(names), random.choice((1e6, 2e6)), random.choice(("", "x.toml", "y/x.toml")))
        for _ in range(8)
    ]
    found = called(*plans)
    keys = [(one.name, one.digest) for one in plans]
    assert len(set(found)) == len(set(keys)) == len(set(zip(found, keys, strict=True)))
    assert list(labelled(plans, MERIDA, RECORD)) == list(dict.fromkeys(found))
