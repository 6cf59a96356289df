"""Formulas in the report: typeset, broken into lines, and found in prose."""

import pytest
from test_report_page import Elements

from backproof.reports.breaking import display, split
from backproof.reports.prose import prose
from backproof.reports.typeset import mathml, typeset


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
    ("tex", "holds"),
    [
        (r"\underset{a}{b}", "<munder>"),
        (r"\overset{a}{b}", "<mover>"),
        (r"\displaystyle \frac{a}{b}", 'displaystyle="true"'),
        (r"\sqrt[3]{x}", "<mroot>"),
        (r"\big( x \big)", "maxsize="),
        (r"\sum_{i}^{n} x", "munderover"),
    ],
)
def test_typeset_keeps_what_is_above_and_below(tex: str, holds: str) -> None:
    assert holds in typeset(tex, display=True)


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
