"""What a user may call a thing: its code, or its name in either language, whatever the case and the accents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from merida.words import plain

Names = Mapping[str, Iterable[str]]
"""The names that are shown of a thing, in all languages, by its code."""

MOST_LISTED = 12  # codes that are named where none is like what was typed


def folded(text: str) -> str:
    """Return a name to compare: no case, no accents, spaces for underscores.

    Examples
    --------
    >>> folded("  Prevención_comunitaria ")
    'prevencion comunitaria'
    """
    return " ".join(plain(text).replace("_", " ").split())


def meant(wanted: str, names: Names) -> tuple[str, ...]:
    """Return the codes of what a user calls by a name; the code itself goes before all names.

    Examples
    --------
    >>> meant("mediacion", {"cure_violence": ("Street outreach", "Mediación"), "prisons": ("Prisons", "Cárceles")})
    ('cure_violence',)
    """
    if wanted in names:
        return (wanted,)
    sought = folded(wanted)
    return tuple(code for code, called in names.items() if sought in map(folded, (code, *called)))


def nearest_names(wanted: str, names: Names, count: int = 3) -> str:
    """Return the names most like what was typed, comma-separated, or some codes where none is close.

    Examples
    --------
    >>> nearest_names("carcels", {"cure_violence": ("Street outreach", "Mediación"), "prisons": ("Prisons", "Cárceles")})
    'Cárceles'
    """
    sought = folded(wanted)
    forms: dict[str, tuple[str, str]] = {}
    for code, called in names.items():
        for form in (code, *called):
            forms.setdefault(folded(form), (code, form))
    close = get_close_matches(sought, forms, n=3 * count, cutoff=0.5)
    close += [form for form in forms if sought and sought in form and form not in close]
    found: dict[str, str] = {}
    for form in close:
        code, shown = forms[form]
        found.setdefault(code, shown)
    return ", ".join(list(found.values())[:count] or sorted(names)[:MOST_LISTED])
