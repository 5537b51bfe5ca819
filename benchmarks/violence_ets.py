"""The forecast beside AutoETS of statsforecast: all municipalities, twelve months, 1,000 draws; seconds and CRPS.

    python benchmarks/violence_ets.py [--origin 2019]

makes an environment with statsforecast (the first time), hands it the same panel, and times both in one run with two
workers each: imports excluded, compilation included. AutoETS gives normal intervals; its draws are normal with their
mean and spread, clipped at zero. Ours starts from the compiled record: reading, fitting and drawing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
import venv
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
FOLDER = HERE / ".venv-ets"
NEEDS = ["statsforecast==2.1.1"]
MONTHS, DRAWS = 12, 1000

PEER = """
import json, sys, time
import numpy as np, pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoETS
deaths = np.load(sys.argv[1])
places, months = deaths.shape
frame = pd.DataFrame({"unique_id": np.repeat(np.arange(places), months), "ds": np.tile(np.arange(months), places),
                      "y": deaths.ravel().astype(float)})
began = time.perf_counter()
found = StatsForecast([AutoETS(season_length=12)], freq=1, n_jobs=2).forecast(df=frame, h=int(sys.argv[2]), level=[90])
seconds = time.perf_counter() - began
np.savez(sys.argv[3], mean=found["AutoETS"].to_numpy().reshape(places, -1),
         high=found["AutoETS-hi-90"].to_numpy().reshape(places, -1))
print(json.dumps(seconds))
"""


def main() -> None:
    """Print the table."""
    from merida.facts import Facts
    from merida.statistics import scores
    from merida.violence.forecasting import fitted
    from merida.violence.panel import panel

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--origin", type=int, default=2019)
    origin = parser.parse_args().origin
    if not FOLDER.exists():
        venv.create(FOLDER, with_pip=True)
        subprocess.run([FOLDER / "bin/pip", "install", "--quiet", *NEEDS], check=True)
    whole = panel(Facts())
    start = 12 * (origin + 1 - whole.first_year)
    actual = whole.deaths[:, start : start + MONTHS]
    began = time.perf_counter()
    known = panel(Facts(), origin)
    drawn = fitted(known, MONTHS).samples(DRAWS).counts
    ours = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder) / "given.npy", Path(folder) / "answer.npz"
        np.save(given, known.deaths)
        printed = subprocess.run(
            [FOLDER / "bin/python", "-c", PEER, given, str(MONTHS), answer],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        theirs = float(json.loads(printed.splitlines()[-1]))
        with np.load(answer) as found:
            mean, high = found["mean"], found["high"]
    sd = np.maximum(high - mean, 0) / 1.6448536269514722
    normal = np.random.default_rng(0).standard_normal((DRAWS, *mean.shape))
    clipped = np.maximum(mean + sd * normal, 0)
    print("| Model | Seconds | CRPS, municipality-month |")
    print("| --- | ---: | ---: |")
    print(f"| hierarchical | {ours:.1f} | {scores.crps(drawn, actual).mean():.4f} |")
    print(f"| AutoETS, clipped at zero | {theirs:.1f} | {scores.crps(clipped, actual).mean():.4f} |")
    print(f"\nratio of seconds: {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
