"""The form of a record: frozen, keyword-only, and checked when it is made."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar, dataclass_transform

from backproof.theory.language.declared import fields_of, fits, in_words
from backproof.theory.language.validation import kind_of

R = TypeVar("R")


class RecordError(TypeError):
    """A malformed record; the message names its file and field."""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def record(kind: type[R]) -> type[R]:
    """A frozen keyword-only dataclass whose errors name the file and the field."""
    made = dataclass(frozen=True, kw_only=True, eq=False, repr=False)(kind)
    plain = made.__init__
    kind_made: Any = made
    known = {f.name: f for f in dataclasses.fields(made)}  # type: ignore[arg-type]
    required = {n for n, f in known.items() if f.default is f.default_factory is dataclasses.MISSING}

    def init(self: Any, *args: Any, **values: Any) -> None:
        file = sys._getframe(1).f_code.co_filename
        place = f"{file}: {kind.__name__}"
        if args:
            raise RecordError(f"{place} takes its fields by keyword")
        for name in values:
            if name not in known:
                raise RecordError(f"{place} has no field {name!r}; its fields are {', '.join(known)}")
        for name in sorted(required - set(values)):
            raise RecordError(f"{place} lacks the field {name!r}")
        plain(self, **values)
        for name, hint in fields_of(kind_made):
            if not fits(values.get(name, getattr(self, name)), hint):
                found = kind_of(values[name])
                raise RecordError(f"{place}: the field {name!r} must be {in_words(hint)}, got {found}")
        problem = next(self.problems(), None)
        if problem:
            raise RecordError(f"{place}: {problem}")

    init.__signature__ = inspect.signature(plain)  # type: ignore[attr-defined]
    made.__init__ = init  # type: ignore[method-assign]
    return made


class Record:
    """The checks that every record makes of itself: sentences that name the field at fault."""

    def problems(self) -> Iterable[str]:
        """Empty texts, by default."""
        for f in dataclasses.fields(self):  # type: ignore[arg-type]
            if f.type in ("str",) and not getattr(self, f.name).strip() and f.default is dataclasses.MISSING:
                yield f"the field {f.name!r} is empty"

    def __repr__(self) -> str:
        """The kind and what names it: its first field. A theorem alone has thousands of characters in the others."""
        return f"{type(self).__name__}({getattr(self, dataclasses.fields(self)[0].name)!r})"  # type: ignore[arg-type]
