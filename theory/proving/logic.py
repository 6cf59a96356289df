"""Rules of logic: suppositions, parts and cases, instances, equals for equals, induction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sympy import (
    And,
    Basic,
    Derivative,
    Dummy,
    Eq,
    Ge,
    Gt,
    Implies,
    Integer,
    Lambda,
    Le,
    Limit,
    Lt,
    Ne,
    Or,
    Symbol,
    sympify,
)
from sympy.core.relational import Relational
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixExpr

from backproof.theory.language.nodes import (
    Contribution,
    CopyGradient,
    DirectJacobian,
    Gradient,
    InFloats,
    LossGradient,
    Sensitivity,
    StateJacobian,
    StepLossGradient,
    TruncatedGradient,
)
from backproof.theory.language.notation import At
from backproof.theory.language.relations import parts
from backproof.theory.proving.indices import within
from backproof.theory.proving.kernel import Frame, Granted, Line, Proposition, Sequent, bound_symbols, rule
from backproof.theory.proving.normal_form import matrix_form, same, scalar_form
from backproof.theory.proving.reals import Unreadable, follows

Premises = tuple[Sequent, ...]

_NUMBER = Dummy("z", real=True)

BY_NAME = (
    Contribution,
    CopyGradient,
    Derivative,
    DirectJacobian,
    Gradient,
    InFloats,
    Limit,
    LossGradient,
    Sensitivity,
    StateJacobian,
    StepLossGradient,
    TruncatedGradient,
)
"""Nodes that depend on more than the values of their arguments: on what a derivative is taken by, or a limit runs over,
or on how a formula is written."""


@rule("supposition")
def supposition(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """Anything may be supposed; it stays open until a rule closes it."""
    return Granted(opens=True) if not premises else None


@rule("part")
def part(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A part of a conjunction, or what one premise says."""
    (whole,) = premises
    return Granted() if any(alike(line.says, piece) for piece in (whole.says, *parts(whole.says))) else None


@rule("together")
def together(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A conjunction of what the premises say."""
    known = [piece for premise in premises for piece in parts(premise.says)]
    return Granted() if all(any(alike(piece, other) for other in known) for piece in parts(line.says)) else None


@rule("symmetry")
def symmetry(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """An equation with its sides exchanged."""
    (known,) = premises
    if not isinstance(known.says, Eq) or not isinstance(line.says, Eq):
        return None
    return Granted() if line.says.args == known.says.args[::-1] else None


@rule("implication")
def implication(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """From what holds under a supposition: the supposition implies it."""
    (conclusion,) = premises
    if not isinstance(line.says, Implies) or line.says.args[1] != conclusion.says:
        return None
    closed = frozenset(name for name, says in conclusion.supposed.items() if says == line.says.args[0])
    return Granted(closes={0: closed})


@rule("modus ponens")
def modus_ponens(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """From "p implies q" and p: q."""
    implied, premise = premises
    return Granted() if implied.says == Implies(premise.says, line.says, evaluate=False) else None


@rule("cases")
def cases(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """The same shown in every case: the first premise is a disjunction, the others show the line under each part."""
    either, *shown = premises
    if not isinstance(either.says, Or) or any(premise.says != line.says for premise in shown):
        return None
    closes: dict[int, frozenset[str]] = {}
    for number, premise in enumerate(shown, 1):
        under = {name: says for name, says in premise.supposed.items() if says in either.says.args}
        if len(set(under.values())) > 1:  # a branch may rest on one case only
            return None
        closes[number] = frozenset(under)
    covered = {says for premise in shown for says in premise.supposed.values()}
    return Granted(closes=closes) if covered.issuperset(either.says.args) else None


@rule("instance")
def instance(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A premise at other values of its free symbols, which nothing behind it fixes; indices keep within their ranges.

    ``given["at"]``: the values by symbol.
    """
    (general,) = premises
    at = line.given["at"]
    if not at.keys().isdisjoint(frame.fixed(premises)) or not _admissible(at, general.says, frame):
        return None
    return Granted() if alike(substituted(general.says, at), line.says) else None


@rule("theorem")
def theorem(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A theorem that is proved elsewhere, or a part of it, within its ranges; the premises give what it assumes.

    ``given``: "id", and "at", values for its free symbols, in what it says and in what it assumes. What it assumes at
    every step has to be known at every step; the values keep within its ranges.
    """
    cited = frame.context.theorems.get(line.given["id"])
    if cited is None:
        return None
    at = {symbol: sympify(value) for symbol, value in line.given.get("at", {}).items()}
    frame = replace(frame, ranges=(*frame.ranges, *about_indices(premises)))
    if any(not _admissible(at, claim, frame) for claim in (cited.says, *(claim for claim, _ in cited.assumes))):
        return None
    if not within(frame.ranges, [limit.xreplace(at) for limit in cited.ranges]):
        return None
    if not all(_given(claim, every, at, premises, frame) for claim, every in cited.assumes):
        return None
    said = substituted(cited.says, at)
    said_so = any(alike(piece, line.says) for piece in (said, *parts(said)))
    return Granted(marks=frozenset({"theorem"})) if said_so else None


def about_indices(premises: Premises) -> list[Proposition]:
    """What the premises say of time indices alone, as the ranges do."""
    return [
        piece
        for premise in premises
        for piece in parts(premise.says)
        if isinstance(piece, Relational) and not piece.has(MatrixExpr)
        if all(symbol.is_integer for symbol in piece.free_symbols)
    ]


def _given(claim: Proposition, every: frozenset[Any], at: Mapping[Any, Any], premises: Premises, frame: Frame) -> bool:
    """Whether a premise says what a theorem assumes, for all the indices for which it does."""
    inside = {symbol: value for symbol, value in at.items() if symbol not in every}
    if any(every & value.free_symbols for value in inside.values()):
        return False
    wanted = substituted(claim, inside)
    limited = any(every & limit.free_symbols for limit in frame.ranges)

    def general(premise: Sequent) -> bool:
        """Known at every step: what is assumed is so whatever the ranges here, what is shown is so within them."""
        assumed = premise.says in frame.context.assumptions.values()
        return every.isdisjoint(frame.fixed((premise,))) and (assumed or not limited)

    known = [piece for p in premises if general(p) for piece in (p.says, *parts(p.says))]
    return any(alike(wanted, piece) for piece in known)


def _admissible(at: Mapping[Any, Any], claim: Proposition, frame: Frame) -> bool:
    """Whether values may be put for free symbols of a claim: of one kind and sign, within ranges, capturing nothing.

    Of a net, only indices may be chosen: its parameters and sequences are those of its cell.
    """
    of_a_net = claim.has(At, *BY_NAME)
    caught = bound_symbols(claim)
    for symbol, value in at.items():
        if getattr(symbol, "shape", None) != getattr(value, "shape", None) or symbol in caught:
            return False
        if not _allowed(symbol, value, frame) or caught & getattr(value, "free_symbols", set()):
            return False
        if (of_a_net and not symbol.is_integer) or symbol in sizes_in(claim):
            return False
    moved = [limit.subs(at, simultaneous=True) for limit in frame.ranges if limit.free_symbols & set(at)]
    return within(frame.ranges, moved)


def sizes_in(claim: Proposition) -> set[Any]:
    """The symbols for sizes of matrices in a claim."""
    shapes = [size for matrix in claim.atoms(MatrixExpr) for size in matrix.shape]
    return {symbol for size in shapes for symbol in sympify(size).free_symbols}


def _allowed(symbol: Any, value: Any, frame: Frame) -> bool:
    """Whether everything that a symbol is declared to be is certainly so of the value as well."""
    if isinstance(symbol, MatrixExpr):
        return True
    declared = symbol.assumptions0
    missed = {name for name, known in declared.items() if getattr(value, f"is_{name}") is not known}
    if (
        missed
        and symbol.is_nonnegative
        and symbol.is_integer
        and value.is_integer
        and missed <= {name for name in declared if "ative" in name or "itive" in name or "zero" in name}
    ):
        return within(frame.ranges, [value >= (1 if symbol.is_positive else 0)])
    return not missed


def substituted(claim: Proposition, at: Any) -> Proposition:
    """A proposition with values for free symbols, relations left as they are written."""
    if isinstance(claim, Relational):  # all at once, and matrices too; no rule asks for it where a symbol is bound
        values = {symbol: sympify(value) for symbol, value in at.items()}
        return claim.func(*(side.xreplace(values) for side in claim.args), evaluate=False)
    if claim.args:
        return claim.func(*(substituted(piece, at) for piece in claim.args), evaluate=False)
    return claim


def alike(left: Proposition, right: Proposition) -> bool:
    """Whether two propositions are written alike up to the normal form of their sides."""
    if left == right:
        return True
    if type(left) is not type(right) or len(left.args) != len(right.args):
        return False
    if isinstance(left, Relational):
        return all(same(a, b) for a, b in zip(left.args, right.args, strict=True))
    if isinstance(left, And | Or):
        ours_in_theirs = all(any(alike(a, b) for b in right.args) for a in left.args)
        return ours_in_theirs and all(any(alike(a, b) for a in left.args) for b in right.args)
    return bool(left.args) and all(alike(a, b) for a, b in zip(left.args, right.args, strict=True))


@rule("equals for equals")
def equals(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A proposition with equals put for equals: the last premise, by the equations before it."""
    *equations, claim = premises
    known: dict[Any, Any] = {}
    for equation in equations:
        if not isinstance(equation.says, Eq):
            return None
        known[equation.says.lhs] = equation.says.rhs
    caught = _binding(claim.says) | _binding(line.says)
    if any(caught & (left.free_symbols | right.free_symbols) for left, right in known.items()):
        return None
    written, normal = (
        alike(*(_replaced(says, known, form) for says in (claim.says, line.says))) for form in (_as_written, _normal)
    )
    return Granted() if written or normal else None


def _binding(claim: Any) -> frozenset[Any]:
    """What is bound somewhere that equals may be put; nodes that are not entered bind nothing there."""
    if not getattr(claim, "args", ()) or claim.is_symbol or isinstance(claim, BY_NAME):
        return frozenset()  # a matrix symbol names its sizes, and binds nothing
    inside: frozenset[Any] = frozenset().union(*(arg.free_symbols for arg in claim.args)) - claim.free_symbols
    return inside.union(*(_binding(arg) for arg in claim.args))


def _replaced(claim: Proposition, known: dict[Any, Any], form: Callable[[Any], Any]) -> Proposition:
    if isinstance(claim, Relational):
        return claim.func(*(_put(form(side), known) for side in claim.args), evaluate=False)
    return claim.func(*(_replaced(piece, known, form) for piece in claim.args), evaluate=False) if claim.args else claim


def _as_written(side: Any) -> Any:
    """Matrices as they are written, numbers in normal form."""
    return side if isinstance(side, MatrixExpr) else scalar_form(side)


def _normal(side: Any) -> Any:
    return matrix_form(side) if isinstance(side, MatrixExpr) else scalar_form(side)


def _put(side: Any, known: dict[Any, Any]) -> Any:
    """Equals put for equals, but not inside a node that speaks of its arguments by name, as a derivative does."""
    equals = {
        _named(matrix_form(left) if isinstance(left, MatrixExpr) else scalar_form(left)): right
        for left, right in known.items()
    }
    equals |= {_named(left): right for left, right in known.items()}

    def put(node: Any) -> Any:
        if node in equals:
            return equals[node]
        if not node.args or isinstance(node, BY_NAME):
            return node
        args = [put(arg) for arg in node.args]
        return node if all(a is b for a, b in zip(args, node.args, strict=True)) else node.func(*args)

    return put(_named(side))


def _named(node: Any) -> Any:
    """The same with one name for the variable of every elementwise function, so that equal ones are equal objects."""
    if not isinstance(node, Basic) or not node.args or not node.has(ElementwiseApplyFunction):
        return node
    args = [_named(arg) for arg in node.args]
    if isinstance(node, ElementwiseApplyFunction):
        return ElementwiseApplyFunction(Lambda(_NUMBER, args[0](_NUMBER)), args[1])
    return node.func(*args)


def is_natural(symbol: Any) -> bool:
    """Whether a symbol may be any integer from 0 on, and is declared to be nothing more."""
    return isinstance(symbol, Symbol) and symbol.assumptions0 == NATURAL


NATURAL = Symbol("s", integer=True, nonnegative=True).assumptions0


@rule("induction")
def induction(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """From the line at 0, and at v + 1 supposing it at v, for every v; ``given["index"]``: v, an integer from 0 on."""
    base, step = premises
    index = line.given["index"]
    if not is_natural(index):
        return None
    if any(index in limit.free_symbols for limit in frame.ranges) or index in bound_symbols(line.says):
        return None
    if index in frame.assumed(premises):  # what is assumed of one value of the index holds at no other
        return None
    hypothesis = frozenset(name for name, says in step.supposed.items() if says == line.says)
    others = {name: says for name, says in step.supposed.items() if name not in hypothesis}
    if index in frame.fixed((base, replace(step, supposed=others))):
        return None
    if index in frame.assumed(premises):  # an assumption on one value of the index carries no step to the next
        return None
    starts = alike(substituted(line.says, {index: Integer(0)}), base.says)
    goes_on = alike(substituted(line.says, {index: index + 1}), step.says)
    return Granted(closes={1: hypothesis}, marks=frozenset({"induction"})) if starts and goes_on else None


@rule("lag")
def lag(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """From ``k + l`` for every lag l ≥ 0 to ``t`` for every t ≥ k. ``given``: "late" t, "early" k, "lag" l."""
    (general,) = premises
    late, early, distance = (line.given[word] for word in ("late", "early", "lag"))
    if distance in frame.fixed(premises) or late in general.says.free_symbols:
        return None
    if not is_natural(distance) or not within(frame.ranges, [late >= early]):
        return None
    if {late, early, distance} & bound_symbols(general.says):
        return None
    return Granted() if alike(substituted(general.says, {distance: late - early}), line.says) else None


@rule("contradiction")
def contradiction(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """From two premises of which one denies the other, under a supposition: the opposite of that supposition."""
    first, second = premises
    if not _opposite(first.says, second.says):
        return None
    closes = {
        number: frozenset(name for name, says in premise.supposed.items() if _opposite(says, line.says))
        for number, premise in enumerate(premises)
    }
    return Granted(closes=closes)


def _opposite(left: Proposition, right: Proposition) -> bool:
    """Whether two relations between the same real sides, or the same matrices, deny each other."""
    return isinstance(left, Relational) and type(right) is OPPOSITES.get(type(left)) and left.args == right.args


OPPOSITES = {Eq: Ne, Ne: Eq, Le: Gt, Gt: Le, Ge: Lt, Lt: Ge}


@rule("real arithmetic")
def real_arithmetic(line: Line, premises: Premises, frame: Frame) -> Granted | None:
    """A relation between real numbers that follows from those of the premises, decided by z3."""
    try:
        return Granted() if follows([premise.says for premise in premises], line.says) else None
    except Unreadable:
        return None
