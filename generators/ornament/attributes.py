"""Counts, adjectives and border words of a prompt: read by keyword, because embeddings are bad at them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from ringcad.generators.ornament.schema import Depth, Frieze
from ringcad.generators.ornament.wordpiece import plain_words

Border = Literal["plain", "milgrain", "rope", "double", "none"]
End = Literal["square", "round", "pointed"]
LeafKind = Literal["ivy", "almond", "round", "none"]


@dataclass(frozen=True)
class Attributes:
    """What the prompt asks for beside its nouns. Numbers run from -1 to 1, 0 when nothing was said."""

    dense: float = 0.0
    bold: float = 0.0
    large: float = 0.0
    soft: float = 0.0
    rows: int | None = None
    petals: int | None = None
    border: Border | None = None
    end: End | None = None
    leaf: LeafKind | None = None
    berries: bool = False
    balls: bool | None = None
    repeats: int | None = None
    """Wanted number of figures, waves or leaves along the band."""
    frieze: Frieze | None = None
    """How one figure follows another: repeat, mirror, glide, turn."""
    irregular: float = 0.0
    """0: as even as the family is; 1: as natural as it grows."""
    depth: Depth | None = None
    """Character of the relief: flat, domed, sharp, soft."""
    form: str | None = None
    """A family's own form by name, such as ``dragon`` for scales."""
    letters: str | None = None
    """Text that is set in runes or letters."""


@dataclass(frozen=True)
class Parsed:
    """Attributes, what they were read from, negated nouns and the words that are left for the embedding.

    ``segments`` are the remaining words split at commas and joining words, in order.
    """

    attributes: Attributes
    notes: tuple[str, ...]
    excluded: tuple[str, ...]
    segments: tuple[tuple[str, ...], ...]
    conflicts: tuple[str, ...] = ()
    """Adjectives that contradict an earlier one; the earlier one is kept."""


_BEADED = r"(?:milgrain(?:ed)?|mill? ?grain(?:ed)?|beaded|beads?|pearled|pearls?|grained|granulated)"
_ROPED = r"(?:rope|roped|cable|cabled|twisted|twist|cord)"
_PLAIN = r"(?:plain|smooth|simple|clean|polished)"
_EDGE = r"(?:edges?|edging|borders?|rims?|rails?|frames?|framing|trims?|outlines?|edged|bordered|framed|rimmed|trimmed)"
_NUMBER = {
    "one": 1, "single": 1, "two": 2, "double": 2, "twin": 2, "pair of": 2, "three": 3, "triple": 3, "four": 4,
    "quadruple": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_COUNT = "(" + "|".join([*_NUMBER, r"\d{1,2}"]) + ")"
_NO = r"(?:no|without(?: any)?|not|minus|never)"

_PATTERNS: tuple[tuple[str, str, Any], ...] = (
    (rf"\b{_NO} {_EDGE}\b|\b(?:borderless|frameless|unframed|unbordered|edgeless)\b", "border", "none"),
    (rf"\b(?:double|doubled|twin|two) (?:plain )?{_EDGE}\b", "border", "double"),
    (rf"\b{_BEADED} {_EDGE}\b|\b{_EDGE} (?:with|in|of|by) {_BEADED}\b", "border", "milgrain"),
    (rf"\b{_ROPED}(?: rope| wire| cable)? {_EDGE}\b|\b{_EDGE} (?:with|in|of|by) (?:a )?{_ROPED}\b", "border", "rope"),
    (rf"\b{_PLAIN} {_EDGE}\b|\b{_EDGE} (?:with|in|of|by) (?:a )?{_PLAIN}\b", "border", "plain"),
    (r"\b(?:pointed|pointy|tapered|lancet) (?:ends?|tips?|finish)\b|\btapering to a point\b", "end", "pointed"),
    (r"\b(?:round|rounded) (?:ends?|finish)\b", "end", "round"),
    (r"\b(?:square|squared|straight|blunt) (?:ends?|finish)\b", "end", "square"),
    (rf"\bbright cut\b(?! {_EDGE})", "soft", -0.7),
    (rf"\b{_NO} (?:leaves|leaf|foliage)\b|\bleafless\b", "leaf", "none"),
    (r"\b(?:ivy|lobed|maple|grape) leaves\b", "leaf", "ivy"),
    (r"\b(?:almond|lance|pointed|narrow|willow|olive|bay) leaves\b", "leaf", "almond"),
    (r"\b(?:round|rounded|heart|oval) leaves\b", "leaf", "round"),
    (rf"\b{_NO} (?:berries|berry|fruits?|acorns?)\b", "berries", False),
    (r"\b(?:berries|berry|fruits?|grapes|acorns?)\b", "berries", True),
    (rf"\b{_NO} (?:beads?|balls?|dots?|pearls?)\b", "balls", False),
)  # fmt: skip
_LEVELS: dict[str, tuple[str, float]] = {
    **dict.fromkeys(
        "dense densely crowded lush rich richly tight tightly busy packed abundant close".split(),
        ("dense", 0.7),
    ),
    **dict.fromkeys(
        "sparse sparsely airy open minimal minimalist loose loosely few calm quiet".split(),
        ("dense", -0.7),
    ),
    **dict.fromkeys(
        "bold boldly thick heavy strong chunky broad wide robust massive sturdy".split(),
        ("bold", 0.7),
    ),
    **dict.fromkeys(
        "fine finely delicate thin slender light dainty slim elegant subtle narrow".split(),
        ("bold", -0.7),
    ),
    **dict.fromkeys(
        "large big huge oversized grand giant".split(),
        ("large", 0.7),
    ),
    **dict.fromkeys(
        "small tiny little mini petite miniature micro".split(),
        ("large", -0.7),
    ),
    **dict.fromkeys(
        "soft softly smooth gentle gently rounded worn melted flowing".split(),
        ("soft", 0.7),
    ),
    **dict.fromkeys(
        "sharp sharply crisp crisply angular edgy hard".split(),
        ("soft", -0.7),
    ),
}  # fmt: skip
_VERY = {
    "very": 1.4,
    "extra": 1.4,
    "extremely": 1.45,
    "super": 1.4,
    "really": 1.3,
    "slightly": 0.5,
    "somewhat": 0.6,
    "rather": 0.8,
}
LEVEL_WORDS = frozenset((*_LEVELS, *_VERY))
"""Words of degree that are read by keyword."""
FILLERS = frozenset(
    """a an the of and or in on at to for from by with as is it its this that these those my our your his her their
    some any all every each please make made making want like nice beautiful pretty lovely gorgeous good great
    pattern patterns design designs motif motifs style styled ornament ornaments ornamental decoration decorative
    decorated relief reliefs engraving engraved carving carved embossed texture textured theme themed inspired look
    looking type kind ring rings band bands shank shoulder shoulders jewelry jewellery jewel wedding engagement
    around along across over under between very extra really slightly somewhat rather super
    me i you we us be can would should something special row rows line lines strands strand edge edges border
    borders leaf-like shaped shape shapes form forms made running""".split()
)
"""Words that ask for nothing by themselves: neither embedded nor reported."""
_JOIN = frozenset({",", ";", ".", "and", "with", "plus", "&", "/", "+", "over", "beside", "between"})


def _number(text: str) -> int:
    return _NUMBER.get(text, 0) or int(text)


def parse_attributes(prompt: str) -> Parsed:
    """Split a prompt into attributes and the words that the embedding should see."""
    text = " ".join(plain_words(prompt)).replace(" - ", " ")
    wish = Attributes()
    notes: list[str] = []
    for pattern, name, value in _PATTERNS:
        found = re.search(pattern, text)
        if found is None:
            continue
        if getattr(wish, name) in (None, False):
            wish = replace(wish, **{name: value})
            notes.append(
                f"{name}: {value} ('{found.group(0)}')" if not isinstance(value, bool) else f"{found.group(0)}"
            )
        # 'ivy leaves' keeps its noun; a border does not choose a family.
        keep = name in ("leaf", "berries") and value not in ("none", False)
        text = text.replace(found.group(0), found.group(0) if keep else ",", 1)
    petals = re.search(rf"\b{_COUNT} (?:petals?|petall?ed)\b", text)
    if petals:
        wish = replace(wish, petals=_number(petals.group(1)))
        notes.append(f"petals: {wish.petals}")
        text = text.replace(petals.group(0), "", 1)
    counted = re.search(
        rf"\b{_COUNT} (?:rows?|lines?|strands?|ropes?|cords?|cables?|tiers?|levels?|braids?|twists?)\b(?: of)?"
        r"|\b(double|triple|twin)\b",
        text,
    )
    if counted:
        wish = replace(wish, rows=_number(counted.group(1) or counted.group(2)))
        notes.append(f"rows: {wish.rows}")
        noun = re.search(r"\b(ropes?|cords?|cables?|braids?|twists?)\b", counted.group(0))
        text = text.replace(counted.group(0), noun.group(1) if noun else "", 1)
    excluded = tuple(m.group(1) for m in re.finditer(rf"\b{_NO} (\w+)\b", text))
    text = re.sub(rf"\b{_NO} (\w+)\b", ",", text)
    words: list[str] = []
    conflicts: list[str] = []
    factor = 1.0
    for word in text.split():
        if word in _VERY:
            factor = _VERY[word]
            continue
        level = _LEVELS.get(word)
        if level is None:
            words.append(word)
        else:
            name, amount = level
            if getattr(wish, name) * amount < 0.0:
                conflicts.append(word)
                continue
            total = max(-1.0, min(1.0, getattr(wish, name) + amount * factor))
            wish = replace(wish, **{name: round(total, 3)})
            notes.append(f"{name} {total:+.1f} ('{word}')")
        factor = 1.0
    segments: list[tuple[str, ...]] = []
    current: list[str] = []
    for word in [*words, ","]:
        if word in _JOIN:
            if current:
                segments.append(tuple(current))
            current = []
        elif word not in FILLERS and re.search(r"[a-z0-9]", word) and not word.isdigit():
            current.append(word)
    return Parsed(wish, tuple(notes), excluded, tuple(segments), tuple(conflicts))
