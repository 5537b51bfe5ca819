"""A forecast as a hub of the hubverse: what is asked for is there once, and quantiles are those of the draws."""

import csv
import importlib.util
import io
import json

import numpy as np
import pytest

from merida.violence.forecasting import Samples
from merida.violence.forecasting.hub import QUANTILES, hub

DRAWS, MONTHS = 200, 5
COUNTS = (
    np.arange(DRAWS, dtype=np.int32)[:, None, None]
    + np.array([0, 1000, 0])[None, :, None]
    + np.arange(MONTHS)
)
SAMPLES = Samples(COUNTS.astype(np.int32), ("08037", "09002", "99999"), ("08", "09", "99"), "2024-12")


def test_the_hub_holds_what_its_tasks_ask_for() -> None:
    files = hub(SAMPLES, "2025-02", "MX")
    (task,) = json.loads(files["hub-config/tasks.json"])["rounds"][0]["model_tasks"]
    ids = {name: held["required"] for name, held in task["task_ids"].items()}
    assert ids == {
        "origin_date": ["2025-01-01"],
        "target": ["homicides"],
        "location": ["MX", "08", "09"],
        "horizon": [1, 2, 3],
    }
    name = "model-output/merida-homicides/2025-01-01-merida-homicides.csv"
    rows = list(csv.DictReader(io.StringIO(files[name])))
    asked = {
        ("2025-01-01", "homicides", place, str(month), kind, at)
        for place in ids["location"]
        for month in ids["horizon"]
        for kind, levels in (("quantile", map(str, QUANTILES)), ("sample", (f"s{at}" for at in range(100))))
        for at in levels
    }
    assert len(rows) == len(asked)
    assert {tuple(row.values())[:-1] for row in rows} == asked
    held = {tuple(row.values())[2:-1]: int(row["value"]) for row in rows}
    # Draws of Juárez run from 0 to 199, plus two months before horizon 1: the 100th smallest is the median.
    assert held["08", "1", "quantile", "0.5"] == 99 + 2
    assert held["08", "3", "quantile", "0.01"] == 1 + 4
    assert held["09", "1", "sample", "s7"] == 7 + 1000 + 2
    assert held["MX", "2", "sample", "s7"] == 3 * (7 + 3) + 1000, "what has no known state is in the nation"
    params = task["output_type"]["sample"]["output_type_id_params"]
    assert params["min_samples_per_task"] == params["max_samples_per_task"] == 100
    assert task["output_type"]["quantile"]["output_type_id"]["required"] == sorted(QUANTILES)


def test_a_municipality_stands_alone_and_few_draws_are_all_written() -> None:
    few = Samples(SAMPLES.counts[:3], SAMPLES.places, SAMPLES.states, SAMPLES.first_month)
    files = hub(few, "2024-12", "08037")
    (task,) = json.loads(files["hub-config/tasks.json"])["rounds"][0]["model_tasks"]
    assert task["task_ids"]["location"]["required"] == ["08037"]
    assert task["output_type"]["sample"]["output_type_id_params"]["max_samples_per_task"] == 3


@pytest.mark.skipif(importlib.util.find_spec("xarray") is None, reason="xarray is an extra")
def test_draws_have_named_dimensions() -> None:
    named = SAMPLES.to_xarray()
    assert named["deaths"].dims == ("chain", "draw", "place", "month")
    assert int(named["deaths"].sel(place="09002", draw=3, chain=0, month="2025-01")) == 1000 + 3 + 1
    assert named["deaths"].groupby("state").sum().sizes["state"] == 3
