"""The page shows the whole record, says nothing that the record does not, and cannot be made to run it."""

import dataclasses
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from sample_run import BOUND, FAILED, HOSTILE, PROVED, sample_run

from backproof.reports.page import page
from backproof.reports.proof_record import Line
from backproof.reports.record import DeviationRecord, NotOfferedRecord, Run
from backproof.reports.wording import evidence, number, second_word

VOID = {"wbr", "meta", "link", "img", "br", "hr", "input"}


class Elements(HTMLParser):
    """Collects elements and attributes as a browser would, and checks that they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]


@pytest.fixture(scope="module")
def text() -> str:
    return page(sample_run())


@pytest.fixture(scope="module")
def elements(text: str) -> Elements:
    return Elements(text)


def test_page_asks_for_nothing_from_outside(text: str, elements: Elements) -> None:
    assert not elements.tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not {"src", "srcset", "action", "data", "onerror"} & {name for name, _ in elements.attributes}
    assert all(value.startswith("#") for value in elements.values("href"))
    assert not re.search(r"https?://|@import|url\((?!#)", text)


def test_hostile_text_is_shown_and_not_run(text: str) -> None:
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "{{ 7 * 7 }}" in text
    assert "<img" not in text


def test_links_lead_to_unique_anchors(elements: Elements) -> None:
    anchors = elements.values("id")
    assert len(anchors) == len(set(anchors))
    assert {value[1:] for value in elements.values("href")} <= set(anchors)
    assert {"theorem-adjoint-recursion", "claim-A6"} <= set(anchors)


def test_anchors_differ_where_ids_look_alike() -> None:
    twin = dataclasses.replace(PROVED, id="adjoint-recursion")
    run = dataclasses.replace(sample_run(), theorems=(PROVED, twin))
    assert {"theorem-adjoint-recursion", "theorem-adjoint-recursion-2"} <= set(Elements(page(run)).values("id"))


def test_page_shows_what_the_record_holds(text: str) -> None:
    for expected in (
        "Adjoint recursion",
        "every horizon, 2 units",
        "backproof check adjoint/recursion --seed 7",
    ):
        assert expected in text
    for expected in ("2,471", "componentwise, 2 and 3 units", "Derivation, 2 lines", "slide 14", "0.0431"):
        assert expected in text


def test_each_line_says_who_looked_at_it(text: str) -> None:
    assert "; evaluation agrees at 3 points: balls, z3" in text
    assert "; on its rule alone: a limit is not known in closed form" in text
    assert "a second engine agrees with 1 of 2" in text
    assert "lines of proofs that a second engine agrees with" in text


@pytest.mark.parametrize(
    ("second", "points", "word"),
    [
        ("agreed", 1, "; evaluation agrees at 1 point: z3"),
        ("agreed", 0, "; z3 agrees"),
        ("contradicted", 0, "; false at Case({a: 1})"),
        ("supposed", 0, ""),
        ("", 0, ""),
    ],
)
def test_what_a_second_engine_found_is_a_clause(second: str, points: int, word: str) -> None:
    found = Line(
        why="", tex="", holds=True, method="", second=second, engines=("z3",), points=points, remark="Case({a: 1})"
    )
    assert second_word(found) == word


def test_failures_come_with_their_problems(text: str) -> None:
    assert "This run failed" in text
    assert "line 1 is unknown to the checker" in text
    assert "its theorem failed" in text
    assert "missed by property" in text


def test_wrong_claims_have_a_chapter(text: str) -> None:
    chapter = text[text.index('id="wrong"') : text.index('id="graph"')]
    assert 'href="#claim-A6"' in chapter
    assert 'href="#claim-B8"' in chapter
    assert "the norm is 10" in chapter
    assert 'href="#claim-A5"' not in chapter


def test_an_erratum_tells_its_story(text: str) -> None:
    story = text[text.index('id="wrong-A6"') : text.index('id="wrong-B8"')]
    order = ("Read literally", "Fails at", "A tanh net of 2 units", "two sides", "Why", "What holds instead")
    places = [story.index(word) for word in order]
    assert places == sorted(places)
    assert 'href="#theorem-jacobian-bound"' in story
    assert "What is right in it" in story
    assert 'href="#theorem-adjoint-recursion"' in story[story.index("What is right in it") :]
    assert "pmatrix" not in story
    assert "<mtable>" in story
    assert "<svg" in story  # the picture of the theorem that holds instead
    assert "What is true" in text[text.index('id="wrong-B8"') : text.index('id="graph"')]


def test_a_picture_that_comes_twice_has_ids_of_its_own(text: str) -> None:
    title = 'aria-labelledby="picture-'
    run = sample_run()
    settings = sum(len(claim.depends) for claim in run.claims)
    assert text.count(title) == sum(len(theorem.pictures) for theorem in run.theorems) + 1 + settings


def test_a_card_shows_premises_the_failing_formula_and_what_corrects_it(text: str) -> None:
    row = text[text.index('id="claim-A6"') : text.index('id="claim-B8"')]
    assert ">If<" in row
    assert "then, as the source has it," in row
    assert 'class="claimed failing"' in row
    assert "an assumption more" in row
    assert "<b>= theorem</b>, what is true" in row
    assert "= holds" not in row


def test_a_card_shows_how_a_claim_depends_on_a_setting(text: str) -> None:
    chapter = text[text.index('id="wrong"') :]
    assert "On the forget bias: 0 fails, 1 holds." in chapter
    assert "Over the forget bias" in chapter


def test_a_narrative_claim_shows_its_reason(text: str) -> None:
    row = text[text.index('id="claim-B9"') : text.index('id="claim-B10"')]
    assert "It names no quantity." in row
    silent = [dataclasses.replace(c, why="") if c.verdict == "narrative" else c for c in sample_run().claims]
    assert "No reason is given" in page(dataclasses.replace(sample_run(), claims=tuple(silent)))
    assert "No reason is given" not in text


def test_each_lecture_is_annotated(text: str, elements: Elements) -> None:
    run = sample_run()
    assert {"lecture-1", "lecture-2"} <= set(elements.values("id"))
    lecture = text[text.index('id="lecture-2"') : text.index('id="wrong"')]
    for claim in run.claims:
        assert (f'id="claim-{claim.id}"' in lecture) == (claim.source.title == run.claims[-1].source.title)
    for expected in ("slide 14", "A non-normal matrix grows", 'href="#theorem-jacobian-bound"', "3 statements"):
        assert expected in lecture


def test_deviations_and_what_is_not_offered_have_a_section(text: str) -> None:
    differs = DeviationRecord(
        name="clipping",
        theorem="jacobian/bound",
        textbook="scale by ε/‖g‖",
        instance="g = (3, 4), ε = 1",
        expected="(3/5, 4/5)",
        found=HOSTILE,
        size=1e-7,
        why="It adds 1e-6 to the norm.",
    )
    missing = NotOfferedRecord(id="lstm/step", title="LSTM step", subject="x", why="no lstm_step")
    shown = page(dataclasses.replace(sample_run(), deviations=(differs,), not_offered=(missing,)))
    section = shown[shown.index('id="deviations"') : shown.index('id="this-run"')]
    for expected in ("It adds 1e-6", "1.00 × 10⁻⁷", 'href="#theorem-jacobian-bound"', "lstm/step", "no lstm_step"):
        assert expected in section
    Elements(shown)
    assert "<script" not in shown
    assert 'id="deviations"' not in text


def test_times_and_machine_stand_in_one_place() -> None:
    bare = tuple(dataclasses.replace(theorem, pictures=()) for theorem in sample_run().theorems)
    run = dataclasses.replace(sample_run(), theorems=bare)
    later = dataclasses.replace(
        run,
        machine={"processor": "another"},
        theorems=tuple(dataclasses.replace(theorem, seconds=99.0) for theorem in run.theorems),
    )
    mark = '<section id="this-run"'
    assert page(run).split(mark)[0] == page(later).split(mark)[0]
    assert page(run) != page(later)


def test_an_empty_run_has_a_page() -> None:
    empty = Run(subject="none", seed=0, profile="", versions={}, machine={}, theorems=(), claims=())
    assert "This run looked at no claims" in page(empty)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0"),
        (1234567, "1,234,567"),
        (-3, "−3"),
        (0.04312, "0.0431"),
        (123456.7, "123,457"),
        (1.234e-12, "1.23 × 10⁻¹²"),
        (float("inf"), "∞"),
        (float("nan"), "undefined"),
    ],
)
def test_numbers_read_well(value: float | None, text: str) -> None:
    assert number(value) == text


def test_evidence_says_what_stands() -> None:
    kinds = ["proved", "certified", "tested", "guarded", "sharp"]
    assert [(row.kind, row.stands) for row in evidence(PROVED)] == [(kind, True) for kind in kinds]
    assert not any(row.stands for row in evidence(FAILED))
    tested = next(row for row in evidence(PROVED) if row.kind == "tested")
    assert tested.facts[1:] == (
        "worst margin 0.0431",
        "units 1 to 8, steps 1 to 24, magnitudes 1e-200 to 1e+150; 12 orthogonal",
        "3 instances more could be settled neither way",
        "where the two sides meet, they do so to 153 digits at least",
        "a search uphill brought the sides to a ratio of 0.998",
    )
    assert "bound attained: ratio 1 at W = I/2, φ linear" in evidence(BOUND)[-1].facts


def test_importing_reports_is_cheap() -> None:
    heavy = "{'matplotlib', 'jinja2', 'latex2mathml', 'numpy', 'rich'}"
    code = f"import sys, reports, backproof.reports.record; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
