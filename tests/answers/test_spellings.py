"""Every request, generated at random, is the same after each of its four spellings."""

from __future__ import annotations

import inspect
import random
from typing import Any, get_args, get_origin

import pytest

from merida.answers import QUESTIONS, from_command, from_json, from_python, from_url, question
from merida.answers.border.simulate import pair_of
from merida.answers.fields import bounds_of, numbers, option_of
from merida.answers.request import LAB, Request, bare, flag, python_path
from merida.errors import BorderError, MeridaError
from merida.lab import Lab
from tests.runner import merida

CASES = 60
HARD = (
    "San Ysidro", "a b", "--draws", "-5", "'", '"', "[/x]", "ñandú – 5 %", "a&b=c?d#e", "x=1", "{}", "$(ls)", "\\",
    "a\nb", "100%25", "+1", "=1+1", "用", "true", "None", "",
)  # fmt: skip


def drawn(field: Any, stream: random.Random) -> Any:  # noqa: PLR0911  # a kind each
    """Return a value that a field takes."""
    kind = bare(field)
    low, high = bounds_of(field)
    if kind is bool:
        return stream.random() < 0.5
    if kind is int:
        return stream.randint(
            int(low if low is not None else -(2**70)), int(high if high is not None else 2**70)
        )
    if kind is float:
        ends = (low if low is not None else -1e9, high if high is not None else 1e9)
        return stream.choice([stream.uniform(*ends), ends[0], ends[1]])
    if get_origin(kind) is tuple and get_args(kind)[0] is not str and "PATH" in option_of(field).metavar:
        return {f"a.b_{at}": stream.choice([0.1, -2.0, 1e-300, 3.0]) for at in range(stream.randint(0, 3))}
    if option_of(field).metavar == "CURRENCY:YEAR":
        return stream.choice(["MXN:2012", "usd:2024"])
    if get_origin(kind) is tuple:
        return [stream.choice(HARD) for _ in range(stream.randint(1, 3))]
    if all(isinstance(one, str) for one in get_args(kind)) and get_args(kind):
        return stream.choice(get_args(kind))
    return stream.choice(HARD)


def generated(name: str) -> list[Request]:
    """Return requests of a question with options drawn at random; those that its own rules refuse are left out."""
    stream = random.Random(name)
    kind = question(name).request
    found = []
    for _ in range(CASES):
        options = {
            option: drawn(field, stream)
            for option, field in kind.model_fields.items()
            if field.is_required() or stream.random() < 0.5
        }
        try:
            found.append(kind.of(options))
        except MeridaError:
            continue
    return found


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_request_survives_its_four_spellings(name: str) -> None:
    requests = generated(name)
    assert requests
    for request in requests:
        assert from_command(request.command()) == request, request.command()
        assert from_python(request.python()) == request, request.python()
        assert from_url(request.url()) == request, request.url()
        assert from_json(request.json()) == request, request.json()


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_option_has_its_words_and_every_answer_its_schema(name: str) -> None:
    from merida.words import words

    asked = question(name)
    for field in asked.request.model_fields.values():
        assert words("en").has(option_of(field).help), option_of(field).help
    assert words("en").has(f"questions.{name}")
    kind: type[Request] = asked.request
    example = kind.of(kind.example)
    assert from_command(example.command()) == example
    schema = asked.schema()
    assert schema["title"] == name
    assert schema["properties"]["question"] == {"const": name}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_lab_has_the_method_that_python_spells_and_help_says_every_option(name: str, language: str) -> None:
    lab: Any = Lab()
    kind: type[Request] = question(name).request
    found = lab
    for part in python_path(name).split("."):
        assert part in dir(found)
        found = getattr(found, part)
    options = [option for option in kind.model_fields if option not in LAB]
    assert list(inspect.signature(found).parameters) == sorted(options, key=list(kind.options()).index)
    assert all(option in found.__doc__ for option in options)
    shown = merida(*name.split("."), "--help", "--language", language)
    assert shown.exit_code == 0
    for option, field in kind.model_fields.items():
        about = option_of(field)
        assert (about.metavar if about.argument else flag(option, about)) in shown.stdout


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (from_json, "[]"),
        (from_json, '{"question": 5}'),
        (from_json, '{"question": "facts.sql", "query": "select 1", "colour": 1}'),
        (from_json, "{" * 100_000),
        (from_url, "/facts/sql?query=a&query=b"),
        (from_url, "/facts/sql?query=a&colour=b"),
        (from_url, "/nothing/here"),
        (from_python, "merida.Lab().facts.sql(open('/etc/passwd').read())"),
        (from_python, "__import__('os').system('true')"),
        (from_python, "merida.Lab().facts.sql(query=1 +"),
        (from_command, "merida facts sql 'select"),
        (from_command, "merida facts sql"),
        (from_command, "merida facts sql a --seconds ２０"),
        (from_command, "merida facts sql a --seconds nan"),
    ],
)
def test_what_is_no_request_is_refused_with_a_message(read: Any, text: str) -> None:
    with pytest.raises(MeridaError) as refused:
        read(text)
    assert refused.value.message("en")
    assert refused.value.message("es") != refused.value.message("en")


@pytest.mark.parametrize(
    "given",
    [
        {"draws": True},
        {"draws": "１２"},
        {"draws": "1_0"},
        {"draws": "9" * 31},
        {"seed": 2**63},
        {"held": 3},
        {"held": [["a.b"]]},
        {"held": [[["a"], 1]]},
        {"held": {1: 2}},
        {"held": "a.b=１"},
        {"held": "a.b=nan"},
        {"held": {"a.b": True}},
        {"held": {"a.b": 10**400}},
    ],
)
def test_what_is_no_number_of_this_program_is_refused_in_a_readable_message(given: dict[str, Any]) -> None:
    with pytest.raises(MeridaError) as error:
        question("simulate").request.of({"plan": "memo"} | given)
    for language in ("en", "es"):
        assert len(error.value.message(language)) < 500


@pytest.mark.parametrize("text", ["１,2", "1_0,2", "nan,1", "1,inf", "1e999,1", "", "1,", "²,1", "9" * 400])
def test_a_list_of_numbers_passes_the_same_gate(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        numbers(text)
    with pytest.raises(BorderError):
        pair_of("baulking", text)
    assert pair_of("baulking", " 0.5, 1e3") == (0.5, 1000.0)
