"""Pages that scripts write are what the scripts write, and console blocks are filled with what was printed."""

import pytest

import commands_reference
import console_blocks
from merida.answers import QUESTIONS
from merida.cli.by_hand import BY_HAND


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_reference_of_commands_is_current_and_holds_every_command(language: str) -> None:
    page = commands_reference.PAGES[language].read_text(encoding="utf-8")
    assert page == commands_reference.page(language), "run: python scripts/commands_reference.py"
    for path in (*QUESTIONS, *BY_HAND):
        assert f"# merida {path.replace('.', ' ')}\n" in page, path


def test_a_console_block_is_filled_and_the_rest_is_left() -> None:
    page = "Before\n\n```console\n$ merida facts list | head -2\nold\n```\n\n```python\nx\n```\n"
    new = console_blocks.filled(page, "es", lambda line, language: f"{language}: {line}\n")
    assert new == page.replace("old", "es: merida facts list | head -2")
    assert list(console_blocks.commands(page)) == [("merida facts list | head -2", "old\n")]
