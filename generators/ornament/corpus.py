"""Writes captioned programs' structure: prompts in many wordings with what each word does and what the scheme must be.

Wordings come from ``corpus_captions.yaml`` (by hand), from WordNet (narrower nouns of chosen meanings, and their
definitions) and from the names of the motif vocabulary; sentences are put together here. Only used for
training and evaluation: nothing of it is needed when a ring is built.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ringcad.generators.ornament import motifs
from ringcad.generators.ornament.labels import ATTRIBUTES, CLUE, FAMILIES
from ringcad.generators.ornament.train_wordnet import Synset, hyponyms, read_nouns, read_senses
from ringcad.generators.ornament.wordpiece import plain_words

HERE = Path(__file__).parent
ABSTRACT = frozenset({"04", "09", "10", "16", "21", "22", "24", "07", "14", "26", "28", "12", "18", "15"})
"""Lexicographer files of what cannot be drawn."""
SHORTEST_RIDDLE = 3
"""Words from which a description teaches the reader what describing sounds like."""
Piece = tuple[str, str]
"""Some words of a prompt and their role."""


@dataclass(frozen=True)
class Example:
    """One prompt and its meaning. ``main`` is a family, or a style whose families have weights."""

    pieces: tuple[Piece, ...]
    main: str
    slots: dict[str, str] = field(default_factory=dict)
    drawable: bool = True


@dataclass(frozen=True)
class Source:
    """Wordings to draw from, by kind."""

    hand: dict[str, list[str]]
    wordnet: dict[str, list[str]]
    glosses: dict[str, list[str]]
    riddles: dict[str, list[str]]
    """Descriptions that do not name their family: evidence for it, never its name."""
    styles: dict[str, list[str]]
    style_families: dict[str, dict[str, float]]
    style_wants: dict[str, dict[str, str]]
    style_motifs: dict[str, list[str]]
    """Silhouettes that are right where a style stands for a thing."""
    moods: list[str]
    """Styles that are moods."""
    levels: dict[str, dict[str, list[str]]]
    forms: dict[str, list[str]]
    abstract: list[str]
    adjectives: list[str]


def _split(block: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in block.split(";") if part.strip()))


def read_source(wordnet: Path, without: Iterable[str] = ()) -> Source:
    """Wordings of every kind; ``without`` are prompts (frozen, held out) that must not be among them."""
    data = YAML(typ="safe").load((HERE / "corpus_captions.yaml").read_text(encoding="utf-8"))
    barred = {" ".join(plain_words(text)) for text in without}

    def free(texts: Iterable[str]) -> list[str]:
        return [text for text in texts if " ".join(plain_words(text)) not in barred]

    sentences = YAML(typ="safe").load((HERE / "corpus_forms.yaml").read_text(encoding="utf-8"))
    roots: dict[str, str] = sentences["roots"]
    hand = {family: free(_split(block)) for family, block in data["families"].items()}
    moods = YAML(typ="safe").load((HERE / "corpus_moods.yaml").read_text(encoding="utf-8"))
    styles: dict[str, Any] = data["styles"] | moods["moods"]
    named = {name: mood["motifs"] for name, mood in moods["moods"].items()} | moods["motifs_of_styles"]
    nouns, senses = read_nouns(wordnet), read_senses(wordnet)
    narrow: dict[str, list[str]] = {}
    told: dict[str, list[str]] = {}
    taken: set[int] = set()
    for family in (*(f for f in FAMILIES if f != "motif"), "motif"):
        found = _narrower(roots.get(family, ""), nouns, senses) - taken
        taken |= found
        narrow[family] = free(_plain_names(nouns[offset] for offset in sorted(found)))
        told[family] = [nouns[offset].gloss.split(";")[0] for offset in sorted(found)]
    names = free(" ".join(motifs.caption(name)) for name in motifs.names())
    described = YAML(typ="safe").load((HERE / "corpus_riddles.yaml").read_text(encoding="utf-8"))["families"]
    riddles = {family: free(_split(described.get(family, ""))) for family in FAMILIES}
    narrow["motif"] += names * (len(narrow["motif"]) // len(names))
    known = {word for texts in hand.values() for text in texts for word in plain_words(text)}
    known |= {word for style in styles.values() for word in plain_words(style["words"])}
    concrete = {w for w, offsets in senses.items() if any(nouns[o].kind not in ABSTRACT for o in offsets[:4])}
    abstract = [
        w for w, offsets in senses.items()
        if w.isalpha() and w not in known and w not in concrete and nouns[offsets[0]].kind in ABSTRACT
    ]  # fmt: skip
    adjectives = [
        line.split()[0]
        for line in (wordnet / "index.adj").read_text(encoding="utf-8").splitlines()
        if not line.startswith("  ") and line.split()[0].isalpha() and line.split()[0] not in known
    ]
    levels = {
        name: {value: _split(block) for value, block in values.items()} for name, values in data["attributes"].items()
    }
    said = {
        word for values in levels.values() for texts in values.values() for text in texts for word in plain_words(text)
    }
    return Source(
        hand, narrow, told, riddles,
        {name: free(_split(style["words"])) for name, style in styles.items()},
        {name: style["families"] for name, style in styles.items()},
        {name: style.get("want", {}) for name, style in styles.items()},
        {name: [part.strip() for part in block.split(",")] for name, block in named.items() if block},
        list(moods["moods"]), levels, {name: _split(block) for name, block in sentences["forms"].items()},
        abstract, [a for a in adjectives if a not in said],
    )  # fmt: skip


def _narrower(roots: str, nouns: dict[int, Synset], senses: dict[str, tuple[int, ...]]) -> set[int]:
    chosen: list[int] = []
    for word, kind in _root_words(roots):
        chosen += [offset for offset in senses.get(word, ()) if nouns[offset].kind == kind]
    return hyponyms(chosen, nouns)


def _root_words(roots: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    name: list[str] = []
    for part in roots.split():
        head, mark, kind = part.partition(":")
        name.append(head)
        if mark:
            found.append((" ".join(name), kind))
            name = []
    return found


def _plain_names(synsets: Iterable[Synset]) -> list[str]:
    """Names of meanings without scientific ones and proper names of persons."""
    found: dict[str, None] = {}
    for synset in synsets:
        for word in synset.words[:3]:
            if word[0].isupper() and " " in word and synset.kind == "20":
                continue
            if len(word.split()) <= 3 and not any(c.isdigit() for c in word):
                found[word.lower().replace("-", " ")] = None
    return list(found)


GROUND_FAMILIES = (
    "hammered stipple bark honeycomb scales starfield basket_weave facets chevron waves seigaiha damask".split()
)
EDGE_FAMILIES = (
    "milgrain milgrain bead_row bead_row rope rope greek_key plait gadroon chain chevron laurel celtic_knot waves "
    "scroll filigree vine triquetra deco_fan heart starfield".split()
)


OPPOSITES = {
    "density": (("dense", "sparse"), ("sparse", "dense")),
    "stroke": (("bold", "fine"), ("fine", "bold")),
    "size": (("large", "small"), ("small", "large")),
}
"""What is not wanted by attribute, and what is meant by that."""


class Writer:
    """Draws examples from a source with a seed."""

    def __init__(self, source: Source, seed: int) -> None:
        self.source, self.dice = source, random.Random(seed)
        self._told = {
            family: [text for text in texts if len(text.split()) >= SHORTEST_RIDDLE]
            for family, texts in source.riddles.items()
        }

    def theme(self, family: str) -> str:
        """A wording for a family: by hand, from WordNet, or a definition."""
        narrow, told = self.source.wordnet[family], self.source.glosses[family]
        share = self.dice.random()
        if family == "motif":
            text = self.dice.choice(narrow if share < 0.93 else self.source.hand[family])
            return text + "s" if self.dice.random() < 0.3 and not text.endswith("s") else text
        if share > 0.93 and told:
            return self.dice.choice(told)
        if share > 0.75 and narrow:
            return self.dice.choice(narrow)
        return self.dice.choice(self.source.hand[family])

    def example(self) -> Example:
        """One example; the kinds are balanced by hand."""
        kinds: tuple[tuple[float, Callable[[], Example]], ...] = (
            (0.46, self._single),
            (0.14, self._style),
            (0.10, self._edged),
            (0.07, self._grounded),
            (0.14, self._paired),
            (0.10, self._hopeless),
            (0.09, self._riddle),
        )
        pick = self.dice.random() * sum(weight for weight, _ in kinds)
        for weight, kind in kinds:
            pick -= weight
            if pick < 0.0:
                return kind()
        return self._single()

    def _family(self) -> str:
        return "motif" if self.dice.random() < 0.12 else self.dice.choice(FAMILIES)

    def _form(self, kind: str) -> str:
        return self.dice.choice(self.source.forms[kind])

    def _single(self) -> Example:
        family = self._family()
        form = "{X}" if self.dice.random() < 0.25 else self._form("single")
        return self._dress(_fill(form, {"X": (self.theme(family), "main")}), family, {})

    def _style(self) -> Example:
        style = self.dice.choice(list(self.source.styles))
        words = self.dice.choice(self.source.styles[style])
        if self.dice.random() < 0.65:
            slots = {("edges" if name == "border" else name): v for name, v in self.source.style_wants[style].items()}
            form = "{X}" if self.dice.random() < 0.2 else self._form("styled")
            pieces = _fill(form, {"X": (words, "main")})
            if self.dice.random() < 0.08:
                pieces[:0] = [(f"not {self.theme(self._family())}", "negated"), (",", "filler")]
            return self._dress(pieces, style, slots)
        family = self._family()
        parts = {"X": (self.theme(family), "main"), "S": (words, "attribute")}
        return self._dress(_fill(self._form("in_style"), parts), family, {})

    def _riddle(self) -> Example:
        """A description that does not name its family, or a sentence that describes something by some noun."""
        if self.dice.random() < 0.5:
            family = self.dice.choice([name for name, texts in self._told.items() if texts])
            form = "{R}" if self.dice.random() < 0.5 else self._form("riddle")
            parts = {"R": (self.dice.choice(self._told[family]), CLUE)}
            return self._dress(_fill(form, parts), family, {})
        text = self._form("clue").replace("{N}", self.theme(self._family()))
        return self._dress([(text, CLUE)], "", {})

    def _edged(self) -> Example:
        family, edge = self._family(), self.dice.choice(EDGE_FAMILIES)
        parts = {"X": (self.theme(family), "main"), "E": (self.theme(edge), "edges")}
        return self._dress(_fill(self._form("edged"), parts), family, {"edges": edge})

    def _grounded(self) -> Example:
        family, ground = self._family(), self.dice.choice(GROUND_FAMILIES)
        parts = {"X": (self.theme(family), "main"), "G": (self.theme(ground), "ground")}
        return self._dress(_fill(self._form("grounded"), parts), family, {"ground": ground})

    def _paired(self) -> Example:
        one, other = self._family(), self._family()
        layout = self.dice.choice(("alternate", "alternate", "alternate", "flanked", "stacked"))
        form = "{X} and {C}" if layout == "alternate" and self.dice.random() < 0.25 else self._form(layout)
        parts = {"X": (self.theme(one), "main"), "C": (self.theme(other), "companion")}
        slots = {"companion": other, "layout": layout}
        if self.dice.random() < 0.3:
            edge = self.dice.choice(EDGE_FAMILIES)
            form += self.dice.choice((" with {E} edges", ", {E} border"))
            parts["E"], slots["edges"] = (self.theme(edge), "edges"), edge
        return self._dress(_fill(form, parts), one, slots)

    def _hopeless(self) -> Example:
        dice, kind = self.dice, self.dice.random()
        if kind < 0.45:
            text = " ".join(dice.choice(self.source.abstract) for _ in range(dice.choice((1, 1, 2, 2, 3))))
        elif kind < 0.6:
            text = " ".join(
                "".join(dice.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(dice.randint(3, 9)))
                for _ in range(dice.choice((1, 2, 2, 3)))
            )
        elif kind < 0.72:
            text = self._form("fluff")
        elif kind < 0.82:
            levels = [
                dice.choice(dice.choice(list(v.values()))) for k, v in self.source.levels.items() if k != "border"
            ]
            text = ", ".join(dice.sample(levels, dice.choice((1, 2, 3))))
        elif kind < 0.9:
            text = dice.choice(self.source.adjectives) + " " + dice.choice(self.source.abstract)
        else:
            text = self._form("negated").format(N=self.theme(self._family()))
            return Example(((text, "negated"),), "", {}, False)
        return Example(((text, "filler"),), "", {}, False)

    def _negate(self, pieces: list[Piece], what: str) -> None:
        """What is not wanted: after the rest with or without a comma, or before it."""
        piece = (self._form("negated").format(N=what), "negated")
        if self.dice.random() < 0.12:
            pieces[:0] = [piece, (self.dice.choice((",", ", just", ", only", "; rather")), "filler")]
        elif self.dice.random() < 0.5:
            pieces += [(",", "filler"), piece]
        else:
            pieces.append(piece)

    def _aside(self, kind: str) -> str:
        """Something about people or occasions, with any noun in it: no part of the design beside a theme."""
        return self._form(kind).replace("{N}", self.theme(self._family()))

    def _talk(self, pieces: list[Piece], slots: dict[str, str]) -> None:
        """What customers say beside their theme: about themselves, about the rest of the ring, what is too much."""
        dice = self.dice
        comma: Piece = (",", "filler")
        if dice.random() < 0.12:
            pieces += [comma] * (dice.random() < 0.6) + [(self._form("rest"), "filler")]
        if dice.random() < 0.05:
            name = dice.choice(("density", "stroke", "size"))
            if name not in slots:
                said, meant = dice.choice(OPPOSITES[name])
                word = dice.choice(self.source.levels[name][said])
                pieces += [comma, (self._form("not_too").format(L=word), "attribute")]
                slots[name] = meant
        if dice.random() < 0.22:
            pieces += [comma] * (dice.random() < 0.75) + [(self._aside("aside"), "filler")]
        if dice.random() < 0.06:
            pieces[:0] = [(self._aside("aside_first"), "filler")]
        elif dice.random() < 0.03:
            pieces[:0] = [(self._aside("aside"), "filler"), comma]

    def _dress(self, pieces: list[Piece], main: str, slots: dict[str, str]) -> Example:
        """Add level words, counts, a border, a negation, talk or a word that means nothing here."""
        dice, slots = self.dice, dict(slots)
        for name in ATTRIBUTES:
            if dice.random() < 0.13:
                slots[name] = dice.choice(list(self.source.levels[name]))
                word = dice.choice(self.source.levels[name][slots[name]])
                if dice.random() < 0.6 and len(word.split()) == 1:
                    first = next(k for k, piece in enumerate(pieces) if piece[1] in ("main", CLUE))
                    pieces.insert(first, (word, "attribute"))
                else:
                    pieces += [(",", "filler"), (word, "attribute")]
        if "edges" not in slots and dice.random() < 0.14:
            slots["edges"] = dice.choice(list(self.source.levels["border"]))
            words = dice.choice(self.source.levels["border"][slots["edges"]])
            pieces += [(dice.choice((",", "with", "and")), "filler"), (words, "edges")]
        if dice.random() < 0.08:
            pieces.insert(0, (self._form("counts"), "count"))
        if dice.random() < 0.1:
            self._negate(pieces, self._form("negatable"))
        elif dice.random() < 0.03:
            other = self._family()
            if other != main:
                self._negate(pieces, self.theme(other))
        self._talk(pieces, slots)
        if dice.random() < 0.1:
            word = dice.choice(self.source.adjectives if dice.random() < 0.7 else self.source.abstract)
            pieces.insert(dice.randint(0, len(pieces)), (word, "filler"))
        return Example(tuple(pieces), main, slots)


def _fill(form: str, parts: dict[str, Piece]) -> list[Piece]:
    """A sentence form with its gaps filled, as pieces with roles."""
    pieces: list[Piece] = []
    for k, part in enumerate(form.replace("}", "{").split("{")):
        if k % 2:
            pieces.append(parts[part])
        elif part.strip():
            pieces.append((part.strip(), "filler"))
    return pieces
