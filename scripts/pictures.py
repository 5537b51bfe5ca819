"""Draw the pictures of README and LEEME: `python scripts/pictures.py DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

from merida.charts import violence
from merida.charts.files import write_chart
from merida.charts.theme import specification
from merida.facts import Facts
from merida.violence import summaries
from merida.words import LANGUAGES, words


def main(folder: Path) -> None:
    facts = Facts()
    folder.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        chart = violence.national(
            summaries.national(facts).rows, summaries.organised_crime(facts).rows, words(language)
        )
        write_chart(folder / f"national.{language}.png", specification(chart))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
