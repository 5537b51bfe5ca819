"""A forecast as a hub of the hubverse holds it: quantiles and draws of monthly deaths, and what the hub asks for.

The layout is that of hubverse's documentation (https://docs.hubverse.io, schema 5.0.1): ``hub-config/tasks.json`` says
which tasks there are, ``model-output/TEAM-MODEL/ORIGIN-TEAM-MODEL.csv`` holds a row for each task and quantile or
draw. Draws of one index belong together over places and months.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from merida.violence.forecasting.samples import Samples

SCHEMA = "https://raw.githubusercontent.com/hubverse-org/schemas/main/v5.0.1"
TEAM, MODEL = "merida", "homicides"
TARGET = "homicides"
QUANTILES = (0.01, 0.025, *(round(0.05 * step, 2) for step in range(1, 20)), 0.975, 0.99)
MOST_DRAWS = 100  # as hubs take them; the quantiles are of all draws
COLUMNS = ("origin_date", "target", "location", "horizon", "output_type", "output_type_id", "value")
LICENCE = "Apache-2.0"
ABOUT = (
    "Deaths by assault whose municipality is known, by month of occurrence, those registered late included (INEGI)."
    " Locations: MX, two digits of a state, five of a municipality of 2000."
)


def hub(samples: Samples, first_month: str, place: str) -> dict[str, str]:
    """Return the files of a hub with one forecast, by name.

    Parameters
    ----------
    samples : Samples
    first_month : str
        The first month ``YYYY-MM`` of which nothing is known: horizon 1. The origin is the month before it.
    place : str
        ``MX`` (the nation with its states), a state or a harmonised municipality.
    """
    begin = int((np.datetime64(first_month, "M") - np.datetime64(samples.first_month, "M")).astype(int))
    origin = f"{np.datetime64(first_month, 'M') - 1}-01"
    places = ["MX", *sorted(set(samples.states) - {"99"})] if place == "MX" else [place]
    drawn = {code: samples.of(code)[:, begin:] for code in places}
    months = samples.counts.shape[2] - begin
    name = f"{TEAM}-{MODEL}"
    return {
        "hub-config/admin.json": as_json(admin()),
        "hub-config/tasks.json": as_json(tasks(origin, places, months, min(len(samples.counts), MOST_DRAWS))),
        "hub-config/model-metadata-schema.json": as_json(model_schema()),
        f"model-metadata/{name}.yml": "".join(
            f"{key}: {json.dumps(value)}\n" for key, value in model().items()
        ),
        f"model-output/{name}/{origin}-{name}.csv": as_csv(rows(origin, drawn)),
    }


def rows(origin: str, drawn: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the forecast: quantiles of all draws, then the first draws themselves."""
    for place, counts in drawn.items():
        ends = np.quantile(counts, QUANTILES, axis=0, method="inverted_cdf")
        for month in range(counts.shape[1]):
            task = (origin, TARGET, place, month + 1)
            for level, value in zip(QUANTILES, ends[:, month], strict=True):
                yield *task, "quantile", level, int(value)
            for draw, value in enumerate(counts[:MOST_DRAWS, month]):
                yield *task, "sample", f"s{draw}", int(value)


def tasks(origin: str, places: Sequence[str], months: int, draws: int) -> dict[str, Any]:
    """Return what the hub asks for: one round of one target."""
    number = {"type": "integer", "minimum": 0}
    return {
        "schema_version": f"{SCHEMA}/tasks-schema.json",
        "rounds": [
            {
                "round_id_from_variable": True,
                "round_id": "origin_date",
                "model_tasks": [
                    {
                        "task_ids": {
                            "origin_date": {"required": [origin], "optional": None},
                            "target": {"required": [TARGET], "optional": None},
                            "location": {"required": list(places), "optional": None},
                            "horizon": {"required": list(range(1, months + 1)), "optional": None},
                        },
                        "output_type": {
                            "quantile": {
                                "output_type_id": {"required": list(QUANTILES)},
                                "value": number,
                                "is_required": True,
                            },
                            "sample": {
                                "output_type_id_params": {
                                    "type": "character",
                                    "max_length": 4,
                                    "min_samples_per_task": draws,
                                    "max_samples_per_task": draws,
                                    "compound_taskid_set": ["origin_date", "target"],
                                },
                                "value": number,
                                "is_required": True,
                            },
                        },
                        "target_metadata": [
                            {
                                "target_id": TARGET,
                                "target_name": "Homicides by month of occurrence",
                                "target_units": "deaths a month",
                                "target_keys": {"target": TARGET},
                                "description": ABOUT,
                                "target_type": "discrete",
                                "is_step_ahead": True,
                                "time_unit": "month",
                            }
                        ],
                    }
                ],
                "submissions_due": {"relative_to": "origin_date", "start": 0, "end": 3660},
            }
        ],
        "output_type_id_datatype": "character",
    }


def admin() -> dict[str, Any]:
    """Return what a hub says of itself."""
    return {
        "schema_version": f"{SCHEMA}/admin-schema.json",
        "name": "Homicides in Mexico by month",
        "maintainer": "Mérida",
        "contact": {"name": "The Mérida contributors"},
        "repository": {"name": "merida"},
        "file_format": ["csv"],
        "timezone": "America/Mexico_City",
    }


def model() -> dict[str, str]:
    """Return what a hub holds of a model."""
    return {
        "team_name": "Mérida",
        "team_abbr": TEAM,
        "model_name": "Hierarchical model of counts of homicides",
        "model_abbr": MODEL,
        "license": LICENCE,
        "methods": "One model of counts for municipalities, states and the nation (docs/models/violence.md).",
    }


def model_schema() -> dict[str, Any]:
    """Return the JSON schema of what the hub holds of a model."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Model metadata",
        "type": "object",
        "properties": {name: {"type": "string"} for name in model()},
        "required": list(model()),
    }


def as_json(value: object) -> str:
    """Return a value as the text of a JSON file."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def as_csv(lines: Iterator[tuple[object, ...]]) -> str:
    """Return rows under the hub's columns as the text of a CSV file."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines)
    return written.getvalue()
