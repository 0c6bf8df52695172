"""Phrases of a prompt read one by one, and wishes of one theme alone: on a smooth band, in rows of unlike height."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from ringcad.core.errors import InputError
from ringcad.generators.ornament.arrange import Part, Position
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.counting import NUMBERS, WRITING
from ringcad.generators.ornament.outright import Outright
from ringcad.generators.ornament.placewords import BROADER, LITTLE, SEVERAL_ROWS, SMALL, SMOOTH, Item, item_of
from ringcad.generators.ornament.placing import Scene
from ringcad.generators.ornament.text import BORDERS, understand
from ringcad.generators.ornament.wordpiece import singular

COUNTED_AS: dict[str, Literal["repeats", "rows"]] = {"grooves": "repeats", "zigzag": "rows"}
"""What a number before a thing that is named outright counts, where it is not the thing."""
FILLERS = frozenset("a an the some of on with in and big large small single plain simple outside squares".split())
BOLDNESS = {**dict.fromkeys("thin fine delicate slim".split(), -0.7), **dict.fromkeys("thick bold heavy".split(), 0.7)}
"""Words of stroke beside a thing that is named outright, and their level."""
STIPPLE = "stipple"
TIED = re.compile(
    r" (?:that (?:is |are ))?(?:tied|bound|gathered|knotted|held|fastened)(?: up| together)? (?:with|by|in|at) "
)


@dataclass
class Phrases:
    """What was read of the phrases."""

    seed: int | None
    things: list[Outright]
    letters: str | None
    said: list[str] = field(default_factory=list)
    retrieved: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def part(self, item: Item, position: Position = "column", *, mirrored: bool = False) -> Part | None:
        """A part of one family for a phrase; ``None`` where it is none or more than one."""
        found = re.search(r"@o(\d+)", item.phrase)
        single = is_single(item.phrase) and not item.again
        if found:
            thing = self.things[int(found.group(1))]
            counted = COUNTED_AS.get(thing.family)
            wish = Attributes(form=thing.form, **({counted: thing.count} if counted else {}))
            family, instead, count = thing.family, (), item.count or (None if counted else thing.count)
            beside = re.sub(r"@o\d+", " ", item.phrase).split()
            bold = next((BOLDNESS[word] for word in beside if word in BOLDNESS), 0.0)
            wish = replace(wish, bold=bold)
            known = LITTLE | FILLERS | BOLDNESS.keys() | NUMBERS.keys() | {"one"}
            self.lost += [word for word in beside if word not in known]
            single = is_single(thing.words)
            little = bool(LITTLE & set(thing.words.split())) and thing.count is not None
            item = replace(item, size=item.size or (SMALL if little else None))
            if not item.again:
                name = f" {thing.form}" if thing.family == "motif" else ""
                self.said.append(f"theme: {thing.family.replace('_', ' ')}{name} ('{thing.words}')")
        elif WRITING in item.phrase.split() and self.letters:
            wish, family, instead, count = Attributes(letters=self.letters), "runes", (), None
        else:
            try:
                meaning = understand(item.phrase, self.seed)
            except InputError:
                return None
            scheme = meaning.scheme
            if scheme.companion or scheme.ground or (scheme.edges and scheme.edges not in BORDERS):
                return None
            wish = meaning.attributes
            wish = replace(wish, border=None, large=0.0, form=scheme.motif or wish.form)
            family, instead, count = scheme.main, scheme.instead, item.count or wish.repeats
            if family == "starfield" and single:
                family, wish = "motif", replace(wish, form="star")  # one star is no starry sky
            if not item.again:
                self.said += meaning.understood
                self.retrieved += meaning.retrieved
                self.lost += meaning.not_understood
        keep = wish.repeats if COUNTED_AS.get(family) == "repeats" else None
        return Part(
            family,
            position,
            replace(wish, repeats=keep),
            instead,
            scale=item.size or 1.0,
            count=min(count or 1, 12),
            fills=not single and count is None,
            mirrored=mirrored,
        )


def is_single(phrase: str) -> bool:
    """Whether a phrase speaks of one thing."""
    words = [word for word in phrase.split() if word.isalpha()]
    return not words or singular(words[-1]) == words[-1]


def with_bow(text: str) -> str:
    """A text in which what is tied with a bow is said in one way; a wreath that is tied lies open on the band."""
    found = TIED.search(text)
    if found is None:
        return text
    what, bow = text[: found.start()], re.sub(r"\b(?:ribbons?|bows?)\b", "ribbon bow", text[found.end() :], count=1)
    return f"{re.sub(r' (?:wreath|garland|swag|bouquet|bunch|spray)s?$', '', what)} tied by {bow}"


def ground_part(ground: str) -> Part:
    """The part that lies behind all others."""
    return Part(STIPPLE, "ground") if ground == STIPPLE else Part("matted", "ground", Attributes(form=ground))


def uneven_rows(text: str, seed: int | None) -> Scene | None:
    """Rows of one theme of which the middle one is larger or smaller: the theme along both edges and between them."""
    told = BROADER.search(f" {text}")
    rows = SEVERAL_ROWS.match(BROADER.sub("", f" {text}").strip(" ,")) if told else None
    if told is None or rows is None:
        return None
    read = Phrases(seed, [], None)
    part = read.part(Item(rows.group("a") or rows.group("b")), "middle")
    if part is None or part.family == "motif":
        return None
    larger = told.group("how") not in ("smaller", "finer", "narrower", "thinner")
    wish = replace(part.wish or Attributes(), rows=1, repeats=None)
    count = 5 if (rows.group("m") or rows.group("n")) in ("five", "5") else 3
    read.said.append(f"rows: {count}, the middle one {'larger' if larger else 'smaller'}")
    middle = replace(part, wish=replace(wish, large=0.7 if larger else -0.7), count=1, fills=False)
    edges = replace(part, position="edges", wish=replace(wish, rows=count // 2), count=1, fills=False)
    notes = (tuple(dict.fromkeys(each)) for each in (read.said, read.retrieved, read.lost))
    said, retrieved, lost = notes
    return Scene((middle, edges), Attributes(border="none"), said, retrieved, lost)


def alone_on_smooth(text: str, seed: int | None) -> Scene | None:
    """One thing, or a counted few, on a band that is said to be smooth."""
    found = SMOOTH.search(text)
    if found is None or " and " in text[found.end() :] or "," in text[found.end() :]:
        return None
    read = Phrases(seed, [], None)
    item = item_of(text[found.end() :])
    part = read.part(item) if item is not None else None
    if part is None or (part.fills and part.count == 1):
        return None
    parts = (replace(part, fills=False, ends=False),)
    notes = (tuple(dict.fromkeys(each)) for each in (read.said, read.retrieved, read.lost))
    said, retrieved, lost = notes
    return Scene(parts, Attributes(dense=-0.01), said, retrieved, lost)
