"""The commands that are no question: they write documents, show the questions themselves, or care for the cache."""

from __future__ import annotations

from collections.abc import Callable

import click

BY_HAND: dict[str, Callable[[], click.Command]] = {}
"""By path, what makes the command."""
