"""An answer: a typed payload, the blocks that show it in no language, and the faces that every answer has."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, TypeAdapter, WithJsonSchema

from merida.answers.context import Context
from merida.answers.own_lines import own_blocks, own_line, tables_of
from merida.answers.request import Dated, Request
from merida.document.blocks import AnswerBlock
from merida.errors import RequestError, nearest
from merida.figure import OwnRows
from merida.progress import Work
from merida.words import Words, words

if TYPE_CHECKING:
    import polars as pl

    from merida.charts.theme import AnyChart
    from merida.facts import Facts

    Drawn = AnyChart | tuple[AnyChart, dict[str, list[dict[str, Any]]]] | dict[str, Any]

VERSION = 1  # of the JSON of all answers; a change of a key's meaning or name raises it
REPR_LINES = 60
TURNS = re.compile(
    "[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)  # what JSON may hold as it is, and a terminal obeys
OWN_SCHEMA = {
    "type": "array",
    "description": "rows of the user's own that the answer may rest on; not there where there are none",
    "items": {
        "type": "object",
        "properties": {
            one.name: {"type": "integer" if one.name == "rows" else "string"} for one in fields(OwnRows)
        },
    },
}

R = TypeVar("R", bound=Request)
P = TypeVar("P")


def _frame(value: Any) -> Any:
    import polars as pl

    return value if isinstance(value, pl.DataFrame) else pl.DataFrame(value, infer_schema_length=None)


Frame = Annotated[
    Any,
    PlainValidator(_frame),
    PlainSerializer(lambda frame: frame.to_dicts()),
    WithJsonSchema({"type": "array", "items": {"type": "object"}}),
]
"""A table of a payload as a Polars frame; in JSON a list of rows."""


@dataclass(frozen=True)
class Question(Generic[R, P]):
    """One question that the program answers.

    Parameters
    ----------
    request : type of Request
        Its options.
    payload : type
        A frozen dataclass: what the answer holds, in the order of its JSON.
    ask : callable
        Takes the request, the context and the work, and returns the payload, or the payload and the room's own result
        (a simulation with its draws).
    blocks : callable
        Takes the request and the payload and returns the blocks that show it.
    table : str
        The field of the payload that is its main table.
    pictures : mapping of str to callable
        By name, what draws a chart from the answer in a language, a map with its data, or a specification with the title
        and source by which it stands alone (`merida.charts.frame`); the first is the answer's chart.
    files : mapping of str to callable
        By name, what else the answer can be written as: the record of a run, a plan. Takes the answer and the path.
    writers : mapping of str to callable
        What writes the answer in a format otherwise than as its main table: takes the answer.
    endings : mapping of str to tuple of str
        Of a file that may not end as it likes, what it may end in, by the file's name among `files`.
    assumptions : callable or None
        Takes request and payload and returns blocks that are shown only when they are asked for.
    failed : callable
        Whether the payload says that a check failed.
    kept : bool
        Whether finished answers are kept in the user's cache: those that take longer than to read them back.
    rests_on : callable or None
        Takes the request and the record and returns the tables that the answer may rest on, or None for any. Without it
        an answer to a request with a date may rest on any table of its room's, and another on none.
    """

    request: type[R]
    payload: type[P]
    ask: Callable[[R, Context, Work], P | tuple[P, Any]]
    blocks: Callable[[R, P], Iterable[AnswerBlock]]
    table: str = ""
    pictures: Mapping[str, Callable[[Answer[R, P], Words], Drawn]] = field(default_factory=dict)
    files: Mapping[str, Callable[[Answer[R, P], Path], str | bytes]] = field(default_factory=dict)
    writers: Mapping[str, Callable[[Answer[R, P]], bytes]] = field(default_factory=dict)
    endings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assumptions: Callable[[R, P], Iterable[AnswerBlock]] | None = None
    failed: Callable[[P], bool] = lambda _: False
    kept: bool = False
    rests_on: Callable[[R, Facts], Iterable[str] | None] | None = None

    @property
    def name(self) -> str:
        """Its path, such as ``border.delay``."""
        return self.request.question

    @cached_property
    def adapter(self) -> TypeAdapter[P]:
        """What turns the payload into JSON and back."""
        config = ConfigDict(arbitrary_types_allowed=True, ser_json_inf_nan="null")
        return TypeAdapter(self.payload, config=None if is_dataclass(self.payload) else config)

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of the answer."""
        body: dict[str, Any] = self.adapter.json_schema(mode="serialization")
        head = {
            "question": {"const": self.name},
            "version": {"const": VERSION},
            "request": self.request.model_json_schema() | {"title": "request"},
        }
        return body | {
            "title": self.name,
            "properties": head | body.get("properties", {}) | {"own": OWN_SCHEMA},
            "required": [*head, *body.get("required", [])],
        }


@dataclass(frozen=True, repr=False, eq=False)
class Answer(Generic[R, P]):
    """What a question was answered.

    It prints itself in a terminal and shows itself in a notebook. The fields of its payload, and what the room's own
    result can do, are attributes of the answer too.

    Parameters
    ----------
    question : Question
    request : Request
    payload : dataclass
        What is public and versioned: the JSON of the answer.
    context : Context
        The record, framework and register that it rests on.
    held : object or None
        The room's own result, with its draws; see `result`.
    """

    question: Question[R, P]
    request: R
    payload: P
    context: Context
    held: Any = None

    @cached_property
    def result(self) -> Any:
        """The room's own result with its draws, computed again where the answer came from the store."""
        if self.held is not None:
            return self.held
        given = self.question.ask(self.request, self.context, Work())
        return given[1] if isinstance(given, tuple) else None

    @cached_property
    def own(self) -> tuple[OwnRows, ...]:
        """The rows of the user's own in the tables that the answer may rest on."""
        rests_on = self.question.rests_on
        if (not isinstance(self.request, Dated) and rests_on is None) or not self.context.facts.own:
            return ()
        held = rests_on(self.request, self.context.facts) if rests_on else tables_of(self.question.name)
        return self.context.facts.own_rows(held)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("payload", "held", "question"):
            raise AttributeError(name)
        for holder in (self.payload, self.held):
            if hasattr(holder, name):
                return getattr(holder, name)
        if self.held is None and self.question.kept and hasattr(self.result, name):
            return getattr(self.result, name)
        raise AttributeError(f"an answer of {self.question.name} has no {name!r}")

    def data(self) -> dict[str, Any]:
        """Return the answer as JSON holds it: keys in a fixed order, no time of day."""
        body: dict[str, Any] = self.question.adapter.dump_python(self.payload, mode="json")
        request = {name: value for name, value in self.request.data().items() if name != "question"}
        answer: dict[str, Any] = {"question": self.question.name, "version": VERSION, "request": request}
        own = {"own": [asdict(one) for one in self.own]} if self.own else {}
        return answer | dict(finite(body)) | own

    def json(self) -> str:
        """Return the answer as JSON; ``merida schema QUESTION`` prints its schema."""
        written = json.dumps(self.data(), ensure_ascii=False, indent=1, default=str)
        return TURNS.sub(lambda found: f"\\u{ord(found[0]):04x}", written)

    def table(self, name: str = "") -> pl.DataFrame:
        """Return one table of the answer, by default its main one: codes and names, units in the columns' names."""
        import polars as pl

        known = self.tables()
        main = self.question.table
        wanted = name or (main if main in known else next(iter(known), main))
        if wanted not in known:
            raise RequestError(
                "answer_no_table", found=wanted, question=self.question.name, known=", ".join(known)
            )
        value = getattr(self.payload, wanted)
        if isinstance(value, pl.DataFrame):
            return value
        frame = pl.DataFrame([flat(row) for row in value], infer_schema_length=None, strict=False)
        # A text that some rows lack stands in its two languages, and not once more without one.
        return frame.drop(name for name in frame.columns if f"{name}_en" in frame.columns)

    def tables(self) -> tuple[str, ...]:
        """Return the names of the answer's tables."""
        payload: Any = self.payload
        kinds = get_type_hints(type(payload))
        return tuple(
            one.name for one in fields(payload) if is_table(getattr(payload, one.name), kinds[one.name])
        )

    def chart(self, name: str = "", language: str | None = None) -> AnyChart:
        """Return one picture of the answer as an Altair chart, by default its first."""
        drawn = self._drawn(name, language)
        if not isinstance(drawn, tuple | dict) and not self.own:
            return drawn
        import altair as alt

        spec = self.specification(name, language)
        kinds = {
            "layer": alt.LayerChart,
            "spec": alt.FacetChart,
            "hconcat": alt.HConcatChart,
            "vconcat": alt.VConcatChart,
        }
        kind: Any = next((kinds[part] for part in kinds if part in spec), alt.Chart)
        made: AnyChart = kind.from_dict(spec, validate=False)
        return made

    def specification(self, name: str = "", language: str | None = None) -> dict[str, Any]:
        """Return one picture of the answer as Vega-Lite, by default its first."""
        from merida.charts.frame import noted
        from merida.charts.theme import specification
        from merida.document.values import said

        drawn = self._drawn(name, language)
        if not isinstance(drawn, dict):
            drawn = specification(*drawn) if isinstance(drawn, tuple) else specification(drawn)
        return noted(drawn, [said(own_line(one), words(language)) for one in self.own]) if self.own else drawn

    def _drawn(self, name: str, language: str | None) -> Drawn:
        known = self.question.pictures
        wanted = name or next(iter(known), "")
        if wanted not in known:
            close = nearest(wanted, known) or "–"
            raise RequestError("answer_no_picture", found=wanted, question=self.question.name, known=close)
        return known[wanted](self, words(language))

    def blocks(self, assumptions: bool = False) -> tuple[AnswerBlock, ...]:
        """Return what shows the answer, in no language; the long list of assumptions only when asked for."""
        shown = (*self.question.blocks(self.request, self.payload), *own_blocks(self.own))
        if assumptions and self.question.assumptions is not None:
            shown += tuple(self.question.assumptions(self.request, self.payload))
        return shown

    def text(self, language: str | None = None, width: int | None = None, assumptions: bool = False) -> str:
        """Return the answer for a terminal of a width in letters."""
        from merida.document.terminal import render, terminal_width

        return render(self.blocks(assumptions), words(language), width or terminal_width())

    def markdown(self, language: str | None = None, assumptions: bool = False) -> str:
        """Return the answer as Markdown."""
        from merida.document.markdown import render

        return render(self.blocks(assumptions), words(language))

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        lines = self.text().splitlines()
        return "\n".join(lines if len(lines) <= REPR_LINES else [*lines[:REPR_LINES], "…"])

    def _repr_html_(self) -> str:
        from merida.document.notebook import render

        return render(
            self.blocks(), words(), [self.specification(name) for name in list(self.question.pictures)[:1]]
        )


def is_table(value: object, kind: Any) -> bool:
    """Tell whether a part of a payload is a table: a frame, or rows that are records; of none, their type says so."""
    if hasattr(value, "to_dicts"):
        return True
    if not isinstance(value, tuple | list):
        return False
    if not value:
        row = next(iter(get_args(kind)), None)
        return is_dataclass(row) or get_origin(row) is dict
    return all(is_dataclass(row) or isinstance(row, Mapping) for row in value)


def flat(row: Any, prefix: str = "") -> dict[str, Any]:
    """Return a record as the cells of one row.

    An interval `hours` becomes `hours_low`, `hours_median` and `hours_high`; two ends `ci` become `ci_low`, `ci_high`; a
    text `title` in two languages `title_en`, `title_es`.
    """
    keyed = isinstance(row, Mapping | BaseModel)
    named = dict(row) if keyed else {at.name: getattr(row, at.name) for at in fields(row)}
    cells: dict[str, Any] = {}
    for name, value in named.items():
        if is_dataclass(value) or isinstance(value, Mapping | BaseModel):
            cells |= flat(value, f"{prefix}{name}_")
        elif isinstance(value, tuple) and len(value) == 2 and all(isinstance(end, float) for end in value):
            cells |= {f"{prefix}{name}_low": value[0], f"{prefix}{name}_high": value[1]}
        elif isinstance(value, tuple | list):
            records = any(is_dataclass(one) or isinstance(one, Mapping | BaseModel) for one in value)
            cells[prefix + str(name)] = as_json(value) if records else "; ".join(map(str, value))
        else:
            cells[prefix + str(name)] = value
    return cells


def as_json(records: Iterable[Any]) -> str:
    """Return records within a cell as JSON."""
    return json.dumps([flat(one) for one in records], ensure_ascii=False, default=str)


def finite(value: Any) -> Any:
    """Return a value with None for each number that is not finite: JSON has no word for them."""
    if isinstance(value, Mapping):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not abs(value) < float("inf") else value
