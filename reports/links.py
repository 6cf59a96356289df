"""The two pages of a folder link to each other; where the other one is not there, a line says how to make it.

Each page is rendered as if it were alone. Whoever writes the folder knows what lies in it, and sets the lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from markupsafe import Markup


class Link(NamedTuple):
    """One line of a page: what it says without the other page, and with it."""

    to: str
    alone: Markup
    together: Markup


TO_COMPARISON = Link(
    "comparison.html",
    Markup('<li id="to-comparison">Gradient checkers compared: <code>backproof compare</code> adds this page</li>'),
    Markup('<li id="to-comparison"><a href="comparison.html">Gradient checkers compared</a></li>'),
)
TO_REPORT = Link(
    "index.html",
    Markup('<li id="to-report">The theorems and claims: <code>backproof report</code> adds their page</li>'),
    Markup('<li id="to-report"><a href="index.html">The theorems and claims</a></li>'),
)
LINKS: Mapping[str, Link] = {"index.html": TO_COMPARISON, "comparison.html": TO_REPORT}


def linked(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a folder, whose pages link to those that are there and to no other."""
    found = dict(contents)
    for page in LINKS.keys() & contents.keys():
        to, alone, together = LINKS[page]
        old, new = (alone, together) if to in contents else (together, alone)
        found[page] = contents[page].replace(old.encode(), new.encode())
    return found
