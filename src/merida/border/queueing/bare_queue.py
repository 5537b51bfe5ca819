"""The bare queue: Poisson arrivals, one distribution of service, some servers; for whoever wants to check the engine.

Customers are served first come, first served, by the recursion of Kiefer & Wolfowitz (1955) on the sorted work that
remains before each server. It is measured from the present arrival, so that numbers stay small however long the run.
"""

from __future__ import annotations

import itertools
import math
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import merida.numerics  # noqa: F401  isort: skip  (configures JAX before it is imported)
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from merida.border.queueing.sampling import gamma
from merida.border.queueing.scenario import Floats, number
from merida.border.queueing.sizes import CUSTOMERS_A_SECOND, SERVERS_A_SECOND, refuse_too_large
from merida.draws import stream
from merida.errors import BorderError

GROUPS = 4  # of lanes; each has its own random stream and may have its own thread
NARROWEST, WIDEST = 16, 256  # lanes of a group
STEPS = 512  # customers of each lane in one call of the compiled scan
RELAXATIONS = 8  # removed from the beginning: what is left of an empty start has decayed to e**-8
LEAST = 6400  # customers, a hundred for each of the fewest lanes
MOST_PER_HOUR, MOST_CV = 1e9, 100.0  # beyond which no rate and no variation can be meant


@dataclass(frozen=True)
class QueueResult:
    """What the simulation of a bare queue shows.

    Parameters
    ----------
    mean_wait_minutes, standard_error_minutes : float
        The mean wait before service and its standard error, from the means of independent batches.
    probability_of_waiting : float
        The share of customers that find all servers busy.
    utilisation : float
        The time that servers work over the time of all servers.
    customers : int
        The customers that were counted.
    warm_up : int
        The customers that were simulated before them and not counted.
    batches : int
        The independent batches; each began empty.
    customers_per_second : float
        The customers counted over the whole time, with sampling, warm-up and compilation.
    """

    mean_wait_minutes: float
    standard_error_minutes: float
    probability_of_waiting: float
    utilisation: float
    customers: int
    warm_up: int
    batches: int
    customers_per_second: float


@jax.jit
def serve(
    state: tuple[jax.Array, jax.Array], gaps: jax.Array, services: jax.Array, counted: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Serve the next customers of several lanes in lock step.

    Parameters
    ----------
    state : (work, sums)
        The minutes of work before each server, sorted, shape (servers, lanes); and the sums of waits, of customers that
        waited, of services and of gaps, shape (4, lanes).
    gaps, services : array, shape (customers, lanes)
        The minutes until the next arrival, and those of service.
    counted : array of float, shape (customers,)
        1 for a customer that counts, 0 for one in the warm-up or after the end.

    Returns
    -------
    (work, sums)
        The state after these customers.
    """
    last = jnp.full((1, gaps.shape[1]), jnp.inf)

    def step(
        state: tuple[jax.Array, jax.Array], customer: tuple[jax.Array, jax.Array, jax.Array]
    ) -> tuple[tuple[jax.Array, jax.Array], None]:
        work, sums = state
        gap, service, counts = customer
        wait = work[0]
        # the least leaves the sorted list and wait + service enters it: each place takes the middle of three
        work = jnp.maximum(work, jnp.minimum(wait + service, jnp.concatenate([work[1:], last])))
        shown = jnp.stack([wait, (wait > 0).astype(wait.dtype), service, gap])
        return (jnp.maximum(work - gap, 0), sums + counts * shown), None

    return lax.scan(step, state, (gaps, services, counted))[0]


def relaxation(load: float, servers: int, service_cv: float) -> float:
    """Return in how many customers the queue forgets its beginning by a factor e.

    The relaxation time of M/M/c in heavy traffic is 1 / (c mu (1 - sqrt(rho))**2) (Cohen, 1982). With other
    distributions it grows in proportion to 1 + cv**2 (Odoni & Roth, 1983); it is not shortened for those that vary less
    than the exponential. The servers' own memory, a service time, is added.

    Parameters
    ----------
    load : float
        The utilisation rho, below 1.
    servers : int
        The servers c.
    service_cv : float
        The coefficient of variation of the service time.
    """
    idle = (1 - load) / (1 + math.sqrt(load))  # 1 - sqrt(load), which does not vanish by rounding
    queue = load / idle**2 * max(1.0, (1 + service_cv**2) / 2)
    return queue + load * servers * max(1.0, service_cv**2)


def lanes(
    group: int,
    width: int,
    warm_up: int,
    counted: int,
    gap: float,
    service: float,
    cv: float,
    servers: int,
    seed: int,
    step: Callable[[], None],
) -> Floats:
    """Run one group of lanes and return its sums of waits, of customers that waited, of services and of gaps.

    Parameters
    ----------
    group : int
        The number of the group, which names its random stream.
    width : int
        The lanes of the group.
    warm_up, counted : int
        The customers of each lane that do not count, and those that do.
    gap, service : float
        The mean minutes between arrivals, and those of service.
    cv : float
        The coefficient of variation of the service time.
    step : callable
        Called after some customers of each lane; it may raise to stop.

    Returns
    -------
    array, shape (4, width)
    """
    generator = stream(seed, "border.queue", group)
    state = (jnp.zeros((servers, width)), jnp.zeros((4, width)))
    shape = (STEPS, width)
    for first in range(0, warm_up + counted, STEPS):
        index = np.arange(first, first + STEPS)
        counts = ((index >= warm_up) & (index < warm_up + counted)).astype(np.float64)
        gaps = generator.standard_exponential(shape) * gap
        services = gamma(generator, service, cv, STEPS * width).reshape(shape)
        state = serve(state, gaps, services, counts)
        step()
    return np.asarray(state[1])


def queue(
    arrivals_per_hour: float,
    service_per_hour: float,
    servers: int,
    service_cv: float = 1.0,
    customers: int = 1_000_000,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> QueueResult:
    """Simulate the queue M/G/c, whose service time has a gamma distribution.

    Independent lanes run in lock step. Each begins empty, and its first customers, eight relaxation times of the queue,
    are not counted. The lanes are the batches of the standard error (independent replications with deletion of the
    warm-up; Law & Kelton, 2000, section 9.5), which falls as one over the root of `customers`.

    Parameters
    ----------
    arrivals_per_hour : float
        The mean number of arrivals in an hour.
    service_per_hour : float
        The customers that one busy server serves in an hour.
    servers : int
        The servers c.
    service_cv : float
        The coefficient of variation of the service time: 1 is the exponential, 0 a constant.
    customers : int
        The customers to count, rounded up to the same number for each lane. Memory does not grow with it.
    seed : int
        The seed of the random streams.
    progress : callable
        It is told, by any of the threads, how many parts of the work are done, and of how many; it may raise to stop.

    Raises
    ------
    BorderError
        If the queue would grow for ever (the message says how many servers suffice), if the customers are too few for a
        standard error, or if the run would take too long.

    Examples
    --------
    >>> result = queue(arrivals_per_hour=8, service_per_hour=1, servers=10, customers=200_000)
    >>> abs(result.utilisation - 0.8) < 0.01
    True
    """
    begun = time.perf_counter()
    number("arrivals_per_hour", arrivals_per_hour, 1e-9, MOST_PER_HOUR)
    number("service_per_hour", service_per_hour, 1e-9, MOST_PER_HOUR)
    number("servers", servers, 1)
    number("service_cv", service_cv, 0, MOST_CV)
    number("customers", customers, 0)
    load = arrivals_per_hour / service_per_hour / servers
    if load >= 1:
        raise BorderError(
            "border_queue_unstable",
            arrivals=arrivals_per_hour,
            servers=servers,
            service=service_per_hour,
            enough=math.floor(arrivals_per_hour / service_per_hour) + 1,
        )
    warm_up = math.ceil(RELAXATIONS * relaxation(load, servers, service_cv))
    least = max(LEAST, 2 * warm_up)
    seconds = (customers + least) * (servers / SERVERS_A_SECOND + 1 / CUSTOMERS_A_SECOND)
    refuse_too_large("--customers, --servers", seconds, servers * 8 * 4 * WIDEST * GROUPS / 1e9)
    if customers < least:
        raise BorderError("border_too_few_customers", least=least, found=customers)
    # as many lanes as keep the warm-up to a quarter of the work, a power of two to compile few shapes
    affordable = customers / (4 * warm_up * GROUPS)
    width = 2 ** math.floor(math.log2(min(WIDEST, max(NARROWEST, affordable))))
    batches = GROUPS * width
    counted = math.ceil(customers / batches)
    parts, done = GROUPS * math.ceil((warm_up + counted) / STEPS), itertools.count(1)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        sums = np.concatenate(
            list(
                pool.map(
                    lambda group: lanes(
                        group,
                        width,
                        warm_up,
                        counted,
                        60 / arrivals_per_hour,
                        60 / service_per_hour,
                        service_cv,
                        servers,
                        seed,
                        lambda: progress(next(done), parts),
                    ),
                    range(GROUPS),
                )
            ),
            axis=1,
        )
    waits, waited, services, gaps = sums
    total = counted * batches
    return QueueResult(
        mean_wait_minutes=float(waits.sum() / total),
        standard_error_minutes=float((waits / counted).std(ddof=1) / math.sqrt(batches)),
        probability_of_waiting=float(waited.sum() / total),
        utilisation=float(services.sum() / gaps.sum() / servers),
        customers=total,
        warm_up=warm_up * batches,
        batches=batches,
        customers_per_second=total / (time.perf_counter() - begun),
    )
