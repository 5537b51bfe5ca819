"""Frameworks as data: what is shipped loads, and every mistake in a file is named by file, path and line."""

import re
import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from merida.errors import FrameworkError
from merida.facts import Facts
from merida.framework import Framework, names, plan_named
from merida.framework.lines import line_of, lines_of, paths
from merida.models import border, communities, demand, deterrence, networks, policing
from merida.models.registry import check_levers
from merida.parameters import parameters
from tests.runner import CliRunner, app

MERIDA = (files("merida.framework") / "merida.toml").read_text(encoding="utf-8")


def replaced(old: str, new: str, after: str = "") -> tuple[str, int]:
    """Return the framework with the first `old` after a header replaced, and the line where it stood."""
    at = MERIDA.index(old, MERIDA.index(after))
    return MERIDA[:at] + new + MERIDA[at + len(old) :], MERIDA[:at].count("\n") + 1


def refusal(tmp_path: Path, text: str) -> FrameworkError:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FrameworkError) as found:
        Framework.load(str(path))
    return found.value


@pytest.mark.parametrize("name", ["merida", "bicentennial"])
def test_shipped_frameworks_load(name: str) -> None:
    framework = Framework.load(name)
    assert framework.name == name
    assert framework.digest() == Framework.load(name).digest()
    assert all(framework.indicators[one].title.of("es") for one in framework.indicators)


@pytest.mark.parametrize("name", ["merida", "bicentennial"])
def test_indicators_give_one_number(name: str, facts: Facts) -> None:
    for one, indicator in Framework.load(name).indicators.items():
        if indicator.sql:
            assert facts.sql(indicator.sql).shape == (1, 1), one


COST = "programmes.aviation.unit_cost.distribution"
A, VETTING = "[programmes.aviation]", "[programmes.vetting]"
IN_A = "programmes.aviation"
INVALID = [
    ('accounts = ["FMF", "INCLE"]', 'accounts = ["FMF", "INCLEE"]', A, f"{IN_A}.accounts.1", "INCLE"),
    ('accounts = ["FMF", "INCLE"]', "accounts = []", A, f"{IN_A}.accounts", "a list of at least 1"),
    ('pillar = "disrupt"', 'pillar = "disrubt"', A, f"{IN_A}.pillar", "disrupt"),
    ('pillar = "disrupt"', 'pillar = "disrubt"', "[indicators.h", "indicators.homicides.pillar", "disrupt"),
    ('implementer = "DSCA"', 'implementer = "DSC"', A, f"{IN_A}.implementer", "DSCA"),
    ("base_year = 2012", 'base_year = "soon"', "", "base_year", "a whole number"),
    ("base_year = 2012", "base_year = 12012", "", "base_year", "from 1980 to 2100"),
    ("base_year = 2012", f"base_year = 1{'0' * 30}", "", "base_year", "from 1980 to 2100"),
    ("base_year = 2012", "base_year = 2012.5", "", "base_year", "a whole number"),
    ("base_year = 2012", "base_year = 2012-01-01", "", "base_year", "found \"2012-01-01\""),
    ("spending_years = 5", "spending_years = 50", "", "spending_years", "up to 20"),
    ('history_start = "2007-10"', 'history_start = "2007-13"', "", "history_start", "YYYY-MM"),
    ('history_start = "2007-10"', 'history_start = "9999-10"', "", "history_start", "2100-12"),
    ('level = "nation"', 'level = "town"', A, f"{IN_A}.level", "nation, state"),
    ('kind = "customs"', 'kind = "gift"', "[accounts.CBP]", "accounts.CBP.kind", "foreign_assistance"),
    ("unit_cost = {", 'colour = "red"\nunit_cost = {', A, f"{IN_A}.colour", "no key of this name"),
    ("low = 8000000.0, high = 40000000.0", "low = 4e7, high = 8e6", A, COST, "`low` below `high`"),
    ("low = 8000000.0, high = 40000000.0", "low = -1, high = 8e6", A, COST, "above 0"),
    ("low = 8000000.0, high = 40000000.0", "low = 1, high = inf", A, COST, "finite"),
    ("low = 8000000.0, high = 40000000.0", "low = true, high = 8e6", A, f"{COST}.low", "a number"),
    ("low = 8000000.0, high = 40000000.0", 'low = "1", high = 8e6', A, f"{COST}.low", "a number"),
    ('kind = "lognormal", low = 8000000.0', 'kind = "normal", low = -8.0', A, COST, "from 1e-09 to 1e+15"),
    ("low = 8000000.0", "low = 1e-320", A, COST, "from 1e-09 to 1e+15"),
    ("low = 2, high = 6", "low = -2, high = 6", VETTING, "programmes.vetting.life_years.distribution", "above 0"),
    ("aviation = 0.2", "aviation = 1.2", "[history.mix.INCLE]", "history.mix.INCLE.aviation", "up to 1"),
    ("aviation = 0.2", "areoplanes = 0.2", "[history.mix.INCLE]", "history.mix.INCLE.areoplanes", "nearest"),
    ("aviation = 0.2", "public_space = 0.2", "[history.mix.INCLE]", "history.mix.INCLE.public_space", "ESF"),
    ("INCLE = 0.8", "INCL = 0.8", "[history.unsplit]", "history.unsplit.INCL", "INCLE"),
    ("[history.mix.FMF]", "[history.mix.FMFF]", "", "history.mix.FMFF", "FMF"),
    ('programme = "vetting"', 'programme = "veting"', "[plans.memo]", "plans.memo.lines.4.programme", "vetting"),
    ('"vetting", account = "INCLE"', '"vetting", account = "HHS"', "[plans.memo]", "plans.memo.lines.4.account", "INCLE"),
    ("usd_per_year = 15000000.0", "usd_per_year = -1.0", "[plans.memo]", "plans.memo.lines.1.usd_per_year", "above 0"),
    ("usd_per_year = 15000000.0", "usd_per_year = inf", "[plans.memo]", "plans.memo.lines.1.usd_per_year", "finite"),
    ("usd_per_year = 15000000.0", "usd_per_year = 1e13", "[plans.memo]", "plans.memo.lines.1.usd_per_year", "up to"),
    ("[plans.memo]", "[plans.none]", "", "plans.none", "another name"),
    ("[agencies.ED]", '[agencies."a/b"]', "", "agencies.a/b", "letters, digits"),
    ("[pillars.shared]", 'name = "x"\n[pillars.shared]', "", "pillars.communities.name", "no key of this name"),
    ("base_year = 2012", 'base_year = 2012\nsource = "x"', "", "source", "no key of this name"),
    ('title = { en = ', 'title = "Aviation" # ', A, f"{IN_A}.title", "a table"),
]  # fmt: skip


def test_each_fault_is_named_by_line_and_path_with_what_was_found_and_expected(tmp_path: Path) -> None:
    for old, new, after, path, said in INVALID:
        text, line = replaced(old, new, after)
        line += new.count("\n") if "\n[" not in new else 0
        if new.startswith("colour"):
            line -= 1
        error = refusal(tmp_path, text)
        assert error.key == "framework_invalid", new
        message = error.message("en")
        assert "own.toml" in message
        assert f"\nLine {line}, {path}: found " in message, message
        assert said in message, message
        spanish = error.message("es")
        assert f"\nLínea {line}, {path}: se encontró " in spanish
        assert not re.search("Input|expected|should be|Error", spanish), spanish


@pytest.mark.parametrize(
    ("old", "after", "path", "header"),
    [
        ("base_year = 2012\n", "", "base_year", None),
        ('implementer = "DSCA"\n', A, "programmes.aviation.implementer", A),
        ("aviation = 0.2\n", "[history.mix.INCLE]", "history.mix.INCLE", "[history.mix.INCLE]"),
        ("ESF = 0.2\n", "[history.unsplit]", "history.unsplit", "[history.unsplit]"),
    ],
)
def test_missing_key_or_share_is_named_by_its_table(
    tmp_path: Path, old: str, after: str, path: str, header: str | None
) -> None:
    text, _ = replaced(old, "", after)
    line = text[: text.index(header)].count("\n") + 1 if header else 1
    assert f"\nLine {line}, {path}: found " in str(refusal(tmp_path, text))


def test_all_faults_are_given_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = MERIDA.replace("base_year = 2012", 'base_year = "x"').replace('kind = "customs"', 'kind = "gift"')
    lines = re.findall(r"^Line (\d+), ", str(refusal(tmp_path, text)), re.MULTILINE)
    wanted = [
        n for n, line in enumerate(text.splitlines(), 1) if line in ('base_year = "x"', 'kind = "gift"')
    ]
    assert lines == [str(number) for number in wanted]
    crowded = str(refusal(tmp_path, MERIDA.replace('grade = "assumption"', 'grade = "guess"')))
    assert crowded.count("\nLine ") == 20
    assert re.search(r"… and \d+ more", crowded)


def test_bad_syntax_names_the_line(tmp_path: Path) -> None:
    text, line = replaced('implementer = "DSCA"', "implementer = = 3", A)
    assert f"line {line}" in str(refusal(tmp_path, text))


def test_the_old_word_for_a_distribution_is_one_error_with_its_cure(tmp_path: Path) -> None:
    error = refusal(tmp_path, MERIDA.replace("distribution = ", "law = ").replace("2012", '"x"', 1))
    line = next(n for n, text in enumerate(MERIDA.splitlines(), 1) if "distribution = " in text)
    assert error.key == "framework_law_renamed"
    assert error.values["line"] == line
    assert error.values["count"] == sum("distribution = " in text for text in MERIDA.splitlines())
    named = MERIDA.replace("disrupt", "law")  # a pillar may be called so
    own = tmp_path / "own.toml"
    own.write_text(named, encoding="utf-8")
    assert "law" in Framework.load(str(own)).pillars


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b"# \xff\xfe\xc3\xa9"), "UTF-8"),
        (lambda path: None, "cannot be read"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "is not a file"),
        (lambda path: path.symlink_to(path), "symbolic links"),
        (lambda path: path.write_bytes(b"#" * 1_000_001), "million bytes"),
        (lambda path: path.write_text("a = " + "[" * 3000 + "]" * 3000), "deep"),
        (lambda path: path.write_text("a = " + "{b = " * 3000 + "1" + "}" * 3000), "deep"),
        (lambda path: path.write_text("base_year = " + "9" * 5000), "digits"),
    ],
)
def test_file_that_cannot_be_read(tmp_path: Path, make: Callable[[Path], object], said: str) -> None:
    path = tmp_path / "own.toml"
    make(path)
    with pytest.raises(FrameworkError, match=said) as found:
        Framework.load(str(path))
    assert str(path) in str(found.value)


def test_names_that_no_file_can_have() -> None:
    for name in ("x" * 300, "x" * 300 + ".toml", "a\0b", "a\0b.toml"):
        with pytest.raises(FrameworkError):
            Framework.load(name)


def test_check_gives_every_lever_and_outcome_that_no_mechanism_has(tmp_path: Path) -> None:
    text = MERIDA.replace('lever = "border.lanes_roads"', 'lever = "policing.vetting"')
    text = text.replace('"networks.aviation"', '"networks.aviaton"').replace('"us_arrests"', '"us_arests"')
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["framework", "check", str(own)])
    assert isinstance(result.exception, FrameworkError)
    for said in ("'networks.aviaton'", "networks.aviation", "'us_arests'", "lanes_roads"):
        assert said in str(result.exception)


def test_programmes_without_a_mechanism_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.toml"
    own.write_text(replaced('lever = "networks.aviation"\n', "")[0], encoding="utf-8")
    framework = Framework.load(str(own))
    assert framework.without_mechanism() == ("aviation",)
    assert framework.without_mechanism(["vetting"]) == ()
    result = CliRunner().invoke(app, ["framework", "check", str(own)])
    assert result.exit_code == 0
    assert "Programmes without a mechanism: aviation." in result.output + capsys.readouterr().err


LINES = """\
# a comment
a.b.c = 1
"q k" = { x = 1, y = [
  2,
  3] }

[p."x.y"] # a header
t = \'\'\'
[not.a.header]
\'\'\'

[[row]]
v = 1
[[row]]
list = [
  { g = 1 },
  # between
  { g = 2, h = "]" },
]
[row.sub]
s = 1
[[row.deep]]
u = 1
[p.z]
k = 2
"""


def test_lines_of_dotted_quoted_inline_and_out_of_order_keys() -> None:
    found = lines_of(LINES)
    wanted: dict[tuple[str | int, ...], int] = {
        ("a", "b", "c"): 2, ("q k", "x"): 3, ("q k", "y", 0): 4, ("q k", "y", 1): 5, ("p", "x.y"): 7,
        ("p", "x.y", "t"): 8, ("row", 0, "v"): 13, ("row", 1): 14, ("row", 1, "list", 1, "h"): 18,
        ("row", 1, "sub", "s"): 21, ("row", 1, "deep", 0, "u"): 23, ("p", "z", "k"): 25,
    }  # fmt: skip
    assert {path: found.get(path) for path in wanted} == wanted
    assert set(paths(tomllib.loads(LINES))) == set(found)
    assert line_of(found, ("row", 1, "list", 1, "missing")) == 18
    assert line_of(found, ("missing",)) == 1


def test_history_that_begins_after_the_plans_is_refused(tmp_path: Path, facts_2012: Facts) -> None:
    own = tmp_path / "own.toml"
    own.write_text(replaced('"2007-10"', '"2090-10"')[0], encoding="utf-8")
    for name in ("history", "memo", "continuation"):
        with pytest.raises(FrameworkError, match="2090-10"):
            plan_named(name, Framework.load(str(own)), facts_2012)


def test_unknown_name_gives_the_nearest() -> None:
    with pytest.raises(FrameworkError, match="merida") as found:
        Framework.load("meridda")
    assert found.value.key == "unknown_framework"


def test_names_of_programmes_are_data(tmp_path: Path, facts_2012: Facts) -> None:
    path = tmp_path / "own.toml"
    path.write_text(re.sub(r"(?<!networks\.)\baviation\b", "flying", MERIDA), encoding="utf-8")
    own, shipped = Framework.load(str(path)), Framework.load("merida")
    assert "flying" in own.programmes
    assert "aviation" not in own.programmes
    for name in names(own):
        mine, theirs = plan_named(name, own, facts_2012), plan_named(name, shipped, facts_2012)
        renamed = {row.programme.replace("aviation", "flying") for row in theirs.rows}
        assert {row.programme for row in mine.rows} == renamed
        assert sum(row.usd_per_year for row in mine.rows) == pytest.approx(
            sum(row.usd_per_year for row in theirs.rows)
        )


def test_every_lever_has_its_parameters() -> None:
    wanted = {f"{lever}.quality" for lever in policing.LEVERS}
    for lever in (*communities.LEVERS, *networks.LEVERS[1:], *deterrence.FORM):
        wanted |= {f"{lever}.{name}" for name in ("effect", "share", "link")}
    wanted |= {f"networks.leadership_targeting.{name}" for name in networks.EFFECTS}
    wanted |= {f"{lever}.{name}" for lever in demand.LEVERS for name in ("use", "people")}
    wanted |= {"flows.southbound.teams", "flows.arms_tracing.effect"}
    known = parameters.entries()
    assert wanted <= set(known)
    for lever in border.LEVERS:
        assert [path for path in known if path.startswith(f"{lever}.")]


@pytest.mark.parametrize("name", ["merida", "bicentennial"])
def test_every_programme_has_a_mechanism_and_units_count_at_the_border(name: str) -> None:
    framework = Framework.load(name)
    check_levers(framework)
    assert all(programme.lever for programme in framework.programmes.values())
