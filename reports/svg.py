"""Matplotlib figures as SVG that can stand inside a page, several to a page, light or dark."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import Element, fromstring, tostring

import matplotlib.style
from markupsafe import Markup
from matplotlib.figure import Figure

INK, FAINT, ALARM = "#010101", "#020202", "#030303"
CURVES = ("#040404", "#050505", "#060606", "#070707", "#080808", "#090909")
VARIABLES = {INK: "--ink", FAINT: "--faint", ALARM: "--alarm"} | {
    colour: f"--curve-{index}" for index, colour in enumerate(CURVES, 1)
}
"""Colours are drawn as stand-ins that become variables of the page's style, which knows light from dark."""

SIZE = (4.2, 2.8)
STYLE = {
    "axes.edgecolor": FAINT,
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "font.family": "DejaVu Serif",  # for measuring; the page chooses the face
    "font.size": 8.5,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": FAINT,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.color": FAINT,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 8,
}


@contextmanager
def drawing(name: str) -> Iterator[Figure]:
    """Lend a figure in the report's style, whatever the user's own settings; `name` makes its ids unique."""
    with warnings.catch_warnings(), matplotlib.style.context(["default", STYLE | {"svg.hashsalt": name}]):
        warnings.filterwarnings("ignore", message=".*[Gg]lyph.*missing")  # the browser has other faces
        yield Figure(figsize=SIZE, layout="constrained")


def inline(figure: Figure, name: str, title: str) -> Markup:
    """Return the figure as `<svg>` with ids that start with `name`, and no date, address or style sheet."""
    text = io.BytesIO()
    metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(text, format="svg", metadata=metadata, transparent=True)
    root = fromstring(text.getvalue())
    _strip(root)
    _rename(root, name)
    heading = Element("title", {"id": f"{name}-title"})
    heading.text = title
    root.insert(0, heading)
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.attrib.update({"role": "img", "aria-labelledby": f"{name}-title"})
    return Markup(tostring(root, encoding="unicode", short_empty_elements=True))


def _strip(element: Element) -> None:
    """Drop namespaces, metadata and the global style sheet; turn stand-in colours into variables."""
    element.tag = _local(element.tag)
    for child in list(element):
        if _local(child.tag) in {"metadata", "style"}:
            element.remove(child)
        else:
            _strip(child)
    attributes = {_local(key): value for key, value in element.items()}
    element.attrib.clear()
    element.attrib.update(attributes)
    if style := element.get("style"):
        element.set("style", _themed(style))
    for key in ("fill", "stroke"):
        if key in element.attrib:
            element.set("style", _themed(f"{key}: {element.attrib.pop(key)}; " + element.get("style", "")))


def _themed(style: str) -> str:
    for colour, variable in VARIABLES.items():
        style = style.replace(colour, f"var({variable})")
    style = re.sub(r"font(-family)?: ([^;]*)", _font, style)
    return style.strip("; ")


def _font(found: re.Match[str]) -> str:
    """Keep the size of the font alone: the face is the page's."""
    size = re.search(r"[\d.]+px", found.group(2))
    return f"font-size: {size.group()}" if size else ""


def _rename(root: Element, name: str) -> None:
    """Keep the ids that something refers to, and make them this picture's own."""
    used = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", tostring(root, encoding="unicode")))
    for element in root.iter():
        identity = element.attrib.pop("id", None)
        if identity in used:
            element.set("id", f"{name}-{identity}")
        for key, value in element.items():
            if key == "href" and value.startswith("#"):
                element.set(key, f"#{name}-{value[1:]}")
            elif "url(#" in value:
                element.set(key, value.replace("url(#", f"url(#{name}-"))


def _local(name: str) -> str:
    return name.rpartition("}")[2]


__all__ = ["ALARM", "CURVES", "FAINT", "INK", "drawing", "inline"]
