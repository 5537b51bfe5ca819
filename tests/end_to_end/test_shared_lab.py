"""One laboratory asked from eight threads at once: the answers are those of one after the other."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from merida.lab import Lab

pytestmark = pytest.mark.end_to_end
ASKED = (
    lambda lab: lab.simulate("memo", draws=2, years=1),
    lambda lab: lab.simulate("continuation", draws=2, years=1),
    lambda lab: lab.violence.forecast(place="08", months=2, draws=4),
    lambda lab: lab.facts.sql("select state, count(*) as n from municipalities group by all order by all"),
    lambda lab: lab.plan.show("memo"),
    lambda lab: lab.facts.show("homicides_year", rows=3),
    lambda lab: lab.evidence.list(country="MX"),
    lambda lab: lab.border.queue(8.0, 1.0, 10, customers=20_000),
)


def test_eight_threads_get_the_answers_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merida.answers.store.folder", lambda: tmp_path / "answers")
    shared = Lab("2012-12")
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask, shared) for ask in (*ASKED, *ASKED[:2], *ASKED[3:])]
        together = [one.result().json() for one in asked]
    alone = Lab("2012-12")
    monkeypatch.setattr("merida.answers.store.folder", lambda: tmp_path / "others")
    expected = [ask(alone).json() for ask in ASKED]
    assert together == [*expected, *expected[:2], *expected[3:]]
