"""What a query does, read from its own words before it runs.

DuckDB calls some statements a SELECT, or an EXPLAIN, that do more than read: ``explain analyze update …`` updates,
``from enable_logging()`` opens a log and ``from pandas_scan(null)`` ends the process. A query passes here if it is
one statement that reads and that calls no such function.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from merida.errors import FactsError

if TYPE_CHECKING:
    import duckdb

# Table functions that change a setting, run text as a statement, take addresses of memory, never end, or show what
# is not of the record. A test holds every table function of the installed DuckDB against a list that was reviewed.
REFUSED = re.compile(
    r"(arrow|pandas|seq)_scan(_dumb)?|(force_)?checkpoint|(enable|disable)_(logging|profiling)|(truncate_)?duckdb_logs\w*|"
    r"duckdb_(external_file_cache|log_contexts|secrets|table_sample)|json_execute_serialized_sql|python_map_function|"
    r"summary|which_secret"
)
FILES = re.compile(r"(read|parquet|sniff)_\w+|glob")
WORD = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\w+|.""", re.DOTALL)
TEXT = re.compile(r"'((?:[^']|'')*)'")


class Token(NamedTuple):
    """One word, text or sign of a query, and the byte at which it starts."""

    word: str
    start: int


def check_query(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Refuse a query that is not one statement which only reads.

    Parameters
    ----------
    connection : DuckDBPyConnection
        A connection that is closed to files: DuckDB reads a file to parse ``import database``.
    query : str
        SQL as the user wrote it.

    Raises
    ------
    FactsError
        If the text cannot be parsed, holds several statements or one that writes, or calls a table function
        that reaches for files or does more than read.

    Examples
    --------
    >>> check_query(duckdb.connect(), "select 1")
    >>> check_query(duckdb.connect(), "explain analyze delete from states")
    Traceback (most recent call last):
    merida.errors.FactsError: One statement that reads is expected: …
    """
    tokens = _tokens(query)
    statements = _statements(connection, query)
    kinds = [statement.type.name for statement in statements]
    if kinds == ["EXPLAIN"]:
        explained = _statements(connection, _explained(query, tokens))
        kinds = ["EXPLAIN", *(statement.type.name for statement in explained)]
    if kinds not in (["SELECT"], ["EXPLAIN", "SELECT"]) and not _is_pivot(statements):
        raise FactsError("sql_not_a_select", found=", ".join(kinds) or "-")
    _check_functions(connection, [token.word for token in tokens])


def first_line(error: BaseException) -> str:
    """Return the first line of a library's message, without its own class name."""
    message = (str(error).strip() or type(error).__name__).splitlines()[0]
    return re.sub(r"^([A-Z][\w ]+ Error: )+", "", message).rstrip("!.")


def _tokens(query: str) -> list[Token]:
    """Return the words, texts and signs of a query without its comments."""
    import duckdb

    try:
        encoded = query.encode()
    except UnicodeEncodeError as error:
        raise FactsError("sql_not_text") from error
    if b"\0" in encoded:
        raise FactsError("sql_not_text")
    starts = [start for start, _ in duckdb.tokenize(query)]
    ends = [*starts[1:], len(encoded)]
    words = (WORD.match(encoded[start:end].decode()) for start, end in zip(starts, ends, strict=False))
    return [Token(word[0], start) for word, start in zip(words, starts, strict=True) if word]


def _statements(connection: duckdb.DuckDBPyConnection, query: str) -> list[duckdb.Statement]:
    import duckdb

    try:
        return connection.extract_statements(query)
    except duckdb.PermissionException as error:
        raise FactsError("sql_touches_files") from error
    except duckdb.Error as error:
        raise FactsError("sql_invalid", reason=first_line(error)) from error


def _is_pivot(statements: Sequence[duckdb.Statement]) -> bool:
    """Say whether the parser made these statements of one PIVOT: those that it makes have no text of their own."""
    kinds = [statement.type.name for statement in statements]
    return (
        len(kinds) > 1
        and kinds[-1] == "SELECT"
        and set(kinds[:-1]) == {"CREATE"}
        and not any(statement.query for statement in statements)
    )


def _explained(query: str, tokens: Sequence[Token]) -> str:
    """Return the statement that an EXPLAIN explains."""
    words = [token.word.lower() for token in tokens]
    begins = 1
    if words[1:2] in (["analyze"], ["analyse"]):
        begins = 2
    elif words[1:2] == ["("] and words[2] in ("analyze", "analyse", "format"):
        begins = words.index(")") + 1
    return query.encode()[tokens[begins].start :].decode() if begins < len(tokens) else ""


def _check_functions(connection: duckdb.DuckDBPyConnection, words: Sequence[str]) -> None:
    """Refuse a table function that does more than read, also inside the text given to ``query``."""
    for number, word in enumerate(words[:-1]):
        name = word.strip('"').lower()
        if words[number + 1] != "(":
            continue
        if FILES.fullmatch(name):
            raise FactsError("sql_touches_files")
        if REFUSED.fullmatch(name):
            raise FactsError("sql_function", function=name)
        if name == "query":
            text = TEXT.fullmatch(words[number + 2])
            if text is None or words[number + 3] != ")":
                raise FactsError("sql_query_not_literal")
            check_query(connection, text[1].replace("''", "'"))
