"""A small document with one of every block, drawn without the record."""

from merida.charts import theme
from merida.document.blocks import (
    Again,
    Column,
    Document,
    Drawn,
    Grid,
    Heading,
    Paragraph,
    Picture,
    Points,
    Section,
    Sentence,
    Table,
    Verbatim,
)
from merida.document.drawing import drawn
from merida.facts.schema import Text
from merida.figure import Figure, Origin
from merida.statistics import Interval
from merida.words import Words

ORIGIN = Origin(("homicides_year",), "select 1")
HOSTILE = '#read("/etc/passwd") *bold* <b>x</b> $ \\ [link](http://x) `'


class Asked:
    """A question of nobody."""

    def command(self) -> str:
        return "merida violence monitor"

    python = url = json = command


def lines(_: Words) -> Drawn:
    rows = [{"year": 2000 + at, "deaths": 10.0 * at, "low": 8.0 * at, "high": 13.0 * at} for at in range(6)]
    x = {"field": "year", "type": "quantitative"}
    return drawn(
        {
            "data": {"values": rows},
            "layer": [
                {"mark": "area", "encoding": {"x": x, "y": {"field": "low", "type": "quantitative", "title": "deaths"},
                                              "y2": {"field": "high"}}},
                {"mark": "line", "encoding": {"x": x, "y": {"field": "deaths", "type": "quantitative", "title": "n"}}},
            ],
            "width": 300, "height": 100,
        }
    )  # fmt: skip


def dots(_: Words) -> Drawn:
    return Drawn(
        theme.svg(
            {"data": {"values": [{"a": 1, "b": 2}]}, "mark": "point", "encoding": {"x": {"field": "a"}}}
        )
    )


def small() -> Document:
    deaths = Figure(33550, None, None, "deaths", "fact", ORIGIN)
    rate = Figure(25.4, 24.8, 25.9, "per_100k", "estimate", ORIGIN)
    first = Section(
        "first_page",
        (
            Paragraph((Sentence("brief.first.deaths", {"deaths": deaths, "year": 2024}),)),
            Sentence("common.text", {"text": HOSTILE}),
            Picture("national", lines, {"first": 2000, "last": 2005, "low": deaths, "low_year": 2000, "high": deaths,
                                        "high_year": 2005}, (ORIGIN,)),
        ),
    )  # fmt: skip
    row = (Text(en="Juárez", es="Juárez"), Text(en="Chihuahua", es="Chihuahua"), deaths, deaths, rate)
    second = Section(
        "violence",
        (
            Heading(Sentence("brief.violence.title")),
            Points((Sentence("brief.first.deaths", {"deaths": deaths, "year": 2024}),) * 2),
            Grid("worst", ("municipality", "state", "deaths_base", "deaths_last", "rate"), (row,) * 3,
                 {"base_year": 2007, "year": 2024}),
            Picture("states", dots, {"first": 2000, "last": 2005, "highest": "a", "high": rate, "lowest": "b",
                                     "low": rate}, (ORIGIN,), ("caption",)),
            Again((Asked(),)),
        ),
    )  # fmt: skip
    table = Table(
        (Column("tables.ports.port"), Column("tables.ports.trucks", decimals=1)),
        (("San Ysidro", Interval(1.0, 2.0, 3.5)), (HOSTILE, None)),
        Sentence("tables.ports.title", {"year": 2024}),
    )
    annex = Section("sources", (table, Verbatim("merida facts list")), annex=True)
    return Document("2026-11", None, (("deaths", deaths, {"year": 2024}),), (first, second, annex))
