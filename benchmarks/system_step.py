"""The system step: draws a second forward and with gradient, memory, compile time cold and from the cache.

`python benchmarks/system_step.py` prints one table; the record is that of December 2012, the memorandum's plan, 15 years.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time

DRAWS = 64


def measure() -> None:
    """Print the seconds of the first call and the rates of the next."""
    import jax
    import numpy as np

    from merida.decide.division.search import base, differentiated
    from merida.ensemble import simulate
    from merida.ensemble.run import CHUNK, compiled, compiled_past, pasts, trajectories
    from merida.facts import Facts
    from merida.framework import Framework, plan_named

    jax.config.update("jax_enable_compilation_cache", "cold" not in sys.argv)  # type: ignore[no-untyped-call]
    framework, facts = Framework.load("merida"), Facts("2012-12")
    memo = plan_named("memo", framework, facts)
    found = simulate(framework, facts, {}, draws=DRAWS, places=False, border="border" in sys.argv)
    domain, drawn = found.domain, found.drawn
    money = domain.money(plan_named("history", framework, facts), memo)
    parts = [
        jax.tree.map(lambda v, at=at: np.asarray(v)[at : at + CHUNK], drawn.theta)
        for at in range(0, DRAWS, CHUNK)
    ]
    jax.clear_caches()
    compiled.cache_clear()
    compiled_past.cache_clear()
    begun = time.perf_counter()
    trajectories(domain, parts[0], money, pasts(domain, parts[0], money))
    first = time.perf_counter() - begun
    memory = [pasts(domain, part, money) for part in parts]
    begun = time.perf_counter()
    for part, past in zip(parts, memory, strict=True):
        trajectories(domain, part, money, past)
    forward = DRAWS / (time.perf_counter() - begun)

    path = trajectories(domain, parts[0], money, memory[0])
    reference = {"log_survival": path["log_survival"]}
    bases = base(domain, DRAWS)[:CHUNK]
    months = bases.shape[1]
    spent = domain.running(memo.rows[0])[None] / 12.0
    arguments = (
        money,
        spent,
        np.ones((1, months)),
        domain.mechanisms,
        domain.inputs,
        (parts[0], bases, reference, memory[0]),
    )
    begun = time.perf_counter()
    jax.block_until_ready(differentiated()(*arguments, first=domain.first))
    first_gradient = time.perf_counter() - begun
    begun = time.perf_counter()
    jax.block_until_ready(differentiated()(*arguments, first=domain.first))
    gradient = CHUNK / (time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{first:6.1f} {forward:12.0f} {first_gradient:12.1f} {gradient:12.0f} {peak:10.0f}")


if __name__ == "__main__":
    if "measure" in sys.argv:
        measure()
    else:
        print("cache          first call s   draws/s   gradient, first s   draws/s   peak MB")
        with tempfile.TemporaryDirectory() as folder:
            for name in ("cold", "warm", "warm border"):
                print(f"{name:12}", end="  ", flush=True)
                subprocess.run(
                    [sys.executable, __file__, "measure", *name.split()],
                    env={**os.environ, "XDG_CACHE_HOME": folder},
                    check=True,
                )
