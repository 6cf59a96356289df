"""Modules of ours that have moved: a file that imports one under a name of the past is told the name of today."""

from __future__ import annotations

import re
from pathlib import Path

import backproof
from backproof import theory

THEORY = Path(theory.__file__).parent
FOLDERS = ("theory", "impl", "reports", "referee")
PUBLIC_MODULES = ("nodes", "notation", "strategies")
RENAMED = {
    "activations": "language.functions",
    "bounded": "instances.net_with_values",
    "cases": "instances.values",
    "decide": "evaluation.truth",
    "nets": "nets.networks",
    "one_signed": "nets.uncancelled",
    "shown": "language.display",
    "side_by_side": "nets.stacked",
    "tolerance": "nets.rounding",
    "unroll": "nets.unrolled",
}
"""Modules that stood at the top of `theory/` under another name, by their room and name now."""


def in_one_line(error: BaseException) -> str:
    """The message of an error in one line, and what to import instead if something of ours has moved."""
    moved = new_name(error)
    return " ".join(str(error).split()) + (f"; {moved}" if moved else "")


def new_name(error: BaseException | None) -> str | None:
    """What to import instead, if an import failed because something of ours has moved; else None."""
    if not isinstance(error, ImportError) or not error.name:
        return None
    name = re.match(r"cannot import name '(\w+)'", str(error))
    parts = [*error.name.split("."), *([name[1]] if name else [])]
    if parts[0] in FOLDERS:
        public = "what is public comes from backproof itself, as in `from backproof import Theorem`"
        return f"ours is backproof.{parts[0]} now, and {public}"
    if parts[:2] != ["backproof", "theory"] or len(parts) == 2:
        return None
    return _import_of(parts[-1], at_the_top=len(parts) == 3)


def _import_of(name: str, *, at_the_top: bool) -> str | None:
    """The import of a public name, or of what stood at the top of the theory; None if there is none of that name."""
    if name in PUBLIC_MODULES:
        return f"import backproof.{name} instead"
    if name in backproof.__all__:
        return f"use `from backproof import {name}` instead"
    found = (
        [RENAMED[name]] if name in RENAMED else [f"{file.parent.name}.{name}" for file in THEORY.glob(f"*/{name}.py")]
    )
    return f"import backproof.theory.{found[0]} instead" if at_the_top and len(found) == 1 else None
