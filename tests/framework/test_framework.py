"""Frameworks as data: what is shipped loads, and every mistake in a file is named by file, path and line."""

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from merida.errors import FrameworkError
from merida.facts import Facts
from merida.framework import Framework, names, plan_named
from merida.models import border, communities, demand, institutions, policing
from merida.models.registry import check_levers
from merida.parameters import parameters

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
A = "[programmes.aviation]"
INVALID = [
    ('accounts = ["FMF", "INCLE"]', 'accounts = ["FMFF", "INCLE"]', A, "programmes.aviation.accounts", "FMF"),
    ('pillar = "disrupt"', 'pillar = "disrubt"', A, "programmes.aviation.pillar", "disrupt"),
    ('pillar = "disrupt"', 'pillar = "disrubt"', "[indicators.h", "indicators.homicides.pillar", "disrupt"),
    ('implementer = "DSCA"', 'implementer = "DSC"', A, "programmes.aviation.implementer", "DSCA"),
    ("base_year = 2012", 'base_year = "soon"', "", "base_year", "'soon'"),
    ('history_start = "2007-10"', 'history_start = "2007-13"', "", "history_start", "2007-13"),
    ('level = "nation"', 'level = "town"', A, "programmes.aviation.level", "'town'"),
    ('kind = "customs"', 'kind = "gift"', "[accounts.CBP]", "accounts.CBP.kind", "'gift'"),
    ("unit_cost = {", 'colour = "red"\nunit_cost = {', A, "programmes.aviation.colour", "'red'"),
    ("low = 8000000.0, high = 40000000.0", "low = 4e7, high = 8e6", A, COST, "`low`"),
    ("low = 8000000.0, high = 40000000.0", "low = -1, high = 8e6", A, COST, "above 0"),
    ("low = 8000000.0, high = 40000000.0", "low = 1, high = inf", A, COST, "finite"),
    ("aviation = 0.2", "aviation = 1.2", "[history.mix.INCLE]", "history.mix.INCLE.aviation", "1.2"),
    ("aviation = 0.2", "areoplanes = 0.2", "[history.mix.INCLE]", "history.mix.INCLE.areoplanes", "areoplanes"),
    ("aviation = 0.2", "public_space = 0.2", "[history.mix.INCLE]", "history.mix.INCLE.public_space", "ESF"),
    ("INCLE = 0.8", "INCL = 0.8", "[history.unsplit]", "history.unsplit.INCL", "INCLE"),
    ("[history.mix.FMF]", "[history.mix.FMFF]", "", "history.mix.FMFF", "FMF"),
    ('programme = "vetting"', 'programme = "veting"', "[plans.memo]", "plans.memo.lines.4", "vetting"),
    ('"vetting", account = "INCLE"', '"vetting", account = "HHS"', "[plans.memo]", "plans.memo.lines.4", "INCLE"),
    ("usd_per_year = 15000000.0", "usd_per_year = -1.0", "[plans.memo]", "plans.memo.lines.1.usd_per_year", "-1.0"),
    ("usd_per_year = 15000000.0", "usd_per_year = inf", "[plans.memo]", "plans.memo.lines.1.usd_per_year", "inf"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "after", "path", "said"), INVALID)
def test_fault_is_named_by_file_path_and_line(
    tmp_path: Path, old: str, new: str, after: str, path: str, said: str
) -> None:
    text, line = replaced(old, new, after)
    error = refusal(tmp_path, text)
    assert error.key == "framework_invalid"
    assert str(error.values["file"]).endswith("own.toml")
    assert str(error.values["path"]).endswith(path)
    assert error.values["line"] == line
    assert said in f"{error.values['found']} {error.values['reason']}"
    assert f"line {line}" in error.message("en")
    assert f"{line}" in error.message("es")
    assert error.message("es") != error.message("en")


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
    error = refusal(tmp_path, text)
    assert error.values["path"] == path
    assert error.values["line"] == (text[: text.index(header)].count("\n") + 1 if header else 1)


def test_first_of_several_faults_is_given(tmp_path: Path) -> None:
    text, line = replaced("base_year = 2012", 'base_year = "x"')
    assert refusal(tmp_path, text.replace('kind = "customs"', 'kind = "gift"')).values["line"] == line


def test_bad_syntax_names_the_line(tmp_path: Path) -> None:
    text, line = replaced('implementer = "DSCA"', "implementer = = 3", A)
    error = refusal(tmp_path, text)
    assert error.key == "framework_not_toml"
    assert f"line {line}" in str(error)


def test_key_that_the_loader_gives_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'name = "mine"\n' + MERIDA).key == "framework_not_toml"


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda path: path.write_bytes(b"# \xff\xfe"), "framework_not_utf8"),
        (lambda path: None, "framework_unreadable"),
        (lambda path: path.mkdir(), "framework_unreadable"),
    ],
)
def test_file_that_cannot_be_read(tmp_path: Path, make: Callable[[Path], object], key: str) -> None:
    path = tmp_path / "own.toml"
    make(path)
    with pytest.raises(FrameworkError) as found:
        Framework.load(str(path))
    assert found.value.key == key
    assert str(path) in str(found.value)


def test_unknown_name_gives_the_nearest() -> None:
    with pytest.raises(FrameworkError, match="merida") as found:
        Framework.load("meridda")
    assert found.value.key == "unknown_framework"


def test_names_of_programmes_are_data(tmp_path: Path, facts_2012: Facts) -> None:
    path = tmp_path / "own.toml"
    path.write_text(re.sub(r"(?<!institutions\.)\baviation\b", "flying", MERIDA), encoding="utf-8")
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
    for lever in (*communities.LEVERS, *institutions.LEVERS):
        wanted |= {f"{lever}.{name}" for name in ("effect", "share", "link")}
    wanted |= {f"{lever}.{name}" for lever in demand.USE for name in ("use", "income_share")}
    wanted |= {f"{lever}.effect" for lever in demand.ARMS}
    known = parameters.entries()
    assert wanted <= set(known)
    for lever in border.LEVERS:
        assert [path for path in known if path.startswith(f"{lever}.")]


@pytest.mark.parametrize("name", ["merida", "bicentennial"])
def test_every_programme_has_a_mechanism_and_units_count_at_the_border(name: str) -> None:
    framework = Framework.load(name)
    check_levers(framework)
    assert all(programme.lever for programme in framework.programmes.values())
