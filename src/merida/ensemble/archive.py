"""A replication archive: a run with all that it rests on, in one zip that a journal can keep and anybody can run again.

It holds the run's record, its plans, framework and parameters as people read them, the versions of every library, the
rows of the user's own on which it rests, and the program itself with its record of facts, as they ran. ``recompute.py``
runs the record with that program.

The SHA-256 of every file stands in ``MANIFEST.json``; the same run gives the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path

from merida.ensemble.record_reading import checked, plan_of
from merida.ensemble.run_record import Record, text
from merida.errors import RunError
from merida.facts import Facts
from merida.facts.compiled import manifest
from merida.facts.own.shelf import ABOUT, ROWS, shelf
from merida.facts.schema import tables
from merida.framework import Framework
from merida.framework.framework import SHIPPED
from merida.installation import PROGRAM, libraries
from merida.parameters import FILES, programme_entries
from merida.priors import together
from merida.shipped import content, walked
from merida.user_tables.archive import unpacked
from merida.words import words
from merida.zipped import zipped

RECORD, FRAMEWORK, MANIFEST = "run.json", "framework.toml", "MANIFEST.json"
README = {"en": "README.txt", "es": "LEEME.txt"}
RECOMPUTE = '''"""Run the archived record again with the archived program: python recompute.py (see README.txt)."""

import os
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
os.environ["MERIDA_HOME"] = str(here / "home")  # the rows of the user's own on which the run rests, and no others
sys.path.insert(0, str(here / "program"))
sys.argv = ["merida", "reproduce", str(here / "run.json"){framework}, *sys.argv[1:]]

from merida.cli import main  # noqa: E402

main()
'''
OWN_FRAMEWORK = f', "--framework", str(here / "{FRAMEWORK}")'


def archive(saved: Record, framework: str | None = None) -> bytes:
    """Return the replication archive of a run.

    Parameters
    ----------
    saved : Record
    framework : str or None
        The framework's file, where the record's own does not lead there (default: what the record names).

    Raises
    ------
    FrameworkError
        If the framework cannot be read.
    RunError
        If the framework, or the facts, are no longer those of the run.
    """
    source = framework or saved.framework
    chosen, facts = Framework.load(source), Facts(saved.as_of)
    for name, held, now in (
        ("framework_digest", saved.framework_digest, chosen.digest()),
        ("facts_digest", saved.facts_digest, facts.digest),
    ):
        if held != now:
            raise RunError("archive_inputs_changed", field=name)
    held_files: dict[str, bytes] = {
        RECORD: text(saved).encode(),
        FRAMEWORK: framework_text(source),
        "parameters.csv": as_csv(parameters(chosen, saved)).encode(),
        "tables.csv": as_csv(record_tables()).encode(),
        "requirements.txt": "".join(
            f"{name}=={version}\n" for name, version in libraries().items() if version
        ).encode(),
        "recompute.py": RECOMPUTE.format(framework="" if source in SHIPPED else OWN_FRAMEWORK).encode(),
    }
    for language, name in README.items():
        told = words(language).text(
            "archive.readme", as_of=saved.as_of or "–", draws=saved.draws, seed=saved.seed
        )
        held_files[name] = told.strip().encode() + b"\n"
    for number, label in enumerate(saved.plans, 1):
        name = re.sub(r"[^\w-]+", "_", label, flags=re.ASCII)[:40]
        held_files[f"plans/{number}-{name}.csv"] = plan_of(saved, label, chosen.name).as_csv().encode()
    for one in facts.own:
        for part in (ABOUT, ROWS):
            held_files[f"home/facts/{one.id}/{part}"] = (shelf() / one.id / part).read_bytes()
    held_files |= program()
    sums = {name: hashlib.sha256(held).hexdigest() for name, held in sorted(held_files.items())}
    return zipped(held_files | {MANIFEST: (json.dumps(sums, indent=1) + "\n").encode()})


def opened(path: Path) -> tuple[Record, str]:
    """Return the record of an archive, every field of it checked, and the text of its framework.

    The program in the archive is not run, and nothing is unpacked.

    Raises
    ------
    RunError
        If the file is no archive of a run, is damaged, or a part is not the one that the archive was made with.
    """
    found = unpacked(path, (RECORD, FRAMEWORK, MANIFEST), RunError)
    try:
        sums: Mapping[str, str] = json.loads(found[MANIFEST])
        stated, framework = found[RECORD].decode(), found[FRAMEWORK].decode()
        wrong = [
            name for name in (RECORD, FRAMEWORK) if sums[name] != hashlib.sha256(found[name]).hexdigest()
        ]
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise RunError("archive_of_nothing", file=path) from error
    if wrong:
        raise RunError("archive_changed", file=path, parts=", ".join(wrong))
    return checked(path, stated), framework


def framework_text(source: str) -> bytes:
    """Return the content of a framework's file."""
    return content(f"framework/{source}.toml") if source in SHIPPED else Path(source).read_bytes()


def parameters(framework: Framework, saved: Record) -> Iterator[tuple[object, ...]]:
    """Yield a row for each parameter: what is believed of it, and the number that the run held it at."""
    yield "path", "unit", "number", "distribution", "bounds", "grade", "held", "source", "note"
    for path, entry in {**together(FILES), **programme_entries(framework)}.items():
        known = entry.value is not None or entry.distribution is not None
        believed = "" if entry.distribution is None else entry.distribution.model_dump_json(exclude_none=True)
        held = saved.held.get(path, "")
        yield (
            path, entry.unit, entry.number if known else "", believed, f"{entry.bounds[0]:g} to {entry.bounds[1]:g}",
            entry.grade, held, entry.source, entry.note_in("en"),
        )  # fmt: skip


def record_tables() -> Iterator[tuple[object, ...]]:
    """Yield a row for each table of the record: where it came from, its licence, and the SHA-256 of its file."""
    yield "table", "title", "institution", "source", "licence", "sha256"
    sums = manifest()["sha256"]
    for table in tables().values():
        told = (table.title.en, table.institution.en, table.source.en, table.licence.en)
        yield table.name, *told, sums.get(f"{table.name}.parquet", "")


def program() -> dict[str, bytes]:
    """Return the program's own files, the record of facts among them, and what an installation says of it."""
    held = {f"program/{PROGRAM}/{name}": held_file for name, held_file in walked()}
    installed = distribution(PROGRAM)
    about = f"program/{PROGRAM}-{installed.version}.dist-info"
    held[f"{about}/METADATA"] = (installed.read_text("METADATA") or "").encode()
    return held


def as_csv(lines: Iterator[tuple[object, ...]]) -> str:
    """Return rows as the text of a CSV file."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(lines)
    return written.getvalue()
