from . import cells, nodes, notation, strategies
from ._version import __version__
from .referee.answers import NothingChecked
from .referee.checked import Checked
from .referee.gradcheck import gradcheck
from .referee.subjects import SubjectError
from .referee.watching import WrongGradient
from .theory.arithmetic.base import Undecided
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
    "Checked",
    "Claim",
    "Comparison",
    "Gated",
    "Lacks",
    "Measurement",
    "Net",
    "NetWithValues",
    "NothingChecked",
    "Proof",
    "Reading",
    "RecordError",
    "Source",
    "SubjectError",
    "Theorem",
    "TwoRuns",
    "Undecided",
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
