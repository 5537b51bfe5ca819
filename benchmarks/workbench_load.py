"""How the workbench bears readers and planners at once, on this machine's loopback address.

    python benchmarks/workbench_load.py --seconds 300 --readers 50 --planners 5

Begins a server with folders of its own, asks each page once, then lets so many readers look at pages drawn at
random, with about a second between two, and so many planners ask what plans do, each with draws of its own.
Prints for each page how often it was asked, the median and the 95th percentile of the milliseconds it took, its
errors, and the memory of the server and its worker at the beginning, in the middle and at the end.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from pathlib import Path

from merida.workbench.pages import PAGES

MORE = ("/data/tables/homicides_year", "/scorecard?pillar=border", "/scorecard?indicator=B-08", "/find?q=juarez",
        "/framework/show", "/plan/show?plan=memo", "/facts/show?table=ports")  # fmt: skip
PLANS = "/simulate.json?plan=memo&draws=8&seed={seed}"
PAUSE_SECONDS = 1.0


class Asked:
    """What was asked of a server and how long it took."""

    def __init__(self, link: str) -> None:
        self.link = link
        self.took: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()
        self.lock = threading.Lock()

    def ask(self, address: str, who: str, named: str = "") -> int:
        """Ask for an address as a browser of its own would, and return the status."""
        request = urllib.request.Request(self.link + address, headers={"Cookie": f"browser={who}"})
        began, status = time.monotonic(), 0
        try:
            with urllib.request.urlopen(request, timeout=60) as told:
                told.read()
                status = told.status
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        with self.lock:
            self.took[named or address].append(time.monotonic() - began)
            if status not in (200, 202, 429):
                self.errors[f"{named or address} {status}"] += 1
        return status

    def reader(self, number: int, pages: list[str], until: float) -> None:
        """Look at pages until it is time."""
        draw = random.Random(number)
        while time.monotonic() < until:
            self.ask(draw.choice(pages), f"reader{number}")
            time.sleep(draw.expovariate(1 / PAUSE_SECONDS))

    def planner(self, number: int, until: float) -> None:
        """Ask what a plan does, wait for the answer, and ask with the next draws."""
        seed = 1000 * number
        while time.monotonic() < until:
            if self.ask(PLANS.format(seed=seed), f"planner{number}", "a plan's run") == 200:
                seed += 1
            time.sleep(0.5)


def memory(process: int) -> tuple[float, float]:
    """Return the megabytes that a server and what it began hold."""
    found = subprocess.run(
        ["pgrep", "-P", str(process)], capture_output=True, text=True, check=False
    ).stdout.split()
    held = []
    for one in (str(process), *found):
        try:
            held.append(
                int(Path(f"/proc/{one}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
            )
        except OSError:
            held.append(0.0)
    return held[0], sum(held[1:])


def main() -> None:
    """Load a server and print what it bore."""
    wanted = argparse.ArgumentParser()
    for name, default in (("--seconds", 300), ("--readers", 50), ("--planners", 5)):
        wanted.add_argument(name, type=int, default=default)
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        places = {"MERIDA_HOME": f"{folder}/home"} | (
            {} if "XDG_CACHE_HOME" in os.environ else {"XDG_CACHE_HOME": folder}
        )
        command = [sys.executable, "-m", "merida", "serve", "--port", "0", "--no-browser"]
        with subprocess.Popen(command, env=os.environ | places, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            link = re.findall(r"http://127\.0\.0\.1:\d+", server.stdout.readline())[0]
            try:
                loaded(Asked(link), server.pid, given)
            finally:
                server.send_signal(signal.SIGINT)
                server.wait(60)


def loaded(asked: Asked, process: int, given: argparse.Namespace) -> None:
    """Ask, wait and print."""
    pages = [*PAGES.values(), *MORE]
    began = time.monotonic()
    for page in pages:
        asked.ask(page, "first")
    first = {page: times[0] for page, times in asked.took.items()}
    print(
        f"each page once: {time.monotonic() - began:.1f} s; slowest {max(first, key=lambda one: first[one])}"
    )
    asked.took.clear()
    until = time.monotonic() + given.seconds
    threads = [
        threading.Thread(target=asked.reader, args=(number, pages, until)) for number in range(given.readers)
    ]
    threads += [
        threading.Thread(target=asked.planner, args=(number, until)) for number in range(given.planners)
    ]
    held = [memory(process)]
    for thread in threads:
        thread.start()
    time.sleep(given.seconds / 2)
    held.append(memory(process))
    for thread in threads:
        thread.join()
    held.append(memory(process))
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'page':42} {'asked':>6} {'median ms':>10} {'95 % ms':>9} {'first ms':>9}")
    for page, times in sorted(asked.took.items()):
        late = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        told = (len(times), 1000 * statistics.median(times), 1000 * late, 1000 * first.get(page, 0.0))
        print(f"{page:42} {told[0]:6} {told[1]:10.0f} {told[2]:9.0f} {told[3]:9.0f}")
    together = [one for page, times in asked.took.items() if page != "a plan's run" for one in times]
    print(f"all pages: {len(together)}, 95 % within {1000 * statistics.quantiles(together, n=20)[-1]:.0f} ms")
    print(f"errors: {dict(asked.errors) or 'none'}")
    for when, (server, worker) in zip(("begin", "middle", "end"), held, strict=True):
        print(f"memory at the {when}: server {server:.0f} MB, worker {worker:.0f} MB")


if __name__ == "__main__":
    main()
