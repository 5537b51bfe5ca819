"""Small matrices are solved by one thread, unless a user wants more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TASKS = Path("/proc/self/task")
CODE = f"import merida, numpy, os; print(len(os.listdir({str(TASKS)!r})), os.environ['OPENBLAS_NUM_THREADS'])"


@pytest.mark.skipif(not TASKS.is_dir(), reason="threads are counted as Linux tells them")
@pytest.mark.parametrize("wished", [None, "2"])
def test_one_thread_unless_a_user_wants_more(wished: str | None) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    asked = {} if wished is None else {"OPENBLAS_NUM_THREADS": wished}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=clean | asked, capture_output=True, text=True, check=True
    )
    threads, setting = done.stdout.split()
    assert setting == (wished or "1")
    assert int(threads) == min(int(setting), os.cpu_count() or 1)
