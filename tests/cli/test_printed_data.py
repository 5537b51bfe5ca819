"""Data are printed as text: nothing of them is markup, a formula, or an order to a terminal."""

import json
import re

import polars as pl
import pytest

from merida.document.frames import csv
from merida.lab import Lab

STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NOTE = "[period not visible] [red]x[/red]\x1b[31m\x07\u202eevil\rover </script><script>"
QUERY = (
    "select '[period not visible] [red]x[/red]' || chr(27) || '[31m' || chr(7) || chr(8238) || 'evil' || chr(13) || "
    "'over </script><script>' as note"
)


def test_no_face_of_an_answer_obeys_its_data() -> None:
    answered = Lab().facts.sql(QUERY)
    assert answered.table().item() == NOTE
    faces = {
        "table": answered.text("en"),
        "md": answered.markdown("en", False),
        "json": answered.json(),
        "csv": csv(answered.table()),
    }
    for name, printed in faces.items():
        assert not STEERS.search(printed), name
        assert "period not visible" in printed, name
    assert "[period not visible] [red]x[/red]" in faces["table"]
    assert json.loads(faces["json"])["rows"][0]["note"] == NOTE
    assert "<script>" not in answered._repr_html_()
    assert "period not visible" in answered._repr_html_()


@pytest.mark.parametrize("sign", "=+-@\t\r＝＋－＠")
def test_no_text_of_a_csv_begins_a_formula(sign: str) -> None:
    frame = pl.DataFrame(
        {f"{sign}a": [f"{sign}1", "1", None], "b\x1b": [-1.5, 0.0, 1.0], "b\\x1b": ["", "x\r\ny", "-"]}
    )
    head, *rows = csv(frame).split("\n")
    assert sign not in {cell[:1] for row in (head, *rows) for cell in row.replace('"', "").split(",")[:1]}
    assert head.endswith("b\\x1b,b\\x1b_1")
    assert pl.read_csv(csv(frame).encode()).height == 3
