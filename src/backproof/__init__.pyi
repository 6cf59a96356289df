from . import cells, nodes, notation, strategies
from ._version import __version__
from .referee.gradcheck import WrongGradient, gradcheck
from .theory.confronting.comparison import Comparison, agree, at_most, truth
from .theory.confronting.subject import Lacks
from .theory.instances.net_with_values import NetWithValues
from .theory.instances.two_runs import TwoRuns
from .theory.instances.values import Case
from .theory.nets.networks import Gated, Net, gated, net
from .theory.proving.kernel import Proof, line
from .theory.records.forms import RecordError
from .theory.records.records import Assumption, Claim, Measurement, Reading, Source, Theorem

__all__ = [
    "Assumption",
    "Case",
    "Claim",
    "Comparison",
    "Gated",
    "Lacks",
    "Measurement",
    "Net",
    "NetWithValues",
    "Proof",
    "Reading",
    "RecordError",
    "Source",
    "Theorem",
    "TwoRuns",
    "WrongGradient",
    "__version__",
    "agree",
    "at_most",
    "cells",
    "gated",
    "gradcheck",
    "line",
    "net",
    "nodes",
    "notation",
    "strategies",
    "truth",
]
