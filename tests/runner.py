"""Runs a command line within the test's own process."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from unittest import mock

from merida.cli import run, terminal


@dataclass(frozen=True)
class Result:
    """What a command printed and how it ended; an error of ours is kept, not printed."""

    exit_code: int
    stdout: str
    stderr: str
    exception: BaseException | None = None

    @property
    def output(self) -> str:
        """Everything that was printed."""
        return self.stdout + self.stderr


def merida(*arguments: str, columns: int = 200) -> Result:
    """Run ``merida ARGUMENTS`` and return what it printed."""
    out, err = io.StringIO(), io.StringIO()
    code, failed = 0, None
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["merida", *arguments]),
        mock.patch.dict("os.environ", {"COLUMNS": str(columns)}),
        mock.patch.object(terminal, "gone", []),
    ):
        try:
            code = run(list(arguments))
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except KeyboardInterrupt:
            code = 130
        except Exception as error:
            code, failed = 1, error
    return Result(code, out.getvalue(), err.getvalue(), failed)


class CliRunner:
    """`merida` under the name by which many tests call it."""

    def invoke(self, _: object, arguments: Sequence[str]) -> Result:
        """Run a command line."""
        return merida(*arguments)


app = None
