"""Answers: every question that the program answers, as one typed request and one typed answer under every face."""

from typing import TYPE_CHECKING

from merida.lazily import lazily

if TYPE_CHECKING:
    from merida.answers.asking import answer
    from merida.answers.context import Context
    from merida.answers.questions import VERSION, Answer, Question
    from merida.answers.registry import QUESTIONS, from_command, from_json, from_python, from_url, question
    from merida.answers.request import Request

WHERE = {
    "VERSION": "questions",
    "Answer": "questions",
    "Question": "questions",
    "Context": "context",
    "Request": "request",
    "answer": "asking",
} | dict.fromkeys(
    ("QUESTIONS", "from_command", "from_json", "from_python", "from_url", "question"), "registry"
)

__all__ = [
    "QUESTIONS",
    "VERSION",
    "Answer",
    "Context",
    "Question",
    "Request",
    "answer",
    "from_command",
    "from_json",
    "from_python",
    "from_url",
    "question",
]


__getattr__ = lazily(__name__, WHERE)  # the help of the command line needs none of them
