"""A picture as numbers: a theorem says what to draw, the report draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """``kind`` names a kind of plot; ``data`` holds what that kind needs, as plain lists and numbers."""

    kind: str
    title: str
    caption: str
    data: dict[str, Any]
