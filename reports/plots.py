"""Pictures of a record as inline SVG. A new kind of picture is a function here and a row in `KINDS`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from backproof.reports.record import Picture
from backproof.reports.svg import ALARM, CURVES, FAINT, INK, drawing, inline
from backproof.reports.wording import number, power_of_ten

DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (3, 2)))
MARKERS = ("o", "s", "^", "D", "v", "X", "P")
Numbers = list[float]
Data = dict[str, Any]


class PictureError(ValueError):
    """A picture of unknown kind, or without the numbers that its kind needs."""


def draw(picture: Picture, name: str) -> Markup:
    """Draw the picture as an `<svg>` element for the page; `name` is unique in it and starts every id.

    Raises
    ------
        PictureError: the kind is unknown, or the data do not fit it; the message names the picture.

    """
    if picture.kind not in KINDS:
        known = ", ".join(KINDS)
        raise PictureError(f"picture {picture.title!r}: unknown kind {picture.kind!r} (known: {known})")
    with drawing(name) as figure:
        try:
            KINDS[picture.kind](figure, picture.data)
        except (KeyError, TypeError, ValueError) as error:
            why = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise PictureError(f"picture {picture.title!r} ({picture.kind}): {why}") from error
        return inline(figure, name, picture.title)


def norms_against_bound(figure: Figure, data: Data) -> None:
    """Draw ‖∂h_t/∂h_k‖ against the lag t − k, one faint line per instance, with the bound above them."""
    lag = _numbers(data["lag"])
    norms = data["norms"]
    rows = norms if norms and isinstance(norms[0], Sequence) else [norms]
    axes = figure.add_subplot()
    for index, row in enumerate(rows):
        label = "instances" if len(rows) > 1 else "norm"
        style = {"color": CURVES[0], "alpha": max(0.25, 1 / math.sqrt(len(rows))), "linewidth": 1}
        _log_curve(axes, lag, _numbers(row, len(lag)), label=label if not index else None, **style)
    bound = _numbers(data["bound"], len(lag))
    _log_curve(axes, lag, bound, label="bound", color=ALARM, linestyle="--", linewidth=1.6)
    _log_axis(axes)
    axes.set(xlabel="lag t − k", ylabel="‖∂hₜ / ∂hₖ‖")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()


def unit_circle(figure: Figure, data: Data) -> None:
    """Draw eigenvalues in the complex plane, against the unit circle."""
    real = _numbers(data["real"])
    imag = _numbers(data["imag"], len(real))
    axes = figure.add_subplot()
    turn = [math.tau * step / 180 for step in range(181)]
    axes.plot([math.cos(a) for a in turn], [math.sin(a) for a in turn], color=FAINT, label="|λ| = 1")
    _cross(axes)
    axes.plot(real, imag, "o", color=CURVES[0], alpha=0.8, markersize=4, label=str(data["label"]))
    axes.set(xlabel="Re λ", ylabel="Im λ", aspect="equal")
    _round_ticks(axes, figure)


def before_after(figure: Figure, data: Data) -> None:
    """Draw a gradient of two entries before and after clipping, with the threshold's ball and box."""
    before, radius = _numbers(data["before"], 2), float(data["threshold"])
    axes = figure.add_subplot()
    turn = [math.tau * step / 180 for step in range(181)]
    ball = [radius * math.cos(a) for a in turn], [radius * math.sin(a) for a in turn]
    axes.plot(*ball, color=FAINT, label=f"norm {number(radius)}")
    corners = [(1, 1), (-1, 1), (-1, -1), (1, -1), (1, 1)]
    box = [radius * x for x, _ in corners], [radius * y for _, y in corners]
    axes.plot(*box, color=FAINT, linestyle=":", label=f"entries ±{number(radius)}")
    _cross(axes)
    _arrow(axes, before, INK, "-", "before")
    for index, (label, after) in enumerate(data["after"].items()):
        _arrow(axes, _numbers(after, 2), CURVES[index % 5], DASHES[(index + 1) % 5], str(label))
    axes.set(xlabel="first entry", ylabel="second entry", aspect="equal")
    _round_ticks(axes, figure)


def series(figure: Figure, data: Data) -> None:
    """Draw curves over one axis, on a logarithmic scale if asked."""
    x = _numbers(data["x"])
    axes = figure.add_subplot()
    for index, (label, values) in enumerate(data["curves"].items()):
        style = {"label": str(label), "color": CURVES[index % 5], "linestyle": DASHES[index % 5]}
        plot = _log_curve if data["log"] else _curve
        plot(axes, x, _numbers(values, len(x)), **style)
    if data["log"]:
        _log_axis(axes)
    axes.set(xlabel=str(data["xlabel"]), ylabel=str(data["ylabel"]))
    if data["curves"]:
        axes.legend()


def histogram(figure: Figure, data: Data) -> None:
    """Draw how values spread, with marked places."""
    values = [value for value in _numbers(data["values"]) if math.isfinite(value)]
    axes = figure.add_subplot()
    axes.hist(values, bins=int(data["bins"]), color=CURVES[0], alpha=0.75)
    for index, (label, place) in enumerate(data["marks"].items()):
        style = DASHES[(index + 1) % 5]
        axes.axvline(float(place), color=ALARM, linestyle=style, label=f"{label}: {number(float(place))}")
    axes.set(xlabel=str(data["xlabel"]), ylabel="count")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    if data["marks"]:
        axes.legend()


def sensitivity(figure: Figure, data: Data) -> None:
    """Draw the smallest relative error seen against sizes, side by side at each; None is never seen."""
    sizes, never, top = data["sizes"], 2.0, 1.0
    axes = figure.add_subplot()
    axes.axhline(top, color=FAINT, linewidth=0.6)
    for index, (label, values) in enumerate(data["curves"].items()):
        aside = 0.09 * (index - (len(data["curves"]) - 1) / 2)  # many see equally much: their marks stay apart
        logs = [never if math.isnan(y) else math.log10(y) for y in _numbers(values, len(sizes))]
        style: Data = {"color": CURVES[index % len(CURVES)], "linestyle": DASHES[index % len(DASHES)]}
        x = [place + aside for place in range(len(sizes))]
        axes.plot(x, logs, marker=MARKERS[index % len(MARKERS)], markersize=4, label=str(label), **style)
    bottom = min(-3, math.floor(axes.dataLim.y0)) - 1
    decades = range(0, bottom, -3)
    axes.set_ylim(bottom, never + 0.7)
    axes.set_yticks([*decades, never], [*map(_power, decades), "never"])
    axes.set_xticks(range(len(sizes)), sizes)
    axes.set(xlabel="units × steps", ylabel="relative error")
    figure.legend(loc="outside lower center", ncols=2, columnspacing=1.2, handlelength=2.4)


def over_setting(figure: Figure, data: Data) -> None:
    """Draw means with their intervals at the values of a setting, against the level from which a claim holds."""
    names = [str(name) for name in data["names"]]
    middle, low, high = (_numbers(data[key], len(names)) for key in ("estimate", "low", "high"))
    axes = figure.add_subplot()
    axes.axhline(float(data["at_least"]), color=ALARM, linestyle=":", label=f"holds from {number(data['at_least'])} on")
    below = [m - bottom for m, bottom in zip(middle, low, strict=True)]
    above = [top - m for m, top in zip(middle, high, strict=True)]
    axes.errorbar(range(len(names)), middle, yerr=[below, above], fmt="o-", markersize=4, color=CURVES[0], capsize=3)
    axes.set_xticks(range(len(names)), names)
    axes.set(xlabel=str(data["setting"]))
    axes.legend()


KINDS: dict[str, Callable[[Figure, Data], None]] = {
    "norms_against_bound": norms_against_bound,
    "unit_circle": unit_circle,
    "before_after": before_after,
    "series": series,
    "histogram": histogram,
    "sensitivity": sensitivity,
    "over_setting": over_setting,
}


def _numbers(values: Any, length: int | None = None) -> Numbers:
    """Return the values as floats; None, which stands for undefined, leaves a gap."""
    found = [math.nan if value is None else float(value) for value in values]
    if length is not None and len(found) != length:
        raise ValueError(f"{len(found)} numbers where {length} belong")
    return found


def _curve(axes: Any, x: Numbers, y: Numbers, **style: Any) -> None:
    axes.plot(x, [value if math.isfinite(value) else math.nan for value in y], **style)


def _log_curve(axes: Any, x: Numbers, y: Numbers, **style: Any) -> None:
    """Plot the decimal logarithm of y, which reaches 1e-300; exact zeros are marked at the lower edge."""
    logs = [math.log10(value) if 0 < value < math.inf else math.nan for value in y]
    axes.plot(x, logs, **style)
    zeros = [place for place, value in zip(x, y, strict=True) if value == 0]
    if zeros:
        labels = axes.get_legend_handles_labels()[1]
        label = None if "exactly 0" in labels else "exactly 0"
        transform = axes.get_xaxis_transform()
        low = [0.0] * len(zeros)
        mark = {"transform": transform, "clip_on": False, "color": style["color"], "label": label}
        axes.plot(zeros, low, "v", markersize=4, **mark)


def _log_axis(axes: Any) -> None:
    """Label logarithms with the powers they stand for."""
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=high - low >= 2))
    axes.yaxis.set_major_formatter(FuncFormatter(_power))


def _power(exponent: float, _: int | None = None) -> str:
    whole = round(exponent)
    return power_of_ten(whole) if abs(exponent - whole) < 1e-9 else number(10**exponent)


def _round_ticks(axes: Any, figure: Figure) -> None:
    """Mark few places on both axes, and set the legend below the plot."""
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    figure.legend(loc="outside lower center", ncols=4, columnspacing=1.2, handlelength=1.6)


def _cross(axes: Any) -> None:
    axes.axhline(0, color=FAINT, linewidth=0.4)
    axes.axvline(0, color=FAINT, linewidth=0.4)


def _arrow(axes: Any, tip: Numbers, colour: str, dashes: Any, label: str) -> None:
    arrow = {"arrowstyle": "-|>", "color": colour, "linestyle": dashes, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=tip, xytext=(0, 0), arrowprops=arrow | {"linewidth": 1.4})
    axes.update_datalim([(0, 0), tip])  # annotations do not count towards the limits
    axes.plot([], [], color=colour, linestyle=dashes, label=label)
