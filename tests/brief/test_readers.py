"""The brief for one reader: whom it is for, and of which plan it speaks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from merida.answers.context import Context
from merida.brief import Portrait
from merida.brief.readers import brief_for
from merida.framework import Plan


def test_a_changed_plan_does_not_pass_as_the_one_it_was_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merida.brief.readers.answered", lambda *_: ())  # whom it is for, not what is said
    context = Context()
    memo = context.plan("memo")
    first, *others = memo.rows
    changed: Plan = replace(memo, rows=(replace(first, usd_per_year=2 * first.usd_per_year), *others))
    document, told = brief_for(f"plan:{changed.short()}", Portrait(context))
    assert told is not None
    assert told.digest == changed.digest
    assert document.name == f"brief.plan-memo-{changed.digest[:8]}"
    document, told = brief_for(f"plan:{memo.short()}", Portrait(context))
    assert (document.name, told and told.digest) == ("brief.plan-memo", memo.digest)
