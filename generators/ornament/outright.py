"""Things that are drawn for their own words and that the trained reader has no class for: lattices, grooves, staves,
winding serpents, ranges of mountains, beasts that bite their tails; and grounds that are named by how they are worked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringcad.generators.ornament.counting import NUMBERS

_NUMBER = r"(?:\d{1,2}|" + "|".join(NUMBERS) + ")"
_BEFORE = (
    rf"(?:(?:a|an|the|some|of|{_NUMBER}|small|large|fine|simple|plain|parallel|even|evenly spaced|straight|deep|"
    r"shallow|narrow|broad|engraved|turned|polished|open|garden|diamond|diagonal) )*"
)
_SNAKE = r"(?:snakes?|serpents?|vipers?|adders?|asps?|cobras?|pythons?)"
_WINDS = (
    r"(?:winding|wound|slithering|coiling|coiled|crawling|creeping|undulating|wriggling|meandering|curling|sliding|"
    r"snaking|stretching|running|that winds|which winds|that slithers|that runs)"
)
_BITES = r"(?:biting|eating|swallowing|devouring|chasing|holding|that bites|that eats|which bites|that swallows)"
_TAIL = r"(?: (?:its|his|her|the))?(?: own)? tail"
_ALONG = r"(?: (?:along|around|round|over|across|down|through)(?: (?:the|whole|entire|ring|band|length|it))*)?"
_SPREAD = r"(?:(?:its|spread|open|opened|outstretched|unfolded|two|wide) )*"
_CLEFS = r"(?:(?:treble |g |bass )?clefs?|(?:musical |music )?notes?|melod(?:y|ies)|tunes?|songs?|music)"
_FEW = r"(?:two|three|four|five|six|seven|eight|nine)"
_STANDS = r"(?:standing|walking|striding|leaping|jumping|running|grazing|proud)"
_GLAZED = r"(?:moorish|moroccan|spanish|portuguese|persian|islamic|arabic|andalusian|glazed|blue|geometric|star)"
_THREADS = r"(?:brussels|chantilly|venetian|bobbin|needle|antique|vintage|old|irish|french|white|bridal|wedding)"
_THINGS: tuple[tuple[str, str, str | None], ...] = (
    (rf"(?:viking |norse |celtic )?(?:wolf|fenrir|fenris wolf) (?:\w+ )?{_BITES}{_TAIL}",
     "motif", "wolf-biting-tail-charm"),
    (r"(?:dragon|wyvern|midgard serpent) (?:\w+ )?" + _BITES + _TAIL,
     "motif", "dragon-biting-tail-charm"),
    (r"(?:\w+ )" + _BITES + _TAIL + r"|ouroboros|uroboros", "motif", "ouroboros-charm"),
    (rf"{_SNAKE} {_WINDS}{_ALONG}", "serpent", None),
    (r"anchor (?:wrapped|entwined|wound|fouled|tangled|twined|bound) (?:in|with|by|round with) (?:a |some )?"
     r"(?:ropes?|cables?|lines?)|fouled anchors?", "motif", "fouled-anchor-charm"),
    (r"winged scarabs?(?: beetles?)?|scarabs?(?: beetles?)? with " + _SPREAD
     + r"wings(?: (?:spread|open))?", "motif", "winged-scarab-charm"),
    (rf"{_STANDS} (?:stag|deer|hart|buck)|(?:stag|deer|hart|buck) {_STANDS}", "motif", "standing-stag-charm"),
    (r"(?:scallop |sea |cockle |baroque |rococo )?(?<!turtle )(?<!tortoise )(?<!nautilus )(?<!egg )(?<!snail )(?<!nut )"
     r"(?:sea)?shells?", "motif", "scallop-shell-charm"),
    (r"skulls? (?:and|with|over|on) (?:two )?(?:crossed bones|cross ?bones)|jolly roger", "motif",
     "skull-and-crossbones-charm"),
    (rf"(?:{_GLAZED} )*(?:tiles?|tilings?|tile ?works?|zelliges?|zellijs?|azulejos?|mosaics?)"
     r"(?: (?:, )?(?:with|of|and|like|in|the|from|alhambra|(?:eight|8) pointed|stars?|crosses)\b)*", "tiles", "stars"),
    (r"(?:checkers?|chequers?|checkered|chequered|chess) ?boards?(?: pattern)?|(?:checkered|chequered|checked) pattern",
     "tiles", "checker"),
    (r"(?:barbed|razor) ?wires?(?: fences?)?", "wire", None),
    (rf"(?:{_THREADS} )*(?:laces?|lace ?works?|doil(?:y|ies)|crochet(?:ed)?(?: work)?|tatting)(?! ?(?:up|wing|less))",
     "lace", None),
    (r"zig ?zags?(?: (?:lines?|bands?|pattern|stripes?))?|rick ?rack", "zigzag", None),
    (r"(?:eight|8) pointed stars?", "motif", "eight-pointed-star-charm"),
    (rf"{_FEW} (?:(?:small|little|large|tiny|bright) )*stars?(?! of)", "motif", "star"),
    (r"gothic (?:arches|windows?)|(?:pointed|lancet) (?:arches|windows?)|lancets", "tracery", "lancet"),
    (r"c scrolls?", "motif", "c-scroll-charm"),
    (_CLEFS + r"\b.*\b(?:staff|staffs|staves?)"
     r"|(?:bass |treble |g )?clefs? (?:and|with) (?:some |a few )?(?:music(?:al)? )?notes?"
     r"|(?:staff|stave) (?:with|of|and) .*\b(?:notes?|clef|music)|sheet music|musical scores?"
     r"|(?:bars?|lines?) of music",
     "staff", None),
    (r"lattice ?works?|lattices?|trellis(?:es)?(?: ?work)?|criss ?cross(?:ing|ed)?(?: (?:lines|grid|pattern|bars))?|"
     r"(?:diamond|lozenge|diagonal) (?:grid|mesh|network)", "lattice", None),
    (r"mountain (?:range|ridge|chain|skyline)|(?:range|chain) of mountains|mountains|mountain peaks", "peaks", None),
    (r"grooves?|furrows?|grooved lines?|parallel lines", "grooves", None),
)  # fmt: skip
_NOT_GROOVES = re.compile(r"\b(?:organic|wavy|waving|bark|wood|wooden|irregular|rough|spiral|crossed)\b")
_SQUARES = re.compile(r"\b(?:squares?|cubes?|checks?|diamonds?)\b(?!.*pointed)")
_DOTTED = re.compile(r"\b(?:dots?|beads?|balls?|grains?|pearls?|points?|studs?)\b")
_CELLS = re.compile(
    r"(?: ,)?(?: and| with)? (?:in )?(?:each|every) (?:one|field|cell|diamond|lozenge|mesh|opening|square)\b.*"
)
_WORKED = {
    "hatched": r"(?:cross ?)?hatched|(?:cross ?)?hatching|knurled|cross ?cut",
    "ribbed": r"brushed|satin|satined|lined|ribbed|striped|reeded|pinstriped",
    "dimpled": r"dimpled|pitted|golf ball",
}
_GROUND = r"(?:ground|background|backdrop|surface|field|base|finish|texture)"


_STIPPLED = re.compile(
    r"(?: ,)?(?: and)? (?:on|over|against|before|with) (?:a |an |the )?(?:\w+ )?"
    rf"(?:stippled|stipple|granulated|grained|dotted) {_GROUND}\b"
)
_NEGATED = re.compile(
    r"(?: ,)?(?: but| and)? (?:without|with no|no) (?:any |more )?(?!borders?\b|edges?\b|rims?\b|frames?\b|balls?\b|"
    r"dots?\b|beads?\b|grains?\b)\w+(?: at all)?"
)
_ASIDE = re.compile(
    r"^(?:(?:could|can|would|please) (?:you )?)?(?:do |make |draw |carve )?(?:me )?"
    r"(?:something|anything) (?:like|with|of) "
    r"|(?: ,)? (?:on the outside|side by side|all the way (?:round|around|along)|all over)(?= ,|$)"
)


def stippled(text: str) -> tuple[bool, str]:
    """Whether a prompt asks for a ground of grains, and the prompt without those words."""
    rest = _STIPPLED.sub("", text).strip(" ,")
    return rest != text.strip(" ,"), rest


def without_negations(text: str) -> str:
    """Words about what is named outright without what it never has anyway, and without what says nothing of it."""
    return _ASIDE.sub("", _NEGATED.sub("", text)).strip(" ,")


@dataclass(frozen=True)
class Outright:
    """What a phrase names: the family, its form (a silhouette's name for motifs), and the words."""

    family: str
    form: str | None
    words: str
    count: int | None = None


def found_outright(text: str) -> tuple[list[Outright], str]:
    """Things named in lower-case words and marks, and the text with ``@o0``, ``@o1`` ... in their places."""
    things: list[Outright] = []
    for pattern, family, form in _THINGS:
        match = re.search(rf"\b{_BEFORE}(?:{pattern})\b", text)
        if match is None or (family == "grooves" and _NOT_GROOVES.search(text)):
            continue
        rest = text[match.end() :]
        count = None if "pointed" in match.group(0) else number_in(match.group(0))
        if family == "grooves":
            after = re.match(rf" , ({_NUMBER})(?: of them)?(?= ,|$)", rest)
            if after:
                count, rest = number_in(after.group(1)), rest[after.end() :]
        if family == "tiles" and _SQUARES.search(text):
            form = "checker"
        if family == "lattice" and _DOTTED.search(rest):
            form = "meshes"
            rest = _CELLS.sub("", rest)
        things.append(Outright(family, form, match.group(0), count))
        text = f"{text[: match.start()]}@o{len(things) - 1}{rest}"
    return things, text


def number_in(text: str) -> int | None:
    """The first number in some words, above one."""
    for word in text.split():
        number = NUMBERS.get(word) or (int(word) if word.isdecimal() else 0)
        if number > 1:
            return number
    return None


def worked_ground(text: str) -> tuple[str | None, str]:
    """The form of ``matted`` that a prompt asks for as its ground, and the prompt without those words."""
    for form, words in _WORKED.items():
        first = re.match(rf"(?:a |an |the )?(?:{words})(?: \w+)? {_GROUND} (?:with|and|under|behind) (?=\w)", text)
        if first:
            return form, text[first.end() :].strip(" ,")
        match = re.search(
            rf"(?: ,)?(?: and)? (?:on|over|against|before|with) (?:a |an |the )?(?:{words})(?: \w+)? {_GROUND}\b", text
        )
        if match:
            return form, (text[: match.start()] + text[match.end() :]).strip(" ,")
    return None, text
