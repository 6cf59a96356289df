"""Tables made from the code, so that they cannot go stale: symbols of the notation, cells, options of pytest.

In a page, ``:::{symbols}`` and ``:::{pytest-options}`` stand where each should appear.
"""

import re
from importlib import import_module
from pkgutil import iter_modules
from types import SimpleNamespace

from docutils import nodes
from docutils.parsers.rst import Directive
from sympy import MatrixExpr, Symbol

from backproof.notation import Sequence
from backproof.referee import plugin
from backproof.theory.language.typeset import tex


def table(head, rows):
    """A table of docutils; each cell is a node or a text."""
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", row(head))
    group += nodes.tbody("", *map(row, rows))
    return nodes.table("", group)


def row(cells):
    """One line of a table."""
    parts = [cell if isinstance(cell, nodes.Node) else nodes.Text(cell) for cell in cells]
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", part)) for part in parts))


def formula(expression):
    """An expression as it is typeset in a line of text."""
    text = expression if isinstance(expression, str) else tex(expression)
    return nodes.math(text, text)


class Symbols(Directive):
    """Every symbol of `backproof.notation` by its name in Python, with its shape."""

    def run(self):
        """The table."""
        from backproof import notation

        found = [(name, getattr(notation, name)) for name in notation.__all__]
        return [table(("in Python", "typeset", "shape"), [self.row(*pair) for pair in found if self.shown(pair[1])])]

    @staticmethod
    def shown(value):
        """Whether it is a symbol, and no helper."""
        return isinstance(value, MatrixExpr | Symbol | Sequence)

    @staticmethod
    def row(name, value):
        """Name, symbol and shape; a sequence stands with the time t."""
        from backproof.notation import t

        symbol = value[t] if isinstance(value, Sequence) else value
        shape = rf"{tex(symbol.shape[0])} \times {tex(symbol.shape[1])}" if isinstance(symbol, MatrixExpr) else ""
        python = f"{name}[t]" if isinstance(value, Sequence) else name
        return nodes.literal("", python), formula(symbol), formula(shape) if shape else "integer"


class Cells(Directive):
    """Every cell of `theory/cells` by its file, with the first line of what is said of it."""

    def run(self):
        """The table."""
        from backproof.theory import cells

        rows = []
        for info in sorted(iter_modules(cells.__path__), key=lambda info: info.name):
            module = import_module(f"{cells.__name__}.{info.name}")
            rows.append((nodes.literal("", info.name), module.CELL.name, module.__doc__.split("\n\n")[0].strip()))
        return [table(("file", "cell", "what it is"), rows)]


class PytestOptions(Directive):
    """What the plugin adds to the command line of pytest."""

    def run(self):
        """The table."""
        found = []
        group = SimpleNamespace(addoption=lambda *names, **said: found.append((names, said)))
        plugin.pytest_addoption(SimpleNamespace(getgroup=lambda *_: group, addoption=group.addoption))
        rows = [(nodes.literal("", names[0]), said["help"]) for names, said in found]
        return [table(("option", "meaning"), rows)]


def readable(app, what, name, obj, options, signature, returned):
    """Defaults by their names: `decide=decide`, not the address of a function."""
    if signature:
        return re.sub(r"<function (\w+)[^>]*>", r"\1", signature).replace("<factory>", "{}"), returned
    return None


def setup(app):
    """Tell Sphinx."""
    app.connect("autodoc-process-signature", readable)
    app.add_directive("symbols", Symbols)
    app.add_directive("cells", Cells)
    app.add_directive("pytest-options", PytestOptions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
