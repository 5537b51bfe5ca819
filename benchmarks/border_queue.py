"""A five-day port with three lane classes in Mérida, SimPy and Ciw: first the same waits, then vehicles a second.

Run: python benchmarks/border_queue.py [--replications 200] [--rounds 3] [--out FILE.json]

Each program samples the vehicles, simulates them and sums up the waits by hour; imports are not counted. The peers
live in their own environment (made on first use from requirements-border.txt) and run one replication after another
on one core, as they do. Rounds are interleaved, and the best of each program counts.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
PEERS = HERE / ".venv-border"
PEER_REPLICATIONS = {"simpy": 8, "ciw": 4}  # in each round
DAYS = 5
# By class: mean minutes and coefficient of variation of service; vehicles and booths in each hour of the five days.
SERVICE = {"general": (1.2, 0.8), "ready": (1.0, 0.8), "sentri": (0.6, 0.6)}
VEHICLES = {
    "general": DAYS * ([100] * 4 + [220, 390, 560, 600, 560, 460] + [370] * 8 + [270] * 3 + [170] * 3),
    "ready": DAYS * ([50] * 4 + [120, 220, 320, 340, 310, 260] + [220] * 8 + [150] * 3 + [90] * 3),
    "sentri": DAYS * ([30] * 4 + [90, 190, 300, 320, 260, 180] + [130] * 8 + [90] * 3 + [40] * 3),
}
BOOTHS = {
    "general": DAYS * ([4] * 4 + [6, 8] + [10] * 8 + [8] * 6 + [5] * 4),
    "ready": DAYS * ([2] * 4 + [3, 4] + [5] * 8 + [4] * 6 + [2] * 4),
    "sentri": DAYS * ([1] * 4 + [2, 2] + [3] * 8 + [2] * 6 + [1] * 4),
}


def sums(arrival: list[float], wait: list[float]) -> dict[str, Any]:
    """Return the summary of one class: waits by hour of arrival and over all; times in minutes."""
    hour, waits = (np.asarray(arrival) / 60).astype(int), np.asarray(wait)
    count = np.bincount(hour, minlength=24 * DAYS)
    groups = np.split(waits[np.argsort(hour, kind="stable")], np.cumsum(count)[:-1])
    return {
        "vehicles": len(waits),
        "total_wait": float(waits.sum()),
        "mean_by_hour": np.bincount(hour, waits, minlength=24 * DAYS) / np.maximum(count, 1),
        "quantiles_by_hour": [np.quantile(group, (0.1, 0.5, 0.9)) for group in groups if len(group)],
        "share_over_60": float((waits > 60).mean()),
    }


def in_simpy(seed: int) -> dict[str, Any]:
    """Simulate one replication in SimPy: a process for each vehicle, who waits for an event that names its booth."""
    import simpy

    class Booths:
        """The booths of a class; a simpy.Resource would count a closing booth's vehicle against the open ones."""

        def __init__(self, most: int) -> None:
            self.open, self.idle, self.queue = 0, list(range(most)), deque[Any]()

        def call(self) -> None:
            while self.queue and self.idle and self.idle[0] < self.open:
                self.queue.popleft().succeed(heapq.heappop(self.idle))

    random.seed(seed)
    env = simpy.Environment()
    found: dict[str, tuple[list[float], list[float]]] = {}

    def staff(booths: Booths, schedule: list[int]) -> Iterator[Any]:
        for count in schedule * 2:
            booths.open = count
            booths.call()
            yield env.timeout(60)

    def vehicle(
        booths: Booths, minutes: float, cv: float, arrival: list[float], wait: list[float]
    ) -> Iterator[Any]:
        came, turn = env.now, env.event()
        booths.queue.append(turn)
        booths.call()
        booth = yield turn
        arrival.append(came)
        wait.append(env.now - came)
        yield env.timeout(random.gammavariate(cv**-2, minutes * cv**2))
        heapq.heappush(booths.idle, booth)
        booths.call()

    def source(booths: Booths, name: str) -> Iterator[Any]:
        for hour, rate in enumerate(VEHICLES[name]):
            end = 60.0 * (hour + 1)
            gap = random.expovariate(rate / 60)
            while env.now + gap < end:
                yield env.timeout(gap)
                env.process(vehicle(booths, *SERVICE[name], *found[name]))
                gap = random.expovariate(rate / 60)
            yield env.timeout(end - env.now)

    for name, schedule in BOOTHS.items():
        found[name] = ([], [])
        booths = Booths(max(schedule))
        env.process(staff(booths, schedule))
        env.process(source(booths, name))
    env.run()
    return {name: sums(*pair) for name, pair in found.items()}


def in_ciw(seed: int) -> dict[str, Any]:
    """Simulate one replication in Ciw: a node for each class, booths as a schedule that does not preempt."""
    import ciw

    class Booths(ciw.Node):
        """Ciw relieves all servers when a shift ends, and the fresh ones serve beside those who finish."""

        def change_shift(self) -> None:
            self.schedule.get_next_shift()
            self.next_shift_change, self.c = self.schedule.next_shift_change_date, self.schedule.c
            for number, server in reversed(list(enumerate(self.servers))):
                server.offduty, server.shift_end = number >= self.c, self.next_event_date
                if server.offduty and not server.busy:
                    self.kill_server(server)
            self.add_new_servers(self.c - len(self.servers))
            self.begin_service_if_possible_change_shift()

    ciw.seed(seed)
    ends = [60.0 * (hour + 1) for hour in range(24 * DAYS)]
    network = ciw.create_network(
        arrival_distributions=[
            ciw.dists.PoissonIntervals([rate / 60 for rate in rates], ends, ends[-1])
            for rates in VEHICLES.values()
        ],
        service_distributions=[ciw.dists.Gamma(cv**-2, mean * cv**2) for mean, cv in SERVICE.values()],
        number_of_servers=[ciw.Schedule(schedule, ends) for schedule in BOOTHS.values()],
        routing=ciw.routing.NetworkRouting([ciw.routing.Leave() for _ in SERVICE]),
    )
    simulation = ciw.Simulation(network, node_class=Booths)
    simulation.simulate_until_max_time(2 * ends[-1])
    found: list[tuple[list[float], list[float]]] = [([], []) for _ in SERVICE]
    for record in simulation.get_all_records():
        arrival, wait = found[record.node - 1]
        arrival.append(record.arrival_date)
        wait.append(record.waiting_time)
    return {name: sums(*pair) for name, pair in zip(SERVICE, found, strict=True)}


def in_merida(replications: int, seed: int, workers: int | None) -> dict[str, Any]:
    """Simulate in Mérida; return the seconds, the vehicles and each class's mean wait with its standard error."""
    from merida.border.queueing.engine import simulate
    from merida.border.queueing.scenario import LaneClass, Scenario

    lanes = [LaneClass(name, VEHICLES[name], BOOTHS[name], *SERVICE[name]) for name in SERVICE]
    began = time.perf_counter()
    outcome = simulate(Scenario(tuple(lanes)), replications, seed, workers)
    seconds = time.perf_counter() - began
    waits = {flow.name: (flow.mean_wait, flow.standard_error) for flow in outcome.classes}
    return {"seconds": seconds, "vehicles": sum(flow.served for flow in outcome.classes), "waits": waits}


def peer(name: str, seeds: list[int]) -> dict[str, Any]:
    """Simulate replications in a peer, in this process; return the seconds and the totals of each replication."""
    run: Callable[[int], dict[str, Any]] = {"simpy": in_simpy, "ciw": in_ciw}[name]
    __import__(name)
    began = time.perf_counter()
    found = [run(seed) for seed in seeds]
    seconds = time.perf_counter() - began
    totals = [{key: (each[key]["vehicles"], each[key]["total_wait"]) for key in each} for each in found]
    return {
        "seconds": seconds,
        "vehicles": sum(n for each in totals for n, _ in each.values()),
        "totals": totals,
    }


def elsewhere(python: Path | str, *arguments: str, **environment: str) -> dict[str, Any]:
    """Run this script in another process and return what it prints."""
    command = [str(python), str(Path(__file__).resolve()), *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env={**os.environ, **environment})
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def peers_python() -> Path:
    """Return the Python of the peers' environment, made if it is not there."""
    python = PEERS / "bin" / "python"
    if not (PEERS / ".ready").exists():
        print(f"Making {PEERS.name} for the peers", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEERS)], check=True)
        wanted = str(HERE / "requirements-border.txt")
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
        (PEERS / ".ready").touch()
    return python


def mean_and_error(totals: list[dict[str, Any]], name: str) -> tuple[float, float]:
    """Return a class's mean wait over all vehicles and its standard error, a ratio's, over replications."""
    vehicles, waits = np.array([each[name] for each in totals], dtype=float).T
    mean = waits.sum() / vehicles.sum()
    error = (waits - mean * vehicles).std(ddof=1) / vehicles.mean() / len(vehicles) ** 0.5
    return float(mean), float(error)


def compare(replications: int, rounds: int) -> dict[str, Any]:
    """Run everything and return the report."""
    python = peers_python()
    with tempfile.TemporaryDirectory() as cache:
        itself = (sys.executable, "--merida", str(replications))
        cold = elsewhere(*itself, XDG_CACHE_HOME=cache)
        from_disk = elsewhere(*itself, XDG_CACHE_HOME=cache)
    in_merida(replications, 0, None)
    in_merida(replications, 0, 1)
    runs: dict[str, list[dict[str, Any]]] = {"merida": [], "merida, one worker": [], "simpy": [], "ciw": []}
    for number in range(rounds):
        print(f"Round {number + 1} of {rounds}", file=sys.stderr)
        runs["merida"].append(in_merida(replications, number, None))
        runs["merida, one worker"].append(in_merida(replications, number, 1))
        for name, count in PEER_REPLICATIONS.items():
            seeds = ",".join(str(1000 + count * number + k) for k in range(count))
            runs[name].append(elsewhere(python, "--peer", name, "--seeds", seeds))
    waits: dict[str, dict[str, Any]] = {name: {} for name in SERVICE}
    for name in SERVICE:
        ours = waits[name]["merida"] = runs["merida"][0]["waits"][name]
        for other in PEER_REPLICATIONS:
            theirs = mean_and_error([each for run in runs[other] for each in run["totals"]], name)
            apart = abs(theirs[0] - ours[0]) / np.hypot(theirs[1], ours[1])
            waits[name][other] = (*theirs, float(apart))
    rates = {name: max(run["vehicles"] / run["seconds"] for run in each) for name, each in runs.items()}
    warm = min(run["seconds"] for run in runs["merida"])
    return {
        "mean_wait_minutes": waits,
        "agree": all(waits[name][other][2] <= 3 for name in SERVICE for other in PEER_REPLICATIONS),
        "vehicles": {name: each[0]["vehicles"] for name, each in runs.items()},
        "vehicles_per_second": rates,
        "ratio": {
            f"{ours} / {other}": rates[ours] / rates[other]
            for ours in list(runs)[:2]
            for other in PEER_REPLICATIONS
        },
        "cold": {
            "vehicles_per_second": cold["vehicles"] / cold["seconds"],
            "compilation_seconds": cold["seconds"] - warm,
            "compilation_seconds_from_disk": from_disk["seconds"] - warm,
        },
        "processors": len(os.sched_getaffinity(0)),
    }


def show(report: dict[str, Any]) -> None:
    """Print the report for people."""
    print("Mean wait, minutes (standard error; difference from Mérida in standard errors)")
    for name, found in report["mean_wait_minutes"].items():
        ours = "{:.3f} ({:.3f})".format(*found["merida"])
        theirs = "   ".join(
            "{} {:.2f} ({:.2f}; {:.1f})".format(key, *found[key]) for key in PEER_REPLICATIONS
        )
        print(f"  {name:8} merida {ours}   {theirs}")
    print("They agree within three standard errors." if report["agree"] else "THEY DISAGREE.")
    print("Vehicles a second, end to end")
    for name, rate in report["vehicles_per_second"].items():
        print(f"  {name:20} {rate:14,.0f}")
    for name, ratio in report["ratio"].items():
        print(f"  {name:28} {ratio:6.0f} times")
    cold = report["cold"]
    print(f"  merida, first run ever {cold['vehicles_per_second']:14,.0f}")
    print("  Start-up and compilation: {compilation_seconds:.1f} s".format(**cold), end=", ")
    print("{compilation_seconds_from_disk:.1f} s once on disk".format(**cold))


def main() -> int:
    """Run the benchmark, or a part of it in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=200, help="of Mérida")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "border_queue.json")
    parser.add_argument("--peer", choices=list(PEER_REPLICATIONS), help=argparse.SUPPRESS)
    parser.add_argument("--seeds", help=argparse.SUPPRESS)
    parser.add_argument("--merida", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.peer:
        print(json.dumps(peer(chosen.peer, [int(seed) for seed in chosen.seeds.split(",")])))
        return 0
    if chosen.merida:
        print(json.dumps(in_merida(chosen.merida, 0, None)))
        return 0
    report = compare(chosen.replications, chosen.rounds)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    show(report)
    return 0 if report["agree"] else 1


if __name__ == "__main__":
    sys.exit(main())
