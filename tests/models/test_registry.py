"""The socket: mechanisms are ordered by what they say and hear, and a new one touches its own files alone."""

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import merida.numerics  # noqa: F401  isort: skip
import jax.numpy as jnp

from merida.ensemble import simulate
from merida.errors import FrameworkError
from merida.facts import Facts
from merida.framework import Framework, Plan, PlanRow
from merida.models import registry
from merida.models.socket import system
from merida.models.socket.mechanism import AVERTED_SHARE, ByLever, Mechanism, Signal
from merida.parameters import entries
from tests.models.toy import toy

MERIDA = (files("merida.framework") / "merida.toml").read_text(encoding="utf-8")


def mechanism(name: str, reads: tuple[str, ...], writes: tuple[str, ...], **more: object) -> Mechanism:
    return Mechanism(
        name=name,
        parameters=lambda domain, draws: None,
        prepare=lambda domain: None,
        step=lambda theta, inputs, state, signals, month: (state, {}),
        reads=reads,
        writes=tuple(Signal(signal, "units") for signal in writes),
        **more,  # type: ignore[arg-type]
    )


def test_order_follows_what_is_read_and_no_order_of_the_list_matters() -> None:
    for mechanisms in (registry.MECHANISMS, tuple(reversed(registry.MECHANISMS))):
        ordered = system.in_order(mechanisms)
        said = {system.MONEY.name}
        for one in ordered:
            assert set(one.reads) <= said, one.name
            said |= {signal.name for signal in one.writes}
        assert {one.name for one in ordered} == {one.name for one in registry.MECHANISMS}


def test_what_nobody_says_two_say_or_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="which no mechanism writes"):
        system.in_order([mechanism("a", ("nothing",), ())])
    with pytest.raises(ValueError, match="another mechanism writes"):
        system.in_order([mechanism("a", (), ("x",)), mechanism("b", (), ("x",))])
    with pytest.raises(ValueError, match="wait for one another"):
        system.in_order([mechanism("a", ("y",), ("x",)), mechanism("b", ("x",), ("y",))])


def test_what_a_mechanism_with_memory_hears_runs_with_it() -> None:
    chain = [
        mechanism("memory", ("x",), ("y",), initial=lambda inputs: 0.0),
        mechanism("before", (system.MONEY.name,), ("x",)),
        mechanism("after", ("y",), ("z",)),
    ]
    assert system.remember(system.in_order(chain)) == {"before", "memory"}


def test_a_signal_by_lever_is_whole_where_only_some_of_its_writers_remember() -> None:
    def writer(lever: str, initial: object = None) -> Mechanism:
        return replace(
            mechanism(lever, (system.MONEY.name,), ()),
            writes=(AVERTED_SHARE,),
            initial=initial,
            step=lambda theta, inputs, state, signals, month: (
                state,
                {AVERTED_SHARE.name: ByLever((lever,), jnp.full((1, 2), 0.1))},
            ),
        )

    mechanisms = [writer("remembers", lambda inputs: jnp.zeros(())), writer("does_not")]
    nothing = {one.name: None for one in mechanisms}
    path = system.trajectory(
        mechanisms, nothing, nothing, jnp.zeros((4, 1, 1)), 1, keep=(AVERTED_SHARE.name,)
    )
    averted = path[AVERTED_SHARE.name]
    assert set(averted.levers) == {"remembers", "does_not"}
    assert averted.values.shape == (3, 2, 2)


def test_every_signal_has_a_unit_and_every_outcome_reads_signals_of_its_own_mechanism() -> None:
    for signal in system.written(registry.MECHANISMS).values():
        assert signal.unit, signal.name
    for one in registry.MECHANISMS:
        mine = {signal.name for signal in one.writes}
        for outcome in one.outcomes:
            assert set(outcome.reads) <= mine, outcome.name


@pytest.mark.parametrize(
    ("old", "new", "key", "named"),
    [
        ('"policing.vetting"', '"policing.veting"', "unknown_lever", "policing.vetting"),
        ('lever = "border.lanes_roads"', 'lever = "policing.vetting"', "need_missing", "lanes_roads"),
        ('lever = "policing.vetting"', 'lever = "border.lanes_roads"', "need_not_meant", "vetting"),
        ('outcome = "us_arrests"', 'outcome = "us_arests"', "outcome_unknown", "us_arrests"),
        (
            'lever = "communities.public_space"',
            'lever = "networks.aviation"',
            "units_per_missing",
            "public_space",
        ),
    ],
)
def test_a_framework_that_names_what_no_mechanism_has_is_refused(
    old: str, new: str, key: str, named: str, tmp_path: Path
) -> None:
    path = tmp_path / "own.toml"
    path.write_text(MERIDA.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FrameworkError, match=named) as refused:
        registry.check_levers(Framework.load(str(path)))
    assert refused.value.key == key
    assert named in refused.value.message("es")


def with_toy(tmp_path: Path) -> Framework:
    """Return the framework with one more programme, which pulls the lever of the toy."""
    found = re.search(r"\[programmes\.public_space\]\n.*?(?=\n\[)", MERIDA, re.DOTALL)
    assert found is not None
    programme = found.group().replace("programmes.public_space", "programmes.lamps")
    programme = re.sub(r'lever = "[^"]+"', f'lever = "{toy.LEVER}"', programme)
    programme = re.sub(r'outcome = "[^"]+"', 'outcome = "lamps_lit"', programme)
    stated = 'need = { measure = "homicides", units_per = { kind = "fixed", value = 0.2 }, '
    programme = programme.replace('need = { measure = "homicides", ', stated)
    path = tmp_path / "own.toml"
    path.write_text(f"{MERIDA}\n{programme}\n", encoding="utf-8")
    return Framework.load(str(path))


def test_a_new_mechanism_touches_its_own_files_and_no_other_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = Facts("2012-12")
    row = PlanRow("street_outreach", "ESF", "08", "2013-01", "2017-12", 5e6)
    lamps = PlanRow("lamps", "ESF", "08", "2013-01", "2017-12", 2e6)
    plan = Plan("own", "merida", (row,))
    before = simulate(Framework.load("merida"), facts, {"own": plan}, draws=3, years=3, places=False)

    monkeypatch.setattr(registry, "MECHANISMS", (toy.MECHANISM, *registry.MECHANISMS))
    framework = with_toy(tmp_path)
    plans = {"own": plan, "lit": replace(plan, rows=(row, lamps))}
    with toy.known_parameters():
        after = simulate(framework, facts, plans, draws=3, years=3, places=False)
        assert "toy.lamps.hours" in entries()

    for path, drawn in before.drawn.scalars.items():
        assert np.array_equal(drawn, after.drawn.scalars[path]), path
    np.testing.assert_allclose(after.homicides("own"), before.homicides("own"), rtol=1e-13)
    assert (after.total("lamps_lit", "own") == 0).all()
    # What is lit in a month is the units at work times a drawn number of hours.
    working = after.outcomes.working["lit"][:, after.domain.programmes.index("lamps"), -1]
    hours = after.drawn.scalars["toy.lamps.hours"]
    december = after.outcomes.value["lamps_lit"]["lit"][:, 0, -1] / 12
    assert (december > 0).all()
    assert (december <= working * hours).all()
    assert after.gain("lamps_lit", "lit", "own").averted.value > 0
    assert not (after.homicides("lit") > after.homicides("own")).any()
    assert jnp.isfinite(after.drawn.theta["toy"].hours).all()
