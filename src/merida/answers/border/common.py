"""What the questions about the border share: options, names, what is held, and the list of what is assumed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator

from merida.answers.fields import Text, spoken
from merida.answers.holding import held_lines
from merida.answers.request import Settable
from merida.document.blocks import AnswerBlock, Cell, Points, Sentence
from merida.errors import BorderError
from merida.facts.schema import Text as Both
from merida.statistics import Interval
from merida.words import Words, words

if TYPE_CHECKING:
    from merida.priors import Priors

Mode = Annotated[Literal["trucks", "cars", "pedestrians"], spoken("border.modes")]
MOST_DRAWS = 2000
BASE_YEAR = 2012  # whose dollars all gains and costs are in


class Waited:
    """A wait of a line of an answer, its three numbers as one."""

    low: float | None
    median: float | None
    high: float | None

    @property
    def wait(self) -> Interval | None:
        """The wait with its 90 % interval."""
        if self.low is None or self.median is None or self.high is None:
            return None
        return Interval(self.low, self.median, self.high)


def period(text: str) -> str:
    """Refuse what is neither a year nor a month."""
    if not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", text, re.ASCII):
        raise BorderError("border_not_a_period", found=text[:80])
    return text


Period = Annotated[Text, AfterValidator(period)]


def said_period(text: str) -> Both:
    """Return a year or a month in words.

    Examples
    --------
    >>> said_period("2019-05").es
    'mayo de 2019'
    """
    if "-" not in text:
        return Both(en=text, es=text)
    return Both(en=words("en").month(text), es=words("es").month(text))


def mode_of(mode: str) -> Sentence:
    """Return what crosses, in words."""
    return Sentence(f"border.modes.{mode}")


def lane_of(lane: str) -> Sentence:
    """Return a class of lanes, or secondary inspection, in words."""
    return Sentence(f"border.lanes.{lane}")


def named(name: str, number: str | None) -> Sentence:
    """Return a crossing by its name with its number beside it."""
    return Sentence("border.named", {"name": name, "number": number or ""})


def fitted_lines(request: Settable, priors: Priors) -> Iterator[AnswerBlock]:
    """Yield what the request holds, and that the fitted schedules are set aside where it shaped them."""
    yield from held_lines(request)
    if not request.held:
        return
    from merida.border.priors import shaped_fit

    if shaped_fit(priors):
        yield Sentence("border_delay.notes.fit_set_aside")


def calibration_paths() -> tuple[str, ...]:
    """Return the paths of what is assumed of the schedules of crossings."""
    from merida.parameters.registry import CALIBRATION
    from merida.priors import read

    return tuple(read(CALIBRATION))


def assumed_count(paths: Sequence[str]) -> Sentence:
    """Return how many assumptions an answer rests on, and how to see and hold them."""
    return Sentence("border_invest.assumed", {"count": len(paths)})


def assumption_lines(priors: Priors, paths: Sequence[str]) -> Iterator[AnswerBlock]:
    """Yield what is assumed at some paths: the number with its range, its unit and its note."""
    yield Sentence("border_invest.every_assumption")
    yield Points(tuple(assumption_line(priors, path) for path in paths))


def assumption_line(priors: Priors, path: str) -> Sentence:
    """Return one assumption by the path by which it is held."""
    entry = priors.entries[path]
    low, high = entry.ends or (entry.number, entry.number)
    span = Sentence("numbers.range", {"low": f"{low:g}", "high": f"{high:g}"})
    note: Cell = (
        Sentence(entry.note) if isinstance(entry.note, str) else Both(en=entry.note.en, es=entry.note.es)
    )
    values: dict[str, Cell] = {
        "path": path,
        "value": f"{priors.number(path):g}",
        "range": span,
        "unit": Sentence(f"parameter_units.{entry.unit}"),
        "note": note,
    }
    return Sentence("border.assumption" if low < high else "border.assumption_fixed", values)


def listed(parts: Sequence[Cell], key: str = "common.listed") -> Cell:
    """Return several cells as one, joined as the text at a key joins two."""
    first, *rest = parts
    return first if not rest else Sentence(key, {"first": first, "rest": listed(rest, key)})


def alone(spec: dict[str, Any], name: str, said: Words, place: str, **about: str) -> dict[str, Any]:
    """Return a picture of waits that says its place, its period and its source."""
    from merida.charts.border import SOURCES
    from merida.charts.frame import framed, sources

    return framed(spec, name, said, sources(SOURCES, said), {"place": place} | about)


def of_posted(spec: dict[str, Any], name: str, said: Words, place: str, **about: str) -> dict[str, Any]:
    """Return a picture of posted waits that says its place, its period and its source."""
    from merida.charts.frame import framed, sources

    return framed(spec, name, said, sources(("posted_waits",), said), {"place": place} | about)
