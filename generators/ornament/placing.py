"""Words that say where one thing stands to another: around, above and below, on both sides, in the middle of.

Such a prompt is two phrases with a relation between them. Each phrase is read by itself, as plainly as it would be
alone, so that 'an anchor with rope around it' is an anchor and a rope, and not a rope with an anchor's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from ringcad.core.errors import InputError
from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.outright import found_outright
from ringcad.generators.ornament.reading import prompt_words
from ringcad.generators.ornament.text import BORDERS, Scheme, Understanding, understand

Relation = Literal["around", "edges", "sides", "beside", "stacked"]
_IT = r"(?:it|them|each|each one|all|every one|(?:the|each|every) \w+)"
_AROUND = r"(?:all )?(?:a?round|encircling|surrounding|circling|enclosing)"
_BEEN = r"(?:surrounded|encircled|enclosed|ringed|wreathed|circled|wrapped|entwined|engulfed|encompassed)"
_MIDDLE = r"(?:in|at) the (?:middle|centre|center|heart)"
_ABOVE = r"(?:above and below|below and above|over and under|above and beneath|on top and (?:on )?(?:the )?bottom)"
_LONE = r"(?:a single|one single|a lone|a solitary|just one|only one|one|a sole)"
_WINDING = r"(?:wrapped|twined|twining|winding|curling|growing|running|going)"
_SIDES = r"(?:on|at|to) (?:both|either|each) sides?(?: of (?:it|them))?"
_LINES = r"(?:rows?|lines?|strands?|bands?|rails?|borders?|edges?|sides?|ropes?|strings?)\b"
_BORDER = r"\b(?:edges?|edging|borders?|rims?|rails?|frames?|trims?)\b"
_ARTICLE = r"(?:a |an |the |each |every |its |their )?"
_TOP = r"(?:on (?:the )?top|at the top|above|in the upper half)"
_BOTTOM = r"(?:at the bottom|on the bottom|below|beneath|underneath|in the lower half)"
_PATTERNS: tuple[tuple[str, Relation], ...] = (
    (rf"(?P<figure>.+?) {_TOP}(?: , and| ,| and) (?P<other>.+?) {_BOTTOM}", "stacked"),
    (rf"(?P<figure>.+?)(?: {_MIDDLE})?(?: ,)? (?:with|and|plus) (?P<other>.+?) {_AROUND} {_IT}", "around"),
    (rf"(?P<figure>[^,]+?)(?: {_MIDDLE})? , (?P<other>[^,]+?) {_AROUND} (?:it|them)", "around"),
    (rf"(?P<figure>.+?)(?: ,)? {_BEEN} (?:by|with|in) {_ARTICLE}(?P<other>.+)", "around"),
    (
        r"(?P<figure>.+?) (?:in|inside|within) (?:a |an )?(?:rings?|wreaths?|garlands?|circles?|medallions?) "
        r"(?:of|made of) (?P<other>.+)",
        "around",
    ),
    (rf"(?P<other>.+?) (?:{_WINDING} )?{_AROUND} (?P<figure>.+)", "around"),
    (rf"(?P<figure>.+?)(?: {_MIDDLE})?(?: ,)? (?:with|and|plus|between|,) (?P<other>.+?) {_ABOVE}(?: {_IT})?", "edges"),
    (rf"{_ABOVE} (?P<figure>.+?) (?:are|is|stand|run|stands|runs) (?P<other>.+)", "edges"),
    (r"(?P<figure>.+?) between two (?!rows|lines|bands|strands)(?P<other>.+)", "sides"),
    (rf"(?P<figure>.+?)(?: ,)? (?:flanked by|with) (?:two |a |an )?(?P<other>.+?) {_SIDES}", "sides"),
    (rf"(?P<other>.+?) with {_LONE} (?!{_LINES})(?P<figure>.+?)(?: {_MIDDLE}| (?:on|in|among|amid) {_IT})?", "beside"),
    (rf"(?P<other>.+?) with (?:a |an )(?P<figure>.+?) {_MIDDLE}", "beside"),
    (rf"{_LONE} (?P<figure>.+?) (?:among|amid|amidst|{_MIDDLE} of) (?P<other>.+)", "beside"),
)  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """A figure, what stands about it, and how."""

    figure: str
    other: str
    relation: Relation


def placed(prompt: str) -> Placed | None:
    """The two phrases of a prompt that says where one stands to the other; ``None`` for any other prompt."""
    text = " ".join(prompt_words(prompt)).strip(" .!")
    text = re.sub(r"\b(skulls?) (?:with|and) (?:two )?(?:crossed bones|cross ?bones)\b", "jolly roger", text)
    for pattern, relation in _PATTERNS:
        found = re.fullmatch(pattern, text)
        if found is None:
            continue
        figure, other = (_bare(found.group(name)) for name in ("figure", "other"))
        if figure and other and not re.search(_BORDER, other):
            return Placed(figure, other, relation)
    return None


def _bare(phrase: str) -> str:
    """A phrase without what joins it to the rest."""
    return re.sub(r"^(?:and|with|,|by|of) |(?: ,| and| with| is| are)$", "", phrase.strip()).strip(" ,")


@dataclass(frozen=True)
class Scene:
    """Parts of the band with the account of them in words."""

    parts: tuple[Part, ...]
    attributes: Attributes
    understood: tuple[str, ...]
    retrieved: tuple[str, ...]
    not_understood: tuple[str, ...]


_SAID: dict[Relation, str] = {
    "around": "around it",
    "edges": "above and below",
    "sides": "on both sides",
    "beside": "on the rest of the band",
    "stacked": "below",
}


def read_scene(prompt: str, seed: int | None = None) -> Scene | None:
    """What a prompt of two phrases asks for; ``None`` where it is none, or a phrase is more than one theme or nothing.

    With a seed, what the phrases leave open is drawn by it.
    """
    found = placed(prompt)
    if found is None:
        return None
    try:
        figure, other = _understood(found.figure, seed), _understood(found.other, seed)
    except InputError:
        return None
    if not (_alone(figure) and _alone(other)) or _theme(figure) == _theme(other):
        return None
    one, about = (replace(each.attributes, border=None) for each in (figure, other))
    one = replace(one, form=figure.scheme.motif or one.form)
    about = replace(about, form=other.scheme.motif or about.form, rows=None, repeats=None, petals=None)
    if found.relation == "beside":
        about = replace(about, dense=max(about.dense, 0.0))  # what one thing lies on is no sparser for it
    middle = Part(figure.scheme.main, "middle", one, figure.scheme.instead)
    beside = Part(other.scheme.main, "middle", about, other.scheme.instead)
    parts: tuple[Part, ...]
    if found.relation == "sides":
        parts = (beside, replace(middle, wish=replace(one, repeats=None)), beside)
    elif found.relation == "stacked":
        parts = (replace(middle, position="top"), replace(beside, position="bottom"))
    else:
        parts = (middle, replace(beside, position=found.relation))
    whole = replace(
        one,
        border=figure.attributes.border or other.attributes.border,
        end=one.end or about.end,
        repeats=None,
        rows=None,
    )
    said = [note for note in other.understood if not note.startswith("theme")]
    name = other.scheme.main.replace("_", " ")
    return Scene(
        parts,
        whole,
        (*figure.understood, f"{_SAID[found.relation]}: {name} ('{found.other}')", *said),
        (*figure.retrieved, *other.retrieved),
        tuple(dict.fromkeys((*figure.not_understood, *other.not_understood))),
    )


def _understood(phrase: str, seed: int | None) -> Understanding:
    """A phrase as it is read alone; silhouettes that are drawn for their own words come first."""
    meaning = understand(phrase, seed)
    things, _ = found_outright(phrase)
    thing = next((thing for thing in things if thing.family == "motif" and thing.form), None)
    if thing is None:
        return meaning
    scheme = Scheme("motif", motif=thing.form, edges=meaning.scheme.edges)
    return replace(meaning, scheme=scheme, retrieved=(f"motif {thing.form} for '{thing.words}'",))


def _alone(meaning: Understanding) -> bool:
    scheme = meaning.scheme
    return scheme.companion is None and scheme.ground is None and (scheme.edges is None or scheme.edges in BORDERS)


def _theme(meaning: Understanding) -> tuple[str, str | None]:
    return meaning.scheme.main, meaning.scheme.motif
