"""What was probably meant by a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest known names, as the end of a message; nothing if none is near.

    Capitals do not count, and the last part of an id stands for the whole: ``haar`` is near ``spectra/haar``.
    """
    names = {name.lower(): name for name in known}
    near = [name for name in names if name.rpartition("/")[2] == word.lower()]
    near = near or get_close_matches(word.lower(), names, n=2)
    return f"; did you mean {' or '.join(repr(names[name]) for name in near)}?" if near else ""
