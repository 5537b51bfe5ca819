"""The ranking moves with the evidence: a study turned round moves the programme that rests on it."""

from merida.decide.ranking import Ranking, ranking
from merida.evidence import Register
from merida.facts import Facts
from merida.framework import Framework


def test_a_sign_flipped_moves_the_ranking(facts_2012: Facts) -> None:
    framework, now, name = Framework.load("merida"), Register("2012-12"), "focused_deterrence"

    def ranked(register: Register) -> Ranking:
        return ranking(framework, facts_2012, draws=4, years=2, leave_one_out=False, register=register)

    found, flipped = ranked(now), ranked(now.flipped("ceasefire_boston"))
    means = [next(row.mean for row in one.rows if row.programme == name) for one in (found, flipped)]
    assert means[0] > means[1]
    places = [[row.programme for row in one.rows].index(name) for one in (found, flipped)]
    assert places[0] < places[1]
    assert found.bears_on["ceasefire_boston"] == (name,)
