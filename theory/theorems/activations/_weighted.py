"""The factor ``σ′(net) w`` by which an error shrinks on its way back across a weight w of the unit that it reaches.

net = w y + r: y is what the weight reads, r whatever else the unit reads.
"""

from __future__ import annotations

from sympy import Symbol

w, y, r = (Symbol(name, real=True) for name in "wyr")
net = w * y + r
