"""Pictures of the report: each kind is drawn, and numbers that cannot be drawn are an error."""

import dataclasses
import html
import re

import pytest
from sample_pictures import PICTURES
from sample_run import HOSTILE, PROVED, sample_run

from backproof.reports.page import page
from backproof.reports.plots import KINDS, PictureError, draw
from backproof.reports.record import Picture
from backproof.reports.svg import SIZE, drawing


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


AXES = {
    "norms_against_bound": ("lag t − k", "‖∂hₜ / ∂hₖ‖"),
    "unit_circle": ("Re λ", "Im λ"),
    "before_after": ("first entry", "second entry"),
    "series": ("steps", "operations"),
    "histogram": ("spectral radius", "count"),
    "over_setting": ("forget bias", "holds from 1 on"),
    "sensitivity": ("units × steps", "relative error"),
}
CURVES = {
    "norms_against_bound": {"instances", "exactly 0", "bound"},
    "unit_circle": {"|λ| = 1", "eigenvalues of Q"},
    "before_after": {"norm 1", "entries ±1", "before", "by norm", "by value"},
    "series": {"unrolled", "by adjoints"},
    "histogram": {"circular law: 1"},
    "over_setting": set(),
    "sensitivity": {"never", "ours", "another"},
}


def texts(drawn: str) -> list[str]:
    found = re.findall(r"<text[^>]*>(.*?)</text>", drawn, flags=re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in found]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.kind)
def test_axes_and_curves_are_named(picture: Picture) -> None:
    said = texts(draw(picture, "p"))
    assert {*AXES[picture.kind], *CURVES[picture.kind]} <= set(said)
    rest = set(said) - {*AXES[picture.kind], *CURVES[picture.kind]}
    assert all(re.fullmatch(r"−?[\d.]+|10[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+|\d+ × \d+", text) for text in rest), rest


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.kind)
def test_a_picture_is_named_by_its_title_and_styled_by_the_page(picture: Picture) -> None:
    drawn = draw(picture, "p")
    assert f'<title id="p-title">{html.escape(picture.title)}</title>' in drawn
    assert 'aria-labelledby="p-title"' in drawn
    styles = re.findall(r'style="([^"]*)"', drawn)
    assert all(style and style == style.strip("; ") for style in styles)
    fonts = [style for style in styles if "font" in style]
    assert fonts
    assert all(re.search(r"(^|; )font-size: [\d.]+px(;|$)", style) for style in fonts)


def test_figures_make_room_for_their_labels() -> None:
    with drawing("p") as figure:
        assert figure.get_layout_engine() is not None
        assert figure.get_size_inches().tolist() == pytest.approx(SIZE)


@pytest.mark.parametrize("axis", ["real", "imag"])
def test_ticks_are_round_numbers(axis: str) -> None:
    data = {"real": [0.0, 0.0], "imag": [0.0, 0.0], "label": "eigenvalues"} | {axis: [-3.1, 3.1]}
    said = texts(draw(Picture(kind="unit_circle", title="t", caption="", data=data), "p"))
    assert {"−2", "0", "2"} <= set(said)
    assert not {"1.5", "−1.5", "3.0", "3"} & set(said)


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
