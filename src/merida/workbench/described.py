"""What the addresses take and give, as OpenAPI describes it: made from the requests and the answers' schemas."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

from merida.answers.registry import question
from merida.answers.request import several
from merida.words import words
from merida.workbench.asked import open_questions

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


@cache
def described() -> dict[str, Any]:
    """Return the description of every address that gives JSON."""
    paths = {f"/{path.replace('.', '/')}.json": {"get": operation(path)} for path in open_questions()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mérida", "version": version("merida")},
        "paths": paths,
    }


def operation(path: str) -> dict[str, Any]:
    """Return what one question takes and gives."""
    found = question(path)
    said = words("en")
    properties: dict[str, Any] = found.request.model_json_schema().get("properties", {})
    taken = [
        {
            "name": name,
            "in": "query",
            "required": field.is_required(),
            "schema": properties[name],
            "explode": several(field),
        }
        for name, field in found.request.options().items()
    ]
    slow = {
        "202": body("A run works on it; ask again.", WAITING),
        "409": body("The run ended without an answer.", WAITING),
    }
    return {
        "operationId": path,
        "summary": said.text(f"questions.{path}"),
        "parameters": taken,
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
