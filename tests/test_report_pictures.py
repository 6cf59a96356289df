"""Pictures of the report: each kind is drawn, and numbers that cannot be drawn are an error."""

import dataclasses
import re

import pytest
from sample_pictures import PICTURES
from sample_run import HOSTILE, PROVED, sample_run

from backproof.reports.page import page
from backproof.reports.plots import KINDS, PictureError, draw
from backproof.reports.record import Picture


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
