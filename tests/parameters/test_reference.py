"""The reference page of all priors is what the files say."""

from merida.framework import Framework
from merida.parameters import FILES, programme_entries
from merida.priors import together
from parameters_reference import FRAMEWORKS, PAGE, page


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python scripts/parameters_reference.py"


def test_the_page_holds_every_prior() -> None:
    text = PAGE.read_text(encoding="utf-8")
    programmes = {path for name in FRAMEWORKS for path in programme_entries(Framework.load(name))}
    for path in {*together(FILES), *programmes}:
        assert f"| `{path}` |" in text, path
