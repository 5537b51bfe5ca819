"""Chunks on other machines: the same bytes, also where one is computed twice, and clear words where none answers."""

import pickle
import sys
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from merida.ensemble import elsewhere
from merida.ensemble.run import CHUNK, Outcomes, run
from merida.ensemble.simulation import from_start, prepared
from merida.errors import PlanError
from merida.facts import Facts
from merida.framework import Framework, plan_named
from merida.progress import Cancelled


class Remote:
    """Another process as far as bytes go: what it is given and what it gives back are pickled."""

    def __init__(self, *, loses: int = 0) -> None:
        self.loses, self.calls = loses, 0

    def submit(self, fn: Callable[..., Any], *args: Any) -> Future[Any]:
        future: Future[Any] = Future()
        sent = pickle.dumps((fn, [one.result() if isinstance(one, Future) else one for one in args]))
        if fn is bytes:  # the inputs, for all chunks
            future.set_result(pickle.loads(sent)[1][0])
            return future
        for _ in range(2 if self.calls < self.loses else 1):  # the first computation is lost with its worker
            self.calls += 1
            there, there_args = pickle.loads(sent)
            try:
                found = pickle.loads(pickle.dumps(there(*there_args)))
            except PlanError as error:
                future.set_exception(error)
                return future
        future.set_result(found)
        return future


@pytest.fixture(scope="module")
def asked(facts_2012: Facts):  # type: ignore[no-untyped-def]
    framework = Framework.load("merida")
    domain, _, drawn = prepared(framework, facts_2012, {}, draws=CHUNK + 3, seed=0, years=3)
    history, continuation, memo = (
        plan_named(name, framework, facts_2012) for name in ("history", "continuation", "memo")
    )
    plans = {"reference": (history, continuation), "memo": (history, from_start(memo, domain.start))}
    return domain, drawn, plans


@pytest.fixture(scope="module")
def here(asked) -> Outcomes:  # type: ignore[no-untyped-def]
    return run(*asked, places=False)


@pytest.mark.parametrize("loses", [0, 1])
def test_other_machines_give_the_same_bytes(asked, here: Outcomes, loses: int) -> None:  # type: ignore[no-untyped-def]
    remote = Remote(loses=loses)
    there = run(*asked, places=False, there=remote)
    assert remote.calls == 2 + loses
    mine, others = here.arrays(), there.arrays()
    assert mine.keys() == others.keys()
    assert all(mine[key].tobytes() == others[key].tobytes() for key in mine)


def test_another_version_is_refused(asked, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(PlanError) as caught:
        elsewhere.compute("0" * 64, lambda: None, b"", b"")
    assert caught.value.key == "executor_other_version"


def test_nobody_waits_any_more(asked) -> None:  # type: ignore[no-untyped-def]
    class Never(Remote):
        def submit(self, fn: Callable[..., Any], *args: Any) -> Future[Any]:
            return Future()

    def stop(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        run(*asked, places=False, there=Never(), progress=stop)


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setenv(elsewhere.ADDRESS, "tcp://10.0.0.1:8786")
    with pytest.raises(PlanError) as caught:
        elsewhere.cluster()
    assert caught.value.key == "executor_not_installed"
    assert "merida[cluster]" in str(caught.value)


def test_no_address_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(elsewhere.ADDRESS, raising=False)
    assert elsewhere.cluster() is None


def test_mechanisms_stay_the_same_objects(asked) -> None:  # type: ignore[no-untyped-def]
    domain = asked[0]
    back = elsewhere.read(elsewhere.written(domain))
    assert all(one is other for one, other in zip(back.mechanisms, domain.mechanisms, strict=True))
    assert np.array_equal(back.cells, domain.cells)
