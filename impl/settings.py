"""What a loss depends on beside arrays: the keywords that the functions of this package take, and their defaults.

A function writes ``**keywords: Unpack[Keywords]`` and completes them by ``Settings(**keywords)``, which raises
TypeError for one that is unknown. What the names stand for is for `backproof.impl.validation` to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputSettings:
    """What is charged for the outputs: a name of `LOSSES`, and "sum" over time and batch, or their "mean"."""

    loss: str = "cross_entropy"
    reduction: str = "sum"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings(OutputSettings):
    """A name of `ACTIVATIONS`, and what is charged for the outputs."""

    activation: str = "tanh"


class OutputKeywords(TypedDict, total=False):
    """What `OutputSettings` takes."""

    loss: str
    reduction: str


class Keywords(OutputKeywords, total=False):
    """What `Settings` takes."""

    activation: str
