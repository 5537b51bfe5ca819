"""What many draws on many machines would take, by a small simulation of events.

Run: python benchmarks/scale_out.py          a million draws, 1 to 400 machines, with the figures below
     `benchmarks/cluster.py` measures them, and runs the simulation beside real workers

One scheduler hands out chunks one after another: each costs it some time and the transfer of the chunk's own draws. A
core computes a chunk, then sends what it found to the one who asked, through the same network. The first chunk of a
process waits for the inputs and compiles. Machines that die are not simulated: each costs at most its chunks.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

DRAWS, CHUNK = 1_000_000, 16
MACHINES = (1, 10, 100, 400)


@dataclass(frozen=True)
class Measured:
    """What a run costs.

    Parameters
    ----------
    chunk_s : float
        Seconds of a core for a chunk.
    first_s : float
        Seconds of a process until it has read the inputs and compiled.
    overhead_s : float
        Seconds of the scheduler and of the one who asks, for a chunk.
    sent, returned, inputs : float
        Bytes with a chunk, of what it found, and of what is sent once to each machine.
    bytes_s : float
        Of the network, in a second.
    """

    chunk_s: float
    first_s: float
    overhead_s: float
    sent: float
    returned: float
    inputs: float
    bytes_s: float


# Two plans, 15 years, without municipalities. Measured by `cluster.py --alone` on a busy machine of two cores: a chunk,
# the first chunk, the bytes. Assumed: the scheduler's time for a chunk, and a network of one gigabit in a second.
ASSUMED = Measured(
    chunk_s=0.70,
    first_s=6.0,
    overhead_s=0.003,
    sent=393_484,
    returned=2_735_084,
    inputs=8_059_774,
    bytes_s=1.25e8,
)


def simulated(machines: int, cores: int, chunks: int, cost: Measured) -> float:
    """Return the seconds until the last chunk has come back.

    Parameters
    ----------
    machines, cores : int
        Of one process a core.
    """
    free_at = [(at * cost.inputs / cost.bytes_s, core) for at in range(machines) for core in range(cores)]
    ready = [(when + cost.first_s, at * cores + core) for at, (when, core) in enumerate(free_at)]
    heapq.heapify(ready)
    scheduler = network = 0.0
    for _ in range(chunks):
        free, core = heapq.heappop(ready)
        scheduler = max(scheduler, free) + cost.overhead_s
        network = max(network, scheduler) + cost.sent / cost.bytes_s
        ended = network + cost.chunk_s
        heapq.heappush(ready, (ended, core))
    # what comes back goes through the same network, as soon as it is free
    last = max(when for when, _ in ready)
    total = chunks * (cost.sent + cost.returned) / cost.bytes_s
    return max(last + cost.returned / cost.bytes_s, total + cost.first_s)


def main() -> None:
    """Print hours and machine-hours."""
    chunks = -(-DRAWS // CHUNK)
    print(f"{DRAWS:,} draws in {chunks:,} chunks, 2 cores a machine")
    print(f"{'machines':>9} {'hours':>8} {'machine-hours':>14} {'of ideal':>9}")
    for machines in MACHINES:
        hours = simulated(machines, 2, chunks, ASSUMED) / 3600
        ideal = chunks * ASSUMED.chunk_s / (2 * machines) / 3600
        print(f"{machines:9d} {hours:8.2f} {hours * machines:14.1f} {ideal / hours:9.0%}")
    light = replace(ASSUMED, sent=0.0, returned=0.0)
    print(f"\n100 machines, nothing to send: {simulated(100, 2, chunks, light) / 3600:.2f} hours")


if __name__ == "__main__":
    main()
