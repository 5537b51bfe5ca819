"""A run on real workers of Dask beside threads: the same bytes, also where a worker is killed, and how long it takes.

Run: python benchmarks/cluster.py            in an environment that holds ``merida[cluster]``; some minutes
     python benchmarks/cluster.py --alone    without Dask: what a chunk costs, from which `scale_out.py` calculates
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
from benchmarks.scale_out import ASSUMED, simulated

from merida.ensemble import elsewhere
from merida.ensemble.run import CHUNK, Outcomes, chunk, distinct, of_chunk, run
from merida.ensemble.simulation import from_start, prepared
from merida.facts import Facts
from merida.framework import Framework, plan_named

CHUNKS = 12


def asked() -> tuple[Any, Any, Any]:
    """Return a run of the memo's plan beside the continuation."""
    framework, facts = Framework.load("merida"), Facts("2012-12")
    domain, _, drawn = prepared(framework, facts, {}, draws=CHUNKS * CHUNK, seed=0)
    history, continuation, memo = (
        plan_named(name, framework, facts) for name in ("history", "continuation", "memo")
    )
    plans = {"reference": (history, continuation), "memo": (history, from_start(memo, domain.start))}
    return domain, drawn, plans


def same(one: Outcomes, other: Outcomes) -> bool:
    """Tell whether two runs gave the same bytes."""
    mine, others = one.arrays(), other.arrays()
    return mine.keys() == others.keys() and all(mine[key].tobytes() == others[key].tobytes() for key in mine)


def alone(domain: Any, drawn: Any, plans: Any) -> None:
    """Print what a chunk costs and how much is sent."""
    money, labels = distinct({name: domain.money(*parts) for name, parts in plans.items()})
    inputs = (domain, money, labels, drawn.seed, False)
    own = of_chunk(drawn, 0)
    begun = time.process_time()
    chunk(*inputs, *own)
    first = time.process_time() - begun
    begun = time.process_time()
    found = chunk(*inputs, *of_chunk(drawn, CHUNK))
    again = time.process_time() - begun
    begun = time.perf_counter()
    sizes = [len(pickle.dumps(own)), len(pickle.dumps(found)), len(elsewhere.written(inputs))]
    print(f"first chunk {first:.1f} s of processor time, another {again:.2f} s")
    print("bytes with a chunk, of what it found, of inputs:", *(f"{size:,}" for size in sizes))
    print(f"to write them {time.perf_counter() - begun:.3f} s")


def main() -> None:
    """Print seconds and whether bytes agree."""
    domain, drawn, plans = asked()
    if "--alone" in sys.argv:
        alone(domain, drawn, plans)
        return
    from distributed import Client, LocalCluster

    here = run(domain, drawn, plans, places=False)
    for workers, kills in ((1, False), (2, False), (4, False), (2, True)):
        with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
            client = Client(cluster, set_as_default=False)
            run(domain, replace(drawn, count=workers * CHUNK), plans, places=False, there=client)  # compiles
            victim = client.run(os.getpid)
            if kills:
                threading.Timer(2.0, os.kill, (next(iter(victim.values())), signal.SIGKILL)).start()
            begun = time.perf_counter()
            there = run(domain, drawn, plans, places=False, there=client)
            seconds = time.perf_counter() - begun
            cores = min(workers, os.cpu_count() or 1)
            said = simulated(1, cores, CHUNKS, replace(ASSUMED, first_s=0.0, inputs=0.0))
            end = ", one killed" if kills else ""
            print(
                f"{workers} workers{end}: {seconds:6.1f} s (on paper {said:.1f}), same: {same(here, there)}"
            )
            client.close()


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
