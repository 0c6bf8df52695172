"""What a customer says beside the theme: about people and occasions, the rest of the ring, where it lies.

"An anchor with rope around it, he was in the navy": the second clause is no part of the design. Such clauses are left
aside, by the words that they begin with, where the rest of the sentence names something; alone they are the theme.
"""

from __future__ import annotations

from collections.abc import Sequence

MARKS = frozenset(", ; . : ! ? - ( )".split())
_SUBJECTS = frozenset("he she they we i you it that this there who".split())
_OWNERS = frozenset("my our his her their your the".split())
_LEADS = frozenset(
    "because since as so when while where and but although though whereas after before until for".split()
)
_CAUSES = frozenset("because since although though whereas while until unless who whose whom".split())
_WISHING = frozenset(
    """d ll would want wanted wants like need prefer imagine imagined picture thinking thought think could can may
    should must shall looks look wish hoped hope needs had has have love""".split()
)
"""Verbs after 'I', 'we' or 'it' with which a wish begins."""
_VERBS = frozenset(
    """is are was were has had have loves love likes plays play works work made make makes took takes goes went grew
    grows comes came lives lived live owns own keeps kept met meets died runs ran rides drives sells builds built
    teaches repairs collects danced said says calls called gave wears wore s m re ve""".split()
)
_FRAME = frozenset("edge edges border borders rim rims background ground middle centre center frame".split())
_PLACES = frozenset("shoulder shoulders band ring stone finger back shank beginning end ends start front".split())
_BEFORE_PLACES = frozenset("on along around round up down towards toward from at to across near beside by of".split())
_POINTING = frozenset("the each every both either my its one left right whole that this all".split())
_LOOKING = frozenset("d would look looks looking feel feels something i we you it anything more much just also".split())
_SIMILE = frozenset("on in the those a an my our his her at from".split())
_REST = (("nothing", "else"), ("nothing", "more"), ("leave", "the"), ("the", "rest"), ("no", "more"), ("no", "other"))
_FIXED = (
    "all the way down",
    "all the way round",
    "all the way around",
    "all the way along",
    "all the way",
    "coming out",
    "at the top only",
    "in memory of",
    "at night",
)


def segments(words: Sequence[str]) -> list[tuple[int, int]]:
    """Clauses as ranges of words: parted by marks and before words that begin a reason."""
    found: list[tuple[int, int]] = []
    first = 0
    for k, word in enumerate([*words, ","]):
        follows = words[k + 1] if k + 1 < len(words) else ""
        reason = word in _CAUSES or (word in ("so", "as") and follows in _SUBJECTS | {"that", "if", "though"})
        condition = word == "if"
        if word in MARKS or reason or condition:
            if k > first:
                found.append((first, k))
            first = k + (word in MARKS)
    return found


def _told(words: Sequence[str], first_clause: bool) -> bool:
    """Whether a clause says something about somebody, and wishes nothing."""
    rest = list(words)
    led = bool(rest) and rest[0] in _LEADS
    while rest and rest[0] in _LEADS:
        rest = rest[1:]
    plain = [word for word in rest if word != "'"]
    if len(plain) < 2:
        return False
    if plain[0] in ("i", "we", "you", "it", "this", "that"):
        return plain[1] not in _WISHING or (plain[0] in ("this", "that") and plain[1] in _VERBS)
    if plain[0] in _SUBJECTS:
        return True
    verb = any(word in _VERBS or word.endswith("ed") for word in plain[1:])
    if plain[0] in _OWNERS:
        return verb and (led or plain[0] != "the" or not first_clause)
    return led and words[0] in _CAUSES and verb


def _like(words: Sequence[str], k: int) -> bool:
    """Whether the word at ``k`` begins a comparison that explains what was named before it."""
    if k + 1 >= len(words) or words[k + 1] not in _SIMILE:
        return False
    if words[k] in ("as", "from"):
        return k == 0 and (words[k] == "from" or words[k + 1] in ("on", "in", "at"))
    return words[k] == "like" and (k == 0 or words[k - 1] not in _LOOKING)


def _tail(words: Sequence[str], k: int) -> int:
    """First word after ``k`` at which another wish begins."""
    for j in range(k + 1, len(words)):
        if words[j] in ("with", "but"):
            return j
    return len(words)


def asides(words: Sequence[str]) -> list[bool]:
    """For each word whether it stands in a clause or phrase that names no theme of the ring beside another."""
    out = [False] * len(words)

    def mark(first: int, last: int) -> None:
        out[first:last] = [True] * (last - first)

    for number, (first, last) in enumerate(segments(words)):
        clause = list(words[first:last])
        if _told(clause, number == 0) or clause[0] in _CAUSES or clause[0] == "if":
            mark(first, last)
            continue
        looks = bool({"look", "looks"} & set(clause[2:4]))
        if clause[0] in ("so", "as") and len(clause) > 1 and clause[1] in _SUBJECTS | {"if", "though"} and not looks:
            mark(first, last)
            continue
        for k, word in enumerate(clause):
            tail = _tail(clause, k)
            if word == "for" and not _FRAME & set(clause[k:tail]):
                mark(first + k, first + tail)
            if _like(clause, k) and (number or k):
                mark(first + k, first + tail)
            pair = tuple(clause[k : k + 2])
            if pair in _REST:
                mark(first + k - (k > 0 and clause[k - 1] == "and"), last)
            for text in _FIXED:
                length = len(text.split())
                if clause[k : k + length] == text.split():
                    mark(first + k, last if text == "in memory of" else first + k + length)
            if word == "in" and len(clause) > k + 2 and clause[k + 1] in ("every", "each"):
                mark(first + k, first + k + 3)
            if word in _BEFORE_PLACES:
                j = k + 1
                while j < len(clause) and clause[j] in _POINTING:
                    j += 1
                if j > k + 1 and j < len(clause) and clause[j] in _PLACES:
                    mark(first + k, first + j + 1)
    return out


NEGATIONS = frozenset({"no", "not", "without", "minus", "never", "nothing", "neither", "nor"})
_DEGREES = frozenset("too very overly so really that".split())
_ENDS = MARKS | {"but", "just", "only", "rather", "with", "something", "please"}


def negations(words: Sequence[str]) -> list[bool]:
    """For each word whether it says, or belongs to, what is not wanted: up to the next mark or 'but', 'with', 'only'.

    'Not too crowded' speaks of degree and is left to the attributes.
    """
    out = [False] * len(words)
    inside = False
    for k, word in enumerate(words):
        if word in NEGATIONS:
            inside = k + 1 < len(words) and words[k + 1] not in _DEGREES
        elif word in _ENDS:
            inside = False
        out[k] = inside
    return out


def too_much(words: Sequence[str]) -> list[int]:
    """Places of words of degree that are not wanted: 'crowded' in 'not too crowded'."""
    return [
        k + 2
        for k in range(len(words) - 2)
        if words[k] in ("not", "nothing", "never") and words[k + 1] in _DEGREES and words[k + 2].isalpha()
    ]
