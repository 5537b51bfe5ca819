"""Two hundred addresses made at random of what the description lists: every answer is described, none a fault."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from merida.answers.registry import QUESTIONS, question
from merida.workbench.described import described

CASES = 200
ODD = (
    *(
        "",
        " ",
        "x",
        "-1",
        "0",
        "1e999",
        "nan",
        "true",
        "2012-12",
        "9999-99",
        "08",
        "08037",
        "memo",
        "a=b",
        "=1+1",
    ),
    *(
        "../../etc/passwd",
        "%00",
        "\x00",
        "'; drop table states; --",
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${x}",
    ),
    *("é" * 300, "\u202e", '{"name": 1}', "[]", "select 1", "\ud83d\ude00", "\n", "1" * 400),
)
SLOW = (
    "facts.check",
    "facts.status",
    "doctor",
    "scorecard",
    "border.",
    "violence.",
    "evidence.",
    "framework.",
    "plan.",
)
"""Questions whose answers take long: they are asked with an option that cannot be."""


def addresses(seed: int) -> list[tuple[str, bool]]:
    """Return addresses with random options, and whether the option that nothing knows is among them."""
    draw = random.Random(seed)
    paths = [(path, about["get"]["parameters"]) for path, about in sorted(described()["paths"].items())]
    found = []
    for _ in range(CASES):
        path, parameters = draw.choice(paths)
        name = path.removesuffix(".json").strip("/").replace("/", ".")
        named = [one["name"] for one in parameters if one["in"] == "query"]
        options = [(one, draw.choice(ODD)) for one in draw.sample(named, draw.randint(0, min(4, len(named))))]
        slow = name in QUESTIONS and (question(name).kept or name.startswith(SLOW))
        odd = slow or draw.random() < 0.2
        if odd:
            options.append(("colour", draw.choice(ODD[2:])))
        token = draw.choice(("0" * 32, "..", "x%00", "..%2f..%2fetc"))
        path = draw.choice((path, path.removesuffix(".json"))).replace("{token}", token)
        query = urlencode(options, errors="surrogatepass")
        found.append((path + (f"?{query}" if query else ""), odd))
    return found


@pytest.mark.parametrize("part", range(4))
def test_no_address_is_a_fault(visitor: TestClient, part: int) -> None:
    for address, odd in addresses(seed=7)[part::4]:
        shown = visitor.get(address, headers={"sec-fetch-site": "cross-site"}, follow_redirects=False)
        told = (address, shown.status_code)
        assert shown.status_code < 500, told
        assert not odd or shown.status_code in (400, 404), told
        if "html" in shown.headers.get("content-type", ""):
            assert "<script>alert" not in shown.text, told
        assert "Traceback" not in shown.text, told
        if shown.status_code >= 400 and ".json" in address.partition("?")[0]:
            body: Any = json.loads(shown.text)
            assert body.get("error", {}).get("status", 409) == shown.status_code, told
