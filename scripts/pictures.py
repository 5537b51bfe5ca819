"""Draw the pictures of README and LEEME: `python scripts/pictures.py DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

from merida.charts.files import write_chart
from merida.lab import Lab
from merida.words import LANGUAGES


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    known = Lab().evidence.show("focused_deterrence")
    for language in LANGUAGES:
        write_chart(folder / f"forest.{language}.svg", known.specification(language=language))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
