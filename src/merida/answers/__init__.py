"""Answers: every question that the program answers, as one typed request and one typed answer under every face."""

from merida.answers.answer import VERSION, Answer, Question
from merida.answers.asking import answer
from merida.answers.context import Context
from merida.answers.registry import QUESTIONS, from_command, from_json, from_python, from_url, question
from merida.answers.request import Request

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
