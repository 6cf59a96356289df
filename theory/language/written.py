"""Values and instances written as Python that can be pasted back: short numbers, symbols by their names.

What is written can be evaluated where the notation, SymPy's names and `Fraction` are known. A symbol that the notation
does not hold is written by its own name, as the module that defines it calls it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from fractions import Fraction
from keyword import iskeyword
from math import isfinite
from typing import Any

import numpy as np
from sympy import Basic, MatrixBase, MatrixSymbol, Rational, Symbol, srepr

from backproof.theory.language import notation
from backproof.theory.language.notation import At

_NOTATION = {name: getattr(notation, name) for name in notation.__all__}
_NAMES = {symbol: name for name, symbol in _NOTATION.items() if isinstance(symbol, Basic)}


def written(value: Any) -> str:
    """A value as Python: numbers and arrays (as nested lists), symbols, mappings, and whatever has a ``repr``."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{written(key)}: {written(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, MatrixBase):
        return f"Matrix({value.tolist()})"
    if isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim):
        return "[" + ", ".join(written(part) for part in value) + "]"
    if isinstance(value, Fraction | Rational):
        return _fraction(Fraction(int(value.numerator), int(value.denominator)))
    if isinstance(value, np.generic | np.ndarray):
        value = value.item()
    if isinstance(value, float):
        return number(value)
    return _symbol(value) if isinstance(value, Symbol | MatrixSymbol | At) else repr(value)


def number(value: float) -> str:
    """A float as short as it can be read back: 1 and -0.5 rather than 1.0 and -5.0e-01."""
    if not isfinite(value):
        return f"float('{value}')"
    return str(int(value)) if value.is_integer() and abs(value) < 1e6 else repr(value)


def _fraction(value: Fraction) -> str:
    """As a float where that is exact, so that 1/2 is 0.5 and 1/3 stays a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    return number(float(value)) if Fraction(float(value)) == value else repr(value)


def _symbol(symbol: Any) -> str:
    if isinstance(symbol, At):
        return f"{symbol.name}[{symbol.time}]"
    if symbol in _NAMES:
        return _NAMES[symbol]
    if symbol.name.isidentifier() and not iskeyword(symbol.name) and symbol.name not in _NOTATION:
        return str(symbol.name)
    if isinstance(symbol, MatrixSymbol):
        return f"MatrixSymbol({symbol.name!r}, {', '.join(written(size) for size in symbol.shape)})"
    return str(srepr(symbol))


def call(name: str, *arguments: Any, **keywords: Any) -> str:
    """The call of a function, as ``net(W=[[1]], inputs=[[0]])``."""
    return f"{name}({', '.join([*map(written, arguments), *(f'{k}={written(v)}' for k, v in keywords.items())])})"


def construction(instance: Any) -> str:
    """The call that makes a dataclass: positional fields, then the keyword-only ones; defaults are left out."""
    positional, keywords, skipped = [], {}, False
    for field in fields(instance):
        value = getattr(instance, field.name)
        default = field.default if field.default_factory is MISSING else field.default_factory()
        if written(default) == written(value):
            skipped = True  # so what follows can no longer be told by its place
        elif field.kw_only or skipped:
            keywords[field.name] = value
        else:
            positional.append(value)
    return call(type(instance).__name__, *positional, **keywords)
