"""The graph shows every use, in the order of proof, with the verdicts of the run."""

import dataclasses
import re
from itertools import pairwise

from sample_run import CLAIMS, PROVED, sample_run

from backproof.reports import graph
from backproof.reports.page import page
from backproof.reports.record import ClaimRecord, Run, TheoremRecord


def theorem(id: str, *uses: str, **changes: object) -> TheoremRecord:
    return dataclasses.replace(PROVED, id=id, title=id, uses=uses, pictures=(), claims=(), **changes)


CHAIN = (theorem("b/last", "a/middle", "a/first"), theorem("a/first"), theorem("a/middle", "a/first", "absent"))


def drawn(*theorems: TheoremRecord, claims: tuple[ClaimRecord, ...] = ()) -> graph.Drawing:
    return graph.draw({"A": list(theorems)}, {claim.id: claim for claim in claims})


def test_theorems_stand_to_the_right_of_what_they_use() -> None:
    drawing = drawn(*CHAIN)
    assert [node.theorem.id for node in sorted(drawing.nodes, key=lambda node: node.x)] == [
        "a/first",
        "a/middle",
        "b/last",
    ]
    assert len(drawing.edges) == 3
    assert drawing.generations == 3


def test_no_boxes_overlap_and_all_lie_inside() -> None:
    many = [theorem(f"t/{n}", *(f"t/{k}" for k in range(n) if n % 7 and k * k % n == 1)) for n in range(80)]
    drawing = drawn(*many)
    assert len(drawing.nodes) == 80
    for node in drawing.nodes:
        assert 0 <= node.x <= drawing.width - graph.WIDTH
        assert 0 <= node.y <= drawing.height - node.height
    for column in {node.x for node in drawing.nodes}:
        here = sorted((node for node in drawing.nodes if node.x == column), key=lambda node: node.y)
        assert all(upper.y + upper.height < lower.y for upper, lower in pairwise(here))


def test_what_rests_on_a_failed_theorem_is_marked() -> None:
    first = dataclasses.replace(CHAIN[1], verdict="failed")
    weak = {node.theorem.id for node in drawn(CHAIN[0], first, CHAIN[2]).nodes if node.shaken}
    assert weak == {"b/last", "a/middle"}
    assert not any(node.shaken for node in drawn(*CHAIN).nodes)
    text = page(dataclasses.replace(sample_run(), theorems=(CHAIN[0], first, CHAIN[2]), claims=()))
    assert "rests on a theorem that failed" in text
    assert "! Rests on" in text


def test_circles_are_found_and_said() -> None:
    round_ = (theorem("a", "b"), theorem("b", "a"), theorem("c", "c"), theorem("d", "b"))
    drawing = drawn(*round_)
    assert drawing.circles == [["a", "b"], ["c"]]
    text = page(dataclasses.replace(sample_run(), theorems=round_, claims=()))
    assert "Theorems that rest on themselves" in text
    assert "Theorems that rest on themselves" not in page(sample_run())


def test_nodes_show_verdicts_by_sign_and_claims_by_link() -> None:
    text = page(sample_run())
    picture = text[text.index('id="graph"') : text.index('id="theorems"')]
    assert re.search(r'href="#theorem-adjoint-recursion">.*?<text class="sign"[^>]*>■!</text>', picture, re.DOTALL)
    assert re.search(r'href="#claim-A6" class="corrected"><tspan[^>]*>≈</tspan>A6</a>', picture)
    assert picture.count("<rect") == len(sample_run().theorems)
    assert "✕" in picture
    assert "<script" not in picture


def test_long_titles_and_many_claims_take_lines() -> None:
    claims = tuple(dataclasses.replace(CLAIMS[0], id=f"Z{n}") for n in range(6))
    long = dataclasses.replace(theorem("x"), title="word " * 40 + "$x$", claims=tuple(c.id for c in claims))
    (node,) = drawn(long, claims=claims).nodes
    assert len(node.title) == 3
    assert all(len(line) <= graph.LETTERS for line in node.title)
    assert [len(line) for line in node.claims] == [4, 2]


def test_a_run_without_theorems_has_no_graph() -> None:
    empty = Run(subject="none", seed=0, profile="", versions={}, machine={}, theorems=(), claims=())
    assert "This run looked at no theorems" in page(empty)
