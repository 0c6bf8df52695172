"""Wishes of several things with places: in the middle, on both sides, above, below, in front, at either end, between
two, facing each other, first a large one and then small ones, smaller towards the ends.

Words of place become marks; what stands between marks are phrases, each read by itself. What comes out are parts of
the band, or nothing where the prompt says no such thing or a phrase cannot be read alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ringcad.core.errors import InputError
from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.clauses import asides
from ringcad.generators.ornament.counting import NUMBERS, WRITING, written
from ringcad.generators.ornament.labels import FAMILIES
from ringcad.generators.ornament.model import load_weights
from ringcad.generators.ornament.naming import silhouettes
from ringcad.generators.ornament.outright import Outright, found_outright, number_in, worked_ground
from ringcad.generators.ornament.placing import Scene
from ringcad.generators.ornament.reading import prompt_words, read_prompt
from ringcad.generators.ornament.text import BEHIND, BORDERS, understand
from ringcad.generators.ornament.wishes import wish_of
from ringcad.generators.ornament.wordpiece import singular

SMALL = 0.6
"""Height of a small one beside a large one."""
GRADED = 0.58
"""Height of the outermost of figures that grow smaller from the middle."""
ON_GROUND = -0.5
"""Level of size of figures on a ground that was asked for: it is to be seen."""
MIXED = (1.0, 0.66, 0.84)
"""Heights of figures of different sizes, in turn."""
_IT = r"(?: (?:it|them|that|this|each other))?"
_END = r"(?= ,| ;| \.| and\b| with\b| then\b|$)"
_SIDES = r"(?:both|either|each|the two) (?:sides?|hands?)(?: of (?:it|them))?"
_LOOKING = (
    r"(?:facing|looking at|turned to|turned towards?|turning to|turning towards?|gazing at|opposite|toward|towards)"
)
_MARKS: tuple[tuple[str, str], ...] = (
    (r"(?:that are |which are )?(?:back to back|(?:facing|looking|turned|turning) away from (?:each other|one another))", "@away"),
    (rf"(?:that are |which are )?(?:{_LOOKING} (?:each other|one another)|face to face|nose to nose|beak to beak)", "@facing"),
    (r"(?:getting|growing|becoming|going|each|ever) (?:smaller|tinier|finer)(?: and smaller)?(?: towards?| to)? (?:the |both |either |each )?"
     r"(?:ends?|sides?|edges|back|outside|bottom)(?: of the (?:ring|band))?|graduated(?: in size)?|graduating|diminishing|"
     r"larg(?:er|est) in the (?:middle|centre|center)|tapering in size", "@graded"),
    (r"(?:in |of )?(?:different|various|varying|mixed|all|several|alternating|changing) sizes", "@mixed"),
    (r"mirrored(?: (?:left and right|left to right|on both sides|about the (?:middle|centre|center)))?|as mirror images?", "@mirror"),
    (r"(?:on|at|to|by) the (?:other|opposite|far|second) (?:end|side)(?: of (?:it|the (?:ring|band)))?|for the (?:\w+) side(?=(?:(?! for the ).)*$)", "@far"),
    (r"(?:on|at|to|by) (?:the )?(?:one|first|near) (?:end|side)(?: of (?:it|the (?:ring|band)))?|for the (?:\w+) side", "@near"),
    (rf"(?:running |coming |growing |going )?(?:to |on |at |from |out of |towards? )?(?:the )?left and (?:to |on |at )?(?:the )?right(?: of (?:it|them))?|"
     rf"(?:coming |growing |running |stretching |unfolding )?(?:on|at|to|from|out of|out to|off to|towards?) {_SIDES}|{_SIDES}{_END}", "@sides"),
    (r"(?:along|on|at|round|around) (?:the |both |each |its |either )?(?:edges?|rims?|borders?)" + _END, "@edges"),
    (r"(?:in )?between(?: (?:it|them|the two|both|these))?" + _END, "@between"),
    (r"(?:right |just |exactly |placed |set |standing )?(?:in|at|on|to) the (?:very )?(?:middle|centre|center)(?! of (?!it|the (?:ring|band)))"
     r"(?: of (?:it|the (?:ring|band)))?|centred|centered", "@mid"),
    (rf"(?:scattered|strewn|sprinkled|drifting|floating|falling) (?:over|across|on|upon|among|before){_IT}{_END}|"
     rf"in (?:the )?(?:front|foreground)(?: of (?:it|them))?{_END}", "@front"),
    (rf"in the background{_END}|in the distance{_END}|behind (?:it|them){_END}", "@back"),
    (rf"(?:along|on|at|in|across) (?:the |its )?(?:upper|top) (?:edge|rim|border|side|half|part|third){_END}|"
     rf"(?:up |high )?(?:above|overhead|on top|over|at the top|in the sky)(?: (?:it|them|that|this|everything)){_END}|"
     rf"(?:up |high )?(?:above|overhead|on top|at the top|in the sky){_END}", "@top"),
    (rf"(?:along|on|at|in|across) (?:the |its )?(?:lower|bottom) (?:edge|rim|border|side|half|part|third){_END}|"
     rf"(?:down )?(?:below|beneath|underneath|under|at the bottom|on the bottom|at the foot|at (?:its|their) feet)(?: (?:it|them|that|this|everything)){_END}|"
     rf"(?:down )?(?:below|beneath|underneath|at the bottom|on the bottom|at the foot|at (?:its|their) feet){_END}", "@bottom"),
)  # fmt: skip
_BEFORE_PLACE = r"(?: (?:standing|sitting|set|placed|perched|shining|hanging|flying|swimming|rising))?"
_INFIX: tuple[tuple[str, str], ...] = (
    (rf"(?P<a>.+?){_BEFORE_PLACE} in front of (?P<b>.+)", "front"),
    (r"(?P<a>.+?) (?:scattered|strewn|sprinkled|drifting|floating) (?:over|across|on|upon) (?P<b>.+)", "front"),
    (rf"(?P<a>.+?){_BEFORE_PLACE} behind (?P<b>.+)", "behind"),
    (rf"(?P<a>.+?){_BEFORE_PLACE} (?:under|below|beneath|underneath) (?P<b>.+)", "under"),
    (rf"(?P<a>.+?){_BEFORE_PLACE} (?:above|over) (?P<b>.+)", "above"),
    (rf"(?P<a>.+?){_BEFORE_PLACE} between (?P<b>.+)", "between"),
)
_BORDER = re.compile(r"(?<!@)\b(?:edges?|edging|edged|borders?|bordered|rims?|rails?|frames?|framed|trims?)\b")
_LINES = r"(?:lines?|rails?|rims?|bars?|wires?|bands?)"
_RAILS = re.compile(
    rf"(?: ,)?(?: and)?(?: with)? (?:a |one |single |two |plain |thin |simple |fine |smooth )+{_LINES} "
    r"(?:above and below|below and above|on both (?:sides|edges)|along both edges|on each (?:side|edge)|at (?:the|both) edges)"
)
_CLEAN = re.compile(
    r"(?: ,)?(?: and)? (?:the |both )?(?:upper |lower |top |bottom |other )?(?:edges?|borders?|rims?) "
    r"(?:is |are |being )?(?:left |kept |stays? )?(?:clean|plain|free|bare|empty|smooth|polished)\b"
)
_NO_BORDER = re.compile(r"(?: ,)?(?: and)? (?:no|without|without a|without any) (?:edges?|borders?|rims?|frames?)\b")
_ELSEWHERE = re.compile(
    r"\b(?:around|round|encircl\w+|surround\w+|wreath\w*|above and below|below and above|over and under|alternat\w+|"
    r"panels?|among|amid|rows?)\b"
)
_FRAMES = (
    (re.compile(r"\b(?:dots?|beads?|grains?|pearls?|balls?|granules|milgrain)\b"), "milgrain"),
    (re.compile(r"\b(?:ropes?|cords?|cables?|twists?)\b"), "rope"),
    (re.compile(r"\b(?:two|double) (?:\w+ )*(?:lines?|rails?|wires?)\b"), "double"),
    (re.compile(r"\b(?:lines?|rails?|wires?|bars?)\b"), "plain"),
)
"""Borders by what is wished for along the edges."""
_BIG = frozenset("big bigger biggest large larger largest huge great tall".split())
_LITTLE = frozenset("small smaller smallest little tiny mini short".split())
_ARTICLES = frozenset("a an the one single some first then next last followed by and of its it them another".split())
_SPLIT = re.compile(r" (?:,|;|:|\.|!|with|then|plus|while|followed by) ")


@dataclass
class Item:
    """A phrase with its place. ``size`` over the usual, ``count`` where it is said."""

    phrase: str
    mark: str | None = None
    size: float | None = None
    count: int | None = None
    again: bool = False
    """Whether it is one more of what was named before ('two small ones')."""


@dataclass
class _Read:
    """What was read of the phrases."""

    seed: int | None
    things: list[Outright]
    letters: str | None
    said: list[str] = field(default_factory=list)
    retrieved: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def part(self, item: Item, position: str = "column", *, mirrored: bool = False) -> Part | None:
        """A part of one family for a phrase; ``None`` where it is none or more than one."""
        found = re.search(r"@o(\d+)", item.phrase)
        single = _single(item.phrase) and not item.again
        if found:
            thing = self.things[int(found.group(1))]
            wish = Attributes(form=thing.form, repeats=thing.count if thing.family == "grooves" else None)
            family, instead, count = (
                thing.family,
                (),
                item.count or (None if thing.family == "grooves" else thing.count),
            )
            single = _single(thing.words)
            little = bool(_LITTLE & set(thing.words.split())) and thing.count is not None
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
            if not item.again:
                self.said += meaning.understood
                self.retrieved += meaning.retrieved
                self.lost += meaning.not_understood
        keep = wish.repeats if family == "grooves" else None
        return Part(
            family,
            position,  # type: ignore[arg-type]
            replace(wish, repeats=keep),
            instead,
            scale=item.size or 1.0,
            count=min(count or 1, 12),
            fills=not single and count is None,
            mirrored=mirrored,
        )


def _single(phrase: str) -> bool:
    """Whether a phrase speaks of one thing."""
    words = [word for word in phrase.split() if word.isalpha()]
    return not words or singular(words[-1]) == words[-1]


def _marked(text: str) -> str:
    for pattern, mark in _MARKS:
        text = re.sub(rf"\b(?:{pattern})(?!\w)", mark, text)
    return " ".join(text.split())


def _item(phrase: str) -> Item | None:
    marks = re.findall(r"@(?!o\d)\w+", phrase)
    words = [word for word in re.sub(r"@(?!o\d)\w+", " ", phrase).split() if word.isalnum() or word.startswith("@o")]
    while words and words[0] in ("and", "of", "by", "so", "maybe", "then", "from", "with", "is", "are"):
        words.pop(0)
    while words and words[-1] in (
        "and",
        "of",
        "by",
        "with",
        "first",
        "is",
        "are",
        "each",
        "running",
        "standing",
        "placed",
    ):
        words.pop()
    size = 1.0 if _BIG & set(words) else SMALL if _LITTLE & set(words) else None
    count = next((NUMBERS[word] for word in words if word in NUMBERS), None) or number_in(" ".join(words))
    rest = [
        w
        for w in words
        if w not in _ARTICLES | _BIG | _LITTLE | {"two", "three", "four", "five", "six", "ones", "seven"}
    ]
    mark = marks[0] if marks else None
    if not words and mark is None:
        return None
    again = not rest and bool(words)
    if again and size is None and count is None and mark is None:
        return None
    return Item(" ".join(words), mark, size, None if count == 1 and not again else count, again)


def _groups(text: str) -> list[list[str]]:
    """Clauses, each parted further at 'and'."""
    return [
        re.split(r" and ", clause.strip(" ,"))
        for clause in _SPLIT.split(f" {text} ".replace(" , ", " , "))
        if clause.strip(" ,.")
    ]


def read_scenery(prompt: str, seed: int | None = None) -> Scene | None:
    """What a prompt of things in places asks for; ``None`` where it says nothing of that kind, or a phrase cannot be
    read alone. With a seed, what the phrases leave open is drawn by it.
    """
    text_written = written(prompt)
    source = prompt if text_written is None else text_written.prompt
    text = " ".join(prompt_words(source)).strip(" .!")
    border: str | None = None
    ground, text = worked_ground(text)
    for pattern, style in ((_RAILS, "plain"), (_NO_BORDER, "none"), (_CLEAN, "plain")):
        if pattern.search(f" {text}"):
            text, border = pattern.sub("", f" {text}").strip(" ,"), style
    if _BORDER.search(_marked(text)) and not ground:
        return None
    things, text = found_outright(text)
    text = _marked(text)
    if any(thing.family == "serpent" for thing in things):
        # Where head and tail lie is how it is drawn.
        text = re.sub(
            r" (?:, )?(?:with )?(?:its |the |a )?(?:head|tail|tongue)s?(?: @(?:near|far|mid))?(?= ,|$)", "", text
        )
    edges = re.search(r"(?:^| (?:,|with|and)) ?(?:and )?((?:(?!with |and |, )[^@])+?) @edges", text)
    if edges:
        style = next((style for words, style in _FRAMES if words.search(edges.group(1))), None)
        if style is None:
            return None
        border, text = style, (text[: edges.start()] + text[edges.end() :]).strip(" ,")
    words = text.split()
    text = " ".join(word for word, aside in zip(words, asides(words), strict=True) if not aside or word.startswith("@"))
    read = _Read(seed, things, text_written.letters if text_written else None)
    parts = _parts(text, read)
    if parts is None and (ground or border) and not things:
        return _grounded(prompt, text, ground, border, read) if "@" not in text else None
    if parts is None:
        return None
    if ground and border is None:
        border = "plain"  # more of the ground is seen than beside a broad border
    whole = Attributes(border=border, letters=read.letters)  # type: ignore[arg-type]
    if any(part.family == "grooves" for part in parts) and border is None:
        whole = replace(whole, border="none")
    if ground:
        parts = (*parts, Part("matted", "ground", Attributes(form=ground)))
        read.said.append(f"ground: {ground}")
    places = {"sky": "above", "floor": "below", "back": "behind"}
    read.said += [f"{places[p.position]}: {p.family.replace('_', ' ')}" for p in parts if p.position in places]
    return Scene(
        parts,
        whole,
        tuple(dict.fromkeys(read.said)),
        tuple(dict.fromkeys(read.retrieved)),
        tuple(dict.fromkeys(read.lost)),
    )


def _grounded(prompt: str, text: str, ground: str | None, border: str | None, read: _Read) -> Scene | None:
    """A prompt of which only the ground or the rails were read here; the rest as any other."""
    from ringcad.generators.ornament.generator import scheme_parts

    try:
        meaning = understand(text, read.seed)
    except InputError:
        return None
    wish = meaning.attributes if meaning.attributes.border else replace(meaning.attributes, border=border or "plain")  # type: ignore[arg-type]
    full = understand(prompt, read.seed)
    if full.scheme.main == meaning.scheme.main:
        # How even it is to be is said by the whole sentence.
        wish = replace(wish, irregular=min(wish.irregular, full.attributes.irregular))
    if ground:
        wish = replace(wish, large=min(wish.large, ON_GROUND))
    scheme = meaning.scheme if ground is None else replace(meaning.scheme, ground=None)
    parts = scheme_parts(scheme, wish)
    said = list(meaning.understood)
    if ground:
        parts = (*parts, Part("matted", "ground", Attributes(form=ground)))
        said.append(f"ground: {ground}")
    if border:
        said.append(f"border: {border}")
    return Scene(parts, wish, tuple(said), meaning.retrieved, meaning.not_understood)


def _parts(text: str, read: _Read) -> tuple[Part, ...] | None:
    if re.search(r"@(?:facing|away)\b", text):
        return _facing(text, read)
    infix = any(re.search(rf" {word} ", f" {text} ") for word in ("between", "under", "below", "beneath", "underneath",
                "above", "over", "in front of", "behind"))  # fmt: skip
    marked = re.search(r"@(?!o\d|mirror)\w+", text) is not None
    if _ELSEWHERE.search(text):
        return None
    if not marked and not infix and "@o" not in text:
        return _sequence(text, read)
    return _placed(text, read)


def _facing(text: str, read: _Read) -> tuple[Part, ...] | None:
    """Two that look at each other, or away from each other: mirror images."""
    away = "@away" in text
    rest = re.sub(r"@(?:facing|away)\b", "", text)
    if "@" in re.sub(r"@o\d", "", rest):
        return None
    clauses = [group for group in _groups(rest) if group]
    if len(clauses) != 1 or len(clauses[0]) > 2:
        return None
    items = [_item(phrase) for phrase in clauses[0]]
    found = [read.part(item) for item in items if item is not None]
    if not found or any(part is None for part in found) or len(found) != len(items):
        return None
    first = found[0]
    assert first is not None
    second = found[-1]
    assert second is not None
    pairs = max(1, first.count // 2) if len(found) == 1 else 1
    read.said.append("back to back" if away else "facing each other")
    left, right = ("left", "right") if away else ("right", "left")
    one = replace(first, count=1, looks=left, fills=False)  # type: ignore[arg-type]
    two = replace(second, count=1, looks=right, mirrored=True, fills=False)  # type: ignore[arg-type]
    return (one, two) * min(pairs, 6)


def _sequence(text: str, read: _Read) -> tuple[Part, ...] | None:
    """Things of sizes in an order: 'a big one first, then two small ones'."""
    items = [item for group in _groups(text) for phrase in group if (item := _item(phrase)) is not None]
    if sum(item.again for item in items) < 1 or not items or items[0].again:
        return None
    theme = next((item for item in items if not item.again), None)
    if theme is None or any(not item.again for item in items[1:]):
        return None
    sized = [item for item in items[1:] if item.size is not None]
    if len(sized) < 2:
        return None
    found = [read.part(replace_item(theme, item)) for item in sized]
    if any(part is None for part in found):
        return None
    return tuple(replace(part, fills=False) for part in found if part is not None)


def replace_item(theme: Item, again: Item) -> Item:
    """One more of a theme, of its own size, count and place."""
    return Item(theme.phrase, again.mark, again.size or theme.size, again.count or 1, theme.again)


def _placed(text: str, read: _Read) -> tuple[Part, ...] | None:
    graded, mixed, mirror = (f"@{name}" in text for name in ("graded", "mixed", "mirror"))
    text = " ".join(re.sub(r"@(?:graded|mixed|mirror)\b", "", text).split())
    places: dict[str, list[Part]] = {
        name: [] for name in ("main", "sides", "top", "bottom", "front", "back", "near", "far", "between")
    }
    last: Item | None = None
    theme: Part | None = None
    groups = _groups(text)
    open_marks = [[re.findall(r"@(?!o\d)(\w+)", phrase) for phrase in group] for group in groups]
    for number, group in enumerate(groups):
        shared = open_marks[number][-1][0] if len(group) > 1 and open_marks[number][-1] else None
        others = [marks for k, each in enumerate(open_marks) if k != number for marks in each]
        share = shared in ("top", "bottom", "back", "front", "near", "far") and others and (number or all(others))
        apart = any(open_marks[number]) or mirror or "@o" in " ".join(group)
        joined = group if apart else [" and ".join(group)]
        for phrase in joined:
            if not re.search(r"@(?!o\d)\w+", phrase):
                done = _infix(phrase, read, places)
                if done is None:
                    return None
                if done:
                    continue
            item = _item(phrase)
            if item is None:
                continue
            mark = (item.mark or (f"@{shared}" if share else "")).lstrip("@")
            mark = "main" if mark in ("", "mid") else mark
            if item.again and last is not None:
                if mark == "back":
                    mark = "main"
                if theme is not None:
                    places["main"].remove(theme)  # what follows says how many of it there are
                    theme = None
                item = replace_item(last, item)
                item.again = True
            elif item.again or not item.phrase:
                return None
            if mark == "main" and places["main"] and not item.again and _is_manner(item.phrase):
                read.lost.append(item.phrase)
                continue
            part = read.part(item)
            if part is None:
                # 'few', 'symmetrical', 'evenly spaced': no thing of their own.
                if mark == "main" and (last is not None or places["main"]) and len(item.phrase.split()) <= 3:
                    read.lost.append(item.phrase)
                    continue
                return None
            second = last is not None and not item.again and mark == "main" and bool(places["main"])
            if second and not (mirror or group is joined or (len(places["main"]) == 1 and "@o" in text)):
                return None
            if not item.again:
                theme = part if mark == "main" and item.count is None else None
                last = item
            places[mark].append(part)
    return _composed(places, graded, mixed, mirror, read)


def _is_manner(phrase: str) -> bool:
    """Whether a few words name no thing: a style, or how something is to look."""
    words = tuple(singular(word) for word in phrase.split())
    if "@" in phrase:
        return False
    if len(words) == 1:
        classes = load_weights().literal.get(words, frozenset())
        return not classes & set(FAMILIES) and words not in silhouettes()
    named = wish_of(read_prompt(phrase), load_weights()).names
    return len(words) <= 3 and not any(name.thing for name in named)


def _infix(phrase: str, read: _Read, places: dict[str, list[Part]]) -> bool | None:
    """Whether a phrase says where one thing stands to another; what it names is put in its place."""
    for pattern, relation in _INFIX:
        found = re.fullmatch(pattern, phrase)
        if found is None:
            continue
        a, b = found.group("a"), found.group("b")
        nested = _infix(a, read, places)
        if nested is None:
            return None
        first = None if nested else _item(a)
        second = _item(b)
        if second is None or (first is None and not nested):
            return None
        if relation == "between":
            return _between(first, b, read, places)
        other = read.part(second)
        if other is None:
            return None
        where = {"front": "back", "behind": "front", "under": "top", "above": "bottom"}[relation]
        if first is not None:
            part = read.part(first)
            if part is None:
                return None
            places[{"front": "front", "behind": "back", "under": "main", "above": "top"}[relation]].append(part)
        places[where].append(other)
        return True
    return False


def _between(first: Item | None, about: str, read: _Read, places: dict[str, list[Part]]) -> bool | None:
    """A thing between two others."""
    if first is None:
        return None
    middle = read.part(first)
    sides = [read.part(item) for text in about.split(" and ") if (item := _item(text)) is not None]
    if middle is None or not sides or any(part is None for part in sides) or len(sides) > 2:
        return None
    places["main"].append(middle)
    known = [part for part in sides if part is not None]
    if len(known) == 2:
        places["near"].append(known[0])
        places["far"].append(known[1])
    else:
        places["sides"].append(replace(known[0], count=1))
    return True


def _composed(
    places: dict[str, list[Part]], graded: bool, mixed: bool, mirror: bool, read: _Read
) -> tuple[Part, ...] | None:
    """Parts from left to right, then what stands above, below and behind."""
    main, sides, near, far = (places[name] for name in ("main", "sides", "near", "far"))
    columns: list[Part] = []
    back, ground = places["back"], []
    if places["front"] and main and not back:
        main, back = [], main  # 'mountains with pine trees in front'
    if places["front"]:
        main = [*main, *places["front"]]
    if places["between"]:
        columns = _with_between(main, places["between"], read)
        if not columns:
            return None
    elif mirror and len(main) == 2 and not sides:
        columns = [
            replace(main[1], fills=False),
            replace(main[0], fills=False),
            replace(main[1], mirrored=True, fills=False),
        ]
    elif sides:
        if not main:
            return None
        # What grows grows outwards; who has a face looks at what stands in the middle.
        left = [replace(part, mirrored=True, looks="right") for part in sides]
        right = [replace(part, looks="left") for part in reversed(sides)]
        columns = [*left, *(replace(part, fills=False) for part in main), *right]
    elif near or far:
        columns = [*near, *main, *far] if near else [*main, *far]
        if len(columns) < 2:
            return None
        columns = [replace(part, fills=False, ends=True) for part in columns]
    elif graded and len(main) == 1:
        n = main[0].count if main[0].count > 1 else 7
        most = max(0.5 * (n - 1), 0.5)
        sizes = [round(1.0 - (1.0 - GRADED) * abs(k - 0.5 * (n - 1)) / most, 4) for k in range(n)]
        columns = [replace(main[0], count=1, scale=size, fills=False) for size in sizes]
    elif mixed and len(main) == 1:
        n = main[0].count if main[0].count > 1 else 5
        columns = [replace(main[0], count=1, scale=MIXED[k % 3], fills=False) for k in range(n)]
    else:
        columns = main
    if back:
        behind = back[0]
        if behind.family in BEHIND:
            ground = [Part(behind.family, "ground", behind.wish)]
        else:
            ground = [replace(behind, position="back")]
    if not (sides or near or far or strips_of(places) or back or mirror or places["between"]) and _unlike(columns):
        # One with another and no place: by turns.
        return tuple(replace(part, position="middle", fills=False) for part in columns)
    strips = [
        *(replace(p, position="sky") for p in places["top"]),
        *(replace(p, position="floor") for p in places["bottom"]),
    ]
    if not columns and not (places["top"] and places["bottom"]):
        return None
    if len(columns) == 1 and not strips and not ground and columns[0].family != "motif":
        # Of one thing there is nothing to be placed.
        only = columns[0]
        wish = only.wish or Attributes()
        return (
            Part(
                only.family,
                "middle",
                replace(wish, repeats=wish.repeats or (only.count if only.count > 1 else None)),
                only.instead,
            ),
        )
    if len(columns) == 1 and not strips and not ground:
        columns = [replace(columns[0], fills=columns[0].count == 1)]
    return (*columns, *strips, *ground)


def _unlike(columns: list[Part]) -> bool:
    """Whether there are two things of one size, each of its own kind."""
    if len(columns) != 2 or any(part.scale != 1.0 or part.count != 1 for part in columns):
        return False
    kinds = {(part.family, part.wish.form if part.wish else None) for part in columns}
    return len(kinds) == 2


def strips_of(places: dict[str, list[Part]]) -> list[Part]:
    """What stands above or below."""
    return [*places["top"], *places["bottom"]]


def _with_between(main: list[Part], between: list[Part], read: _Read) -> list[Part]:
    """Two things, or two of a kind, with another between them; of two letters and a heart a text of three signs."""
    if len(between) != 1 or not 1 <= len(main) <= 2:
        return []
    what = replace(between[0], fills=False)
    if len(main) == 2:
        return [replace(main[0], fills=False), what, replace(main[1], fills=False)]
    letters = main[0].wish.letters if main[0].wish else None
    if main[0].family == "runes" and letters:
        halves = letters.split()
        if len(halves) == 1 and len(letters) == 2:
            halves = list(letters)
        if len(halves) != 2:
            return []
        first, second = (replace(main[0], wish=Attributes(letters=half), fills=False) for half in halves)
        read.said.append(f"letters: {halves[0]} and {halves[1]}")
        return [first, what, second]
    one = replace(main[0], count=1, fills=False)
    return [one, what, replace(one, mirrored=True)]
