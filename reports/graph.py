"""Which theorem rests on which: one node a theorem, in columns by generation and bands by topic, as inline SVG.

A theorem stands in the column after the last of those it uses. The verdicts, and what rests on a theorem that failed,
come from the run.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import networkx as nx

from backproof.reports.record import SOUND, ClaimRecord, TheoremRecord

T = TypeVar("T")

WIDTH, GAP, ROW, LINE, PAD = 172, 44, 10, 14, 7
HEADING = 30
LETTERS, CLAIMS = 27, 4
"""Letters of a title on a line of a node; claims on a line."""


@dataclass(kw_only=True)
class Node:
    """One theorem's box: what it shows, and where."""

    theorem: TheoremRecord
    title: list[str]
    claims: list[list[ClaimRecord]]  # in lines
    shaken: bool  # sound by itself, but rests on a theorem that is not
    x: float = 0
    y: float = 0

    @property
    def height(self) -> float:
        """Room for title and claims."""
        return LINE * (len(self.title) + len(self.claims)) + 2 * PAD


@dataclass(kw_only=True)
class Band:
    """The theorems of one topic, under its heading."""

    topic: str
    y: float


@dataclass(kw_only=True)
class Drawing:
    """Everything the template draws, in pixels."""

    width: float
    height: float
    nodes: list[Node]
    bands: list[Band]
    edges: list[str]  # paths from what is used to what uses it
    circles: list[list[str]]  # ids of theorems that rest on each other in a circle
    generations: int
    box: int = WIDTH
    line: int = LINE
    pad: int = PAD


@dataclass
class _Pen:
    """Where the next band begins."""

    columns: int
    y: float = 0.0
    bands: list[Band] = field(default_factory=list)


def uses_of(theorems: Iterable[TheoremRecord]) -> Any:
    """Return the directed graph of the run, with an edge from each theorem to those that use it."""
    graph = nx.DiGraph()
    known = {theorem.id: theorem for theorem in theorems}
    graph.add_nodes_from(known)
    graph.add_edges_from((used, id) for id, theorem in known.items() for used in theorem.uses if used in known)
    return graph


def shaken(graph: Any, theorems: Mapping[str, TheoremRecord]) -> dict[str, list[str]]:
    """Return, for each sound theorem, those it rests on that are not sound, however far back."""
    weak = [id for id, theorem in theorems.items() if theorem.verdict not in SOUND]
    below = {id: nx.descendants(graph, id) for id in weak}
    sound = [id for id, theorem in theorems.items() if theorem.verdict in SOUND]
    return {id: found for id in sound if (found := [one for one in weak if id in below[one]])}


def circles(graph: Any) -> list[list[str]]:
    """Return the groups of theorems that rest on each other, which would make them worthless."""
    rounds = [sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1]
    return sorted(rounds + [[id] for id in nx.nodes_with_selfloops(graph)])


def generations(graph: Any) -> dict[str, int]:
    """Number each theorem's column; a circle stands in one column."""
    whole = nx.condensation(graph)
    layers = enumerate(nx.topological_generations(whole))
    return {id: number for number, group in layers for part in group for id in whole.nodes[part]["members"]}


def draw(topics: Mapping[str, list[TheoremRecord]], claims: Mapping[str, ClaimRecord]) -> Drawing:
    """Lay out the theorems of the topics, in their order."""
    theorems = {theorem.id: theorem for members in topics.values() for theorem in members}
    graph = uses_of(theorems.values())
    column = generations(graph)
    weak = shaken(graph, theorems)
    nodes = {id: _node(theorem, claims, id in weak) for id, theorem in theorems.items()}
    pen = _Pen(columns=max(max(column.values(), default=0) + 1, 4))
    for topic, members in topics.items():
        _lay_band(pen, topic, [nodes[theorem.id] for theorem in members], graph, column)
    edges = [_edge(nodes[used], nodes[user]) for used, user in graph.edges if used != user]
    return Drawing(
        width=pen.columns * (WIDTH + GAP) - GAP + 2,
        height=pen.y,
        nodes=list(nodes.values()),
        bands=pen.bands,
        edges=edges,
        circles=circles(graph),
        generations=max(column.values(), default=-1) + 1,
    )


def _node(theorem: TheoremRecord, claims: Mapping[str, ClaimRecord], weak: bool) -> Node:
    title = textwrap.wrap(_plain(theorem.title), LETTERS, max_lines=3, placeholder="…") or [theorem.id]
    served = [claims[id] for id in theorem.claims if id in claims]
    return Node(theorem=theorem, title=title, claims=_rows(served, CLAIMS), shaken=weak)


def _plain(title: str) -> str:
    """Return the title without TeX, which SVG cannot set."""
    return re.sub(r"\$|\\[A-Za-z]+\s?|[{}`]", "", title)


def _lay_band(pen: _Pen, topic: str, members: list[Node], graph: Any, column: Mapping[str, int]) -> None:
    """Place a topic: what is connected in columns by generation, the rest below in rows."""
    pen.bands.append(Band(topic=topic, y=pen.y + HEADING - 11))
    pen.y += HEADING
    joined = [node for node in members if graph.degree(node.theorem.id)]
    top = bottom = pen.y
    height: dict[str, float] = {}
    for number in range(pen.columns):
        here = [node for node in joined if column[node.theorem.id] == number]
        y: float = top
        for node in sorted(here, key=lambda node: _mean(node, graph, height)):
            node.x, node.y = number * (WIDTH + GAP) + 1, max(y, _mean(node, graph, height))
            height[node.theorem.id] = node.y
            y = node.y + node.height + ROW
        bottom = max(bottom, y)
    alone = [node for node in members if not graph.degree(node.theorem.id)]
    for row in _rows(alone, pen.columns):
        for number, node in enumerate(row):
            node.x, node.y = number * (WIDTH + GAP) + 1, bottom
        bottom += max(node.height for node in row) + ROW
    pen.y = bottom + ROW


def _mean(node: Node, graph: Any, height: Mapping[str, float]) -> float:
    """Return how high the theorems stand that it uses, so that edges cross little."""
    heights = [height[id] for id in graph.predecessors(node.theorem.id) if id in height]
    return sum(heights) / len(heights) if heights else 0.0


def _edge(used: Node, user: Node) -> str:
    """Return a curve from the right of one box to the left of the other."""
    x1, y1 = used.x + WIDTH, used.y + used.height / 2
    x2, y2 = user.x, user.y + user.height / 2
    if x2 <= x1:  # in a circle
        x2 = user.x + WIDTH
        return f"M{x1:g} {y1:g}C{x1 + GAP:g} {y1:g} {x2 + GAP:g} {y2:g} {x2:g} {y2:g}"
    bend = (x2 - x1) / 2
    return f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"


def _rows(items: Sequence[T], length: int) -> list[list[T]]:
    return [list(items[start : start + length]) for start in range(0, len(items), length)]
