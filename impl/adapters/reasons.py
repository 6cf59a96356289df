"""How frameworks are known to deviate from the textbook, in words that more than one of them needs."""

SLOPES = "the slope is taken from the value, as 1 − h² or h(1 − h), and what is left of 1 − 1 has lost its digits"
NORM = "the gradient is scaled by ε ÷ (‖g‖ + 1e-6), never by more than 1"
EDGES = "a negative threshold is taken and turns gradients round; an entry that is not finite makes others NaN or 0"
SQUARES = "entries are squared as they are, so that the norm overflows or underflows where it is a float"
