"""Run records: nothing in one is believed, each changed field is named, and what is unchanged runs again to the byte."""

import copy
import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from merida import cache
from merida.ensemble import Simulation, simulate
from merida.ensemble.archive import archive, opened
from merida.ensemble.record_reading import read
from merida.ensemble.reproduction import again, compared, relative
from merida.ensemble.run import Outcomes
from merida.ensemble.run_record import Record, digests, own_inputs, record, text
from merida.ensemble.sizes import check_size, memory
from merida.errors import MeridaError, PlanError, RunError
from merida.facts.own import shelf
from merida.facts.own.changes import put
from merida.framework import Plan, PlanRow
from merida.framework.labels import labelled
from merida.lab import Lab
from merida.zipped import zipped
from tests.facts.own.made import home, incoming, year

__all__ = ["home"]

YEARS = 3
OFFICERS = PlanRow("customs_officers", "CBP", "US", "2013-01", "2015-12", 5e7)
POLICE = PlanRow("local_police_training", "INCLE", "08", "2013-01", "2014-12", 1e6)


@pytest.fixture(scope="module")
def run() -> Simulation:
    return Lab("2012-12").simulate(Plan("mine", "merida", (OFFICERS, POLICE)), draws=3, years=YEARS).result


@pytest.fixture(scope="module")
def saved(run: Simulation) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(text(record(run)))
    return tree


def edited(
    saved: dict[str, Any], path: str, value: Any, *, sealed: bool = False, remove: bool = False
) -> dict[str, Any]:
    """Return a record with one field changed; sealed, its digests are made anew."""
    tree = copy.deepcopy(saved)
    *above, last = path.split(".")
    node: Any = tree
    for part in above:
        node = node[int(part) if isinstance(node, list) else part]
    if remove:
        del node[last]
    else:
        node[int(last) if isinstance(node, list) else last] = value
    if sealed:
        tree["digests"] = digests({name: part for name, part in tree.items() if name != "digests"})
    return tree


def refusal(tmp_path: Path, tree: Any) -> MeridaError:
    path = tmp_path / "run.json"
    path.write_text(tree if isinstance(tree, str) else json.dumps(tree), encoding="utf-8")
    with pytest.raises(MeridaError) as error:
        again(read(path))
    assert error.value.message("es") != error.value.message("en")
    return error.value


def test_a_record_is_run_again_to_the_byte(tmp_path: Path, run: Simulation) -> None:
    path = tmp_path / "run.json"
    path.write_text(text(record(run)), encoding="utf-8")
    saved = read(path)
    assert saved == record(run)
    assert saved.outputs["mine"]["border_delay_mean"] < saved.outputs["reference"]["border_delay_mean"]
    _, report = again(saved)
    assert report == {
        "same_bytes": True,
        "largest_relative": 0.0,
        "same_lock_and_processor": True,
        "elsewhere": [],
        "inputs_changed": [],
    }


def test_an_archive_holds_the_run_and_all_that_it_rests_on(tmp_path: Path, run: Simulation) -> None:
    saved = record(run)
    content = archive(saved)
    assert content == archive(saved)
    path = tmp_path / "run.zip"
    path.write_bytes(content)
    assert opened(path)[0] == saved
    with zipfile.ZipFile(path) as held:
        names = set(held.namelist())
        sums = json.loads(held.read("MANIFEST.json"))
        assert {
            name: hashlib.sha256(held.read(name)).hexdigest() for name in names - {"MANIFEST.json"}
        } == sums
        assert held.read("plans/1-mine.csv").decode() == run.plans["mine"].as_csv()
        assert held.read("framework.toml") == (files("merida.framework") / "merida.toml").read_bytes()
        assert {"README.txt", "LEEME.txt", "parameters.csv", "tables.csv", "requirements.txt"} <= names
        assert "program/merida/facts/bundle/homicides_year.parquet" in names
        compile(held.read("recompute.py"), "recompute.py", "exec")
        parts = {name: held.read(name) for name in ("run.json", "framework.toml", "MANIFEST.json")}
    for name, spoiled, key in (
        ("run.json", parts["run.json"].replace(b'"seed": 0', b'"seed": 1'), "archive_changed"),
        ("MANIFEST.json", b"[]", "archive_of_nothing"),
        ("MANIFEST.json", b"{}", "archive_of_nothing"),
    ):
        path.write_bytes(zipped(parts | {name: spoiled}))
        with pytest.raises(RunError) as refused:
            opened(path)
        assert refused.value.key == key
    with pytest.raises(RunError, match="facts_digest"):
        archive(saved.model_copy(update={"facts_digest": "0" * 64}))


def test_a_plan_is_known_by_its_content(run: Simulation, saved: dict[str, Any]) -> None:
    twin = edited(saved, "plans", {"other": saved["plans"]["mine"]}, sealed=True)
    assert twin["digests"]["plans.other"] == saved["digests"]["plans.mine"]
    by_plan = [f"{field}.{name}" for field in ("plans", "identities", "outputs") for name in saved[field]]
    whole = saved.keys() - {"plans", "identities", "outputs", "digests"}
    assert saved["digests"].keys() == {*whole, *by_plan}
    assert saved["identities"]["mine"] == {
        "name": "mine",
        "source": "",
        "made_from": "",
        "digest": run.plans["mine"].digest,
    }
    assert run.plans["mine"].digest == Plan("other", "merida", (POLICE, OFFICERS)).digest


def test_a_record_says_what_was_asked(run: Simulation, tmp_path: Path) -> None:
    asked = {"plans": ["mine"], "years": None, "draws": 3}
    (tmp_path / "run.json").write_text(text(record(run, asked)), encoding="utf-8")
    assert read(tmp_path / "run.json").options == asked
    with pytest.raises(ValidationError):
        record(run, {"seed": float("nan")})


def test_a_record_of_format_2_is_still_run_again(tmp_path: Path, saved: dict[str, Any]) -> None:
    new = {name: part for name, part in saved.items() if name not in ("options", "identities")}
    old = edited(new, "format", 2, sealed=True)
    (tmp_path / "run.json").write_text(json.dumps(old), encoding="utf-8")
    assert again(read(tmp_path / "run.json"))[1]["same_bytes"]
    (tmp_path / "run.json").write_text(json.dumps(edited(old, "seed", 1)), encoding="utf-8")
    with pytest.raises(RunError, match="seed"):
        read(tmp_path / "run.json")
    mixed = refusal(tmp_path, edited(saved, "format", 2, sealed=True))
    assert "options: found {}; expected no key" in str(mixed)
    assert "identities: found" in str(mixed)


def test_a_record_names_the_rows_of_ones_own(home: Path, tmp_path: Path, saved: dict[str, Any]) -> None:
    """A run without them, where there are some now; and a run with them, where they were removed."""
    assert "own" not in saved
    added = put(incoming("homicides_year", [year("08037", 2010, 3766)], file_name="Juárez.csv"))
    facts = Lab("2012-12").record
    own = own_inputs(facts)
    assert own == [
        {"id": added.id, "file_name": "Juárez.csv", "sha256": added.sha256, "rows_sha256": added.rows_sha256}
    ]
    assert own_inputs(Lab("2005-12").record) == []
    before = refusal(tmp_path, saved)
    theirs = edited(edited(saved, "own", own), "facts_digest", facts.digest, sealed=True)
    assert "own" in str(refusal(tmp_path, edited(theirs, "own.0.file_name", "other.csv")))
    shelf.remove(added.id)
    after = refusal(tmp_path, theirs)
    for error, shown in ((before, "says –; now Juárez.csv"), (after, "says Juárez.csv")):
        assert error.key == "record_inputs_changed"
        assert shown in error.message("en").replace('"', "")
        assert "Juárez.csv" in error.message("es")


def test_plans_of_one_name_in_a_record_are_told_apart(tmp_path: Path) -> None:
    lab = Lab("2012-12")
    plans = [Plan("mine", "merida", (POLICE,), source=file) for file in ("a.toml", "b/a.toml")]
    plans[1] = replace(plans[1], rows=(OFFICERS,))
    chosen = labelled([*plans, Plan("[/x]", "merida", (OFFICERS,))], lab.framework, lab.record)
    run = simulate(lab.framework, lab.record, chosen, draws=2, years=1)
    labels = ["mine (a.toml)", "mine (b/a.toml)", "[/x]"]
    labels[0] = next(label for label in run.plans if label.startswith("mine (") and label != labels[1])
    assert [run.label(plan) for plan in plans] == labels[:2]
    (tmp_path / "run.json").write_text(text(record(run)), encoding="utf-8")
    kept = read(tmp_path / "run.json")
    assert kept.identities is not None
    assert [(one.name, one.source) for one in kept.identities.values()] == [
        ("mine", "a.toml"),
        ("mine", "b/a.toml"),
        ("[/x]", ""),
    ]
    assert again(kept)[1]["same_bytes"]


CHANGED = [
    ("seed", 1),
    ("draws", 4),
    ("years", 2),
    ("as_of", "2013-01"),
    ("held", {"violence.additionality": 0.5}),
    ("processor", "another"),
    ("framework", "bicentennial"),
    ("framework_digest", "0" * 64),
    ("facts_digest", "0" * 64),
    ("register_digest", "0" * 64),
    ("parameters_digest", "0" * 64),
    ("outputs_digest", "0" * 64),
    ("versions.numpy", "1.0"),
    ("plans.mine.0.5", 6e7),
    ("plans.mine.0.2", "2402"),
    ("outputs.mine.mean.1", 1.0),
    ("outputs.reference.border_delay_low.0", 1.0),
    ("digests.seed", "0" * 64),
    ("identities.mine.name", "other"),
    ("identities.mine.digest", "0" * 64),
    ("options", {"seed": 3}),
]


def test_each_field_that_was_changed_is_named(tmp_path: Path, saved: dict[str, Any]) -> None:
    for path, value in CHANGED:
        error = refusal(tmp_path, edited(saved, path, value))
        field = ".".join(path.removeprefix("digests.").split(".")[:2])
        field = field if field.startswith(("plans.", "outputs.", "identities.")) else field.split(".")[0]
        if path == "years":
            assert "outputs.reference.mean: found 3; expected a list of 2 numbers" in str(error)
        else:
            assert error.key == "record_changed", path
            assert error.values["fields"] == field
    both = edited(edited(saved, "seed", 1), "draws", 4)
    assert refusal(tmp_path, both).values["fields"] == "draws, seed"


IMPOSSIBLE = [
    ("kind", "memo", "is not the record of a run"),
    ("format", 1, "of format 1, and this version of Mérida reads format 3"),
    ("format", "2", "of format"),
    ("draws", 0, "draws: found 0; expected a number from 1 up"),
    ("draws", 10**7, "draws: found 10000000; expected a number up to 100,000"),
    ("draws", "3", 'draws: found "3"; expected a whole number'),
    ("draws", True, "draws: found true; expected a whole number"),
    ("years", 31, "years: found 31; expected a number up to 30"),
    ("seed", 1.5, "seed: found 1.5; expected a whole number"),
    ("seed", 10**30, "seed: found 1000000000000000000000000000000; expected"),
    ("framework_digest", "abc", "framework_digest: found \"abc\"; expected a SHA-256"),
    ("held", {"violence.additionality": float("nan")}, "held.violence.additionality: found nan; expected a finite"),
    ("outputs.mine.mean.1", float("nan"), "outputs.mine.mean.1: found nan; expected a finite number"),
    ("outputs.mine.mean.1", None, "outputs.mine.mean.1: found null; expected a number"),
    ("outputs.mine.mean", [1.0], "outputs.mine.mean: found 1; expected a list of 3 numbers"),
    ("outputs.mine.median", [1.0], "outputs.mine.median: found [1.0]; expected no key"),
    ("outputs.other", {}, "outputs.other: found {}; expected no key"),
    ("plans", {}, "plans: found {}; expected a list of at least 1"),
    ("plans.other", [], "outputs.other: found –; expected this key"),
    ("plans.reference", [], "plans.reference: found {…}; expected no key"),
    ("identities.other", {"name": "", "source": "", "made_from": "", "digest": "0" * 64}, "identities.other: found"),
    ("identities.mine.digest", "abc", "identities.mine.digest: found \"abc\"; expected a SHA-256"),
    ("options", None, "options: found –; expected this key"),
    ("plans.mine.0", ["a"], "plans.mine.0.1: found –; expected this key"),
    ("versions.numpy", 1, "versions.numpy: found 1; expected text"),
    ("colour", "red", 'colour: found "red"; expected no key'),
]  # fmt: skip


def test_a_value_that_cannot_be_is_named_with_what_was_expected(
    tmp_path: Path, saved: dict[str, Any]
) -> None:
    for path, value, said in IMPOSSIBLE:
        assert said in str(refusal(tmp_path, edited(saved, path, value))), path
    for path in (
        "seed",
        "framework_digest",
        "plans",
        "digests",
        "outputs.mine",
        "versions.jax",
        "outputs.mine.low",
    ):
        assert f"{path}: found –; expected this key" in str(
            refusal(tmp_path, edited(saved, path, None, remove=True))
        )
    for path in ("format", "kind"):
        assert refusal(tmp_path, edited(saved, path, None, remove=True)).key in (
            "record_format",
            "record_of_nothing",
        )
    two = edited(edited(saved, "draws", 0), "years", 99)
    assert str(refusal(tmp_path, two)).count("expected") == 2


# What whoever also makes the digests anew runs into.
FORGED: list[tuple[str, Any, str]] = [
    ("seed", 1, "the record says"),
    ("held", {"violence.additionality": 0.5}, "parameters_digest: the record says"),
    ("held", {"violence.aditionality": 0.5}, "violence.additionality"),
    ("as_of", None, "register_digest: the record says"),
    ("as_of", "soon", "YYYY-MM"),
    ("framework", "bicentennial", "framework_digest: the record says"),
    ("framework", "/etc/passwd", "--framework"),
    ("framework", "own.toml", "--framework"),
    ("framework_digest", "0" * 64, "framework_digest: the record says"),
    ("facts_digest", "0" * 64, "facts_digest: the record says"),
    ("outputs_digest", "0" * 64, "outputs_digest: the record says"),
    ("outputs.mine.mean.1", 1.0, "outputs.mine.mean.1: the record says 1.0; now"),
    ("outputs.reference.low.2", 0.0, "outputs.reference.low.2: the record says 0.0; now"),
    ("plans.mine.0.5", 6e7, "identities.mine.digest: the record says"),
    ("identities.mine.digest", "0" * 64, "identities.mine.digest: the record says"),
    ("plans.mine.0.5", -1.0, "Row 1, usd_per_year"),
    ("plans.mine.1.0", "local_polise", "local_police"),
    ("plans.mine.1.1", "FMF", "FMF may not pay for local_police_training"),
    ("plans.mine.1.2", "99", "there is no place '99'"),
    ("plans.mine.1.3", "2016-01", "before it starts"),
]


def test_a_forged_record_does_not_come_out_again(tmp_path: Path, saved: dict[str, Any]) -> None:
    for path, value, said in FORGED:
        assert said in str(refusal(tmp_path, edited(saved, path, value, sealed=True))), path
    row = replace(OFFICERS, usd_per_year=6e7)
    other = edited(saved, "plans.mine.0.5", 6e7)
    digest = Plan("mine", "merida", (row, POLICE)).digest
    forged = edited(other, "identities.mine.digest", digest, sealed=True)
    assert "outputs.mine.border_delay_mean.0: the record says" in str(refusal(tmp_path, forged))
    more = edited(saved, "plans.other", [list(vars(POLICE).values())])
    digest = Plan("other", "merida", (POLICE,)).digest
    more = edited(more, "identities.other", saved["identities"]["mine"] | {"name": "other", "digest": digest})
    more = edited(more, "outputs.other", saved["outputs"]["mine"], sealed=True)
    assert "outputs.other." in str(refusal(tmp_path, more))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"kind": ' + "9" * 5000 + "}", "is not JSON"),
        ("[]", "is not the record of a run"),
        ('{"kind": "merida run"}', "of format null"),
        ('{"kind": "merida run", "kind": "merida run"}', "'kind' stands there twice"),
    ],
)
def test_what_is_no_record_is_said_in_a_line(tmp_path: Path, content: str, said: str) -> None:
    assert said in str(refusal(tmp_path, content))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(b"\xff\xfe\xc3")
    for path in (tmp_path, tmp_path / "nothing.json", tmp_path / "run.json", Path("/dev/zero")):
        with pytest.raises(RunError):
            read(path)


def test_a_record_of_a_framework_of_ones_own_takes_the_file_from_the_user(
    tmp_path: Path, saved: dict[str, Any]
) -> None:
    own = tmp_path / "merida.toml"
    own.write_bytes((files("merida.framework") / "merida.toml").read_bytes())
    path = tmp_path / "run.json"
    path.write_text(json.dumps(edited(saved, "framework", str(own), sealed=True)), encoding="utf-8")
    with pytest.raises(RunError, match="--framework"):
        again(read(path))
    assert again(read(path), str(own))[1]["same_bytes"]
    own.write_text(
        own.read_text().replace("usd_per_year = 15000000.0", "usd_per_year = 1.0"), encoding="utf-8"
    )
    with pytest.raises(RunError, match="framework_digest: the record says"):
        again(read(path), str(own))


def test_another_machine_may_differ_in_the_last_digits_and_not_more(run: Simulation) -> None:
    mine = record(run)

    def told(change: Callable[[float], float], **fields: str) -> Record:
        outputs = copy.deepcopy(mine.outputs)
        outputs["mine"]["mean"][0] = change(outputs["mine"]["mean"][0])
        return mine.model_copy(update={"outputs": outputs, "outputs_digest": "0" * 64, **fields})

    report = compared(told(lambda value: value * (1 + 5e-10), processor="another"), mine)
    assert report["same_bytes"] is report["same_lock_and_processor"] is False
    assert report["largest_relative"] == pytest.approx(5e-10, rel=1e-4)
    assert report["elsewhere"] == [{"field": "processor", "record": "another", "now": mine.processor}]
    old = mine.versions | {"numpy": "1.0"}
    with pytest.raises(RunError, match=r"versions\.numpy: the record says \"?1\.0") as error:
        compared(told(lambda value: value * 2).model_copy(update={"versions": old}), mine)
    assert "outputs.mine.mean.0" in str(error.value)
    for change in (lambda value: value * (1 + 2e-9), lambda _: float("nan"), lambda _: float("inf")):
        with pytest.raises(RunError, match=r"outputs\.mine\.mean\.0"):
            compared(told(change, processor="another"), mine)
    with pytest.raises(RunError, match=r"outputs\.mine\.mean\.0"):
        compared(told(lambda value: value * (1 + 5e-10)), mine)
    assert relative(float("nan"), float("nan")) == relative(None, 1.0) == float("inf")
    assert relative(0.0, 0.0) == 0
    assert relative(0.0, 1e-30) == 1


def test_what_a_run_does_not_hold_is_refused_with_the_nearest(run: Simulation) -> None:
    asks: list[tuple[Callable[[], object], str]] = [
        (lambda: run.difference("mine", "main"), "'main'. Nearest: mine"),
        (lambda: run.usd("mines"), "'mines'"),
        (lambda: run.gain("border_delay", "mine", "memo"), "'memo'"),
        (lambda: run.homicides("mine", years=50), "evaluated for 3 years; found 50"),
        (lambda: run.homicides("mine", years=0), "evaluated for 3 years; found 0"),
        (lambda: run.total("border_delay", "mine", years=4), "evaluated for 3 years; found 4"),
        (lambda: run.homicides("mine", state="8"), "Nearest"),
        (lambda: run.total("border_delay", "mine", group="car"), "cars"),
    ]
    for ask, said in asks:
        with pytest.raises(PlanError) as error:
            ask()
        assert said in str(error.value)


def test_a_run_that_no_machine_holds_is_refused_at_once() -> None:
    lab = Lab("2012-12")
    plan = Plan("mine", "merida", (POLICE,))
    with pytest.raises(PlanError) as error:
        lab.simulate(plan, draws=10_000_000)
    assert error.value.key == "run_too_large"
    # 2 plans, 15 years, 12 kB a draw and year, twice while the parts are joined.
    assert error.value.values["gigabytes"] == pytest.approx(1e7 * 2 * 15 * 12_000 * 2 / 1e9)
    for draws, years in ((0, None), (-5, None), (10, 0), (10, 31), (10**30, None)):
        with pytest.raises(MeridaError):
            lab.simulate(plan, draws=draws, years=years)
    check_size(1000, 15, 3, places=True)
    assert memory() > 1e8


def test_a_finished_run_can_be_kept_with_its_draws(run: Simulation, tmp_path: Path) -> None:
    cache.save(tmp_path / "run", run.outcomes.arrays())
    kept = cache.load(tmp_path / "run")
    assert kept is not None
    unpacked = replace(run, outcomes=Outcomes.from_arrays(kept))
    assert unpacked.difference("mine", "reference") == run.difference("mine", "reference")
    assert list(unpacked.outcomes.value) == list(run.outcomes.value)
    assert record(unpacked) == record(run)
