"""Reference values of local Moran and Gi* by esda, for the tests of the monitor's clusters.

    python benchmarks/monitor_esda.py

makes an environment with esda and libpysal (the first time), hands it the real adjacency and two variables, and
writes `tests/violence/esda.json`: statistics of every hundredth place to full precision, and permutation p-values.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE / ".venv-esda"
NEEDS = ["esda==2.9.0", "libpysal==4.14.1"]
TARGET = HERE.parent / "tests" / "violence" / "esda.json"
STEP, PERMUTATIONS = 100, 9999

PEER = """
import json, sys
import numpy as np
from esda.getisord import G_Local
from esda.moran import Moran_Local
from libpysal.weights import W
given = json.load(sys.stdin)
neighbours = {int(place): near for place, near in given["neighbours"].items()}
found = {}
for name, values in given["variables"].items():
    x = np.array(values)
    moran = Moran_Local(x, W(neighbours, silence_warnings=True), transformation="r",
                        permutations=given["permutations"], seed=7, n_jobs=1)
    star = G_Local(x, W(neighbours, silence_warnings=True), transform="B", permutations=0, star=True)
    found[name] = {"moran": moran.Is.tolist(), "p": moran.p_sim.tolist(), "gi_star": star.Zs.tolist()}
json.dump(found, sys.stdout)
"""


def main() -> None:
    """Regenerate the reference values."""
    import numpy as np

    from merida.facts import Facts
    from merida.violence.monitoring.cross_section import CrossSection

    if not FOLDER.exists():
        venv.create(FOLDER, with_pip=True)
        subprocess.run([FOLDER / "bin/pip", "install", "--quiet", *NEEDS], check=True)
    cross_section = CrossSection(Facts("2012-12"))
    near = cross_section.adjacency
    neighbours: dict[int, list[int]] = {place: [] for place in range(near.count)}
    for first, second in zip(near.first.tolist(), near.second.tolist(), strict=True):
        neighbours[first].append(second)
    deaths, exposure = cross_section.units.at(2011, 3)
    variables = {
        "log_rate": np.log((deaths + 0.5) / exposure).tolist(),  # skewed little, as what the monitor maps
        "rate": (deaths / exposure).tolist(),
    }
    answered = subprocess.run(
        [FOLDER / "bin/python", "-c", PEER],
        input=json.dumps({"neighbours": neighbours, "variables": variables, "permutations": PERMUTATIONS}),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(answered.stdout)
    kept = {
        name: {
            "at": list(range(0, near.count, STEP)),
            "x": values[::STEP],
            "moran": found[name]["moran"][::STEP],
            "gi_star": found[name]["gi_star"][::STEP],
            "p": found[name]["p"][::STEP],
            "sum_moran": sum(found[name]["moran"]),
            "sum_gi_star": sum(found[name]["gi_star"]),
        }
        for name, values in variables.items()
    }
    made = {"made_by": " ".join(NEEDS), "as_of": "2012-12", "permutations": PERMUTATIONS, "variables": kept}
    TARGET.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{TARGET.name}: {len(kept['rate']['at'])} places, two variables\n")


if __name__ == "__main__":
    main()
