import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from console_blocks import HEAD
from console_blocks import commands as console_commands
from merida.answers import QUESTIONS
from merida.cli import main
from merida.cli.by_hand import BY_HAND
from merida.errors import MeridaError
from merida.framework.amounts import meant_millions
from merida.words import words
from tests.runner import CliRunner, app

ROOT = Path(__file__).parent.parent


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from merida.cli import main; main()", *arguments],
        capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "MERIDA_LANGUAGE": "en", "COLUMNS": "200", **environment},
    )  # fmt: skip


def merida(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its exit within this process, which starts no watch and is not ended."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["merida", *arguments]),
        mock.patch.dict(os.environ, {"MERIDA_LANGUAGE": "en", "COLUMNS": "200", **environment}),
        mock.patch("merida.cli.watch"),
        mock.patch("merida.cli.leave", sys.exit),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    code = ended.value.code
    return subprocess.CompletedProcess(
        arguments, code if isinstance(code, int) else 0, out.getvalue(), err.getvalue()
    )


@pytest.mark.parametrize(
    "arguments",
    [("facts", "sql", "select 1 as n"), ("facts", "show", "homicide", "--language", "es"), ("facts", "lst")],
)
def test_a_process_of_its_own_says_the_same(arguments: tuple[str, ...]) -> None:
    ours, own = merida(*arguments), process(*arguments)
    assert (ours.returncode, ours.stdout, ours.stderr) == (own.returncode, own.stdout, own.stderr)


def answer(*arguments: str) -> dict[str, Any]:
    done = merida(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_sql_answers_programs_and_people() -> None:
    query = "select sum(deaths) as n from homicides_year where year = 2011 and basis = 'registration'"
    assert answer("facts", "sql", query)["rows"] == [{"n": 27213}]
    assert "27213" in merida("facts", "sql", query).stdout


def test_json_is_json_whatever_the_query_gives() -> None:
    query = (
        "select date '2020-01-01' as d, 'nan'::double as n, 1e0 / 0 as i, true as b, [1, 2] as l, now() as t"
    )
    row = answer("facts", "sql", query)["rows"][0]
    assert row["d"] == "2020-01-01"
    assert (row["n"], row["i"], row["b"], row["l"]) == (None, None, True, [1, 2])


def test_list_and_show() -> None:
    listed = answer("facts", "list")
    assert {"homicides_year", "appropriations"} <= {row["table"] for row in listed["tables"]}
    shown = merida("facts", "show", "homicides_year", "--rows", "2", "--language", "es")
    assert shown.returncode == 0
    assert "Homicidios por municipio y año" in shown.stdout
    assert answer("facts", "show", "states", "--rows", "0")["rows"] == []


def test_why_for_people_and_programs() -> None:
    key = ("municipality=08037", "year=2010", "basis=registration")
    row = answer("facts", "why", "homicides_year", *key)
    assert row["row"]["deaths"] == 3766
    assert {"institution", "compiled", "defects", "available_from", "query"} <= row.keys()
    shown = merida("facts", "why", "homicides_year", *key, "--language", "es").stdout
    assert re.search(r"deaths +3766 +defunciones", shown)
    assert "INEGI" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("facts", "show", "homicide"), "homicides_year"),
        (("facts", "sql", "drop table states"), "read-only"),
        (("facts", "sql", "select count(*) from range(1000000000000)", "--seconds", "0.3"), "--seconds"),
        (("facts", "sql", "select 1", "--as-of", "1800-01"), "1991-10"),
        (("facts", "why", "states", "state"), "COLUMN=VALUE"),
        (("facts", "why", "states", "state=08", "state=09"), "twice"),
        (("facts", "why", "states", "stat=08"), "state"),
        (("brief", "--as-of", "yesterday"), "YYYY-MM"),
        (("brief", "--out", "/proc/nowhere"), "/proc/nowhere"),
        (("brief", "--out", "README.md"), "README.md"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_line_and_exit_two(arguments: tuple[str, ...], said: str) -> None:
    done = merida(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [("brief", "--language", "fr"), ("facts", "lst"), ("facts", "show"), ("--what",)]
)
def test_bad_usage_exits_two(arguments: tuple[str, ...]) -> None:
    done = merida(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_the_user_is_answered_in_spanish() -> None:
    done = merida("facts", "show", "homicide", MERIDA_LANGUAGE="es")
    assert "No existe la tabla" in done.stderr
    assert "El acervo público" in merida("facts", "--help", MERIDA_LANGUAGE="es").stdout


@pytest.mark.parametrize(
    "command",
    ["simulate memo --draws", "rank --seed", "violence monitor --threshold", "violence forecast --draws"],
)
def test_an_integer_beyond_every_number_is_refused(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "9" * 600])
    assert done.exit_code == 2 or isinstance(done.exception, MeridaError)
    assert not isinstance(done.exception, MeridaError) or done.exception.message("es")


def test_a_sum_near_nought_has_a_likely_meaning() -> None:
    assert meant_millions(5e-324, (1e6, 1e9)) == 5e-324 * 1000.0**4 / 1e6


@pytest.mark.parametrize("command", ["evidence pool homicide", "brief --as-of 1800-01 --out brief"])
def test_an_error_speaks_the_language_that_was_asked_for(command: str) -> None:
    done = merida(*command.split(), "--language", "es")
    assert done.returncode == 2
    assert re.match("El (acervo|registro) ", done.stderr), done.stderr


def test_help_loads_nothing_heavy() -> None:
    heavy = ("polars", "duckdb", "altair", "jinja2", "jax", "numpy")
    code = f"import sys, merida.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_checks_hold_and_a_failed_one_exits_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from merida.facts import checks as module

    wrong = module.Check(
        id="wrong", kind="must_hold", about={"en": "never", "es": "nunca"},
        sql="select 'x' as at, 1.0 as found, 2.0 as expected",
    )  # fmt: skip
    monkeypatch.setattr("merida.answers.fact_checks.checks", lambda: (wrong,))
    done = CliRunner().invoke(app, ["facts", "check", "--format", "json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["checks"][0]["verdict"] == "failed"


def test_ctrl_c_stops_without_a_half_written_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from merida.document import html

    def stop(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(html, "render", stop)
    monkeypatch.setattr("merida.brief.gather", lambda *_, **__: None)
    done = CliRunner().invoke(app, ["brief", "--as-of", "1991-10", "--out", str(tmp_path / "out")])
    assert done.exit_code == 130
    assert not (tmp_path / "out").exists()


def test_an_error_of_merida_exits_two_in_process(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["merida", "facts", "show", "nothing_like_it"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert words().text("errors.unknown_table", found="x", nearest="y")[:16] in capsys.readouterr().err


SESSIONS = ("docs/how-to/commands.md", "docs/how-to/comandos.md")


@pytest.mark.parametrize("page", SESSIONS)
def test_every_command_stands_in_the_session(page: str) -> None:
    text = (ROOT / page).read_text()
    commands = [path.replace(".", " ") for path in (*QUESTIONS, *BY_HAND)]
    for command in commands:
        assert f"merida {command}" in text, command


def commands_of(page: str) -> list[list[str]]:
    text = (ROOT / page).read_text()
    return [
        shlex.split(line, comments=True)[1:] for line in re.findall(r"^    (merida .*)$", text, re.MULTILINE)
    ]


def code_of(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


def test_both_languages_show_the_same_commands_and_code() -> None:
    assert commands_of(SESSIONS[0]) == commands_of(SESSIONS[1])
    bare = [[re.sub("#.*", "", block) for block in code_of(page)] for page in ("README.md", "LEEME.md")]
    assert bare[0] == bare[1]
    asked = [
        [HEAD.sub("", line) for line, _ in console_commands((ROOT / page).read_text())]
        for page in ("README.md", "LEEME.md")
    ]
    assert asked[0] == asked[1]
    assert len(asked[0]) == 3
