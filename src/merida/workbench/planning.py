"""Plans as a page holds them: in its address, and as rows of a form that a reader changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import ClassVar
from urllib.parse import parse_qs, urlencode

from merida.answers.context import Context
from merida.answers.fields import Text, Texts, Whole, option
from merida.answers.naming import plan_name
from merida.answers.plans.plan import title_of
from merida.answers.plans.running import Run
from merida.answers.plans.simulate import Compare, Simulate
from merida.document.values import written
from merida.errors import RequestError
from merida.facts.schema import Text as Both
from merida.framework import Framework, Plan, labels, names, places, plan_named, plan_start
from merida.places.names import place_names
from merida.words import Words

STEPS = (32, 200, 1000)  # draws of the same streams, one after the other while a reader looks
MOST_PLANS = 4  # on one page
MOST_ROWS = 40  # that are changed one by one; a plan of more is changed by programme
MILLION = 1e6
COLUMNS = ("programme", "account", "place", "start", "end")
FIELDS = (*COLUMNS, "usd_million", "remove", "whole")


class Planned(Run):
    """What the page of plans shows: a plan, another, and up to two more beside them."""

    question: ClassVar[str] = "plan"
    plan: Text = option("cli.runs.plan", "memo", metavar="PLAN", file=True)
    versus: Text = option("cli.runs.versus", "continuation", metavar="PLAN", file=True)
    beside: Texts = option("cli.runs.beside", (), metavar="PLAN", file=True)
    draws: Whole = option("cli.runs.draws", STEPS[-1], metavar="N", ge=1, unit="draws")

    def steps(self) -> tuple[Simulate | Compare, ...]:
        """Return what is asked one after the other: ever more draws."""
        if len(self.beside) > MOST_PLANS - 2:
            raise RequestError("workbench_most_plans", found=len(self.beside) + 2, most=MOST_PLANS)
        shared = {name: value for name, value in self if name not in ("plan", "versus", "beside", "draws")}
        several = dict.fromkeys((self.versus, *self.beside))
        draws = (*(few for few in STEPS if few < self.draws), self.draws)
        if self.beside:
            plans = (self.plan, *several)
            return tuple(Compare.of(shared | {"plans": plans, "draws": count}) for count in draws)
        asked = {"plan": self.plan, "versus": self.versus}
        return tuple(Simulate.of(shared | asked | {"draws": count}) for count in draws)


@dataclass(frozen=True)
class Line:
    """One line of the form: a row of the plan, or a programme of a plan of many rows.

    Attributes
    ----------
    title, place_name : Text or str
    accounts : tuple of str
        Those that may pay for the programme.
    usd_million : str
        Of a year, or of all years where it is a whole programme; as it was typed.
    most : float
        Where the slider ends.
    """

    programme: str
    title: Both | str
    account: str
    accounts: tuple[str, ...]
    place: str
    place_name: Both | str
    start: str
    end: str
    usd_million: str
    most: float


def in_address(plan: Plan, context: Context) -> str:
    """Return a plan as an address holds it: its name where it is a plan that needs no file."""
    own = plan.name in names(context.framework)
    if own and plan_named(plan.name, context.framework, context.facts).digest == plan.digest:
        return plan.name
    return plan.short()


def called(texts: Sequence[str], context: Context, said: Words, as_given: bool) -> list[str]:
    """Return what plans are called beside each other, in the reader's language."""
    plans = context.plans(texts, as_given)
    return [written(plan_name(label), said) for label in labels(plans, context.framework, context.facts)]


def slider_end(usd_million: float) -> float:
    """Return where a slider ends: a round number, twice what there is at least.

    Examples
    --------
    >>> slider_end(30.0), slider_end(0.0)
    (100.0, 20.0)
    """
    ends = (20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0)
    return next((end for end in ends if end >= 2 * usd_million), 10 * usd_million)


def lines(plan: Plan, context: Context) -> list[Line]:
    """Return a plan as the lines of the form."""
    framework = context.framework
    if len(plan.rows) > MOST_ROWS:
        sums: dict[str, float] = {}
        for (programme, *_), usd in plan.by_year().items():
            sums[programme] = sums.get(programme, 0.0) + usd / MILLION
        return [
            Line(name, title_of(framework, name), "", (), "", "", "", "", f"{usd:.10g}", slider_end(usd))
            for name, usd in sums.items()
        ]
    called = place_names(context.facts, [row.place for row in plan.rows])
    return [
        Line(
            row.programme,
            title_of(framework, row.programme),
            row.account,
            tuple(framework.programmes[row.programme].accounts),
            row.place,
            called[row.place],
            row.start,
            row.end,
            f"{row.usd_per_year / MILLION:.10g}",
            slider_end(row.usd_per_year / MILLION),
        )
        for row in plan.rows
    ]


def typed_lines(typed: dict[str, list[str]], context: Context) -> list[Line]:
    """Return what was typed as the lines of the form, right or wrong."""
    known = context.framework.programmes
    return [
        Line(
            programme,
            title_of(context.framework, programme) if programme in known else programme,
            account,
            tuple(known[programme].accounts) if programme in known else (),
            place,
            "",
            start,
            end,
            usd,
            slider_end(0.0),
        )
        for programme, account, place, start, end, usd in zip(
            *(typed.get(name, []) for name in (*COLUMNS, "usd_million")), strict=False
        )
        if programme
    ]


def read_form(query: str) -> tuple[Planned, dict[str, list[str]]]:
    """Return the page that a form stands on, and what was typed into the form.

    Raises
    ------
    RequestError
        If a field is none of the form's, or fields of rows are not of one length.
    """
    from merida.workbench.asked import read_as

    values = parse_qs(query, keep_blank_values=True)
    typed = {name: values.pop(name) for name in FIELDS if name in values}
    page = read_as(Planned, urlencode(values, doseq=True))
    widths = {len(typed.get(name, [])) for name in ("programme", "usd_million")}
    widths |= set() if "whole" in typed else {len(typed.get(name, [])) for name in COLUMNS}
    if len(widths) > 1:
        raise RequestError("workbench_form_rows")
    return page, typed


def changed(page: Planned, typed: dict[str, list[str]], context: Context) -> Plan:
    """Return the plan that a form says.

    Raises
    ------
    PlanError
        If a row is not allowed; the message names each such row.
    """
    before = context.plan(page.plan, page.as_given)
    if "whole" in typed:
        return scaled(before, typed)
    removed = set(typed.get("remove", []))
    rows = [
        dict(zip(COLUMNS, (one.strip() for one in row), strict=True)) | {"usd_per_year": number(usd)}
        for at, (*row, usd) in enumerate(
            zip(*(typed.get(name, []) for name in (*COLUMNS, "usd_million")), strict=True)
        )
        if row[0].strip() and str(at) not in removed
    ]
    name = before.name if before.name not in names(context.framework) else "plan"
    made_from = before.made_from or before.name
    head = {"name": name, "framework": context.framework.name, "made_from": made_from}
    text = json.dumps(head | {"rows": rows}, ensure_ascii=False)
    plan = Plan.from_json(text, context.framework, places(context.facts), as_given=page.as_given)
    return before if plan.digest == before.digest else plan


def scaled(plan: Plan, typed: dict[str, list[str]]) -> Plan:
    """Return a plan of many rows with its programmes' dollars as a form says them, in proportion."""
    sums: dict[str, float] = {}
    for (programme, *_), usd in plan.by_year().items():
        sums[programme] = sums.get(programme, 0.0) + usd / MILLION
    for programme, text in zip(typed.get("programme", []), typed.get("usd_million", []), strict=True):
        millions = number(text)
        if isinstance(millions, str) or not 0 <= millions < inf:
            raise RequestError("workbench_not_millions", found=text[:40])
        if sums.get(programme) and f"{sums[programme]:.10g}" != text.strip():
            plan = plan.scaled(programme, millions / MILLION / sums[programme])
    return plan


def number(text: str) -> float | str:
    """Return dollars from millions as they were typed, or the text where it is no number: the row says so then."""
    try:
        return float(text) * MILLION
    except ValueError:
        return text


def first_row(context: Context) -> tuple[str, str]:
    """Return the months of a new row: the window in which plans spend."""
    start = plan_start(context.facts)
    return start, f"{int(start[:4]) + context.framework.spending_years - 1}-12"


def titled(framework: Framework, level: str = "") -> list[tuple[str, Both]]:
    """Return the names and titles of a framework's programmes: all of them, or those of a level."""
    known = framework.programmes.items()
    return [(name, title_of(framework, name)) for name, one in known if level in ("", one.level)]
