"""Sentences of a record as HTML: typeset formulas, code, and the small formulas that people write as plain text."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from backproof.reports.typeset import typeset

PHRASES = re.compile(r"(\$(?=\S)[^$]*[^$\s]\$(?!\d)|`[^`]+`)")
GROUP = r"\{[^{}]*\}|\([^()]*\)"
SCRIPTS = re.compile(
    rf"(?<![\w/])([^\W\d_]{{1,2}})_({GROUP}|[^\W_]{{1,3}}(?![\w(]))"  # h_t, ∂h_{t−1}, W_hhᵀ
    rf"|(?<=[\w)\]}}])\^({GROUP}|[−-]?[^\W_]{{1,3}}(?![\w(/]))"  # q^(t−k), x^2
)
RAISED = re.compile(r"[ᵀᵗ′⁻⁰¹²³]")


def prose(text: str) -> Markup:
    """Escaped text in which `$…$` is typeset, backquotes make code, and h_t and q^(t−k) get their scripts."""
    return Markup().join(_phrase(part) for part in PHRASES.split(text))


def _phrase(part: str) -> Markup:
    if len(part) > 2 and part[0] == part[-1] == "$":
        return typeset(part[1:-1])
    if len(part) > 2 and part[0] == part[-1] == "`":
        return Markup("<code>{}</code>").format(part[1:-1])
    return _scripted(part)


def _scripted(text: str) -> Markup:
    pieces, end = [], 0
    for found in SCRIPTS.finditer(text):
        pieces += [escape(text[end : found.start()]), _script(*found.groups())]
        end = found.end()
    return Markup().join([*pieces, escape(text[end:])])


def _script(base: str | None, below: str | None, above: str | None) -> Markup:
    """Set one letter with its index, or an exponent alone."""
    if base is None:
        return Markup("<sup>{}</sup>").format(_bare(above or ""))
    tail = re.search(RAISED, below or "")  # W_hhᵀ: the transpose is no part of the index
    cut = tail.start() if tail and not (below or "").startswith(("{", "(")) else None
    index, rest = (below or "")[:cut], (below or "")[cut:] if cut is not None else ""
    return Markup("<var>{}</var><sub>{}</sub>{}").format(base, _bare(index), rest)


def _bare(script: str) -> str:
    return script[1:-1] if script.startswith(("{", "(")) else script
