"""What the addresses take and give, as OpenAPI describes it: made from the requests and the answers' schemas."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import version
from typing import Any

from merida.answers.registry import question
from merida.answers.request import Request, several
from merida.words import words
from merida.workbench.asked import open_questions
from merida.workbench.briefs import WriteBrief
from merida.workbench.planning import Planned
from merida.workbench.rooms.improve import Improve
from merida.workbench.rooms.risk import Risk

ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["status", "message"],
            "properties": {"status": {"type": "integer"}, "message": {"type": "string"}},
        }
    },
}
WAITING = {
    "type": "object",
    "properties": {
        "state": {"type": "string"},
        "done": {"type": "integer"},
        "total": {"type": "integer"},
        "error": {"type": "string"},
    },
}

PAGES: dict[str, type[Request]] = {
    "/plan.json": Planned,
    "/plan/improve.json": Improve,
    "/risk.json": Risk,
    "/ready.json": Request,
    "/data.json": Request,
    "/brief.json": WriteBrief,
    "/data/incoming/{token}.json": Request,
}
"""What pages that show more than one question give as JSON: by address, the request whose options they take."""


@cache
def described() -> dict[str, Any]:
    """Return the description of every address that gives JSON."""
    paths = {f"/{path.replace('.', '/')}.json": {"get": operation(path)} for path in open_questions()}
    paths |= {address: {"get": page(address, kind)} for address, kind in PAGES.items()}
    shared: dict[str, Any] = {}
    for address, operations in paths.items():
        paths[address] = lifted(
            operations, address.strip("/").replace("/", ".").removesuffix(".json"), shared
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mérida", "version": version("merida")},
        "paths": paths,
        "components": {"schemas": shared},
    }


def lifted(part: Any, prefix: str, shared: dict[str, Any]) -> Any:
    """Return a part of the description with its definitions moved to `shared`, where its references find them."""
    if isinstance(part, list):
        return [lifted(one, prefix, shared) for one in part]
    if not isinstance(part, dict):
        return part
    shared |= {f"{prefix}.{name}": lifted(one, prefix, shared) for name, one in part.get("$defs", {}).items()}
    found = {name: lifted(one, prefix, shared) for name, one in part.items() if name != "$defs"}
    if isinstance(found.get("$ref"), str):
        found["$ref"] = found["$ref"].replace("#/$defs/", f"#/components/schemas/{prefix}.")
    return found


def page(address: str, kind: type[Request]) -> dict[str, Any]:
    """Return what a page takes and gives as JSON."""
    places = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", address)
    ]
    return {
        "operationId": address,
        "parameters": [*places, *taken(kind)],
        "responses": {
            "200": body("What the page shows.", {"type": "object"}),
            "202": body("A run works on it; ask again.", WAITING),
            "400": body("The request is not as it must be.", ERROR),
            "404": body("There is no such page.", ERROR),
            "409": body("The run ended without an answer, or none began.", WAITING),
            "429": body("Too much was asked in too short a time.", ERROR),
        },
    }


def taken(kind: type[Request]) -> list[dict[str, Any]]:
    """Return the options of a request as parameters of an address."""
    properties: dict[str, Any] = kind.model_json_schema().get("properties", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": field.is_required(),
            "schema": properties[name],
            "explode": several(field),
        }
        for name, field in kind.options().items()
    ]


def operation(path: str) -> dict[str, Any]:
    """Return what one question takes and gives."""
    found = question(path)
    slow = {
        "202": body("A run works on it; ask again.", WAITING),
        "409": body("The run ended without an answer.", WAITING),
    }
    return {
        "operationId": path,
        "summary": words("en").text(f"questions.{path}"),
        "parameters": taken(found.request),
        "responses": {
            "200": body("The answer.", found.schema()),
            "400": body("The request is not as it must be.", ERROR),
            "429": body("Too much was asked in too short a time.", ERROR),
            **(slow if found.kept else {}),
        },
    }


def body(about: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return one response of JSON."""
    return {"description": about, "content": {"application/json": {"schema": schema}}}
