"""What the questions about the border share: traffic by its name, what is held, and the list of what is assumed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from merida.answers.fields import spoken
from merida.answers.request import Settable
from merida.document.blocks import AnswerBlock, Cell, Points, Sentence
from merida.facts.schema import Text

if TYPE_CHECKING:
    from merida.priors import Priors

Mode = Annotated[Literal["trucks", "cars", "pedestrians"], spoken("border.modes")]
MOST_DRAWS = 2000


def mode_of(mode: str) -> Sentence:
    """Return what crosses, in words."""
    return Sentence(f"border.modes.{mode}")


def lane_of(lane: str) -> Sentence:
    """Return a class of lanes, or secondary inspection, in words."""
    return Sentence(f"border.lanes.{lane}")


def priors_of(request: Settable, *files: str) -> Priors:
    """Return every prior with what the request holds of those in some files.

    Raises
    ------
    ModelError
        If a path does not exist or has no part in the answer, or its number lies outside its bounds.
    """
    from merida.parameters.registry import settings

    return settings(dict(request.held), None, files)


def held_lines(request: Settable) -> Iterator[AnswerBlock]:
    """Yield a line for each prior that the request holds at a number."""
    for path, number in request.held:
        yield Sentence("cli.held", {"path": path, "value": f"{number:g}"})


def fitted_lines(request: Settable, calibration: Priors) -> Iterator[AnswerBlock]:
    """Yield what the request holds, and that the fitted schedules are set aside where it shaped them."""
    from merida.border.crossings.schedules import shaped_fit

    yield from held_lines(request)
    if shaped_fit(calibration):
        yield Sentence("border_delay.notes.fit_set_aside")


def assumption_lines(priors: Priors, paths: Iterable[str]) -> Iterator[AnswerBlock]:
    """Yield what is assumed at some paths: the number with its range, its unit and its note."""
    yield Sentence("border.assumptions")
    yield Points(tuple(assumption_line(priors, path) for path in paths))


def assumption_line(priors: Priors, path: str) -> Sentence:
    """Return one assumption by the path by which it is held."""
    entry = priors.entries[path]
    low, high = entry.ends or (entry.number, entry.number)
    span = Sentence("numbers.range", {"low": f"{low:g}", "high": f"{high:g}"})
    note: Cell = (
        Sentence(entry.note) if isinstance(entry.note, str) else Text(en=entry.note.en, es=entry.note.es)
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
