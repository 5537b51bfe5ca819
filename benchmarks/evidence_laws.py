"""Print the law of every effect that rests on evidence, as the table of docs/models/evidence.md.

Run: python benchmarks/evidence_laws.py [--as-of 2012-12]
"""

from __future__ import annotations

import argparse

from merida.evidence import Register
from merida.facts import Facts
from merida.models.parameters import Parameters, entries


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-of", default=None)
    as_of = parser.parse_args().as_of
    parameters = Parameters(Facts(as_of), Register(as_of), {})
    print("| Parameter | Median | 5 % | 95 % | P(harm) | Clusters | With a figure | From data |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for path, entry in entries().items():
        if entry.evidence is None:
            continue
        law = parameters.effect(path)
        low, middle, high = (f"{law.quantile(q):+.2f}" for q in (0.05, 0.5, 0.95))
        cells = (f"`{path}`", middle, low, high, f"{law.probability_harm:.2f}", str(law.independent))
        share = f"{100 * law.share_from_data:.0f} %"
        print("| " + " | ".join((*cells, str(law.with_figure), share)) + " |")


if __name__ == "__main__":
    main()
