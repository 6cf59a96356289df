"""The page shows the whole record, says nothing that the record does not, and cannot be made to run it."""

import dataclasses
import io
import re
import subprocess
import sys
import time
from html.parser import HTMLParser

import pytest
from rich.console import Console
from test_report_sample import BOUND, FAILED, HOSTILE, PICTURES, PROVED, sample_run

from backproof.reports.breaking import display, split
from backproof.reports.console import print_verdicts
from backproof.reports.page import page
from backproof.reports.plots import KINDS, PictureError, draw
from backproof.reports.prose import prose
from backproof.reports.record import DeviationRecord, NotOfferedRecord, Picture, Run, TheoremRecord
from backproof.reports.typeset import mathml, typeset
from backproof.reports.wording import evidence, number

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
    assert text.count(title) == sum(len(theorem.pictures) for theorem in sample_run().theorems) + 1


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


def test_a_page_for_a_full_catalogue_is_quick() -> None:
    def copy(number: int) -> TheoremRecord:
        tex = PROVED.tex + rf" + {number}"
        lines = tuple(dataclasses.replace(line, tex=line.tex + rf" + {number}") for line in PROVED.proof.lines * 3)
        proof = dataclasses.replace(PROVED.proof, lines=lines)
        mutants = tuple(dataclasses.replace(m, tex=m.tex + rf" + {number}") for m in PROVED.mutants * 3)
        return dataclasses.replace(
            PROVED,
            id=f"topic/{number}",
            tex=tex,
            proof=proof,
            mutants=mutants,
            pictures=(dataclasses.replace(PICTURES[0]),) * (number % 5 == 0),
        )

    run = dataclasses.replace(sample_run(), theorems=tuple(copy(number) for number in range(80)))
    start = time.process_time()
    assert len(page(run)) < 4e6
    assert time.process_time() - start < 3


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


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.kind)
def test_each_kind_of_picture_is_drawn(picture: Picture) -> None:
    drawn = draw(picture, "picture-1")
    assert drawn == draw(picture, "picture-1")
    assert picture.title in drawn
    assert 'role="img"' in drawn
    assert not re.search(r"http|<style|<metadata|#0[1-9]0\d0", drawn)
    other = set(re.findall(r' id="([^"]+)"', draw(picture, "picture-2")))
    assert not other & set(re.findall(r' id="([^"]+)"', drawn))


def test_the_sample_has_every_kind_of_picture() -> None:
    assert {picture.kind for picture in PICTURES} == KINDS.keys()


def test_unknown_kind_of_picture_is_an_error() -> None:
    picture = dataclasses.replace(PICTURES[0], kind="pie")
    run = dataclasses.replace(sample_run(), theorems=(dataclasses.replace(PROVED, pictures=(picture,)),))
    with pytest.raises(PictureError, match=r"Vanishing along the lag.*unknown kind 'pie'"):
        page(run)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [({"bound": [1.0]}, "1 numbers where 41 belong"), ({"lag": ["a"]}, "could not convert")],
)
def test_unfit_numbers_are_an_error(change: dict, complaint: str) -> None:
    picture = dataclasses.replace(PICTURES[0], data=PICTURES[0].data | change)
    with pytest.raises(PictureError, match=complaint):
        draw(picture, "p")


def test_missing_numbers_are_an_error() -> None:
    with pytest.raises(PictureError, match="'values' is missing"):
        draw(Picture(kind="histogram", title="t", caption="", data={}), "p")


@pytest.mark.parametrize(
    "norms",
    [[1.0, 1e-200, 0.0], [0.0, 0.0, 0.0], [None, float("inf"), 5e-324], [2.0, 2.0, 2.0]],
)
def test_norms_may_be_zero_tiny_or_undefined(norms: list) -> None:
    data = {"lag": [0, 1, 2], "norms": norms, "bound": [1.0, 1e-150, 1e-300]}
    drawn = draw(Picture(kind="norms_against_bound", title="t", caption="", data=data), "p")
    assert ("exactly 0" in drawn) == (0.0 in norms)
    assert "10⁻³⁰⁰" in drawn
    assert "nan" not in drawn


def test_labels_are_plain_text() -> None:
    data = {"x": [1, 2], "curves": {"$x^{ <b>": [1, 2]}, "xlabel": "$", "ylabel": "漢", "log": False}
    drawn = draw(Picture(kind="series", title=HOSTILE, caption="", data=data), "p")
    assert "$x^{ &lt;b&gt;" in drawn
    assert "<script" not in drawn


def test_typeset_makes_mathml() -> None:
    assert typeset(r"\frac{1}{2}") == (
        '<math display="inline"><mrow><mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac></mrow></math>'
    )
    assert 'display="block"' in typeset("x", True)
    assert "<munderover>" in typeset(r"\sum_{t=1}^{T} x_t", display=True)


@pytest.mark.parametrize(
    "tex", ["", r"\nosuchcommand x", r"\frac{1", "a & b", r"\begin{bmatrix} 1", "a_b_c", r"\text{<script>"]
)
def test_typeset_shows_what_it_cannot_set(tex: str) -> None:
    shown = typeset(tex)
    assert "<script" not in shown
    if "text" not in tex:
        assert shown.startswith('<code class="tex">')


@pytest.mark.parametrize(
    "tex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{&lt;img src=x&gt;}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{position:fixed}{x}",
        r"\class{badge}{x}",
        "<script>alert(1)</script>",
        r"\mathrm{<b>}",
    ],
)
def test_typeset_lets_no_markup_through(tex: str) -> None:
    elements = Elements(str(typeset(tex)))
    assert not elements.tags & {"script", "img", "b"}
    assert not {"href", "style", "onerror"} & {name for name, _ in elements.attributes}
    assert set(elements.values("class")) <= {"tex"}


def test_named_operators_are_spaced_as_in_tex() -> None:
    row = mathml(r"W \operatorname{diag}(x)")[0]
    assert (row[1].text, row[1].get("lspace"), row[1].get("rspace")) == ("diag", "0.1667em", "0")
    assert mathml(r"W^{\top}")[0][0][1][0].tag == "mi"
    assert "".join(mathml(r"\mathbf{W} \mathbb{0} \boldsymbol{\delta}").itertext()) == "𝐖𝟘𝜹"


def test_prose_sets_formulas_and_escapes_the_rest() -> None:
    assert prose("a < `b<c`") == "a &lt; <code>b&lt;c</code>"
    assert prose("costs $5 and $6") == "costs $5 and $6"
    assert "<math" in prose("so $x$, too")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("h_t", "<var>h</var><sub>t</sub>"),
        ("∂h_t/∂h_{t−1}", "∂<var>h</var><sub>t</sub>/∂<var>h</var><sub>t−1</sub>"),
        ("W_hhᵀ", "<var>W</var><sub>hh</sub>ᵀ"),
        ("q^(t−k) < x^2", "q<sup>t−k</sup> &lt; x<sup>2</sup>"),
        ("h_{<b>}", "<var>h</var><sub>&lt;b&gt;</sub>"),
    ],
)
def test_plain_formulas_get_their_scripts(text: str, shown: str) -> None:
    assert prose(text) == shown


@pytest.mark.parametrize("text", ["cross_entropy", "one_hot", "clipping/by_abs", "by_norm", "a_b_c", "`h_t`", "2 ^ 3"])
def test_names_are_no_formulas(text: str) -> None:
    assert "<su" not in prose(text)


@pytest.mark.parametrize(
    ("tex", "pieces"),
    [
        (r"a = b \wedge c \leq d", [["a", "= b"], ["c", r"\leq d"]]),
        (r"\begin{aligned} & a = b \\ & -c > d \end{aligned}", [["a", "= b"], ["-c", "> d"]]),
        (r"\begin{aligned} a & = b \\ & = c \end{aligned}", [[r"\begin{aligned} a & = b \\ & = c \end{aligned}"]]),
        (r"a \vee b \wedge c", [[r"a \vee b \wedge c"]]),
        (r"\left(a \wedge b\right) \frac{c = d}{e}", [[r"\left(a \wedge b\right) \frac{c = d}{e}"]]),
        (r"\left\lVert a = b \right\rVert < 1", [[r"\left\lVert a = b \right\rVert", "< 1"]]),
        (r"a \implies b", [["a", r"\implies b"]]),
        (r"\leftarrow x = - y", [[r"\leftarrow x", "= - y"]]),
        (r"\text{a = b}", [[r"\text{a = b}"]]),
        ("a) = (b", [["a) = (b"]]),
    ],
)
def test_formulas_break_between_statements_and_before_relations(tex: str, pieces: list) -> None:
    assert split(tex) == pieces


def test_long_sides_break_before_their_terms() -> None:
    terms = [rf"W^{{\top}} \delta_{{{n}}} \frac{{a}}{{b}}" for n in range(9)]
    assert [piece[0] for piece in split(" + ".join(terms))[0][1:]] == ["+"] * 8


def test_a_broken_formula_is_safe_and_keeps_its_signs() -> None:
    shown = display(r"a = b \wedge \sum_{t=1}^{T} c > - d")
    assert shown.count("<math") == 4
    assert '<mo form="infix">=</mo>' in shown
    assert '<span class="and">and</span>' in shown
    assert "<munderover>" in shown
    assert display(r"a = \undefined \wedge b").startswith('<code class="tex">')
    assert "<script" not in display(r"a = \text{<script>} \wedge b = c")


def test_primes_and_limits_are_set_as_in_tex() -> None:
    assert mathml(r"\varphi^{'}").find(".//msup/mi").text == "φ"
    assert mathml(r"\lim_{T \to \infty} x").find(".//munder") is not None


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
    assert "bound attained: ratio 1 at W = I/2, φ linear" in evidence(BOUND)[-1].facts


def test_console_off_a_terminal_is_one_plain_line_per_record() -> None:
    out = io.StringIO()
    print_verdicts(sample_run(), Console(file=out, width=40))
    lines = out.getvalue().splitlines()
    assert "\x1b" not in out.getvalue()
    assert lines[1].split()[:2] == ["adjoint/recursion", "proved"]
    assert "1,234" in lines[1]
    assert any(line.startswith("✕ jacobian/product: failed") for line in lines)
    assert any("its theorem failed" in line for line in lines)
    assert lines[-1] == "3 theorems and 5 claims on backproof.impl.numpy:Elman: 2 failed"


def test_console_lists_deviations_and_what_is_not_offered_if_there_are_any() -> None:
    differs = DeviationRecord(
        name="norm 0", theorem="a/b", textbook="", instance="g = 0", expected="1", found="2", size=0.5, why=""
    )
    broken = dataclasses.replace(differs, expected="", found="off by 3", size=None, why="squares overflow")
    missing = NotOfferedRecord(id="c/d", title="", subject="mine", why="the subject does not offer gru_loss")

    def printed(run: Run) -> str:
        out = io.StringIO()
        print_verdicts(run, Console(file=out, width=40))
        return out.getvalue()

    text = printed(dataclasses.replace(sample_run(), deviations=(differs, broken), not_offered=(missing,)))
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "a/b 0.5 norm 0: g = 0 2 for 1" in rows
    assert "a/b – norm 0: g = 0 off by 3: squares overflow" in rows
    assert "c/d the subject does not offer gru_loss" in rows
    assert rows[-1].endswith("2 failed, 2 deviations, 1 not offered")
    assert not {"deviates", "not"} & {line.split()[0] for line in printed(sample_run()).splitlines() if line}


def test_console_on_a_terminal_is_a_table() -> None:
    out = io.StringIO()
    print_verdicts(sample_run(), Console(file=out, width=120, force_terminal=True, color_system="truecolor"))
    assert "worst margin" in out.getvalue()
    assert "[red]" not in out.getvalue()


def test_importing_reports_is_cheap() -> None:
    heavy = "{'matplotlib', 'jinja2', 'latex2mathml', 'numpy', 'rich'}"
    code = f"import sys, reports, backproof.reports.record; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
