"""Every mechanism has a card, and the card names its parameters."""

import re
from pathlib import Path

import pytest

from merida.parameters.parameters import MODELS, entries

ROOT = Path(__file__).parent.parent
CARDS = ROOT / "docs" / "models"
ROOMS = ROOT / "src" / "merida" / "models"
JOINED = (
    "system",
    "evidence",
    "monitor",
    "border",
    "border_invest",
    "border_calibration",
    "welfare",
    "information",
)  # no file of parameters beside them
CARD = {"border": "border_response"}  # border.md is that of the queue
HEADINGS = ("**Question.**", "\n## Checks", "\n## Must not be used for", "\n## Known bias")


def prefix(path: str) -> str:
    """Return what a card names: a parameter of two parts whole, of three without its last."""
    return ".".join(path.split(".")[:2])


def test_every_file_of_parameters_is_a_model() -> None:
    assert {file.stem for file in ROOMS.glob("*.toml")} - {"routes"} == set(MODELS)


@pytest.mark.parametrize("model", [*(CARD.get(model, model) for model in MODELS), *JOINED])
def test_every_mechanism_has_a_card(model: str) -> None:
    text = (CARDS / f"{model}.md").read_text(encoding="utf-8")
    assert not [heading for heading in HEADINGS if heading not in text]


@pytest.mark.parametrize("model", MODELS)
def test_card_names_every_parameter(model: str) -> None:
    text = (CARDS / f"{CARD.get(model, model)}.md").read_text(encoding="utf-8")
    wanted = {prefix(path) for path in entries() if path.startswith(f"{model}.")}
    assert wanted
    assert not sorted(name for name in wanted if not re.search(rf"`{re.escape(name)}[`.]", text))


@pytest.mark.parametrize("card", sorted(CARDS.glob("*.md")), ids=lambda card: card.stem)
def test_parameters_benchmarks_and_links_of_a_card_exist(card: Path) -> None:
    text = card.read_text(encoding="utf-8")
    known = {*entries(), *(prefix(path) for path in entries())}
    named = re.findall(rf"`((?:{'|'.join(MODELS)})\.(?!py|toml|step)[a-z0-9_.]+)`", text)
    assert not [name for name in named if name not in known and name != "delivery.fit"]
    assert not [name for name in re.findall(r"benchmarks/\w+\.py", text) if not (ROOT / name).exists()]
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert target.startswith("http") or (card.parent / target).exists(), target
