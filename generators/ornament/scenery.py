"""Wishes of several things with places: in the middle, on both sides, above, below, in front, at either end, between
two, facing each other, first a large one and then small ones, smaller towards the ends.

Words of place become marks; what stands between marks are phrases, each read by itself. What comes out are parts of
the band, or nothing where the prompt says no such thing or a phrase cannot be read alone.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ringcad.core.errors import InputError
from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes, Border
from ringcad.generators.ornament.clauses import asides
from ringcad.generators.ornament.counting import written
from ringcad.generators.ornament.labels import FAMILIES
from ringcad.generators.ornament.model import load_weights
from ringcad.generators.ornament.naming import silhouettes
from ringcad.generators.ornament.outright import (
    found_outright,
    stippled,
    without_negations,
    worked_ground,
)
from ringcad.generators.ornament.phrases import (
    STIPPLE,
    Phrases,
    alone_on_smooth,
    ground_part,
    uneven_rows,
    with_bow,
)
from ringcad.generators.ornament.placewords import (
    BARE,
    BETWEEN_PHRASES,
    BORDER,
    CLEAN,
    ELSEWHERE,
    FRAMES,
    INFIX,
    NO_BORDER,
    RAILS,
    Item,
    groups,
    item_of,
    marked,
)
from ringcad.generators.ornament.placing import Scene
from ringcad.generators.ornament.reading import prompt_words, read_prompt
from ringcad.generators.ornament.text import BEHIND, understand
from ringcad.generators.ornament.wishes import wish_of
from ringcad.generators.ornament.wordpiece import singular

GRADED = 0.58
"""Height of the outermost of figures that grow smaller from the middle."""
ON_GROUND = -0.5
"""Level of size of figures on a ground that was asked for: it is to be seen."""
SURFACES = frozenset({"bark", "basket_weave", "facets", "hammered", "honeycomb", "matted", "stipple"})
"""Families over which others lie, rather than stand above them."""
MIXED = (1.0, 0.66, 0.84)
"""Heights of figures of different sizes, in turn."""


def read_scenery(prompt: str, seed: int | None = None) -> Scene | None:
    """What a prompt of things in places asks for; ``None`` where it says nothing of that kind, or a phrase cannot be
    read alone. With a seed, what the phrases leave open is drawn by it.
    """
    text_written = written(prompt)
    source = prompt if text_written is None else text_written.prompt
    text = " ".join(prompt_words(source)).strip(" .!")
    text = BARE.sub("", text)
    border: Border | None = None
    ground, text = worked_ground(text)
    bare: tuple[tuple[re.Pattern[str], Border], ...] = ((RAILS, "plain"), (NO_BORDER, "none"), (CLEAN, "plain"))
    for pattern, plain in bare:
        if pattern.search(f" {text}"):
            text, border = pattern.sub("", f" {text}").strip(" ,"), plain
    if BORDER.search(marked(text)) and not ground:
        return None
    uneven = uneven_rows(text, seed) or alone_on_smooth(text, seed)
    if uneven is not None:
        return uneven
    things, text = found_outright(text)
    if things and not ground:
        grains, text = stippled(text)
        ground = STIPPLE if grains else None
    if things:
        text = without_negations(text)
    text = marked(with_bow(text))
    if any(thing.family == "serpent" for thing in things):
        # Where head and tail lie is how it is drawn.
        text = re.sub(
            r" (?:, )?(?:with )?(?:its |the |a )?(?:head|tail|tongue)s?(?: @(?:near|far|mid))?(?= ,|$)", "", text
        )
    edges = re.search(r"(?:^| (?:,|with|and)) ?(?:and )?((?:(?!with |and |, )[^@])+?) @edges", text)
    if edges:
        style = next((style for words, style in FRAMES if words.search(edges.group(1))), None)
        if style is None:
            return None
        border, text = style, (text[: edges.start()] + text[edges.end() :]).strip(" ,")
    words = text.split()
    text = " ".join(word for word, aside in zip(words, asides(words), strict=True) if not aside or word.startswith("@"))
    read = Phrases(seed, things, text_written.letters if text_written else None)
    parts = _parts(text, read)
    if parts is None and (ground or border) and not things:
        return _grounded(prompt, text, ground, border, read) if "@" not in text else None
    if parts is None:
        return None
    if ground and border is None:
        border = "plain"  # more of the ground is seen than beside a broad border
    whole = Attributes(border=border, letters=read.letters)
    if any(part.family == "grooves" for part in parts) and border is None:
        whole = replace(whole, border="none")
    if ground:
        parts = (*parts, ground_part(ground))
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


def _grounded(prompt: str, text: str, ground: str | None, border: Border | None, read: Phrases) -> Scene | None:
    """A prompt of which only the ground or the rails were read here; the rest as any other."""
    from ringcad.generators.ornament.generator import scheme_parts

    try:
        meaning = understand(text, read.seed)
    except InputError:
        return None
    wish = meaning.attributes if meaning.attributes.border else replace(meaning.attributes, border=border or "plain")
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
        parts = (*parts, ground_part(ground))
        said.append(f"ground: {ground}")
    if border:
        said.append(f"border: {border}")
    return Scene(parts, wish, tuple(said), meaning.retrieved, meaning.not_understood)


def _parts(text: str, read: Phrases) -> tuple[Part, ...] | None:
    if re.search(r"@(?:facing|away)\b", text):
        return _facing(text, read)
    infix = any(f" {words} " in f" {text} " for words in BETWEEN_PHRASES)
    placed = re.search(r"@(?!o\d|mirror)\w+", text) is not None
    if ELSEWHERE.search(text):
        return None
    if not placed and not infix and "@o" not in text:
        return _sequence(text, read)
    return _placed(text, read)


def _facing(text: str, read: Phrases) -> tuple[Part, ...] | None:
    """Two that look at each other, or away from each other: mirror images."""
    away = "@away" in text
    rest = re.sub(r"@(?:facing|away)\b", "", text)
    if "@" in re.sub(r"@o\d", "", rest):
        return None
    clauses = [group for group in groups(rest) if group]
    if len(clauses) != 1 or len(clauses[0]) > 2:
        return None
    items = [item_of(phrase) for phrase in clauses[0]]
    found = [read.part(item) for item in items if item is not None]
    if not found or any(part is None for part in found) or len(found) != len(items):
        return None
    first = found[0]
    assert first is not None
    second = found[-1]
    assert second is not None
    pairs = max(1, first.count // 2) if len(found) == 1 else 1
    read.said.append("back to back" if away else "facing each other")
    one = replace(first, count=1, looks="left" if away else "right", fills=False)
    two = replace(second, count=1, looks="right" if away else "left", mirrored=True, fills=False)
    return (one, two) * min(pairs, 6)


def _sequence(text: str, read: Phrases) -> tuple[Part, ...] | None:
    """Things of sizes in an order: 'a big one first, then two small ones'."""
    items = [item for group in groups(text) for phrase in group if (item := item_of(phrase)) is not None]
    if sum(item.again for item in items) < 1 or not items or items[0].again:
        return None
    theme = next((item for item in items if not item.again), None)
    if theme is None or any(not item.again for item in items[1:]):
        return None
    sized = [item for item in items[1:] if item.size is not None]
    if len(sized) < 2:
        return None
    found = [read.part(replaceitem_of(theme, item)) for item in sized]
    if any(part is None for part in found):
        return None
    return tuple(replace(part, fills=False) for part in found if part is not None)


def replaceitem_of(theme: Item, again: Item) -> Item:
    """One more of a theme, of its own size, count and place."""
    return Item(theme.phrase, again.mark, again.size or theme.size, again.count or 1, theme.again)


def _placed(text: str, read: Phrases) -> tuple[Part, ...] | None:
    graded, mixed, mirror = (f"@{name}" in text for name in ("graded", "mixed", "mirror"))
    text = " ".join(re.sub(r"@(?:graded|mixed|mirror)\b", "", text).split())
    places: dict[str, list[Part]] = {
        name: [] for name in ("main", "sides", "top", "bottom", "front", "back", "near", "far", "between")
    }
    last: Item | None = None
    theme: Part | None = None
    clauses = groups(text)
    open_marks = [[re.findall(r"@(?!o\d)(\w+)", phrase) for phrase in group] for group in clauses]
    for number, group in enumerate(clauses):
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
            item = item_of(phrase)
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
                item = replaceitem_of(last, item)
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


def _infix(phrase: str, read: Phrases, places: dict[str, list[Part]]) -> bool | None:
    """Whether a phrase says where one thing stands to another; what it names is put in its place."""
    for pattern, relation in INFIX:
        found = re.fullmatch(pattern, phrase)
        if found is None:
            continue
        a, b = found.group("a"), found.group("b")
        nested = _infix(a, read, places)
        if nested is None:
            return None
        first = None if nested else item_of(a)
        second = item_of(b)
        if second is None or (first is None and not nested):
            return None
        if relation == "between":
            return _between(first, b, read, places)
        if relation == "tied":
            # A bow in the middle, and what it ties growing out of it.
            return None if first is None else _between(second, a, read, places)
        other = read.part(second)
        if other is None:
            return None
        if relation == "above" and other.family in SURFACES and phrase[: found.start("b")].endswith(" over "):
            relation = "front"  # what lies over a surface lies on it
        where = {"front": "back", "behind": "front", "under": "top", "above": "bottom"}[relation]
        if first is not None:
            part = read.part(first)
            if part is None:
                return None
            places[{"front": "front", "behind": "back", "under": "main", "above": "top"}[relation]].append(part)
        places[where].append(other)
        return True
    return False


def _between(first: Item | None, about: str, read: Phrases, places: dict[str, list[Part]]) -> bool | None:
    """A thing between two others."""
    if first is None:
        return None
    middle = read.part(first)
    sides = [read.part(item) for text in about.split(" and ") if (item := item_of(text)) is not None]
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
    places: dict[str, list[Part]], graded: bool, mixed: bool, mirror: bool, read: Phrases
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


def _with_between(main: list[Part], between: list[Part], read: Phrases) -> list[Part]:
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
