r"""TeX to MathML, for browsers that draw MathML themselves.

latex2mathml does the parsing. What it returns is checked and mended here: it lets markup through inside
`\text`, passes unknown commands on as letters, and leaves the spacing of named operators to a browser that
knows no `diag`.
"""

from __future__ import annotations

import html
import re
from functools import cache
from unicodedata import category
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter
from markupsafe import Markup

LEAVES = frozenset({"mi", "mo", "mn", "mtext", "mspace"})
ARITY = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
ROWS = frozenset({"math", "mrow", "mstyle", "msqrt", "mtd", "mpadded", "mphantom"})
ELEMENTS = LEAVES | ARITY.keys() | ROWS | {"mtable", "mtr"}
ATTRIBUTES = frozenset(
    {"accent", "accentunder", "columnalign", "depth", "display", "displaystyle", "fence", "form", "height"}
    | {"linethickness", "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "rspace"}
    | {"scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width"}
)
LETTERLIKE = frozenset("⊤⊥∞∅…")
"""Signs that latex2mathml calls operators, and that a browser would surround with space."""
BARS = frozenset("|‖∥")
LIMITS = frozenset({"lim", "max", "min", "sup", "inf"})
"""Operators whose subscript stands below them where there is room."""
THIN = "0.1667em"


class UntypesetError(ValueError):
    """A formula that does not come out as sound MathML."""


@cache
def typeset(tex: str, display: bool = False) -> Markup:
    """Return the formula as MathML, on a line of its own if `display`; where that fails, its TeX in `<code>`.

    The result is safe in a page whatever `tex` is: it holds only known elements with known attributes.
    """
    try:
        return Markup(tostring(mathml(tex, display), encoding="unicode"))
    except Exception:  # whatever the parser trips over, the reader gets the source
        return Markup('<code class="tex">{}</code>').format(tex)


def set_piece(tex: str) -> Markup:
    """Return a part of a broken formula as MathML in display style; a sign that it begins with relates it to the rest.

    Raises
    ------
        UntypesetError: it does not come out as sound MathML.

    """
    element = mathml(tex, display=True)
    element.attrib.update(display="inline", displaystyle="true")
    first = element[0][0]
    if first.tag == "mo" and "form" not in first.attrib:
        first.set("form", "infix")
    return Markup(tostring(element, encoding="unicode"))


def mathml(tex: str, display: bool = False) -> Element:
    """Return the formula as a checked MathML tree.

    Raises
    ------
        UntypesetError: a command is unknown, an argument missing, or an element not plain MathML.

    """
    tex = re.sub(r"(\\(?:begin|end)\{)aligned\}", r"\1align*}", tex).replace("^{'}", "'")
    converter = Converter(display="block" if display else "inline")
    raw = converter.convert_to_element(tex)
    if not len(raw[0]):
        raise UntypesetError("empty formula")
    return _checked(raw)


def _checked(raw: Element) -> Element:
    """Copy the element if it has nothing unknown in it; refuse it otherwise."""
    if raw.tag not in ELEMENTS:
        raise UntypesetError(f"{raw.tag} is not plain MathML")
    kept = Element(raw.tag, {key: value for key, value in raw.items() if key in ATTRIBUTES})
    if raw.tag in LEAVES:
        return _leaf(raw, kept)
    kept.extend(_checked(child) for child in raw)
    if len(kept) != ARITY.get(raw.tag, len(kept)):
        raise UntypesetError(f"{raw.tag} lacks an argument")
    if raw.tag in ROWS:
        _space(kept)
    if kept.tag == "msub" and kept[0].text in LIMITS:
        kept.tag, kept[0].tag = "munder", "mo"
        kept[0].set("movablelimits", "true")
    return kept


def _leaf(raw: Element, kept: Element) -> Element:
    """Return the leaf with its characters instead of latex2mathml's entities."""
    text = raw.text or ""
    if ("\\" in text and raw.tag != "mtext") or text == "&":
        raise UntypesetError(f"unknown command {text}")
    kept.text = html.unescape(text)
    if kept.text in LETTERLIKE:
        kept.tag = "mi"
    elif kept.tag == "mi" and (kept.text in BARS or (len(kept.text) == 1 and category(kept.text) == "Sm")):
        kept.tag = "mo"  # arrows such as \implies, which need the space of a relation
    if kept.tag == "mi" and len(kept.text) == 1 and kept.text.isascii() and text.startswith("&#"):
        kept.set("mathvariant", "normal")  # \mathrm: upright, which one letter is not by itself
    variant = kept.attrib.get("mathvariant", "normal")
    if variant != "normal":
        kept.text = "".join(_styled(letter, variant) for letter in kept.text)
        del kept.attrib["mathvariant"]
    return kept


def _space(row: Element) -> None:
    """Space named operators as TeX does, and let bars stand close to what they enclose."""
    children = list(row)
    bars = 0
    for index, child in enumerate(children):
        core = _core(child)
        text = core.text or ""
        if core.tag in {"mi", "mo"} and len(text) > 1 and text.isalpha():
            after = children[index + 1] if index + 1 < len(children) else None
            core.tag = "mo"
            core.set("lspace", THIN if index and _ends(children[index - 1], bars) else "0")
            core.set("rspace", "0" if after is None or _opens(after) else THIN)
        elif core.tag == "mo" and text in BARS and "form" not in core.attrib:
            bars += 1
            beside = children[max(index - 1, 0) : index + 2]
            core.attrib.update(lspace="0", rspace="0")
            core.set("stretchy", str(any(near.tag == "mtable" for near in beside)).lower())


def _core(element: Element) -> Element:
    """Find the operator that scripts are attached to."""
    while element.tag in ARITY and element.tag not in {"mfrac", "mroot"} and len(element):
        element = element[0]
    return element


def _ends(element: Element, bars: int) -> bool:
    """Say whether the element ends a factor: a letter, a fraction, or a bracket or bar that closes."""
    text = element.text or ""
    return element.tag != "mo" or text in set(")]}") or (text in BARS and bars % 2 == 0)


def _opens(element: Element) -> bool:
    """Say whether a bracket, a comma or the like follows, which wants no space before it."""
    while element.tag == "mrow" and len(element):
        element = element[0]
    return element.tag == "mo" and (element.text or "") in set("([{|‖),;]}")


STYLES = {  # first code points of (A, a, 0, Α, α) in Unicode's mathematical alphabets
    "bold": (0x1D400, 0x1D41A, 0x1D7CE, 0x1D6A8, 0x1D6C2),
    "bold-italic": (0x1D468, 0x1D482, None, 0x1D71C, 0x1D736),
    "double-struck": (0x1D538, 0x1D552, 0x1D7D8, None, None),
}
ALPHABETS = (("A", 26), ("a", 26), ("0", 10), ("Α", 25), ("α", 25))


def _styled(letter: str, variant: str) -> str:
    """Return the letter in a style that MathML in browsers no longer has as an attribute."""
    for (first, count), start in zip(ALPHABETS, STYLES.get(variant, ()), strict=False):
        place = ord(letter) - ord(first)
        if start is not None and 0 <= place < count:
            return chr(start + place)
    return letter
