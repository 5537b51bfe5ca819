"""What the first page and the session of all commands show is run, command by command, as a stranger would."""

import re
import shutil
from pathlib import Path

import pytest

from console_blocks import filled
from tests.runner import CliRunner, app
from tests.test_cli import ROOT, SESSIONS, code_of, commands_of

pytestmark = pytest.mark.end_to_end


def few(patch: pytest.MonkeyPatch) -> None:
    """Make searches and portraits of a few draws: what they say is tested elsewhere."""
    from merida.answers.plans import usual
    from merida.brief import findings
    from merida.decide import allocate

    for name, number in (("DRAWS", 8), ("TRAINING_DRAWS", 2), ("STEPS", 2), ("STARTS", 2), ("BELIEFS", 4)):
        patch.setattr(usual, name, number)
    patch.setattr(findings, "DRAWS", 8)
    patch.setattr(findings, "RANKING_DRAWS", 8)
    search = {"draws": 8, "training_draws": 2, "steps": 2, "starts": 2, "beliefs": 4}
    patch.setattr(
        "merida.decide.allocate", lambda *of, **more: allocate(*of, **{**more, **search}, validation_draws=4)
    )


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    few(monkeypatch)


def test_the_commands_of_the_session_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "docs/samples", tmp_path / "docs/samples")
    monkeypatch.setenv("MERIDA_HOME", str(tmp_path / "home"))
    for arguments in commands_of(SESSIONS[0]):
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, (arguments, done.output, done.exception)
    page = (tmp_path / "informe/brief.es.html").read_text(encoding="utf-8")
    first = page.partition('<section id="first_page"')[2].partition("</section>")[0]
    words = re.sub("<[^>]+>", " ", " ".join(re.findall(r"<p>(.*?)</p>", first, re.DOTALL))).split()
    assert 100 < len(words) <= 350, "it is read in a minute"
    assert (tmp_path / "my-plan.toml").exists()


def test_the_python_of_the_first_page_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: None
) -> None:
    monkeypatch.chdir(tmp_path)
    assert code_of("README.md")
    for block in code_of("README.md"):
        exec(compile(block, "README.md", "exec"), {})
    assert (tmp_path / "informe/brief.es.html").exists()


@pytest.mark.parametrize(("page", "language"), [("README.md", "en"), ("LEEME.md", "es")])
def test_the_questions_of_the_first_page_are_answered_as_it_shows(page: str, language: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert filled(text, language) == text, f"run: python scripts/console_blocks.py {page}"
