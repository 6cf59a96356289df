"""A zoo of named faults, each a small change to a right implementation, and what catches them.

>>> "transposed W" in FAULTS
True
>>> import impl
>>> wrong = apply("transposed W", impl)
>>> wrong.clip_by_norm is impl.clip_by_norm
True
"""

from referee.zoo.catching import catchers
from referee.zoo.likeness import looks_like
from referee.zoo.records import Fault
from referee.zoo.registry import FAULTS, UnknownFault, apply

__all__ = ["FAULTS", "Fault", "UnknownFault", "apply", "catchers", "looks_like"]
