"""Train the layer sampler: layers are drawn and measured, wordings made for them, a small network learns to write them.

    python -m ringcad.generators.ornament.train_sampler

writes ``sampler.safetensors`` beside this file. One thread; about 15 minutes for the drawings and 8 for the network.
Needs torch (``pip install "ringcad[train]"``).
"""

from __future__ import annotations

import argparse
import json
import pickle
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from ruamel.yaml import YAML
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.layout import make_room
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.sampler import code_data, sample_layer, weights_from
from ringcad.generators.ornament.sampler_corpus import (
    Drawn,
    family_words,
    make_corpus,
    read_words,
    sample_room,
    tokens_of,
    usual_of,
)
from ringcad.generators.ornament.sampler_fields import (
    BINS,
    Code,
    encode,
    fit_code,
    room_features,
    schema_shapes,
)
from ringcad.generators.ornament.sampler_measure import acceptable, looked_at
from ringcad.generators.ornament.train_sampler_words import SEED, Words, train_words, vector_of

HERE = Path(__file__).parent
HELD_OUT = HERE.parents[1] / "benchmarks" / "prompts" / "sampler.yaml"
ROOMS = 14
STEPS, BATCH = 300, 256
HIDDEN, THEME, FAMILY, TOKEN, NAME, PLACE = 128, 32, 32, 32, 16, 32
DROPOUT, LOOK_EVERY = 0.25, 50
MOVED = 0.02
"""Share moved by the castability limits at which a drawing counts for a third."""
ROOM_NOISE = 0.12
"""Noise on what is told of a room."""
TRIALS, EARNED = 4, 0.5
"""Rooms in which each family's layers are tried, and the least share that must be castable at once."""
Array = NDArray[np.float32]


def held_out_words() -> list[str]:
    """Wordings that must not be learned from; none where the benchmark is not installed."""
    if not HELD_OUT.exists():
        return []
    data = YAML(typ="safe").load(HELD_OUT.read_text(encoding="utf-8"))
    return [*(word for words in data["levels"].values() for word in words), *(row["prompt"] for row in data["forms"])]


# ---------------------------------------------------------------- data


@dataclass
class Data:
    """Arrays over all drawings: fields as classes, places and numbers; conditions; wordings by row."""

    families: tuple[str, ...]
    codes: dict[str, tuple[Code, ...]]
    heads: dict[str, int]
    family: Tensor
    row: Tensor
    head: Tensor
    classes: Tensor
    places: Tensor
    numbers: Tensor
    size: Tensor
    room: Tensor
    levels: Array
    other: Array
    stroke: Array
    weight: Array
    phrases: Array
    themes: list[NDArray[np.int64]]
    forms: list[list[NDArray[np.int64]]]
    rooms_of: NDArray[np.int64]


def build_data(corpus: dict[str, list[Drawn]], barred: list[str]) -> Data:
    """Codes fitted to a corpus, and the corpus in them."""
    families = tuple(name for name in FAMILIES if corpus.get(name))
    codes = {}
    for name in families:
        rows = [tokens_of(drawn) for drawn in corpus[name]]
        rooms = [drawn.room for drawn in corpus[name]]
        shapes = schema_shapes(FAMILIES[name].layer)
        codes[name] = tuple(fit_code(shape, [row[k] for row in rows], rooms) for k, shape in enumerate(shapes))
    heads = {name: k for k, name in enumerate(sorted({c.shape.name for own in codes.values() for c in own}))}
    longest = max(len(own) for own in codes.values())
    _, form_words, plain = read_words(barred)
    captions = family_words(barred)
    phrases: list[Array] = [np.zeros(128, np.float32)]

    def rows_for(texts: list[str]) -> NDArray[np.int64]:
        first = len(phrases)
        phrases.extend(vector_of(text) for text in texts)
        return np.arange(first, len(phrases))

    plain_rows = rows_for(plain)
    caption_rows = {name: rows_for(captions.get(name, [name.replace("_", " ")])) for name in families}
    form_rows = {
        key: {value: rows_for(texts) for value, texts in choices.items()} for key, choices in form_words.items()
    }
    out: dict[str, list[Any]] = {key: [] for key in ("f", "r", "h", "c", "p", "n", "s", "x", "l", "o", "k", "w", "g")}
    forms: list[list[NDArray[np.int64]]] = []
    themes: list[NDArray[np.int64]] = []
    first_row = 0
    group = 0
    for n, name in enumerate(families):
        usual = usual_of(corpus[name])
        moved = np.array([drawn.look.moved for drawn in corpus[name]])
        weight = np.exp(-moved / MOVED) / np.exp(-moved / MOVED).mean()
        last: Any = None
        for drawn, own_weight in zip(corpus[name], weight, strict=True):
            group += drawn.room is not last
            last = drawn.room
            found = [encode(v, c, drawn.room) for v, c in zip(tokens_of(drawn), codes[name], strict=True)]
            pad = longest - len(found)
            out["f"].append(n)
            out["r"].append(list(range(first_row, first_row + len(found))) + [0] * pad)
            out["h"].append([heads[c.shape.name] for c in codes[name]] + [0] * pad)
            for key, column in (("c", 0), ("p", 1), ("n", 2)):
                out[key].append([entry[column] for entry in found] + [0] * pad)
            out["s"].append([c.size for c in codes[name]] + [1] * pad)
            out["x"].append(room_features(drawn.room))
            out["l"].append(usual.levels(drawn.look, drawn.room))
            out["o"].append([drawn.wish.soft, drawn.wish.irregular])
            out["k"].append(np.log(drawn.look.stroke / drawn.room.stroke))
            out["w"].append(own_weight * (1.5 if drawn.plain else 1.0))
            out["g"].append(group)
            own_forms = []
            for key, choices in form_rows.items():
                owner, field = key.split(".")
                if owner == name:
                    value = str(getattr(drawn.layer, field))
                    own_forms.append(choices.get(value.lower() if value in ("True", "False") else value, plain_rows))
            forms.append(own_forms)
            themes.append(np.concatenate([caption_rows[name], plain_rows[:20]]))
        first_row += len(codes[name])
    return Data(
        families, codes, heads,
        torch.tensor(out["f"]), torch.tensor(out["r"]), torch.tensor(out["h"]), torch.tensor(out["c"]),
        torch.tensor(out["p"], dtype=torch.float32), torch.tensor(out["n"], dtype=torch.float32).clamp(-4, 4),
        torch.tensor(out["s"]), torch.tensor(np.array(out["x"]), dtype=torch.float32),
        np.array(out["l"], np.float32), np.array(out["o"], np.float32), np.array(out["k"], np.float32),
        np.array(out["w"], np.float32), np.array(phrases), themes, forms, np.array(out["g"]),
    )  # fmt: skip


def wordings(data: Data, pick: NDArray[np.int64], dice: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Looks that are told, with their signs, and the theme's vector, for some drawings.

    A look is the likelier told the farther it is from the usual: nobody says 'of ordinary density'.
    """
    levels = data.levels[pick]
    told = dice.random(levels.shape) < np.clip((np.abs(levels) - 0.25) / 0.5, 0.03, 0.9)
    shown = np.clip(levels + dice.normal(0.0, 0.1, levels.shape), -1.5, 1.5)
    other = data.other[pick]
    other_told = (dice.random(other.shape) < 0.7) & (other != 0.0)
    near = (dice.random(len(pick)) < 0.15)[:, None]
    stroke = data.stroke[pick][:, None] + dice.normal(0.0, 0.07, (len(pick), 1))
    look = np.hstack([shown * told, other * other_told, told, other_told, stroke * near, near]).astype(np.float32)
    theme = np.zeros((len(pick), 128), np.float32)
    chances = dice.random((len(pick), 4))
    for n, k in enumerate(pick):
        rows = []
        if chances[n, 0] < 0.6:
            rows.append(int(data.themes[k][int(chances[n, 1] * len(data.themes[k]))]))
        if chances[n, 2] < 0.7:
            rows += [int(form[int(chances[n, 3] * len(form))]) for form in data.forms[k]]
        if rows:
            theme[n] = data.phrases[rows].mean(axis=0)
    noise = dice.normal(0.0, 0.35 * 128**-0.5, theme.shape)
    theme += (noise * (np.abs(theme).max(axis=1, keepdims=True) > 0)).astype(np.float32)
    return torch.tensor(look), torch.tensor(theme)


# ---------------------------------------------------------------- the network


class Sampler(nn.Module):
    """Writes fields one after another; same formulas as ``sampler.sample_fields``."""

    def __init__(self, families: int, fields: int, names: int) -> None:
        super().__init__()
        self.family = nn.Embedding(families, FAMILY)
        self.theme = nn.Linear(128, THEME, bias=False)
        self.enter1 = nn.Linear(FAMILY + 12 + 12 + THEME, HIDDEN)
        self.enter2 = nn.Linear(HIDDEN, HIDDEN)
        self.bin = nn.Embedding(names * BINS, TOKEN)
        self.name = nn.Embedding(names, NAME)
        self.cell = nn.GRU(TOKEN + 1 + NAME + HIDDEN, HIDDEN, batch_first=True)
        self.out = nn.Parameter(torch.randn(names, BINS, HIDDEN) * HIDDEN**-0.5)
        self.bias = nn.Embedding(fields, BINS)
        self.inner = nn.Linear(HIDDEN, PLACE)
        self.place = nn.Embedding(names * BINS, PLACE)
        self.place_bias = nn.Embedding(fields, BINS)
        nn.init.normal_(self.place.weight, std=PLACE**-0.5)
        for table in (self.bias, self.place_bias):
            nn.init.zeros_(table.weight)
        nn.init.normal_(self.bin.weight, std=0.3)

    def losses(self, data: Data, pick: Tensor, look: Tensor, theme: Tensor) -> tuple[Tensor, Tensor]:
        """Sums over all fields: surprise at the classes and squared error of the places in their bins."""
        room = data.room[pick]
        if self.training:
            # Some fifty rooms a family: without noise it would know each of them by heart.
            room = room + ROOM_NOISE * torch.randn_like(room)
        x = torch.cat([self.family(data.family[pick]), room, look, self.theme(theme)], dim=1)
        context = self.enter2(
            functional.dropout(functional.gelu(self.enter1(x), approximate="tanh"), DROPOUT, self.training)
        )
        head, classes, size = data.head[pick], data.classes[pick], data.size[pick]
        token = head * BINS + classes
        before = torch.cat([self.bin(token), data.numbers[pick][..., None]], dim=2)
        before = functional.dropout(functional.pad(before[:, :-1], (0, 0, 1, 0)), 0.5 * DROPOUT, self.training)
        told = context[:, None].expand(-1, head.shape[1], -1)
        h, _ = self.cell(torch.cat([before, self.name(head), told], dim=2), torch.tanh(context)[None].contiguous())
        # Fields of one name have one matrix: they are taken together.
        where = torch.nonzero(size.reshape(-1) > 1)[:, 0]
        order = torch.argsort(head.reshape(-1)[where], stable=True)
        where = where[order]
        seen = functional.dropout(h.reshape(-1, HIDDEN)[where], DROPOUT, self.training)
        own, row = head.reshape(-1)[where], data.row[pick].reshape(-1)[where]
        counts = torch.bincount(own, minlength=len(self.out))
        pieces = zip(seen.split(counts.tolist()), self.out, strict=True)
        logits = torch.cat([piece @ matrix.T for piece, matrix in pieces if len(piece)]) + self.bias(row)
        goal = classes.reshape(-1)[where]
        logits = logits.masked_fill(torch.arange(BINS)[None] >= size.reshape(-1)[where, None], -1e4)
        place = (self.place(own * BINS + goal) * functional.gelu(self.inner(seen), approximate="tanh")).sum(dim=1)
        place = torch.sigmoid(place + self.place_bias(row).gather(1, goal[:, None])[:, 0])
        surprise = functional.cross_entropy(logits, goal, reduction="sum")
        return surprise, ((place - data.places[pick].reshape(-1)[where]) ** 2).sum()


def train(data: Data, steps: int, quiet: bool = False) -> Sampler:
    """The network at its best on rooms kept aside (one in ten), within ``steps`` batches."""
    torch.manual_seed(SEED)
    dice = np.random.default_rng(SEED)
    names = len(data.heads)
    fields = sum(len(own) for own in data.codes.values())
    model = Sampler(len(data.families), fields, names)
    aside = np.nonzero(data.rooms_of % 10 == 3)[0][:600]
    mine = np.nonzero(data.rooms_of % 10 != 3)[0]
    chance = data.weight[mine] / data.weight[mine].sum()
    optimiser = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=0.1)
    started = time.time()
    total, best, state = 0.0, float("inf"), model.state_dict()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 3e-3 * min(1.0, step / 100.0) * 0.5 * (1.0 + np.cos(np.pi * step / steps))
        pick = dice.choice(mine, BATCH, p=chance)
        look, theme = wordings(data, pick, dice)
        surprise, error = model.losses(data, torch.tensor(pick), look, theme)
        loss = (surprise + 4.0 * error) / BATCH
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        total += float(loss.detach())
        if (step + 1) % LOOK_EVERY == 0:
            kept = _aside(model, data, aside)
            if kept < best:
                best, state = kept, {name: value.clone() for name, value in model.state_dict().items()}
            if not quiet:
                print(
                    f"step {step + 1} loss {total / LOOK_EVERY:.3f} aside {kept:.3f} {time.time() - started:.0f} s",
                    flush=True,
                )
            total = 0.0
    model.load_state_dict(state)
    return model.eval()


@torch.no_grad()
def _aside(model: Sampler, data: Data, aside: NDArray[np.int64]) -> float:
    dice = np.random.default_rng(1)
    model.eval()
    look, theme = wordings(data, aside, dice)
    surprise, error = model.losses(data, torch.tensor(aside), look, theme)
    model.train()
    return float((surprise + 4.0 * error) / len(aside))


@torch.no_grad()
def checks(model: Sampler, data: Data, corpus: dict[str, list[Drawn]]) -> list[dict[str, Any]]:
    """Some drawings with the network's surprise at them, stored so that the numpy twin can be held against it."""
    rows: list[dict[str, Any]] = []
    k = 0
    for name in data.families:
        for n, drawn in enumerate(corpus[name]):
            if n < 8 and len(rows) < 12 and drawn.room == make_room(drawn.room.shape):
                pick = torch.tensor([k + n])
                found, _ = model.losses(data, pick, torch.zeros(1, 12), torch.zeros(1, 128))
                shape = drawn.room.shape
                rows.append({
                    "family": name, "values": tokens_of(drawn), "surprise": round(float(found), 4),
                    "band": shape.band.model_dump(), "frame": shape.frame.model_dump(),
                })  # fmt: skip
                break
        k += len(corpus[name])
    return rows


def written(model: Sampler, words: Words, data: Data, corpus: dict[str, list[Drawn]], kept: list[str]) -> bytes:
    """The weights file: float16 matrices, bins in float32, codes and notes as JSON."""
    model.load_state_dict({name: value.to(torch.float16).float() for name, value in model.state_dict().items()})
    weights: dict[str, Tensor] = {
        name: value.detach().to(torch.float16).contiguous() for name, value in model.state_dict().items()
    }
    weights |= {f"words.{name}": value.detach().to(torch.float16) for name, value in words.state_dict().items()}
    bins = np.full((2, sum(len(own) for own in data.codes.values()), BINS), np.nan, np.float32)
    row = 0
    for name in data.families:
        for code in data.codes[name]:
            bins[0, row, : len(code.low)] = code.low
            bins[1, row, : len(code.high)] = code.high
            row += 1
    weights["bins_low"], weights["bins_high"] = torch.tensor(bins[0]), torch.tensor(bins[1])
    notes = {
        "codes": json.dumps({name: [code_data(code) for code in data.codes[name]] for name in data.families}),
        "heads": json.dumps(data.heads),
        "kept": json.dumps(kept),
        "forms": json.dumps({key: list(choices) for key, choices in read_words([])[1].items()}),
        "check": json.dumps(checks(model.eval(), data, corpus)),
    }
    return bytes(save(weights, metadata=notes))


def earned(data: bytes) -> list[str]:
    """Families of which at least ``EARNED`` of freshly drawn layers can be cast and stay in their room at once."""
    weights = weights_from(data)
    kept = []
    for n, name in enumerate(weights.families):
        good = total = 0
        for k in range(TRIALS):
            dice = np.random.default_rng([SEED + 1, n, k])
            room = sample_room(dice)
            proposal = FAMILIES[name].propose(room, Attributes(), dice)
            if proposal is None:
                continue
            total += 1
            layer = sample_layer(name, room, Attributes(), np.zeros(128), dice, weights)
            look = None if layer is None else looked_at(layer, room)
            if look is not None:
                good += acceptable(look, None) or acceptable(look, looked_at(proposal, room))
        if total and good >= EARNED * total:
            kept.append(name)
    return kept


def revived(corpus: dict[str, list[Drawn]]) -> dict[str, list[Drawn]]:
    """Stored drawings as the schema is today; those it no longer takes are left out."""
    found: dict[str, list[Drawn]] = {}
    for name, drawings in corpus.items():
        found[name] = []
        for drawn in drawings:
            try:
                layer = FAMILIES[name].layer.model_validate(drawn.layer.model_dump())
            except (ValueError, AttributeError):
                continue
            found[name].append(replace(drawn, layer=layer))
    return found


def main(arguments: list[str] | None = None) -> None:
    """Draw a corpus, train, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rooms", type=int, default=ROOMS, help="rooms drawn for every family")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--corpus", type=Path, help="keep the drawings in this file, or take them from it")
    parser.add_argument("--out", type=Path, default=HERE / "sampler.safetensors")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    started = time.time()
    if options.corpus and options.corpus.exists():
        corpus = revived(pickle.loads(options.corpus.read_bytes()))
    else:
        corpus = make_corpus(SEED, options.rooms)
        if options.corpus:
            options.corpus.write_bytes(pickle.dumps(corpus))
    print(f"{sum(map(len, corpus.values()))} drawings after {time.time() - started:.0f} s", flush=True)
    barred = held_out_words()
    levels, forms, plain = read_words(barred)
    words = train_words(levels, forms, family_words(barred), plain)
    print(f"words after {time.time() - started:.0f} s", flush=True)
    data = build_data(corpus, barred)
    print(f"{len(data.phrases)} wordings, {time.time() - started:.0f} s", flush=True)
    model = train(data, options.steps)
    kept = earned(written(model, words, data, corpus, list(data.families)))
    options.out.write_bytes(written(model, words, data, corpus, kept))
    print(f"left to their own samplers: {', '.join(sorted(set(data.families) - set(kept))) or 'none'}", flush=True)
    count = sum(value.numel() for value in model.state_dict().values())
    print(f"{count / 1e6:.2f} M parameters, {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
