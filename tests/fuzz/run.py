"""Runs cases: python -m tests.fuzz.run [COUNT] [SEED]; as many processes as there are processors."""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from tests.fuzz.cases import Case, cases

SECONDS = 60  # that a case may take, on a busy machine
MOST_LETTERS = 200_000  # of what is printed
MEMORY_GB = 12  # of address space: DuckDB and JAX reserve several that they do not use


def fault(case: Case) -> str | None:
    """Return what is wrong with how the program took a case, or None."""
    from merida.errors import MeridaError
    from tests.runner import CliRunner, app

    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        for name, data in case.files.items():
            (Path(folder) / name).write_bytes(data)
        os.chdir(folder)

        def late(*_: Any) -> None:
            raise TimeoutError

        signal.signal(signal.SIGALRM, late)
        signal.alarm(SECONDS)
        begun = time.monotonic()
        try:
            done = CliRunner().invoke(app, list(case.arguments))
        finally:
            signal.alarm(0)
            os.chdir(here)
        left = sorted(path.name for path in Path(folder).iterdir() if path.name not in case.files)
    code, said = done.exit_code, done.output
    if isinstance(done.exception, MeridaError):  # `main` prints it and exits with 2
        code, said = 2, done.exception.message("en") and done.exception.message("es")
    elif done.exception is not None and not isinstance(done.exception, SystemExit):
        return "".join(traceback.format_exception(done.exception)[-6:])
    wrong = {
        f"exit {code}": code not in (0, 1, 2),
        "no message": code == 2 and not said.strip(),
        f"a message of {len(said)} characters": len(said) > MOST_LETTERS,
        f"left behind: {left}": bool(left),
        "too slow": time.monotonic() - begun > SECONDS,
    }
    return next((reason for reason, holds in wrong.items() if holds), None)


def limited() -> None:
    """Bound the memory of a worker."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_GB * 2**30, MEMORY_GB * 2**30))


def main(count: int, seed: int) -> int:
    """Run cases and print those that failed."""
    failed = 0
    every = cases(count, seed)
    with ProcessPoolExecutor(os.cpu_count(), initializer=limited) as pool:
        for number, (case, wrong) in enumerate(
            zip(every, pool.map(fault, every, chunksize=8), strict=True), 1
        ):
            if wrong:
                failed += 1
                print(
                    f"case {number - 1}: merida {' '.join(case.arguments)[:200]}\n{case.files}"[:600],
                    f"\n{wrong}\n",
                )
            if number % 500 == 0:
                print(f"{number} of {count}, {failed} failed", file=sys.stderr, flush=True)
    print(f"{count} cases, seed {seed}: {failed} failed")
    return min(failed, 1)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(numbers + [10_000, 0][len(numbers) :])))
