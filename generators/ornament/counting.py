"""Counts of figures and letters between quotation marks: what a model of meanings cannot read."""

from __future__ import annotations

import re

from ringcad.generators.ornament.embedding import Unit

_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
NUMBERS: dict[str, int] = {word: k + 1 for k, word in enumerate(_ONES)} | {
    "dozen": 12,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
}
_OTHER = frozenset(
    """row rows line lines strand strands tier tiers level levels petal petals petaled petalled ply fold stranded strand
    cornered sided pointed fingered thread threads cord cords wire wires mm millimetres carat percent leaf leaved
    rope ropes braid
    braids cable cables twist twists side sides edge edges times band bands ring rings th st nd rd
    twenties thirties forties fifties sixties seventies eighties nineties hundred hundreds century""".split()
)
"""Words after a number that count something else than the figures along the band."""
MOST = 80


def figures(units: tuple[Unit, ...]) -> int | None:
    """How many figures a prompt asks for: a number before the noun ('twelve lilies') or before 'of them'."""
    words = [word for unit in units for word in unit.words]
    single = {unit.words[0] for unit in units if len(unit.words) == 1}
    for k, word in enumerate(words[:-1]):
        number = NUMBERS.get(word) or (int(word) if word.isdecimal() else 0)
        if not 2 <= number <= MOST or word not in single:
            continue
        after = words[k + 1]
        if after == "of" and words[k + 2 : k + 3] == ["them"]:
            return number
        if (
            after.isalpha()
            and after not in _OTHER
            and after not in ("of", "and", "or", "in", "on")
            and after not in NUMBERS
        ):
            return number
    return None


def quoted_letters(prompt: str) -> str | None:
    """Text between quotation marks, at most 24 characters: set in runes or letters."""
    found = re.search(r"[\"“„«]([^\"“”„«»]{1,24})[\"”“»]", prompt)
    return found.group(1).strip() or None if found else None
