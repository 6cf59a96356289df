"""What is claimed: notation, symbolic nets, derivations, theorems and the claims of the sources.

Layout, indices and names are fixed in `theory.notation`. Nothing here knows any implementation.
"""

from theory.cases import Case
from theory.comparison import Comparison, agree, at_most, truth
from theory.nets import Net, net
from theory.proof import Proof, Step, Unprovable
from theory.records import Assumption, Claim, Measurement, Reading, RecordError, Source, Theorem
from theory.subject import Lacks

__all__ = [
    "Assumption",
    "Case",
    "Claim",
    "Comparison",
    "Lacks",
    "Measurement",
    "Net",
    "Proof",
    "Reading",
    "RecordError",
    "Source",
    "Step",
    "Theorem",
    "Unprovable",
    "agree",
    "at_most",
    "net",
    "truth",
]
