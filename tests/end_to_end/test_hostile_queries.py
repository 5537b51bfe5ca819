"""The memory and the time of hostile queries, measured from outside: the command and all that it starts."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif(not Path("/proc").exists(), reason="reads the memory of processes in /proc"),
]
MOST_GB = 3.2  # 2.5 of the query, and what Python and its libraries take twice
HOSTILE = (
    "with recursive t as (select 'x' as n union all select n || n from t) select count(*) from t",
    "select string_agg(a.municipality, ',') from municipalities a, municipalities b, municipalities c",
    "select list(a) from range(1000000000) t(a)",
    "select list(range(1000000000)) as x",
    "select repeat('x', 1000000000) as x",
    "select count(*) from generate_series(1, 100000000000)",
    "select repeat('x' || range, 1000) as x from range(1000000)",
    "select list_transform(range(100000000), lambda x: repeat('y', 100)) as z",
    "select * from range(100000000000) a, range(100000000000) b order by hash(a.range + b.range)",
)


def held(root: int) -> int:
    """Return the resident bytes of a process and of those that it started."""
    parents, pages = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.parent.name)], pages[int(path.parent.name)] = int(fields[1]), int(fields[21])
    own = {root}
    while more := {one for one, parent in parents.items() if parent in own} - own:
        own |= more
    return sum(pages.get(one, 0) for one in own) * 4096


@pytest.mark.parametrize("query", HOSTILE)
def test_a_hostile_query_takes_no_more_than_it_is_given(query: str) -> None:
    start, most = time.monotonic(), 0
    process = subprocess.Popen(
        [sys.executable, "-c", "from merida.cli import main; main()", "facts", "sql", query, "--seconds", "3"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while process.poll() is None:
        most = max(most, held(process.pid))
        time.sleep(0.02)
    said = process.communicate()[1]
    assert process.returncode == 2
    assert len(said.strip().splitlines()) == 1, said
    assert most < MOST_GB * 1e9
    assert time.monotonic() - start < 20
