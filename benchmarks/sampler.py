"""Does the learned layer sampler earn its place? Against the families' own samplers and against shuffled controls.

Run: ``python benchmarks/sampler.py`` (some minutes of one core: every eighth family, every second form; each drawing
takes a third of a second, and every word and form is drawn by seven methods). ``--every 1 --forms-every 1 --seeds 4
--diverse 32`` measures all of it and takes some twenty times that. How far it is stands on the error stream. Words,
forms and bands of ``prompts/sampler.yaml`` were committed before any wording of the training was written and are left
out of it. Everything is measured on the heights of the main layer, drawn alone in its room.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from unittest import mock

import numpy as np
from ruamel.yaml import YAML

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import resampling, text
from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose_parts
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import make_room
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.resampling import MOVED, learned_wish, read_roles, resampled
from ringcad.generators.ornament.sampler import (
    Weights,
    load_weights,
    phrase_vector,
    sample_layer,
    scrambled,
    weights_from,
)
from ringcad.generators.ornament.sampler_measure import Look, acceptable, draw_alone, layer_look, looked_at
from ringcad.generators.ornament.scene import layer_room

HELD_OUT = Path(__file__).parent / "prompts" / "sampler.yaml"
GOALS = {"bold": ("stroke", 1), "fine": ("stroke", -1), "dense": ("gap", -1), "sparse": ("gap", 1),
         "large": ("period", 1), "small": ("period", -1)}  # fmt: skip
NOTICED = 0.05
"""Change of a measure (in logarithms, about 5 %) that an eye would see."""
Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Method:
    """One way from a prompt to a program. ``words`` is the prompt that the learned parts see."""

    name: str
    weights: Weights | None
    words: Callable[[str], str]
    layers: Literal["proposed", "chosen", "written"]
    """As proposed; chosen among proposals by the network, as the generator does; written by the network alone."""
    trust: float = resampling.TRUST
    """Power of what the network says; 0: theme words alone choose."""
    drawn: int = 0
    changed: int = 0
    spent: float = 0.0

    def program(self, prompt: str, family: str, band: list[Any], seed: int) -> Program:
        """Program of the family for a prompt's attributes."""
        length, width, stroke, gap, border, closed = band
        request = GeneratorRequest(
            prompt, seed, length, width, 0.35, stroke, gap, border=border, both_ends_designed=not closed
        )
        wish = _asked(prompt)
        start = time.process_time()
        if self.weights is not None:
            wish = learned_wish(self.words(prompt), wish, self.weights)
        parts = (Part(family),)
        program, _ = compose_parts(request, parts, wish)
        if self.weights is not None and self.layers == "chosen":
            with mock.patch.object(resampling, "TRUST", self.trust):
                program, (places, changed) = resampled(program, parts, wish, self.words(prompt), seed, self.weights)
            self.drawn += places
            self.changed += changed
        if self.weights is not None and self.layers == "written":
            program = self._written(program, wish, self.words(prompt), seed, self.weights)
        self.spent += time.process_time() - start
        return program

    def _written(self, program: Program, wish: Attributes, words: str, seed: int, weights: Weights) -> Program:
        """The first layer of which three can be cast, else the proposal."""
        layer, room = program.layers[0], _room_of(program)
        theme = phrase_vector(read_roles(words).themes.get("main", ()))
        rng = np.random.default_rng(seed)
        self.drawn += 1
        for _ in range(3):
            other = sample_layer(layer.family, room, wish, theme, rng, weights)
            look = None if other is None else looked_at(other, room)
            if other is not None and look is not None and acceptable(look, None, MOVED):
                self.changed += 1
                return program.model_copy(update={"layers": (other, *program.layers[1:])})
        return program


_WISHES: dict[str, Attributes] = {}


def _asked(prompt: str) -> Attributes:
    """What the scheme model and the keywords read, without what was learned here."""
    if prompt not in _WISHES:
        try:
            with mock.patch.object(text, "worded_wish", lambda wish, asked: (wish, {})):
                _WISHES[prompt] = text.understand(prompt).attributes
        except InputError:
            _WISHES[prompt] = Attributes()
    found = _WISHES[prompt]
    # A silhouette that the reader retrieved says nothing about the family that is drawn here.
    return Attributes(dense=found.dense, bold=found.bold, large=found.large, soft=found.soft, depth=found.depth)


def _room_of(program: Program) -> Any:
    return layer_room(program.layers[0], make_room(FrameShape(program.band, program.frame)))[0]


def _look(program: Program) -> Look:
    return layer_look(program.layers[0], _room_of(program))


def worded(word: str, family: str) -> str:
    """A prompt with a held-out word."""
    name = family.replace("_", " ")
    return f"{name} {word}" if word.startswith("like ") else f"{word} {name}"


def _tell(text: str) -> None:
    print(f"{time.process_time():4.0f} s  {text}", file=sys.stderr, flush=True)


def obedience(held_out: dict[str, Any], methods: list[Method]) -> dict[str, dict[str, list[float]]]:
    """Per method: change of the asked measure in the asked direction, per level and family; and what is moved."""
    found: dict[str, dict[str, list[float]]] = {m.name: defaultdict(list) for m in methods}
    families, bands = held_out["families"], held_out["bands"]
    for n, family in enumerate(families):
        _tell(f"words: {family}, {n + 1} of {len(families)}")
        band = bands[n % len(bands)]
        for j, (level, words) in enumerate(held_out["levels"].items()):
            measure, sign = GOALS[level]
            prompt = worded(words[(n + j) % len(words)], family)
            for method in methods:
                plain = _plain_look(method, family, band, n)
                if plain is None:
                    continue
                try:
                    look = _look(method.program(prompt, family, band, n))
                except InputError:
                    continue
                found[method.name][level].append(sign * float(np.log(getattr(look, measure) / getattr(plain, measure))))
                found[method.name]["moved"].append(look.moved)
    return found


_PLAIN: dict[tuple[str, str, int], Look | None] = {}


def _plain_look(method: Method, family: str, band: list[Any], seed: int) -> Look | None:
    """Mean measures of the same family by the same method without the word, over two seeds."""
    key = (method.name, family, seed)
    if key not in _PLAIN:
        try:
            looks = [_look(method.program(family.replace("_", " "), family, band, seed + 100 * k)) for k in range(2)]
            mean = {name: float(np.mean([getattr(x, name) for x in looks])) for name in Look.__dataclass_fields__}
            _PLAIN[key] = Look(**mean)
        except InputError:
            _PLAIN[key] = None
    return _PLAIN[key]


def forms(held_out: dict[str, Any], methods: list[Method], seeds: int) -> dict[str, float]:
    """Share of drawings whose family took the form that the theme's words mean."""
    right: dict[str, list[bool]] = defaultdict(list)
    for n, row in enumerate(held_out["forms"]):
        _tell(f"forms: {n + 1} of {len(held_out['forms'])}")
        for method in methods:
            for seed in range(seeds):
                try:
                    program = method.program(row["prompt"], row["family"], held_out["bands"][1], seed)
                except InputError:
                    continue
                right[method.name].append(getattr(program.layers[0], row["field"]) == row["choice"])
    return {name: float(np.mean(hits)) for name, hits in right.items()}


def diversity(held_out: dict[str, Any], methods: list[Method], seeds: int) -> dict[str, tuple[float, float]]:
    """Mean and least distance of heights between seeds, over the mean distance of a drawing to flat ground."""
    found: dict[str, tuple[float, float]] = {}
    for method in methods:
        _tell(f"diversity: {method.name}")
        far, near = [], []
        for family in ("scroll", "heart", "plait", "tracery"):
            drawings = []
            for seed in range(seeds):
                program = method.program(family, family, held_out["bands"][1], seed)
                height = draw_alone(program.layers[0], _room_of(program), 6.0)[0]
                drawings.append(height)
            shape = tuple(min(d.shape[k] for d in drawings) for k in (0, 1))
            stack = np.array([d[: shape[0], : shape[1]].ravel() for d in drawings])
            gaps = np.abs(stack[:, None] - stack[None]).mean(axis=2) / stack.mean()
            pairs = gaps[np.triu_indices(seeds, 1)]
            far.append(float(pairs.mean()))
            near.append(float(np.sort(gaps + 9.0 * np.eye(seeds), axis=1)[:, 0].mean()))
        found[method.name] = (float(np.mean(far)), float(np.mean(near)))
    return found


def words_read(held_out: dict[str, Any], weights: Weights) -> tuple[dict[str, float], dict[str, float]]:
    """Held-out level words: share read right, wrong and not at all, by the reader alone and with what was learned."""
    names = {"bold": "bold", "fine": "bold", "dense": "dense", "sparse": "dense", "large": "large", "small": "large"}
    tallies = ({"right": 0, "wrong": 0, "silent": 0}, {"right": 0, "wrong": 0, "silent": 0})
    for level, words in held_out["levels"].items():
        sign = 1.0 if level in ("bold", "dense", "large") else -1.0
        for word in words:
            for family in ("ivy", "waves"):
                prompt = worded(word, family)
                wish = _asked(prompt)
                for tally, found in zip(tallies, (wish, learned_wish(prompt, wish, weights)), strict=True):
                    value = sign * getattr(found, names[level])
                    tally["right" if value > 0 else "wrong" if value < 0 else "silent"] += 1
    total = sum(tallies[0].values())
    shares = [{name: count / total for name, count in tally.items()} for tally in tallies]
    return shares[0], shares[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--diverse", type=int, default=8)
    parser.add_argument("--every", type=int, default=8, help="of the families, take every so many")
    parser.add_argument("--forms-every", type=int, default=2, help="of the held-out forms, take every so many")
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    held_out = YAML(typ="safe").load(HELD_OUT.read_text(encoding="utf-8"))
    weights = load_weights() if options.weights is None else weights_from(options.weights.read_bytes())
    prompts = [worded(w, f) for words in held_out["levels"].values() for w in words for f in held_out["families"]]
    prompts += [row["prompt"] for row in held_out["forms"]]
    order = np.random.default_rng(3).permutation(len(prompts))
    mixed = {prompt: prompts[k] for prompt, k in zip(prompts, order, strict=True)}
    methods = [
        Method("own samplers", None, str, "proposed"),
        Method("own samplers, learned words", weights, str, "proposed"),
        Method("chosen by the network", weights, str, "chosen"),
        Method("... by theme words alone", weights, str, "chosen", 0.0),
        Method("... weights shuffled", scrambled(weights, 1), str, "chosen"),
        Method("... prompts shuffled", weights, lambda prompt: mixed.get(prompt, prompt), "chosen"),
        Method("written by the network alone", weights, str, "written"),
    ]
    alone, learned = words_read(held_out, weights)
    print(
        "words no keyword list has: " + ", ".join(f"{k} {v:.2f}" for k, v in alone.items()) + " by the reader;",
        flush=True,
    )
    print("  with the learned words " + ", ".join(f"{k} {v:.2f}" for k, v in learned.items()))
    families = held_out["families"]
    held_out["families"] = families[:: options.every]
    held_out["forms"] = held_out["forms"][:: options.forms_every]
    changes = obedience(held_out, methods)
    taken = forms(held_out, methods, options.seeds)
    spread = diversity(held_out, [methods[0], methods[2]], options.diverse)
    heads = (*GOALS, "all", "form", "moved 50 %", "moved 90 %", "open ground", "changed", "s")
    print("| | " + " | ".join(heads) + " |\n|---|" + "---|" * len(heads))
    for method in methods:
        own = changes[method.name]
        cells = [f"{np.mean(np.array(own[level]) > NOTICED):.2f}" for level in GOALS]
        every = np.concatenate([own[level] for level in GOALS])
        cells += [f"{np.mean(every > NOTICED):.2f}", f"{taken[method.name]:.2f}"]
        cells += [f"{100 * np.quantile(own['moved'], q):.1f} %" for q in (0.5, 0.9)]
        ground = [
            np.log(look.gap / own_look.gap)
            for (name, *key), look in _PLAIN.items()
            if name == method.name and look is not None
            for own_look in [_PLAIN[(methods[0].name, *key)]]
            if own_look is not None
        ]
        cells.append(f"{np.exp(np.mean(ground)):.2f}")
        cells.append(f"{method.changed / method.drawn:.2f}" if method.drawn else "-")
        cells.append(f"{method.spent:.0f}")
        print(f"| {method.name} | " + " | ".join(cells) + " |")
        print(f"  mean change {np.mean(every):+.3f}, against the wish {np.mean(every < -NOTICED):.2f}")
    for name, (mean, least) in spread.items():
        print(f"{name}: distance between {options.diverse} seeds {mean:.2f}, to the nearest {least:.2f}")
    print(f"{time.process_time():.0f} s of the processor")


if __name__ == "__main__":
    main()
