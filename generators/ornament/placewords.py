"""Words of place, and the phrases between them: marks for 'in the middle', 'on both sides', 'above', 'in front' ..."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringcad.generators.ornament.attributes import Border
from ringcad.generators.ornament.counting import NUMBERS
from ringcad.generators.ornament.outright import number_in

SMALL = 0.6
"""Height of a small one beside a large one."""
LITTLE = frozenset("small smaller smallest little tiny mini short".split())
_BIG = frozenset("big bigger biggest large larger largest huge great tall".split())
_ARTICLES = frozenset("a an the one single some first then next last followed by and of its it them another".split())
_COUNTED = frozenset("two three four five six seven ones".split())
_LEADING = frozenset("and of by so maybe then from with is are".split())
_TRAILING = frozenset("and of by with first is are each running standing placed".split())
_IT = r"(?: (?:it|them|that|this|each other))?"
_THIS = r"(?: (?:it|them|that|this|everything))"
_END = r"(?= ,| ;| \.| and\b| with\b| then\b|$)"
_OF_IT = r"(?: of (?:it|the (?:ring|band)))?"
_OTHER = r"(?:each other|one another)"
_WHO = r"(?:that are |which are )?"
_SIDES = r"(?:both|either|each|the two) (?:sides?|hands?)(?: of (?:it|them))?"
_LOOKING = (
    r"(?:facing|looking at|turned to|turned towards?|turning to|turning towards?|gazing at|opposite|toward|towards)"
)
_SMALLER = r"(?:getting|growing|becoming|going|each|ever) (?:smaller|tinier|finer)(?: and smaller)?"
_ENDS = r"(?:ends?|sides?|edges|back|outside|bottom)(?: of the (?:ring|band))?"
_MIDDLE = r"(?:middle|centre|center)"
_GROWING = r"(?:running |coming |growing |going |stretching |unfolding )?"
_TO = r"(?:to |on |at |from |out of |towards? )?"
_FROM = r"(?:on|at|to|from|out of|out to|off to|towards?)"
_SCATTERED = r"(?:scattered|strewn|sprinkled|drifting|floating|falling)"
_PART = r"(?:edge|rim|border|side|half|part|third)"
_ABOVE = r"(?:above|overhead|on top|at the top|in the sky)"
_BELOW = r"(?:below|beneath|underneath|at the bottom|on the bottom|at the foot|at (?:its|their) feet)"
_ACROSS = r"(?:along|on|at|in|across) (?:the |its )?"
_MARKS: tuple[tuple[str, str], ...] = (
    (rf"{_WHO}(?:back to back|(?:facing|looking|turned|turning) away from {_OTHER})", "@away"),
    (rf"{_WHO}(?:{_LOOKING} {_OTHER}|face to face|nose to nose|beak to beak)", "@facing"),
    (
        rf"{_SMALLER}(?: towards?| to)? (?:the |both |either |each )?{_ENDS}|graduated(?: in size)?|graduating|"
        rf"diminishing|larg(?:er|est) in the {_MIDDLE}|tapering in size",
        "@graded",
    ),
    (r"(?:in |of )?(?:different|various|varying|mixed|all|several|alternating|changing) sizes", "@mixed"),
    (rf"mirrored(?: (?:left and right|left to right|on both sides|about the {_MIDDLE}))?|as mirror images?", "@mirror"),
    (
        rf"(?:on|at|to|by) the (?:other|opposite|far|second) (?:end|side){_OF_IT}|(?:on|at) the other{_END}|"
        r"for the (?:\w+) side(?=(?:(?! for the ).)*$)",
        "@far",
    ),
    (rf"(?:on|at|to|by) (?:the )?(?:one|first|near) (?:end|side){_OF_IT}|for the (?:\w+) side", "@near"),
    (
        rf"{_GROWING}{_TO}(?:the )?left and (?:to |on |at )?(?:the )?right(?: of (?:it|them))?|"
        rf"{_GROWING}{_FROM} {_SIDES}|{_SIDES}{_END}",
        "@sides",
    ),
    (r"(?:along|on|at|round|around) (?:the |both |each |its |either )?(?:edges?|rims?|borders?)" + _END, "@edges"),
    (r"(?:in )?between(?: (?:it|them|the two|both|these))?" + _END, "@between"),
    (
        rf"(?:right |just |exactly |placed |set |standing )?(?:in|at|on|to) the (?:very )?{_MIDDLE}"
        rf"(?! of (?!it|the (?:ring|band))){_OF_IT}|centred|centered",
        "@mid",
    ),
    (
        rf"{_SCATTERED} (?:over|across|on|upon|among|before){_IT}{_END}|"
        rf"in (?:the )?(?:front|foreground)(?: of (?:it|them))?{_END}",
        "@front",
    ),
    (rf"in the background{_END}|in the distance{_END}|behind (?:it|them){_END}", "@back"),
    (
        rf"{_ACROSS}(?:upper|top) {_PART}{_END}|(?:up |high )?(?:{_ABOVE}|over){_THIS}{_END}|"
        rf"(?:up |high )?{_ABOVE}{_END}",
        "@top",
    ),
    (
        rf"{_ACROSS}(?:lower|bottom) {_PART}{_END}|(?:down )?(?:{_BELOW}|under){_THIS}{_END}|(?:down )?{_BELOW}{_END}",
        "@bottom",
    ),
)
_CLIMBING = r"(?:climbing|growing|creeping|crawling)"
_STANDING = r"(?: (?:standing|sitting|set|placed|perched|shining|hanging|flying|swimming|rising))?"
INFIX: tuple[tuple[str, str], ...] = (
    (rf"(?P<a>.+?){_STANDING} in front of (?P<b>.+)", "front"),
    (r"(?P<a>.+?) (?:scattered|strewn|sprinkled|drifting|floating) (?:over|across|on|upon) (?P<b>.+)", "front"),
    (
        r"(?P<a>.+?) (?:climbing|growing|creeping|crawling|sitting) (?:up|on|over|along|through|across) (?P<b>.+)",
        "front",
    ),
    (rf"(?P<a>.+?){_STANDING} behind (?P<b>.+)", "behind"),
    (rf"(?P<a>.+?){_STANDING} (?:under|below|beneath|underneath) (?P<b>.+)", "under"),
    (rf"(?P<a>.+?){_STANDING} (?:above|over) (?P<b>.+)", "above"),
    (rf"(?P<a>.+?){_STANDING} between (?P<b>.+)", "between"),
    (r"(?P<a>.+?) tied by (?P<b>.+)", "tied"),
)
"""Words between two phrases that say where the first stands to the second, outermost first."""
BETWEEN_PHRASES = (
    *("between", "under", "below", "beneath", "underneath", "above", "over", "in front of", "behind"),
    *("tied by", "climbing", "growing", "creeping", "crawling"),
)
_ROW = r"(?:rows?|ones?|lines?|strands?)"
BROADER = re.compile(
    rf"(?: ,)?(?: and| with)? (?:the |a )?(?:middle|cent(?:re|er)|central|inner)(?: {_ROW})?(?: (?:is|are|being|a bit|"
    r"slightly|much|of))* (?P<how>bigger|larger|broader|wider|thicker|bolder|taller|smaller|finer|narrower|thinner|"
    r"big|large|bold|broad)(?: (?:grains?|beads?|dots?|than .*|ones?))?"
)
"""One of several rows that is larger or smaller than its neighbours."""
_ROWS = r"(?P<n>three|3|five|5) (?:\w+ )?(?:rows?|lines?|strands?)(?: of)?"
SEVERAL_ROWS = re.compile(rf"^(?:rows of (?P<b>.+?) , {_ROWS}|{_ROWS.replace('<n>', '<m>')} (?P<a>.+?))$")
BORDER = re.compile(r"(?<!@)\b(?:edges?|edging|edged|borders?|bordered|rims?|rails?|frames?|framed|trims?)\b")
_LINES = r"(?:lines?|rails?|rims?|bars?|wires?|bands?)"
_BOTH_EDGES = (
    r"(?:above and below|below and above|on both (?:sides|edges)|along both edges|on each (?:side|edge)|"
    r"at (?:the|both) edges)"
)
RAILS = re.compile(
    rf"(?: ,)?(?: and)?(?: with)? (?:a |one |single |two |plain |thin |simple |fine |smooth )+{_LINES} {_BOTH_EDGES}"
)
CLEAN = re.compile(
    r"(?: ,)?(?: and)? (?:the |both )?(?:upper |lower |top |bottom |other )?(?:edges?|borders?|rims?) "
    r"(?:is |are |being )?(?:left |kept |stays? )?(?:clean|plain|free|bare|empty|smooth|polished)\b"
)
NO_BORDER = re.compile(r"(?: ,)?(?: and)? (?:no|without|without a|without any) (?:edges?|borders?|rims?|frames?)\b")
BARE = re.compile(
    r"(?:(?: ,)? (?:on|with|over|against|and) (?:a |an |the )?| ,(?: a)? )(?:plain|bare|smooth|polished|empty) "
    r"(?:ground|background|surface)\b"
)
"""Said of the ground alone: ``fullness.py`` reads it."""
SMOOTH = re.compile(
    r"^(?:a |an )?(?:(?:very|wide|broad|slim|narrow|simple) )*(?:plain|smooth|polished|shiny|flat)(?: \w+)? "
    r"(?:band|ring|shank|surface) (?:with|and|but) (?:only |just )?"
)
"""A band on which one thing stands alone."""
ELSEWHERE = re.compile(
    r"\b(?:around|round|encircl\w+|surround\w+|wreath\w*|above and below|below and above|over and under|alternat\w+|"
    r"panels?|among|amid|rows?)\b"
)
"""What other readings know."""
FRAMES: tuple[tuple[re.Pattern[str], Border], ...] = (
    (re.compile(r"\b(?:dots?|beads?|grains?|pearls?|balls?|granules|milgrain)\b"), "milgrain"),
    (re.compile(r"\b(?:ropes?|cords?|cables?|twists?)\b"), "rope"),
    (re.compile(r"\b(?:two|double) (?:\w+ )*(?:lines?|rails?|wires?)\b"), "double"),
    (re.compile(r"\b(?:lines?|rails?|wires?|bars?)\b"), "plain"),
)
"""Borders by what is wished for along the edges."""
_SPLIT = re.compile(r" (?:,|;|:|\.|!|with|then|plus|while|followed by) ")
PLACE = r"@(?!o\d)\w+"
"""A mark of place, and not one of a thing that is named outright."""


@dataclass
class Item:
    """A phrase with its place. ``size`` over the usual, ``count`` where it is said."""

    phrase: str
    mark: str | None = None
    size: float | None = None
    count: int | None = None
    again: bool = False
    """Whether it is one more of what was named before ('two small ones')."""


def marked(text: str) -> str:
    """A text with marks in the place of its words of place."""
    for pattern, mark in _MARKS:
        text = re.sub(rf"\b(?:{pattern})(?!\w)", mark, text)
    return " ".join(text.split())


def item_of(phrase: str) -> Item | None:
    """A phrase with its mark, size and count; ``None`` where nothing is left of it."""
    marks = re.findall(PLACE, phrase)
    words = [word for word in re.sub(PLACE, " ", phrase).split() if word.isalnum() or word.startswith("@o")]
    while words and words[0] in _LEADING:
        words.pop(0)
    while words and words[-1] in _TRAILING:
        words.pop()
    size = 1.0 if _BIG & set(words) else SMALL if LITTLE & set(words) else None
    count = next((NUMBERS[word] for word in words if word in NUMBERS), None) or number_in(" ".join(words))
    rest = [word for word in words if word not in _ARTICLES | _BIG | LITTLE | _COUNTED]
    mark = marks[0] if marks else None
    if not words and mark is None:
        return None
    again = not rest and bool(words)
    if again and size is None and count is None and mark is None:
        return None
    return Item(" ".join(words), mark, size, None if count == 1 and not again else count, again)


def groups(text: str) -> list[list[str]]:
    """Clauses, each parted further at 'and'."""
    clauses = [clause.strip(" ,") for clause in _SPLIT.split(f" {text} ")]
    return [re.split(r" and ", clause) for clause in clauses if clause.strip(" ,.")]
