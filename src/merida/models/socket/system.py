"""The system: mechanisms in the order of what they read and write, month after month, for one draw and one plan.

1. `delivery` takes the money of each month, line (a programme paid by one account) and place, and delivers it;
2. `programme_units` buys units of work with what is delivered; units mature and then wear out;
3. `coverage` holds working units against the need of a place. A national programme enters once. A state's units reach its
   eligible municipalities in proportion to need, so that coverage is the same in each of them, and municipalities with
   the same state and the same eligibility form one *cell*. This is exact: need is extensive, so splitting a
   municipality in two, or listing municipalities in another order, changes nothing;
4. `communities`, `justice` and `networks` turn units into averted shares of homicides, `policing` counts
   officers, `flows` and `demand` turn units into what they remember of firearms and users, and that into such shares;
5. `violence` joins them, and the reference plan gives the forecast back exactly (SCIENCE rule 1);
6. `border` shortens queues at the ports, where that was asked for.

Nothing is heard from one month to the next but by a mechanism itself. So each runs through all months before the one
after it: with memory in a `lax.scan` of its own, without memory mapped over the months all at once, which is many times
faster a month. What a mechanism with memory does before and after it remembers is mapped too, where it says so
(`Mechanism.before`, `Mechanism.after`). A mechanism is handed the signals that it says it reads and no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import merida.numerics  # noqa: F401  isort: skip
import jax
import jax.numpy as jnp
from jax import Array

from merida.models.socket.mechanism import Mechanism, Signal, Together

MONEY = Signal("appropriated_usd", "usd", ("line", "place"))  # what a plan gives the system each month

Trajectory = Mapping[str, Any]  # signals kept, month by month from the forecast's first
Memory = Mapping[str, Any]  # what mechanisms hold from one month to the next, by mechanism


def written(mechanisms: Iterable[Mechanism]) -> dict[str, Signal]:
    """Return every signal by name, the money that enters included.

    Raises
    ------
    ValueError
        If two mechanisms write the same signal and it is not one by lever.
    """
    signals = {MONEY.name: MONEY}
    for mechanism in mechanisms:
        for signal in mechanism.writes:
            if signal.name in signals and not (signal.by_lever and signals[signal.name] == signal):
                raise ValueError(f"{mechanism.name} writes {signal.name}, which another mechanism writes")
            signals[signal.name] = signal
    return signals


def in_order(mechanisms: Sequence[Mechanism]) -> tuple[Mechanism, ...]:
    """Return mechanisms so that each comes after all that write what it reads.

    Raises
    ------
    ValueError
        If a mechanism reads what nobody writes, or mechanisms wait for one another in a circle.
    """
    signals = written(mechanisms)
    for mechanism in mechanisms:
        if missing := set(mechanism.reads) - signals.keys():
            raise ValueError(
                f"{mechanism.name} reads {', '.join(sorted(missing))}, which no mechanism writes"
            )
    ordered: list[Mechanism] = []
    waiting = list(mechanisms)
    while waiting:
        unsaid = {signal.name for mechanism in waiting for signal in mechanism.writes}
        ready = [mechanism for mechanism in waiting if not unsaid & set(mechanism.reads)]
        if not ready:
            raise ValueError(f"{', '.join(mechanism.name for mechanism in waiting)} wait for one another")
        ordered += ready
        waiting = [mechanism for mechanism in waiting if mechanism not in ready]
    return tuple(ordered)


def remember(ordered: Sequence[Mechanism]) -> set[str]:
    """Return the names of mechanisms with memory, and of those that they hear, directly or not."""
    names: set[str] = set()
    heard: set[str] = set()
    for mechanism in reversed(ordered):
        if mechanism.initial is not None or heard & {signal.name for signal in mechanism.writes}:
            names.add(mechanism.name)
            heard |= set(mechanism.reads)
    return names


def over_months(
    mechanism: Mechanism, theta: Any, inputs: Any, state: Any, heard: Mapping[str, Any], months: Array
) -> tuple[Any, Mapping[str, Any]]:
    """Return the state of one mechanism after some months, and what it says in each of them.

    Parameters
    ----------
    theta, inputs, state : Any
        Of this mechanism; None for the state of one without memory.
    heard : mapping of str to array, shape (months, ...)
        The signals that it reads.
    months : array of int, shape (months,)
    """
    said: Any
    if mechanism.initial is None:
        said = jax.vmap(lambda month, now: mechanism.step(theta, inputs, None, now, month)[1])(months, heard)
        return None, said
    before, after = mechanism.before, mechanism.after
    given = jax.vmap(lambda now: before(theta, inputs, now))(heard) if before else heard
    state, said = jax.lax.scan(
        lambda then, now: mechanism.step(theta, inputs, then, now[1], now[0]), state, (months, given)
    )
    return state, jax.vmap(lambda *now: after(theta, inputs, *now))(said, heard) if after else said


def advanced(
    ordered: Sequence[Mechanism],
    theta: Mapping[str, Any],
    inputs: Mapping[str, Any],
    states: Mapping[str, Any],
    signals: Mapping[str, Any],
    months: Array,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the states after some months, and all signals of them.

    Parameters
    ----------
    ordered : sequence of Mechanism
        Each after those that it hears.
    signals : mapping of str to array, shape (months, ...)
        What is known without them.
    """
    said, after = dict(signals), {}
    for mechanism in ordered:
        name = mechanism.name
        heard = {signal: said[signal] for signal in mechanism.reads}
        state, new = over_months(mechanism, theta[name], inputs[name], states.get(name), heard, months)
        if state is not None:
            after[name] = state
        for signal in mechanism.writes:
            value, already = new[signal.name], said.get(signal.name)
            said[signal.name] = value if already is None else already.joined(value)
    return after, said


def remembered(
    mechanisms: Sequence[Mechanism], theta: Mapping[str, Any], inputs: Mapping[str, Any], money: Array
) -> Memory:
    """Return what mechanisms with memory hold after the months of `money`, in one draw; see `trajectory`."""
    ordered = in_order(mechanisms)
    names = remember(ordered)
    running = [mechanism for mechanism in ordered if mechanism.name in names]
    start = {
        mechanism.name: mechanism.initial(inputs[mechanism.name])
        for mechanism in running
        if mechanism.initial is not None
    }
    memory, _ = advanced(running, theta, inputs, start, {MONEY.name: money}, jnp.arange(money.shape[0]))
    return memory


def trajectory(
    mechanisms: Sequence[Mechanism],
    theta: Mapping[str, Any],
    inputs: Mapping[str, Any],
    money: Array,
    first: int,
    memory: Memory | None = None,
    keep: tuple[str, ...] = (),
) -> Trajectory:
    """Return what one plan does in one draw.

    Parameters
    ----------
    mechanisms : sequence of Mechanism
        Those that run, in any order.
    theta, inputs : mapping of str to Any
        Parameters of one draw, and inputs that do not vary by draw, by mechanism.
    money : array, shape (months, lines, places)
        Dollars appropriated in each month.
    first : int
        The month from which signals are returned; before it only what has memory runs.
    memory : mapping of str to Any, or None
        What is remembered of the months before `first`, where that was computed already: plans with one past share it.
    keep : tuple of str
        Signals that are returned besides those that are kept anyway.

    Returns
    -------
    mapping of str to array, shape (months - first, ...)
        The signals that are kept: those that a `Signal` or an `Outcome` names.
    """
    ordered = in_order(mechanisms)
    kept = {signal.name for mechanism in ordered for signal in mechanism.writes if signal.kept} | {*keep}
    kept |= {name for mechanism in ordered for outcome in mechanism.outcomes for name in outcome.reads}
    if memory is None:
        memory = remembered(mechanisms, theta, inputs, money[:first])
    months = jnp.arange(first, money.shape[0])
    _, signals = advanced(ordered, theta, inputs, memory, {MONEY.name: money[first:]}, months)
    return {
        name: jax.vmap(Together.whole)(value) if isinstance(value, Together) else value
        for name, value in signals.items()
        if name in kept
    }
