"""The cells of impl beside their equations, for the tests of cells, layers and scans."""

from backproof.impl.cells import CELLS
from backproof.theory.cells import cell_of

EQUATIONS = {name: cell_of(name) for name in CELLS}
DIAGONAL = [name for name, one in CELLS.items() if one.diagonal]
