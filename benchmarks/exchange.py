"""What Mérida gives to others, read and checked by their own tools: Frictionless, hubverse's Python client, ArviZ.

Run: python benchmarks/exchange.py [TASKS-SCHEMA.json]. Two minutes. The peers live in `benchmarks/.venv-exchange`, made
on the first run. Given hubverse's tasks-schema.json (version 5.0.1, from github.com/hubverse-org/schemas), tasks.json
is held against it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
PEERS = HERE / ".venv-exchange"
CHECK = """
import csv, io, json, sys, warnings, zipfile
from pathlib import Path
warnings.simplefilter("ignore")
folder = Path(sys.argv[1])

from frictionless import Package
counts = {"valid": 0, "invalid": 0}
for path in sorted(folder.glob("*.package.zip")):
    report = Package(str(path)).validate()
    rows = sum(task.stats.get("rows", 0) for task in report.tasks)
    assert rows > 0 or path.name.startswith(tuple(sys.argv[2].split(","))), path
    counts["valid" if report.valid else "invalid"] += 1
    if not report.valid:
        print(path.name, report.flatten(["type", "note"])[:2])
print("Frictionless:", counts)
spoiled = Package(str(folder / "spoiled.zip")).validate()
print("Frictionless finds a spoiled cell:", not spoiled.valid)

from hubdata import connect_hub
hub = connect_hub(folder / "hub")
table = hub.get_dataset().to_table()
tasks = json.loads((folder / "hub/hub-config/tasks.json").read_text())["rounds"][0]["model_tasks"][0]["task_ids"]
frame = table.to_pandas()
asked = 1
for held in tasks.values():
    asked *= len(held["required"])
print("hubdata:", table.num_rows, "rows;", frame.groupby("output_type").size().to_dict(), "tasks asked", asked)
print(table.schema.names, set(frame["model_id"]))
if len(sys.argv) > 3:
    import jsonschema
    jsonschema.Draft202012Validator(json.loads(Path(sys.argv[3]).read_text())).validate(
        json.loads((folder / "hub/hub-config/tasks.json").read_text()))
    print("tasks.json fits hubverse's schema")

import arviz, xarray
draws = xarray.open_dataset(folder / "draws.nc", engine="scipy")
found = arviz.convert_to_inference_data(draws)
print("ArviZ:", dict(found.posterior.sizes), arviz.hdi(found.posterior["deaths"], hdi_prob=0.9)["deaths"].shape)
"""


def main() -> None:
    """Write every table and a forecast, and have the peers check them."""
    if not PEERS.exists():
        subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", PEERS], check=True)
        pip = (PEERS / "bin/python", "-m", "pip", "install", "--quiet")
        subprocess.run([*pip, "-r", HERE / "requirements-exchange.txt", "scipy"], check=True)
    with TemporaryDirectory() as folder:
        place = Path(folder)
        empty = written(place)
        subprocess.run(
            [PEERS / "bin/python", "-c", CHECK, place, ",".join(empty), *sys.argv[1:2]], check=True
        )


def written(place: Path) -> list[str]:
    """Write what is checked into a folder, and return the names of tables without a row."""
    import numpy as np

    from merida.facts import Facts
    from merida.facts.package import package
    from merida.facts.schema import tables
    from merida.lab import Lab
    from merida.violence.forecasting.hub import hub
    from merida.zipped import zipped

    facts = Facts()
    for name in tables():
        (place / f"{name}.package.zip").write_bytes(zipped(package(facts, name)))
    files = package(facts, "states")
    (place / "spoiled.zip").write_bytes(
        zipped(files | {"data/states.csv": files["data/states.csv"].replace(b"\n01,", b"\nX1,", 1)})
    )
    forecast = Lab().violence.forecast(draws=200)
    for name, text in hub(forecast.result, forecast.first_month, "MX").items():
        path = place / "hub" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    # Without xarray here, its file is written by hand: NetCDF 3, as its engine of SciPy reads it.
    from scipy.io import netcdf_file

    counts = forecast.result.of("MX")
    with netcdf_file(place / "draws.nc", "w") as file:
        file.createDimension("chain", 1)
        file.createDimension("draw", counts.shape[0])
        file.createDimension("month", counts.shape[1])
        file.createVariable("deaths", "f8", ("chain", "draw", "month"))[:] = counts[np.newaxis]
    return [name for name, table in tables().items() if table.empty]


if __name__ == "__main__":
    main()
