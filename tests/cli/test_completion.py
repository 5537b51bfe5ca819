"""The shell completes commands, rooms and options, and the script that makes it do so is printed."""

import pytest

from merida.errors import RequestError
from tests.runner import merida
from tests.test_cli import process as shell


@pytest.mark.parametrize(
    ("typed", "at", "found"),
    [
        ("merida fac", 1, "facts"),
        ("merida border del", 2, "delay"),
        ("merida border delay --po", 3, "--port"),
    ],
)
def test_what_was_begun_is_completed(typed: str, at: int, found: str) -> None:
    asked = {"_MERIDA_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(at)}
    assert f"plain,{found}" in shell(**asked).stdout.splitlines()


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_printed(name: str) -> None:
    told = merida("completion", name)
    assert told.exit_code == 0
    assert f"_MERIDA_COMPLETE={name}_complete" in told.stdout


def test_an_unknown_shell_is_refused() -> None:
    told = merida("completion", "nu")
    assert isinstance(told.exception, RequestError)
    assert "bash, zsh, fish" in told.exception.message("en")
