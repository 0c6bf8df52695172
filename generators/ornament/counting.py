"""Counts of figures and text that is to be written: what a model of meanings cannot read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringcad.generators.ornament.embedding import Unit
from ringcad.generators.ornament.labels import FUNCTION_WORDS

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


MOST_WRITTEN = 24
"""Letters of a text that is written on a ring."""
WRITING = "letters"
"""What stands in a prompt for the text that is written: a plain name of the runes and letters."""
_JOINED = r"(?:\s*(?:,|&|\+|\band\b|\bund\b|\bet\b)\s*|[.\s]\s*)"
_ONE = r"(?:[A-ZÀ-ÖØ-Þ]\b|[a-z]\b(?=\s*(?:,|&|\+|and\s+[a-z]\b|und\s+[a-z]\b))|(?<=and )[a-z]\b|(?<=und )[a-z]\b)"
_CAPITAL = r"[A-ZÀ-ÖØ-Þ]\b"
_SHORT = r"(?:[A-ZÀ-ÖØ-Þ]{2,4}\b)"
_NUMERAL = r"[IVXLCDM]+\b"
_PARTING = r"(?:\s*[.:/·-]\s*|\s+)"
_MONTH = r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)\w*"
_CAPITALS = r"[A-ZÀ-ÖØ-Þ]{2,}\b"
_PROPER = r"[A-ZÀ-ÖØ-Þ][\w'’-]*\w"
_PHRASES = (
    # letters and initials: single capitals, or lower-case ones that are joined
    rf"(?i:\b(?:letters?|initials?|monograms?|initialen|buchstaben?))\s*:?\s+({_ONE}(?:{_JOINED}{_ONE})*\.?|{_SHORT})",
    # alone they may be told; later in a prompt that is a reason ('chevrons, my initials are V and W')
    rf"(?i:^\W*(?:\w+\s+)?(?:letters|initials|initialen)\s+(?:are|sind))\s+({_ONE}(?:{_JOINED}{_ONE})*)",
    rf"\b({_CAPITAL}(?:{_JOINED}{_CAPITAL})*\.?)\s+(?i:initials|monogram|letters)\b",
    # Roman numerals, also without being called so where there are several
    rf"(?i:\b(?:roman\s+)?(?:numerals?|numbers?|figures?|römische\w*\s+\w+))\s*:?\s+({_NUMERAL}(?:{_PARTING}{_NUMERAL})*)",
    rf"\b((?=\S*[IVXLCDM]{{2}}|\S+\s+[IVXLCDM]{{2}}){_NUMERAL}(?:{_PARTING}{_NUMERAL})+)",
    # dates
    r"(?:(?i:\b(?:the\s+)?(?:date|datum)\b)\s*:?\s+)?\b(\d{1,4}[./-]\d{1,2}[./-]\d{2,4})\b",
    rf"(?i:\b(?:the\s+)?(?:date|datum)\s*:?\s+(\d{{1,2}}(?:st|nd|rd|th|\.)?\s+{_MONTH}(?:\s+\d{{2,4}})?|\d{{4}}\b))",
    # words in capitals, names with a capital, 'the word love'
    rf"(?i:\b(?:words?|names?|inscriptions?|mottos?|motto|text|lettering|engraving|engraved|says|saying|wort|namen?|inschrift))"
    rf"\s*:?\s+({_CAPITALS}(?:\s+{_CAPITALS})*)",
    rf"(?i:\b(?:names?|namen))\s*:?\s+({_PROPER}(?:\s*(?:,|&|\+|\band\b|\bund\b|\bet\b)?\s*{_PROPER})*)",
    r"(?i:\b(?:the|das)\s+(?:word|wort)\s*:?\s+)([^\W\d_]{2,})\b",
)
_QUOTED = r"[\"“„«]([^\"“”„«»]{1,24})[\"”“»]"
_ANNOUNCED = (
    r"(?i:(?:letters?|initials?|monogram|numerals?|date|words?|names?|inscription|motto|text|lettering|engraved|engraving"
    r"|says|saying|reading|runes|written)\W{0,3}$)"
)


@dataclass(frozen=True)
class Written:
    """Text that is to be written, and the prompt with ``WRITING`` in its place."""

    letters: str
    prompt: str


def written(prompt: str) -> Written | None:
    """The text that a prompt wants written: announced by what it is ('the letters A and J', 'the word AMOR'), a date,
    several Roman numerals, or between quotation marks after such a word or alone. ``None`` where there is none.
    """
    quoted = re.search(_QUOTED, prompt)
    if quoted and (re.search(_ANNOUNCED, prompt[: quoted.start()]) or quoted.group(0) == prompt.strip()):
        return _written(prompt, quoted.start(), quoted.end(), quoted.group(1))
    for phrase in _PHRASES:
        for found in re.finditer(phrase, prompt):
            text = found.group(1).strip(" .,")
            if text.lower() not in FUNCTION_WORDS or len(text) == 1:
                return _written(prompt, found.start(), found.end(), text)
    return None


def _written(prompt: str, first: int, last: int, text: str) -> Written | None:
    letters = " ".join(re.sub(r"\s*(?:,|&|\+|\b(?:and|und|et)\b)\s*", " ", text).split())[:MOST_WRITTEN].strip()
    rest = f"{prompt[:first]} {WRITING} {prompt[last:]}"
    return Written(letters, " ".join(rest.split())) if letters else None


def quoted_letters(prompt: str) -> str | None:
    """Text between quotation marks, at most 24 characters: set in runes or letters."""
    found = re.search(r"[\"“„«]([^\"“”„«»]{1,24})[\"”“»]", prompt)
    return found.group(1).strip() or None if found else None
