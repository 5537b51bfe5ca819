"""What every command prints, and how it ends when its output cannot be written."""

from __future__ import annotations

import errno
import os
import sys
import unicodedata
from contextlib import suppress
from typing import TextIO

from merida.errors import OutputError
from merida.words import LANGUAGES, user_language

PLAIN = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "─": "-",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "’": "'",
        "…": "...",
        "∞": "inf",
        "×": "x",
        "■": "o",
        "◆": "o",
        "┊": ":",
        "◄": "<",
        "►": ">",
    }
)
gone: list[bool] = []  # whether the reader of our output has closed it


def asked_language() -> str:
    """Return the language that the command line asks for: its errors and its help speak it too."""
    words = sys.argv[1:]
    for at, word in enumerate(words):
        if word == "--":
            break
        wanted = word.partition("=")[2] if word.startswith("--language=") else ""
        wanted = words[at + 1] if word == "--language" and at + 1 < len(words) else wanted
        if wanted in LANGUAGES:
            return wanted
    return user_language()


def say(text: str) -> None:
    """Print text for the user; a reader who has seen enough ends the printing, not the command.

    Raises
    ------
    OutputError
        If the output takes no more, such as a full disk.
    """
    put(sys.stdout, text + "\n")


def complain(text: str) -> None:
    """Print a message on stderr, in red where that is a terminal."""
    red = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    with suppress(OSError, OutputError):
        put(sys.stderr, f"\x1b[31m{text}\x1b[0m\n" if red else text + "\n")


def remark(text: str) -> None:
    """Print a note on stderr."""
    put(sys.stderr, text + "\n")


def put(stream: TextIO, text: str) -> None:
    """Write text in the stream's own encoding, each sign that it lacks as the nearest that it has."""
    encoding = stream.encoding or "utf-8"
    if gone and stream is sys.stdout:
        return
    try:
        content = spelled(text, encoding)
        if hasattr(stream, "buffer"):
            stream.flush()
            stream.buffer.write(content)
            stream.flush()
        else:
            stream.write(content.decode(encoding))
    except BrokenPipeError:
        gone.append(True)
    except OSError as error:
        gone.append(True)
        raise OutputError("output_lost", reason=error.strerror or str(error)) from None


def spelled(text: str, encoding: str) -> bytes:
    """Return text in an encoding; a letter that it lacks loses its accent, another sign stands as ``?``.

    Examples
    --------
    >>> spelled("México – 5", "ascii")
    b'Mexico - 5'
    """
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        letters = []
        for sign in text.translate(PLAIN):
            try:
                letters.append(sign.encode(encoding))
            except UnicodeEncodeError:
                bare = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore")
                letters.append(bare or b"?")
        return b"".join(letters)


def settle(code: int) -> int:
    """Return the exit code once what was printed has left; a closed pipe is no failure, a full disk is."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        gone.append(True)
    except OSError as error:
        complain(
            OutputError("output_lost", reason=error.strerror or os.strerror(errno.EIO)).message(
                asked_language()
            )
        )
        code = 2
    if gone:  # what is left in the buffer would be written, and fail, when the interpreter ends
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code
