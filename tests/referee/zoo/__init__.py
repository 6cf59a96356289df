"""A zoo of named faults, each a small change to a right implementation, and what catches them.

>>> "transposed W" in FAULTS
True
>>> from backproof import impl
>>> wrong = apply("transposed W", impl)
>>> wrong.clip_by_norm is impl.clip_by_norm
True
"""

from backproof.referee.zoo.catching import catchers
from backproof.referee.zoo.records import Fault
from backproof.referee.zoo.registry import FAULTS, UnknownFault, apply

__all__ = ["FAULTS", "Fault", "UnknownFault", "apply", "catchers"]
