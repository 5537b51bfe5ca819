"""The memo's claims: the verdict's rule, the figures by hand from the tables, vintages, words, the page."""

import json
import math
import re
from pathlib import Path

import polars as pl
import pytest

from merida.brief.sections.claims import claims as section
from merida.claims import claims as module
from merida.claims.claims import (
    MEMO_MONTH,
    TOPICS,
    Claim,
    Counted,
    Expected,
    Recommendation,
    Result,
    at_the_memo,
    check,
    check_all,
    claims,
    find,
    recommendations,
)
from merida.document.blocks import Document, Grid, Paragraph, Section
from merida.document.html import render
from merida.errors import ClaimsError, FactsError
from merida.facts import Facts
from merida.facts.schema import tables
from merida.figure import Figure, Origin
from merida.words import LANGUAGES, words
from tests.runner import CliRunner, app

BUNDLE = Path(module.__file__).parents[1] / "facts/bundle"
EVERY = sorted(claims())


def read(table: str) -> pl.DataFrame:
    return pl.read_parquet(BUNDLE / f"{table}.parquet")


def value(facts: Facts, claim: str, definition: str) -> float | None:
    result = check(facts, claims()[claim])
    figure = next(one.figure for one in result.counted if one.definition.id == definition)
    return None if figure is None else figure.value


def fact(identity: str, column: str = "value") -> float:
    rows = read("published_facts").filter((pl.col("id") == identity) & (pl.col("status") == "verified"))
    return float(rows[column].item())


def organised_crime() -> pl.DataFrame:
    return read("organised_crime_homicides").with_columns(
        year=pl.col("month").str.slice(0, 4).cast(pl.Int64),
        place_known=~pl.col("municipality").str.ends_with("999"),
    )


# ---- the verdict's rule


def result(memo: Expected, **numbers: float | None) -> Result:
    """Return a result whose definitions, named reading_name, give these numbers."""
    readings = {name: name.split("_")[0] for name in numbers}
    claim = Claim(
        name="made_up", topic="money", said={"en": "a", "es": "b"}, unit="people", memo=memo,
        cannot=None if set(readings.values()) - {"context"} else {"en": "c", "es": "d"},
        definitions=[
            {"id": name, "reading": reading, "about": {"en": "a", "es": "b"}, "sql": "select 1"}
            for name, reading in readings.items()
        ],
    )  # fmt: skip
    counted = []
    for one in claim.definitions:
        found = numbers[one.id]
        figure = None if found is None else Figure(found, None, None, "people", "fact", Origin(("states",)))
        known = figure is not None and one.reading != "context"
        counted.append(Counted(one, figure, memo.reproduced_by(found) if known else None))  # type: ignore[arg-type]
    return Result(claim, None, tuple(counted))


TEN = Expected(wording="exactly", value=10)


@pytest.mark.parametrize(
    ("numbers", "verdict", "shown"),
    [
        ({"plain_a": 10, "other_b": 12}, "holds", ["plain_a", "other_b"]),
        ({"plain_a": 10, "plain_b": 10}, "holds", ["plain_a"]),
        ({"plain_a": 10, "plain_b": None}, "holds", ["plain_a"]),
        ({"plain_a": 10, "plain_b": 11}, "holds_under_definition", ["plain_a", "plain_b"]),
        ({"plain_a": 12, "other_b": 10, "other_c": 10}, "holds_under_definition", ["other_b", "plain_a"]),
        ({"plain_a": None, "other_b": 10}, "holds_under_definition", ["other_b"]),
        ({"other_b": 10}, "holds_under_definition", ["other_b"]),
        ({"plain_a": 12, "other_b": 13}, "does_not_hold", ["plain_a"]),
        ({"plain_a": 12, "context_b": 10}, "does_not_hold", ["plain_a"]),
        ({"plain_a": None, "other_b": 13}, "cannot_be_checked", ["other_b"]),
        ({"plain_a": None}, "cannot_be_checked", []),
        ({"context_a": 10}, "cannot_be_checked", []),
    ],
)
def test_the_verdict_follows_from_the_readings(
    numbers: dict[str, float | None], verdict: str, shown: list[str]
) -> None:
    found = result(TEN, **numbers)
    assert found.verdict == verdict
    assert [one.definition.id for one in found.shown] == shown
    assert (found.reason is not None) == (verdict == "cannot_be_checked")


@pytest.mark.parametrize(
    ("memo", "inside", "outside"),
    [
        (Expected(wording="exactly", value=25), [25], [24, 26]),
        (Expected(wording="rounded", value=1400, step=100), [1350, 1449], [1349, 1450]),
        (Expected(wording="about", value=46), [37, 46, 55], [36, 56]),
        (Expected(wording="more_than", value=2000, step=100), [2001, 2099], [2000, 2100]),
        (Expected(wording="between", value=250, high=300), [250, 281.8, 300], [249, 301]),
        (Expected(wording="at_least", value=50), [50, 1e9], [49.9]),
        (Expected(wording="at_most", value=15), [-5, 15], [15.1]),
    ],
)
def test_the_memos_words_bound_its_figure(memo: Expected, inside: list[float], outside: list[float]) -> None:
    assert all(memo.reproduced_by(number) for number in inside)
    assert not any(memo.reproduced_by(number) for number in outside)


@pytest.mark.parametrize(
    "wrong",
    [
        {"wording": "between", "value": 1},
        {"wording": "rounded", "value": 1},
        {"wording": "exactly", "value": 1, "step": 1},
        {"wording": "nearly", "value": 1},
    ],
)
def test_a_wording_without_its_numbers_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="wording"):
        Expected(**wrong)


def test_a_claim_whose_sql_is_changed_changes_its_verdict(facts: Facts) -> None:
    claim = claims()["deaths_2011"]
    assert check(facts, claim).verdict == "holds_under_definition"

    def with_sql(identity: str, old: str, new: str) -> Claim:
        changed = [
            one.model_copy(update={"sql": one.sql.replace(old, new)}) if one.id == identity else one
            for one in claim.definitions
        ]
        assert changed != list(claim.definitions)
        return claim.model_copy(update={"definitions": tuple(changed)})

    assert (
        check(facts, with_sql("twelve_months", "sum(deaths)", "sum(deaths) / 2")).verdict == "does_not_hold"
    )
    assert check(facts, with_sql("as_published", "sum(deaths)", "sum(deaths) + 3500")).verdict == "holds"
    assert (
        check(facts, with_sql("as_published", "year = 2011", "year = 1890")).verdict
        == "holds_under_definition"
    )


@pytest.mark.parametrize(
    ("name", "definition", "old", "new", "before", "after"),
    [
        ("promised", "announced", "value / 1e6", "value / 2e6", "holds", "does_not_hold"),
        ("launched", "announced", "'P032'", "'P035'", "holds", "does_not_hold"),
        ("leaders_listed", "decree", "'P111'", "'P116'", "holds", "does_not_hold"),
        ("leaders_removed", "published", "'P116'", "'P111'", "holds", "does_not_hold"),
        (
            "spread_2011",
            "any_death",
            "distinct municipality)",
            "distinct municipality) / 4",
            "holds_under_definition",
            "holds",
        ),
        ("new_cities", "crossed_twelve", "before < 12", "before < 1000", "does_not_hold", "holds"),
        ("federal_share", "force_2011", "100.0 *", "200.0 *", "holds", "does_not_hold"),
        ("convictions", "resolved", "'P075'", "'none'", "holds_under_definition", "cannot_be_checked"),
    ],
)
def test_each_verdict_follows_its_sql(
    facts: Facts, name: str, definition: str, old: str, new: str, before: str, after: str
) -> None:
    claim = claims()[name]
    changed = tuple(
        one.model_copy(update={"sql": one.sql.replace(old, new)}) if one.id == definition else one
        for one in claim.definitions
    )
    assert changed != claim.definitions
    assert check(facts, claim).verdict == before
    assert check(facts, claim.model_copy(update={"definitions": changed})).verdict == after


# ---- what the file holds


def test_there_are_claims_and_recommendations_enough_in_both_languages() -> None:
    assert len(claims()) >= 22
    assert len(recommendations()) >= 12
    assert {claim.topic for claim in claims().values()} == set(TOPICS)
    assert not claims().keys() & recommendations().keys()
    texts = [one.said for one in [*claims().values(), *recommendations().values()]]
    texts += [definition.about for claim in claims().values() for definition in claim.definitions]
    assert all(text.en != text.es for text in texts)
    years = re.compile(r"\b(?:19|20)\d\d\b")
    assert all(years.findall(text.en) == years.findall(text.es) for text in texts)


@pytest.mark.parametrize("name", EVERY)
def test_every_definition_runs_read_only_and_gives_one_number(facts: Facts, name: str) -> None:
    for one in check(facts, claims()[name]).counted:
        assert one.figure is None or one.figure.kind == "fact"
        if one.figure is not None:
            assert one.figure.origin.tables
            assert facts.sql(one.figure.origin.query).item() == pytest.approx(one.figure.value, rel=1e-12)
        elif one.definition.id != "survey_2010":  # the one figure of the memo that no source read gives
            pytest.fail(f"{name}.{one.definition.id} gives nothing on the whole record")


def test_sql_that_writes_is_refused(facts: Facts) -> None:
    claim = claims()["rise"]
    harm = claim.definitions[0].model_copy(update={"sql": "drop table homicides_year"})
    with pytest.raises(FactsError, match="read-only"):
        check(facts, claim.model_copy(update={"definitions": (harm,)}))


MIXED = [name for name, table in tables().items() if table.status != "verified"]


@pytest.mark.parametrize("name", EVERY)
def test_no_unverified_row_decides(facts: Facts, name: str) -> None:
    """Each query gives the same with every unverified row taken away."""
    for definition in claims()[name].definitions:
        query = definition.sql
        for table in MIXED:
            query = re.sub(rf"\b{table}\b", f"(select * from {table} where status = 'verified')", query)
            assert facts.sql(query).item() == facts.sql(definition.sql).item()


def test_the_programmes_of_the_recommendations_are_the_frameworks() -> None:
    from merida.framework import Framework

    known = Framework.load("merida").programmes
    named = {programme for one in recommendations().values() for programme in one.programmes}
    assert named <= set(known)


# ---- by hand, from the tables, without the SQL


def test_money_by_hand(facts: Facts) -> None:
    rows = read("appropriations").filter((pl.col("scope") == "merida") & (pl.col("status") == "verified"))
    by_year = {y: rows.filter(pl.col("fiscal_year") == y)["usd"].sum() / 1e6 for y in range(2008, 2016)}
    assert by_year[2012] == pytest.approx(281.76)
    assert value(facts, "money_per_year", "year_of_the_memo") == pytest.approx(by_year[2012])
    assert value(facts, "money_per_year", "mean_of_five") == pytest.approx(
        sum(by_year[y] for y in range(2008, 2013)) / 5
    )
    assert value(facts, "promised", "enacted") == pytest.approx(sum(by_year[y] for y in (2008, 2009, 2010)))
    assert value(facts, "promised", "announced") == 1400
    military = rows.filter((pl.col("account") == "FMF") & (pl.col("fiscal_year") == 2009))["usd"].sum() / 1e6
    assert value(facts, "military_shift", "first_to_last") == pytest.approx(100 * military / by_year[2009])


def test_leaders_by_hand(facts: Facts) -> None:
    rows = read("leaders_removed").filter((pl.col("status") == "verified") & pl.col("counted_in_25"))
    months = [month for month in rows["month"].to_list() if month and "2009-01" <= month <= "2012-11"]
    assert value(facts, "leaders_removed", "sourced") == len(months)
    assert value(facts, "leaders_removed", "after_the_list") == sum(month > "2009-03" for month in months)
    assert value(facts, "leaders_removed", "published") == fact("P116") == 25


def test_police_by_hand(facts: Facts) -> None:
    people = read("population_census").filter(pl.col("year") == 2010)["population"].sum()
    share = 100 * fact("P083") / (fact("P080") * people / 1e5)
    assert share == pytest.approx(8.5, abs=0.05)
    assert value(facts, "federal_share", "force_2011") == pytest.approx(share)


def test_reform_and_funnel_by_hand(facts: Facts) -> None:
    july = read("judicial_reform_status").filter(pl.col("month") == "2012-07")
    assert value(facts, "reform_slow", "in_part") == july["operation"].is_in(["partial", "full"]).sum() == 11
    assert value(facts, "reform_slow", "in_full") == (july["operation"] == "full").sum() == 3
    crimes = read("envipe").filter((pl.col("state") == "00") & (pl.col("year") == 2011))
    files = 100 * (1 - crimes["unreported_crimes"].item() / crimes["crimes"].item())
    # The table prints the share to three decimals.
    assert value(facts, "convictions", "files_opened") == pytest.approx(files, abs=5e-4)


def test_deaths_by_hand(facts: Facts) -> None:
    rows = organised_crime()

    def deaths(first: str, last: str) -> int:
        return int(rows.filter(pl.col("month").is_between(pl.lit(first), pl.lit(last)))["deaths"].sum())

    assert value(facts, "deaths_2007", "calendar_year") == deaths("2007-01", "2007-12") == 2826
    assert value(facts, "deaths_2007", "nine_months") == deaths("2007-01", "2007-09") == 2001
    assert value(facts, "deaths_2011", "as_published") == deaths("2011-01", "2011-12") == 12903
    assert value(facts, "deaths_2011", "twelve_months") == deaths("2010-10", "2011-09") == 16593
    national = read("homicides_national")
    by_year = dict(zip(national["year"], national["deaths_registration"], strict=True))
    assert value(facts, "rise", "registered") == pytest.approx(100 * by_year[2011] / by_year[2007])


def test_spread_by_hand(facts: Facts) -> None:
    rows = (
        organised_crime().filter("place_known").group_by("municipality", "year").agg(pl.col("deaths").sum())
    )

    def reaching(year: int, least: float) -> pl.DataFrame:
        return rows.filter((pl.col("year") == year) & (pl.col("deaths") >= least))

    assert value(facts, "spread_2007", "twelve_a_year") == reaching(2007, 12).height == 53
    assert value(facts, "spread_2007", "any_death") == reaching(2007, 1).height == 441
    assert value(facts, "spread_2011", "twelve_a_year") == reaching(2011, 12 * 9 / 12).height == 227
    assert value(facts, "spread_2011", "twelve_in_nine_months") == reaching(2011, 12).height == 184
    north = pl.col("municipality").str.slice(0, 2).is_in(["02", "05", "08", "19", "25", "26", "28"])
    assert value(facts, "spread_where", "municipalities") == pytest.approx(
        100 * reaching(2007, 12).filter(north).height / 53
    )
    cities = rows.filter(pl.col("municipality").is_in(["19039", "12001", "10005", "14039"]))
    assert cities.filter(pl.col("year") == 2007)["deaths"].min() >= 12  # type: ignore[operator]
    assert value(facts, "new_cities", "crossed_twelve") == 0


def test_monterrey_by_hand(facts: Facts) -> None:
    year = read("homicides_year").filter((pl.col("basis") == "registration") & (pl.col("year") == 2007))
    people = read("population_census").filter(pl.col("year") == 2005)
    city = pl.col("municipality") == "19039"
    rate = year.filter(city)["deaths"].sum() / people.filter(city)["population"].sum()
    nation = year["deaths"].sum() / people["population"].sum()
    assert value(facts, "monterrey_safe", "in_2007") == pytest.approx(100 * rate / nation)


def test_trade_by_hand(facts: Facts) -> None:
    import numpy as np

    rows = read("trade_month").filter(pl.col("mode").is_in(["truck", "rail"]))
    rows = rows.with_columns(year=pl.col("month").str.slice(0, 4).cast(pl.Int64))
    usd = (
        rows.filter(pl.col("year").is_between(1994, 2011))
        .group_by("year")
        .agg(pl.col("usd").sum())
        .sort("year")
    )
    x, y = usd["year"].to_numpy().astype(float), usd["usd"].to_numpy().astype(float)
    gap = np.corrcoef(x, np.log(y))[0, 1] ** 2 - np.corrcoef(x, y)[0, 1] ** 2
    # The query rounds to six decimals.
    assert value(facts, "trade_exponential", "by_land") == pytest.approx(100 * gap, abs=1e-6)
    assert value(facts, "trade_exponential", "years_of_fall") == int((np.diff(y) < 0).sum())


def test_demand_by_hand(facts: Facts) -> None:
    assert value(facts, "money_south", "seized_of_low_estimate") == pytest.approx(
        100 * fact("D100") / 2 / fact("D102")
    )
    assert value(facts, "nine_percent", "survey_2012") == fact("D013") == 9.2
    assert value(facts, "consumption", "past_month") == pytest.approx(fact("D013") - fact("D012"))


def test_every_number_of_four_claims_by_hand(facts: Facts) -> None:
    rows = organised_crime().filter("place_known").group_by("municipality", "year").agg(
        pl.col("deaths", "executions").sum()
    )  # fmt: skip
    year = pl.col("basis") == "registration"
    registered = read("homicides_year").filter(year & ~pl.col("municipality").str.ends_with("999"))

    def reaching(rows: pl.DataFrame, year: int, least: int, column: str = "deaths") -> int:
        return rows.filter((pl.col("year") == year) & (pl.col(column) >= least)).height

    assert value(facts, "spread_2007", "twelve_executions") == reaching(rows, 2007, 12, "executions") == 47
    assert value(facts, "spread_2007", "all_homicides") == reaching(registered, 2007, 12) == 146
    assert value(facts, "spread_2011", "any_death") == reaching(rows, 2011, 1) == 840
    assert value(facts, "spread_2011", "all_homicides") == reaching(registered, 2011, 12) == 349
    twelve = rows.filter((pl.col("year") == 2007) & (pl.col("deaths") >= 12))
    north = pl.col("municipality").str.slice(0, 2).is_in(["02", "05", "08", "19", "25", "26", "28"])
    assert value(facts, "spread_where", "deaths") == pytest.approx(
        100 * twelve.filter(north)["deaths"].sum() / twelve["deaths"].sum()
    )
    people = read("population_census").filter(pl.col("year") == 2010)["population"].sum()
    police = fact("P080") * people / 1e5
    assert value(facts, "federal_share", "force_2010") == pytest.approx(100 * fact("P082") / police)
    assert value(facts, "federal_share", "vetted_2013") == pytest.approx(
        100 * fact("P092") / (fact("P088") + fact("P089") + fact("P092"))
    )


# ---- vintages


def test_only_what_had_been_published_decides(facts: Facts, facts_2012: Facts) -> None:
    now, then = ({one.claim.name: one for one in check_all(known)} for known in (facts, facts_2012))
    assert now["convictions"].verdict == "holds_under_definition"
    assert then["convictions"].verdict == "cannot_be_checked"
    assert now["nine_percent"].verdict == "holds_under_definition"
    assert then["nine_percent"].verdict == "cannot_be_checked"
    assert now["deaths_2011"].verdict == then["deaths_2011"].verdict == "holds_under_definition"
    before = {one.verdict for one in check_all(Facts("1999-01"))}
    assert before == {"cannot_be_checked"}


def test_the_memos_day_is_compared_only_from_later() -> None:
    assert at_the_memo(Facts(MEMO_MONTH)) is None
    assert at_the_memo(Facts("2010-01")) is None
    later = at_the_memo(Facts("2015-01"))
    assert later is not None
    assert later.as_of == MEMO_MONTH


# ---- the command


def test_an_unknown_claim_suggests_the_nearest() -> None:
    with pytest.raises(ClaimsError) as error:
        find("deaths_211")
    assert "deaths_2011" in error.value.message("en")
    assert "deaths_2011" in error.value.message("es")
    assert isinstance(find("expand_hope"), Recommendation)


def test_the_command_answers_programs() -> None:
    done = CliRunner().invoke(app, ["claims", "--format", "json"])
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    assert [*answer] == ["question", "version", "request", "as_of", "claims", "recommendations"]
    assert len(answer["claims"]) == len(claims())
    assert len(answer["recommendations"]) == len(recommendations())
    claim = next(one for one in answer["claims"] if one["claim"] == "federal_share")
    assert claim.keys() == {
        "claim", "topic", "said", "unit", "memo", "verdict", "verdict_2012_12", "reason", "shown", "definitions",
    }  # fmt: skip
    definition = next(one for one in claim["definitions"] if one["definition"] == "vetted_2013")
    assert definition.keys() == {
        "definition", "reading", "about", "unit", "value", "reproduces", "value_2012_12", "sql",
    }  # fmt: skip
    assert definition["value"] == pytest.approx(15.7, abs=0.05)
    assert definition["value_2012_12"] is None
    one = json.loads(CliRunner().invoke(app, ["claims", "hope", "--format", "json"]).stdout)
    assert [entry["claim"] for entry in one["claims"]] == ["hope"]


def test_each_recommendation_says_what_is_expected_now() -> None:
    from merida.framework import Framework
    from merida.parameters.standings import effects

    framework = Framework.load("merida")
    distributions = effects(framework, Facts())
    answer = json.loads(CliRunner().invoke(app, ["claims", "gang_models", "--format", "json"]).stdout)
    assert answer["claims"] == []
    one = answer["recommendations"][0]
    assert [programme["programme"] for programme in one["expected"]] == one["programmes"]
    for programme in one["expected"]:
        distribution = distributions[programme["programme"]]
        assert distribution is not None
        assert programme["unit"] == "percent"
        assert programme["low"] < programme["value"] < programme["high"]
        # A log rate ratio as a change in percent.
        assert math.log1p(programme["value"] / 100) == pytest.approx(distribution.quantile(0.5))
        assert programme["probability_of_harm"] == pytest.approx(distribution.probability_harm)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_answers_people(language: str) -> None:
    from merida.framework import Framework

    done = CliRunner().invoke(app, ["claims", "--language", language])
    assert done.exit_code == 0
    assert all(name in done.stdout for name in [*claims(), *recommendations()])
    programmes = {programme for advice in recommendations().values() for programme in advice.programmes}
    titles = [
        Framework.load("merida").programmes[programme].title.model_dump()[language]
        for programme in programmes
    ]
    assert all(title in done.stdout for title in titles)
    assert words(language).text("claims.expected_about") in " ".join(done.stdout.split())
    one = CliRunner().invoke(app, ["claims", "convictions", "--as-of", "2012-12", "--language", language])
    assert one.exit_code == 0
    assert "select value from published_facts where id = 'P075'" in " ".join(one.stdout.split())


# ---- the page


@pytest.mark.parametrize("as_of", [None, "2012-12", "1999-01"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_section_shows_every_claim(as_of: str | None, language: str) -> None:
    facts = Facts(as_of)
    blocks = section(facts)
    grids = [block for block in blocks if isinstance(block, Grid)]
    assert [type(block) for block in blocks[:2]] == [Paragraph, Paragraph]
    assert sum(row[0] != "" for grid in grids for row in grid.rows) == len(claims())
    page = render(Document("2026-02", as_of, (), (Section("claims", tuple(blocks)),)), language, LANGUAGES)
    assert "{" not in re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL)
    body = page[page.index("<main") : page.index("<footer")]
    shown = re.sub("<[^>]+>", " ", body)
    if as_of == "2012-12":
        assert not re.findall(r"\b201[3-9]\b|\b202\d\b", shown)
    assert ">2007</button>" in page or as_of == "1999-01"  # a year stands without a separator
