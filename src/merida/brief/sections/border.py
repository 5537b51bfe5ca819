"""The border's volumes."""

from __future__ import annotations

from merida.brief import parts
from merida.brief.parts import paragraph, picture, say
from merida.charts import border as charts
from merida.document.blocks import Block, Grid, Paragraph
from merida.facts import Facts, record
from merida.figure import Figure

WAITS = {"posted": "waits_posted", "averages": "waits", None: "no_waits"}  # by what is held


def border(facts: Facts) -> list[Block]:
    """Return the section."""
    crossed = record.crossings(facts)
    first, last = record.span(crossed)
    if last is None:
        return [Paragraph((say("border.nothing"),))]
    before, now = parts.entered(facts, "trucks", first), parts.entered(facts, "trucks", last)
    return [
        *paragraph(
            say("border.trucks", before=before, first=first, now=now, last=last),
            say(
                "border.others",
                cars=parts.entered(facts, "personal_vehicles", last),
                pedestrians=parts.entered(facts, "pedestrians", last),
                last=last,
            ),
            say("border.containers") if last >= 2023 else None,
            say("border.ysleta") if last >= 2020 else None,
        ),
        *picture(
            "crossings",
            lambda words: charts.crossings(crossed.rows, words),
            crossed,
            captions=("caption", *(("caption_2024",) if last >= 2024 else ())),
            first=first,
            last=last,
            low=before,
            high=now,
        ),
        busiest_ports(facts, last),
        *waits(facts),
    ]


def waits(facts: Facts) -> list[Block]:
    """Return what is on record of waiting."""
    audited = facts.sql("select count(*) from published_facts where id = 'B052'").item()
    return paragraph(
        say(f"border.{WAITS[parts.waits_held(facts)]}"),
        say("border.audit") if audited else None,
    )


def busiest_ports(facts: Facts, year: int) -> Grid:
    """Return the ten ports with the most trucks, El Paso with Ysleta."""

    def entered_at(port: str, mode: str) -> Figure | None:
        query = (
            "select sum(crossings) from border_crossings join ports using (port) "
            f"where measure = '{mode}' and year = {year} and series_port = '{port}'"
        )
        return facts.figure(query, "crossings")

    rows = tuple(
        (row["name"], *(entered_at(row["port"], mode) for mode in record.MODES))
        for row in record.busiest_ports(facts, year).rows.to_dicts()
    )
    return Grid("ports", ("port", *record.MODES), rows, {"year": year})
