"""The socket of a mechanism: what a model states of itself so that the system can run it without knowing it.

A mechanism is an equation file and a file of parameters of the same name. It is registered by one line in
`merida.models.registry`; nothing else in the house names it. It states which *signals* it reads and which it writes:
signals are the only way in which one mechanism hears another. It states the *outcomes* that can be read off its signals.
`merida.models.socket.system` puts mechanisms in order by what they read and write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax import Array

from merida.distributions import Floats

if TYPE_CHECKING:
    from merida.facts import Facts
    from merida.models.socket.domain import Domain

Signals = Mapping[
    str, Any
]  # of one month: an array by name, or for a signal by lever a `ByLever` or `Together`
Fixed = Any  # an array that no draw changes: NumPy where it is prepared, JAX inside a step
Prepare = Callable[["Domain"], Any]
Initial = Callable[[Any], Any]
Step = Callable[[Any, Any, Any, Any, Array], tuple[Any, Any]]
Before = Callable[[Any, Any, Signals], Any]
After = Callable[[Any, Any, Any, Signals], Signals]


@dataclass(frozen=True)
class Signal:
    """Something that one mechanism says each month and others may hear.

    Parameters
    ----------
    name : str
        The name by which it is read; one mechanism writes it, or several write parts of it by lever.
    unit : str
        What it is counted in, for example ``usd`` or ``share of homicides``.
    shape : tuple of str
        The axes of its array in one month: ``line``, ``programme``, ``place``, ``cell``, ``port_mode``.
    by_lever : bool
        Whether it is a `ByLever`, which several mechanisms fill together.
    kept : bool
        Whether a run keeps it, although no outcome reads it.
    """

    name: str
    unit: str
    shape: tuple[str, ...] = ()
    by_lever: bool = False
    kept: bool = False


@partial(jax.tree_util.register_dataclass, data_fields=["values"], meta_fields=["levers"])
@dataclass(frozen=True)
class ByLever:
    """A signal by lever: several levers' values, found by the lever's name.

    Parameters
    ----------
    levers : tuple of str
        The lever of each row of `values`.
    values : array, shape (levers, ...)
    """

    levers: tuple[str, ...]
    values: Any

    def of(self, levers: tuple[str, ...]) -> Any:
        """Return the values of some levers, in the order that is asked for, shape (levers, ...)."""
        rows = [self.levers.index(lever) for lever in levers]
        if rows == list(range(rows[0], rows[0] + len(rows))):
            return self.values[rows[0] : rows[0] + len(rows)]
        return self.values[np.array(rows)]

    @property
    def parts(self) -> tuple[ByLever, ...]:
        """One part: these levers."""
        return (self,)

    def joined(self, other: ByLever) -> Together:
        """Return these levers and those of another mechanism."""
        return Together((self, other))


@partial(jax.tree_util.register_dataclass, data_fields=["parts"], meta_fields=[])
@dataclass(frozen=True)
class Together:
    """A signal by lever that several mechanisms filled: a part each.

    They stay apart because XLA computes element by element, not by vectors, what it fuses into a concatenation.
    """

    parts: tuple[ByLever, ...]

    @property
    def levers(self) -> tuple[str, ...]:
        """The levers of all parts."""
        return tuple(lever for part in self.parts for lever in part.levers)

    def whole(self) -> ByLever:
        """Return all parts as one."""
        return ByLever(self.levers, jnp.concatenate([part.values for part in self.parts]))

    def of(self, levers: tuple[str, ...]) -> Any:
        """Return the values of some levers, in the order that is asked for, shape (levers, ...)."""
        return self.whole().of(levers)

    def joined(self, other: ByLever) -> Together:
        """Return these levers and those of another mechanism."""
        return Together((*self.parts, other))


@dataclass(frozen=True)
class Draws:
    """The draws of every parameter of a run, from which a mechanism takes its own.

    Parameters
    ----------
    values : mapping of str to array, shape (count,)
        By dotted path.
    seed : int
        The seed of the run, for a stream of the mechanism's own (`merida.draws.stream`).
    count : int
        How many draws there are.
    """

    values: Mapping[str, Floats]
    seed: int
    count: int

    def by_lever(self, levers: tuple[str, ...], name: str) -> Floats:
        """Return the parameter ``LEVER.name`` of several levers, shape (count, levers, 1)."""
        return np.stack([self.values[f"{lever}.{name}"] for lever in levers], axis=1)[:, :, None]


class Run(NamedTuple):
    """One draw of one plan beside the reference plan, as an outcome sees it.

    Parameters
    ----------
    theta : mapping of str to Any
        The parameters of the draw by mechanism.
    plan, reference : mapping of str to array, shape (months, ...)
        The signals that the outcome reads, month by month.
    forecast : array, shape (months, cells), of NumPy or JAX
        Expected homicides by month and cell under the reference plan.
    """

    theta: Mapping[str, Any]
    plan: Signals
    reference: Signals
    forecast: Any


class Groups(NamedTuple):
    """How the columns of an outcome are summed for a reader.

    Parameters
    ----------
    names : tuple of str
        The groups: states, modes of traffic, or one name.
    member : array of int, shape (columns,)
        The group of each column.
    """

    names: tuple[str, ...]
    member: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Outcome:
    """Something that plans are compared, allocated and valued by.

    Parameters
    ----------
    name : str
        Its name in results, on the command line and in `merida.parameters.routes`.
    unit : str
        Key under ``units`` in ``words/``.
    level : {"municipality", "port", "nation", "united_states"}
        The finest place that it is computed for.
    good : {"less", "more"}
        Whether a plan is better with less of it or with more.
    reads : tuple of str
        The signals that `monthly` takes.
    monthly : callable
        Takes a `Run` and returns an array (months, columns); works on JAX arrays, differentiably, and on NumPy's.
    groups : callable or None
        Takes the domain and returns how columns are summed; None: one sum of all.
    scale : float
        Its unit holds so many of what `monthly` counts: 1e6 where millions are shown.
    steers : bool
        Whether money may be allocated by it.
    """

    name: str
    unit: str
    level: Literal["municipality", "port", "nation", "united_states"]
    good: Literal["less", "more"]
    reads: tuple[str, ...]
    monthly: Callable[[Run], Array]
    groups: Callable[[Domain], Groups] | None = None
    scale: float = 1.0
    steers: bool = False


@dataclass(frozen=True, eq=False)
class Mechanism:
    """A model of one thing that programmes do, as the system runs it.

    Parameters
    ----------
    name : str
        The name of its two files, ``models/NAME.py`` and ``models/NAME.toml``.
    parameters : callable
        Takes the domain and the `Draws` of a run; returns its parameters as a tree of arrays with a leading axis of
        draws.
    prepare : callable
        Takes the domain; returns its inputs, a tree of NumPy arrays that no draw changes.
    step : callable
        Takes parameters and inputs, the state, the signals that it reads and the number of the month; returns the next
        state and the signals that it writes. Written in JAX, for one draw and one month.
    reads : tuple of str
        Signals of the same month that it hears.
    writes : tuple of Signal
        Signals that it says.
    initial : callable or None
        Takes the inputs; returns the state before the first month. None for a mechanism without memory.
    before, after : callable or None
        What it does in a month before it remembers and after that, neither of which needs its memory, so that all months
        are done at once. `before` takes parameters, inputs and the signals that it reads; what it returns is handed to
        `step` instead of these. `after` takes parameters, inputs, what `step` said and the signals that it reads; it
        returns the signals that it writes.
    levers : tuple of str
        What programmes can pull, by dotted path. Each lever belongs to one mechanism.
    main_outcome : str
        The outcome to which each of its levers must have a route.
    outcomes : tuple of Outcome
        What can be read off its signals.
    tables : mapping of str to callable
        What `prepare` finds in `Domain.tables` beside the domain: by name, what makes it from the facts.
    fitted : callable or None
        Takes the domain, seed and number of draws; returns draws, by path, of parameters that were fitted to the record.
    on_demand : bool
        Whether it runs only when it is asked for, or when plans differ in one of its levers: its tables take long.
    counts_need : bool
        Whether it counts what its units are held against itself, so that a framework need not state it.
    """

    name: str
    parameters: Callable[[Domain, Draws], Any]
    prepare: Prepare
    step: Step
    reads: tuple[str, ...]
    writes: tuple[Signal, ...]
    initial: Initial | None = None
    before: Before | None = None
    after: After | None = None
    levers: tuple[str, ...] = ()
    main_outcome: str = ""
    outcomes: tuple[Outcome, ...] = ()
    tables: Mapping[str, Callable[[Facts], Any]] = field(default_factory=dict)
    fitted: Callable[[Domain, int, int], dict[str, Floats]] | None = None
    on_demand: bool = False
    counts_need: bool = False

    def one_month(
        self, theta: Any, inputs: Any, state: Any, signals: Signals, month: Array
    ) -> tuple[Any, Signals]:
        """Return the state after one month and the signals that it writes."""
        heard = self.before(theta, inputs, signals) if self.before else signals
        state, said = self.step(theta, inputs, state, heard, month)
        return state, self.after(theta, inputs, said, signals) if self.after else said


def each_state(domain: Domain) -> Groups:
    """Return the states, one column each."""
    return Groups(domain.states, np.arange(len(domain.states)))


def counted(
    name: str,
    unit: str,
    signal: Signal,
    *,
    good: Literal["less", "more"] = "more",
    level: Literal["nation", "united_states"] = "nation",
    per: float = 1.0,
    beside: bool = False,
) -> Outcome:
    """Return the outcome that one signal counts: by state where the signal is by state, else as one sum.

    Parameters
    ----------
    per : float
        What the signal is divided by each month: 12 where people at work count as their years, -1 where it says what is
        averted.
    beside : bool
        Whether it counts what a plan has beyond the reference plan.
    """

    def monthly(run: Run) -> Any:
        found = run.plan[signal.name]
        if beside:
            found = found - run.reference[signal.name]
        found = found / per
        return found if signal.shape else found[:, None]

    return Outcome(
        name=name,
        unit=unit,
        level=level,
        good=good,
        reads=(signal.name,),
        monthly=monthly,
        groups=each_state if signal.shape else None,
    )


# Signals that several mechanisms fill together, one lever each.
COVERAGE = Signal("coverage", "doses of the study", ("cell",), by_lever=True)
AVERTED_SHARE = Signal("averted_share", "share of homicides", ("cell",), by_lever=True)
