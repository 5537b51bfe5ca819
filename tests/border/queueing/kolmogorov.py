"""Mt/M/c with booths that open and close by the hour, by its Kolmogorov forward equations: an independent solution.

A state is the set of booths at work and the number that wait. The set matters because a booth that closes while
it serves goes on, and which booths are idle when an hour ends depends on their numbers.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import expm_multiply


def solve(
    arrivals_per_hour: list[float],
    booths_open: list[int],
    service_minutes: float,
    initial_queue: int,
    most: int,
) -> dict[str, np.ndarray]:
    """Return queue at each hour's end, throughput and utilisation by hour, and the mean wait of all.

    `most` truncates the queue; the caller sees to it that it is out of reach.
    """
    booths = max(booths_open)
    sets = 1 << booths
    hours = len(booths_open)

    def index(busy: int, waiting: int) -> int:
        return busy * (most + 1) + waiting

    def begin(busy: int, waiting: int, is_open: int) -> tuple[int, int]:
        while waiting and is_open & ~busy:
            idle = is_open & ~busy
            busy, waiting = busy | (idle & -idle), waiting - 1
        return busy, waiting

    size = sets * (most + 1)
    state = np.zeros(size)
    state[index(0, initial_queue)] = 1
    queues, throughput, at_work, waiting_minutes = [], [], [], 0.0
    for hour in range(4 * hours):  # long enough after the last arrival for everybody to have left
        is_open = (1 << booths_open[hour % hours]) - 1
        rate = arrivals_per_hour[hour] / 60 if hour < hours else 0.0
        moved = np.zeros(size)
        # the last three rows integrate the queue, the departures and the busy booths
        generator = lil_matrix((size + 3, size + 3))
        for busy in range(sets):
            for waiting in range(most + 1):
                here = index(busy, waiting)
                moved[index(*begin(busy, waiting, is_open))] += state[here]
                if is_open & ~busy and waiting:
                    continue  # never entered once the hour has begun
                working = bin(busy).count("1")
                generator[size, here] = waiting
                generator[size + 1, here] = working / service_minutes
                generator[size + 2, here] = working
                ways = [(rate, begin(busy, waiting + 1, is_open))] if waiting < most else []
                ways += [
                    (1 / service_minutes, begin(busy & ~(1 << booth), waiting, is_open))
                    for booth in range(booths)
                    if busy >> booth & 1
                ]
                for speed, there in ways:
                    generator[index(*there), here] += speed
                    generator[here, here] -= speed
        after = expm_multiply(generator.tocsr() * 60.0, np.concatenate([moved, np.zeros(3)]))
        state = after[:size]
        waiting_minutes += after[size]
        if hour < hours:
            queues.append(state.reshape(sets, most + 1).sum(axis=0) @ np.arange(most + 1))
            throughput.append(after[size + 1])
            at_work.append(after[size + 2])
    assert state[0] > 1 - 1e-9
    return {
        "queue": np.array(queues),
        "throughput": np.array(throughput),
        "utilisation": np.array(at_work) / (60 * np.maximum(booths_open, 1e-300)),
        "wait": waiting_minutes / (sum(arrivals_per_hour) + initial_queue),
    }
