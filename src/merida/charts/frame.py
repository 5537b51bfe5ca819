"""What a chart says of itself where it stands alone: what, where, when, how to read it, from what.

On a page the same words stand around the chart, so they are added only where a file is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import Any

from merida.charts.theme import BOLD, GREY, INK, WIDTH
from merida.facts.schema import Text, tables
from merida.words import Words

TITLE, NOTE = 13.5, 10.5  # px of the letters
LETTER = 0.5  # of its size, an average letter's width with some room


def framed(
    spec: dict[str, Any],
    name: str,
    words: Words,
    source: str,
    values: Mapping[str, object],
    captions: tuple[str, ...] = ("caption",),
) -> dict[str, Any]:
    """Return a chart's specification with title, place, period, captions and source above the drawing.

    Parameters
    ----------
    spec : dict
        The Vega-Lite specification of the chart.
    name : str
        Key under ``charts`` in ``words/``: title and captions.
    words : Words
        The language.
    source : str
        What the figures rest on; see `sources`.
    values : mapping
        The placeholders of title and captions. ``place`` is the nation if it is not given, and none if it is empty;
        the period is ``period``, or from ``first`` to ``last``. Both are said beneath the title unless they stand in it.
    captions : tuple of str
        The keys beneath `name` of what is said of the marks and their intervals; those without words are left out.

    Examples
    --------
    >>> from merida.words import words
    >>> framed({"mark": "line"}, "spread", words("en"), "INEGI", {"first": 1990, "last": 2021})["title"]["subtitle"]
    ['Mexico, 1990 to 2021.', 'Source: INEGI; calculations: Mérida.']
    """
    shown = {"place": words.text("charts.nation")} | {
        key: value.to(words.language) if isinstance(value, Text) else value for key, value in values.items()
    }
    title = words.text(f"charts.{name}.title", **shown)
    unsaid = [str(shown[key]) for key in ("place", "period") if str(shown.get(key, "")) not in title]
    if any(str(shown[end]) not in title for end in ("first", "last") if end in shown):
        unsaid.append(words.text("charts.period", **shown))
    scope = ", ".join(unsaid)
    notes = [f"{scope[0].upper()}{scope[1:]}."] if scope else []
    notes += [
        words.text(key, **shown) for caption in captions if words.has(key := f"charts.{name}.{caption}")
    ]
    notes.append(words.text("charts.source", source=source))
    return spec | {
        "title": {
            "text": wrap(title, round(WIDTH / LETTER / TITLE)),
            "subtitle": [line for note in notes for line in wrap(note, round(WIDTH / LETTER / NOTE))],
            "anchor": "start", "frame": "bounds", "color": INK, "subtitleColor": GREY, "limit": 0, "offset": 16,
            "fontSize": TITLE, "fontWeight": BOLD, "subtitleFontSize": NOTE, "subtitlePadding": 5,
            "subtitleLineHeight": NOTE * 1.3,
        }
    }  # fmt: skip


def noted(spec: dict[str, Any], notes: Iterable[str]) -> dict[str, Any]:
    """Return a chart that says more beneath its title than it did; one without a title as it is.

    Examples
    --------
    >>> noted({"title": {"subtitle": ["Mexico."]}}, ["With 2 rows of yours."])
    {'title': {'subtitle': ['Mexico.', 'With 2 rows of yours.']}}
    """
    title = spec.get("title")
    if not isinstance(title, dict):
        return spec
    more = [line for note in notes for line in wrap(note, round(WIDTH / LETTER / NOTE))]
    return spec | {"title": title | {"subtitle": [*title.get("subtitle", []), *more]}}


def sources(names: Iterable[str], words: Words) -> str:
    """Return the institutions and titles of tables of facts, without those that only hold places.

    Examples
    --------
    >>> from merida.words import words
    >>> sources(["homicides_month", "map_states"], words("en"))
    'INEGI, Homicides by municipality and month'
    """
    held = (tables()[name] for name in dict.fromkeys(names))
    titles: dict[str, list[str]] = {}
    for table in held:
        if table.room != "places":
            titles.setdefault(table.institution.to(words.language), []).append(table.title.to(words.language))
    return "; ".join(f"{institution}, {'; '.join(named)}" for institution, named in titles.items())
