"""Where a long formula may break: between the statements it joins, before a relation, before a sum's next term.

Browsers do not break MathML, so a formula on lines of its own is set as several that stand side by side while there is
room. Nothing inside brackets, fractions, scripts or matrices is taken apart.
"""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup

from backproof.reports.typeset import set_piece, typeset

TOKEN = re.compile(
    r"\\(?:left|right)(?![A-Za-z])\s*(?:\\[A-Za-z]+|\\.|.)|\\(?:begin|end)\{[^}]*\}|\\[A-Za-z]+|\\.|.", re.DOTALL
)
OPENING = re.compile(r"\\left(?![A-Za-z])|\\begin\{|\\l(?:Vert|vert|angle|floor|ceil)$|[{(\[]|\\\{")
CLOSING = re.compile(r"\\right(?![A-Za-z])|\\end\{|\\r(?:Vert|vert|angle|floor|ceil)$|[})\]]|\\\}")
ALIGNED = re.compile(r"\s*\\begin\{aligned\}(.*)\\end\{aligned\}\s*", re.DOTALL)
RELATIONS = frozenset({"=", "<", ">", r"\leq", r"\geq", r"\le", r"\ge", r"\neq", r"\ne", r"\approx"})
ARROWS = frozenset({r"\implies", r"\iff", r"\Rightarrow", r"\Leftrightarrow"})
TERMS = frozenset({"+", "-"})
_ONE = Markup('<span class="one">{}</span>')
_SIGN = Markup('{} <span class="and">and</span>')
JOINED = frozenset({r"\wedge", r"\qquad"})
LONG = 42
"""Signs from which a side of a relation may break before its terms."""


@cache
def display(tex: str) -> Markup:
    """Return the formula as MathML that breaks where it may; what cannot be taken apart stays whole."""
    statements = split(tex)
    if statements == [[tex.strip(" ,\n")]]:
        return typeset(tex, True)
    try:
        parts = [Markup("<wbr>").join(set_piece(piece) for piece in pieces) for pieces in statements]
    except Exception:  # as in `typeset`: the reader gets the source
        return typeset(tex, True)
    joined = [_SIGN.format(part) for part in parts[:-1]]
    return Markup(" ").join(_ONE.format(part) for part in [*joined, parts[-1]])


def split(tex: str) -> list[list[str]]:
    """Return the statements that the formula joins, each as the pieces between which it may break."""
    if (rows := _rows(tex)) is not None:
        return [statement for row in rows for statement in split(row)]
    tokens = _levels(tex)
    if tokens is None:
        return [[tex.strip(" ,\n")]]
    top = {token for token, level in tokens if level == 0}
    joins = frozenset() if top & (ARROWS | {r"\vee", r"\neg"}) else JOINED
    statements = _cut(tokens, joins)
    return [_pieces(statement) for statement in statements if _text(statement)] or [[""]]


Tokens = list[tuple[str, int]]


def _rows(tex: str) -> list[str] | None:
    """Return the lines of a formula that is one `aligned` of whole statements; None for anything else."""
    found = ALIGNED.fullmatch(tex)
    tokens = _levels(found.group(1)) if found else None
    if not tokens or any("{aligned}" in token for token, _ in tokens):
        return None
    rows = [_text([token for token in row if token != ("&", 0)]) for row in _cut(tokens, frozenset({r"\\"}))]
    starts = [TOKEN.match(row) for row in rows]
    whole = all(start and start.group() not in RELATIONS | ARROWS | TERMS - {"-"} for start in starts)
    return rows if whole else None


def _levels(tex: str) -> Tokens | None:
    """Return each token with the number of brackets around it; None if the brackets do not match."""
    tokens, level = [], 0
    for token in TOKEN.findall(tex):
        opens, closes = bool(OPENING.match(token)), bool(CLOSING.match(token))
        tokens.append((token, level + opens))
        level += opens - closes
        if level < 0:
            return None
    return tokens if level == 0 else None


def _cut(tokens: Tokens, signs: frozenset[str]) -> list[Tokens]:
    """Cut at signs outside brackets, and leave the signs out."""
    parts: list[Tokens] = [[]]
    for token, level in tokens:
        if level == 0 and token in signs:
            parts.append([])
        else:
            parts[-1].append((token, level))
    return parts


def _pieces(statement: Tokens) -> list[str]:
    """Cut before relations, and before terms where a side is long."""
    sides = _before(statement, RELATIONS | ARROWS)
    pieces = []
    for side in sides:
        pieces += _before(side, TERMS) if _length(side) > LONG else [side]
    return [_text(piece) for piece in pieces if _text(piece)]


def _before(tokens: Tokens, signs: frozenset[str]) -> list[Tokens]:
    """Cut before signs outside brackets that have something in front of them that they relate."""
    parts: list[Tokens] = [[]]
    for token, level in tokens:
        front = _text(parts[-1])
        if level == 0 and token in signs and front and front not in RELATIONS | ARROWS | TERMS:
            parts.append([])
        parts[-1].append((token, level))
    return parts


def _length(tokens: Tokens) -> int:
    """Count the signs that take room, roughly: letters, digits, and commands that are no brackets."""
    return sum(token.isalnum() or (token[0] == "\\" and token[1:].isalpha()) for token, _ in tokens)


def _text(tokens: Tokens) -> str:
    return "".join(token for token, _ in tokens).strip(" ,\n")
