"""Reading a framework file: every mistake is named by file, path and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from merida.errors import FrameworkError, nearest
from merida.framework.types import Framework

SHIPPED = ("merida", "bicentennial")
MONEY_SLACK = 1e-6  # shares are typed by hand


def load(source: str) -> Framework:
    """Return the framework called `source`, or the one in the file `source`.

    Raises
    ------
    FrameworkError
        If there is none, or the file is not one; the message names file, path and line.
    """
    if source in SHIPPED:
        text, where = (files("merida.framework") / f"{source}.toml").read_text(encoding="utf-8"), source
    else:
        path = Path(source)
        if not path.suffix and not path.exists():
            raise FrameworkError("unknown_framework", found=source, nearest=nearest(source, SHIPPED))
        try:
            text, where = path.read_text(encoding="utf-8-sig"), str(path)
        except UnicodeDecodeError as error:
            raise FrameworkError("framework_not_utf8", file=path, byte=error.start) from error
        except OSError as error:
            raise FrameworkError("framework_unreadable", file=path, reason=error.strerror or error) from error
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FrameworkError("framework_not_toml", file=where, reason=error) from error
    try:
        framework = Framework(source=source, name=Path(source).stem, **tree)
    except ValidationError as error:
        first = min(error.errors(), key=lambda one: line_of(text, one["loc"]))
        raise FrameworkError(
            "framework_invalid",
            file=where,
            line=line_of(text, first["loc"]),
            path=".".join(str(part) for part in first["loc"]),
            found=shown(first),
            reason=str(first["msg"]),
        ) from error
    except TypeError as error:  # a top-level key that `load` itself gives
        raise FrameworkError("framework_not_toml", file=where, reason=error) from error
    for path_, found, reason in faults(framework):
        raise FrameworkError(
            "framework_invalid",
            file=where,
            line=line_of(text, path_),
            path=".".join(str(part) for part in path_),
            found=found,
            reason=reason,
        )
    return framework


def shown(error: Any) -> str:
    """Return what was found, short."""
    return "-" if error["type"] == "missing" else repr(error["input"])[:60]


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """Return the line of a file in which the thing at a dotted path stands, or its nearest parent."""
    lines = text.splitlines()
    names = [str(part) for part in path if not isinstance(part, int)]
    for depth in range(len(names), 0, -1):
        table, key = ".".join(names[: depth - 1]), names[depth - 1]
        inside = ""
        for number, line in enumerate(lines, 1):
            if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
                inside = header.group(1).replace('"', "")
                if inside == ".".join(names[:depth]):
                    return number
            elif inside == table and re.match(rf'\s*"?{re.escape(key)}"?\s*=', line):
                return number + items(lines[number:], path) if line.rstrip().endswith("[") else number
    return 1


def items(lines: list[str], path: tuple[str | int, ...]) -> int:
    """Return how many lines below a list's key the item that a path names stands, one inline table a line."""
    wanted = next((part for part in path if isinstance(part, int)), None)
    starts = [below for below, line in enumerate(lines, 1) if line.lstrip().startswith("{")]
    return starts[wanted] if wanted is not None and wanted < len(starts) else 0


Fault = tuple[tuple[str | int, ...], str, str]


def faults(framework: Framework) -> Iterator[Fault]:
    """Yield (path, found, expected) for what refers to nothing or does not add up."""
    yield from of_programmes(framework)
    yield from of_history(framework)
    yield from of_plans(framework)


def of_programmes(framework: Framework) -> Iterator[Fault]:
    """Yield the faults of programmes and indicators."""
    for name, programme in framework.programmes.items():
        here = ("programmes", name)
        named: list[tuple[str, str, Iterable[str]]] = [
            ("pillar", programme.pillar, framework.pillars.keys()),
            ("implementer", programme.implementer, framework.agencies.keys()),
            *(("accounts", account, framework.accounts.keys()) for account in programme.accounts),
        ]
        for field, found, known in named:
            if found not in set(known):
                yield (*here, field), found, nearest(found, known)
        if programme.level == "united_states" and programme.need and programme.need.measure != "none":
            yield (*here, "need"), programme.need.measure, "none"
    for name, indicator in framework.indicators.items():
        if indicator.pillar not in framework.pillars:
            where = ("indicators", name, "pillar")
            yield where, indicator.pillar, nearest(indicator.pillar, framework.pillars)


def of_history(framework: Framework) -> Iterator[Fault]:
    """Yield the faults of the split of past money."""
    for account, mix in framework.history.mix.items():
        here = ("history", "mix", account)
        if account not in framework.accounts:
            yield here, account, nearest(account, framework.accounts)
        for programme in mix:
            if programme not in framework.programmes:
                yield (*here, programme), programme, nearest(programme, framework.programmes)
            elif not framework.eligible(programme, account):
                yield (*here, programme), account, ", ".join(framework.programmes[programme].accounts)
        if abs(sum(mix.values()) - 1) > MONEY_SLACK:
            yield here, f"{sum(mix.values()):g}", "1"
    unsplit = framework.history.unsplit
    if abs(sum(unsplit.values()) - 1) > MONEY_SLACK:
        yield ("history", "unsplit"), f"{sum(unsplit.values()):g}", "1"
    for account in unsplit:
        if account not in framework.history.mix:
            yield ("history", "unsplit", account), account, nearest(account, framework.history.mix)


def of_plans(framework: Framework) -> Iterator[Fault]:
    """Yield the faults of the plans that the framework brings along."""
    for name, plan in framework.plans.items():
        for at, line in enumerate(plan.lines):
            here = ("plans", name, "lines", at)
            if line.programme not in framework.programmes:
                yield here, line.programme, nearest(line.programme, framework.programmes)
            elif not framework.eligible(line.programme, line.account):
                allowed = ", ".join(framework.programmes[line.programme].accounts)
                yield here, f"{line.programme}: {line.account}", allowed
