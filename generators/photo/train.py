"""Train the network that turns pictures into heights. One command, one thread, fixed seeds.

    pip install torch==2.13.0 safetensors
    python -m ringcad.generators.photo.train

Writes ``photo_net.safetensors``. No picture is read: every one is drawn from heights of our own.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save
from torch import nn

from ringcad.generators.photo.heights import TRAINED, Known, bank
from ringcad.generators.photo.network import LEVELS, WEIGHTS, Weights, normalised, stored_check
from ringcad.generators.photo.pairs import KINDS, make_pair

HERE = Path(__file__).parent
SEED = 11
SIDE, BATCH, STEPS = 128, 16, 1500
EACH, MOTIFS, SCENES = 10, 900, 200
"""Bands of every family, motifs and scenes in the training bank."""
FRESH = 7
"""Pairs of a batch that are drawn new; the others are mirrored ones of the last ``KEPT``."""
KEPT = 1500
SAVED = 250
RATE = 2.5e-3
WIDTHS = (16, 48, 80, 128, 128)


class Block(nn.Sequential):
    """Convolution, batch normalisation, rectifier."""

    def __init__(self, inside: int, outside: int, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside, momentum=0.03), nn.ReLU()
        )

    def folded(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight (3, 3, in, out) and bias (out,) of the one convolution that it is after training."""
        convolution, norm = self[0], self[1]
        assert isinstance(norm, nn.BatchNorm2d) and norm.running_var is not None and norm.running_mean is not None
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = convolution.weight * gain[:, None, None, None]
        return weight.permute(2, 3, 1, 0), norm.bias - norm.running_mean * gain


class ReliefNet(nn.Module):
    """U-Net over 2 x 2 regrouped luminance; heights of every pixel and the kind of picture out."""

    def __init__(self) -> None:
        super().__init__()
        first, deepest = WIDTHS[0], WIDTHS[-1]
        self.enter = nn.ModuleList([Block(4, first), Block(first, first)])
        steps = list(pairwise(WIDTHS))
        self.down = nn.ModuleList(nn.ModuleList([Block(a, b, 2), Block(b, b)]) for a, b in steps)
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in steps)
        self.merge = nn.ModuleList(Block(a, a) for a, _ in steps)
        self.last = Block(first, first)
        self.leave = nn.Conv2d(first, 4, 3, padding=1)
        self.kind = nn.Linear(deepest, len(KINDS))

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(n, 1, h, w) normalised luminance -> (n, 1, h, w) heights, (n, kinds) logits."""
        y = nn.functional.pixel_unshuffle(picture, 2)
        for block in self.enter:
            y = block(y)
        kept = []
        for pair in self.down:
            kept.append(y)
            for block in pair:
                y = block(y)
        logits = self.kind(y.mean((2, 3)))
        for level in reversed(range(LEVELS)):
            y = self.merge[level](nn.functional.interpolate(self.up[level](y), scale_factor=2.0) + kept[level])
        return nn.functional.pixel_shuffle(self.leave(self.last(y)), 2), logits

    def arrays(self) -> dict[str, torch.Tensor]:
        """Everything that ``network.forward`` needs, by its names."""
        out: dict[str, torch.Tensor] = {}
        for name, part in self.named_modules():
            if isinstance(part, Block):
                out[name + ".weight"], out[name + ".bias"] = part.folded()
        for level, step in enumerate(self.up):
            out[f"up.{level}.weight"], out[f"up.{level}.bias"] = step.weight[:, :, 0, 0].T, step.bias
        out["leave.weight"], out["leave.bias"] = self.leave.weight.permute(2, 3, 1, 0), self.leave.bias
        out["kind.weight"], out["kind.bias"] = self.kind.weight.T, self.kind.bias
        return {name: value.detach().to(torch.float16).contiguous() for name, value in out.items()}


class Feed:
    """Batches of pairs: some drawn now, the others mirrored ones drawn lately."""

    def __init__(self, items: Sequence[Known], seed: int) -> None:
        self.items, self.dice = items, np.random.default_rng(seed)
        self.kept: list[tuple[np.ndarray, np.ndarray, int]] = []

    def batch(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """(n, 1, s, s) normalised luminances, (n, 1, s, s) heights, (n,) kinds."""
        rows = []
        for _ in range(FRESH if len(self.kept) > 4 * BATCH else BATCH):
            pair = make_pair(self.items, SIDE, self.dice)
            row = (normalised(pair.picture), pair.height, KINDS.index(pair.kind))
            rows.append(row)
            self.kept.append((row[0][:, ::-1].copy(), row[1][:, ::-1].copy(), row[2]))
        while len(rows) < BATCH:
            rows.append(self.kept[int(self.dice.integers(len(self.kept)))])
        del self.kept[:-KEPT]
        x, y, k = zip(*rows, strict=True)
        return torch.tensor(np.stack(x))[:, None], torch.tensor(np.stack(y))[:, None], torch.tensor(k)


def loss_of(height: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Heights, slopes at three scales, and agreement of the whole whatever its level and range."""
    loss = (height - truth).abs().mean()
    a, b = height, truth
    for scale in range(3):
        for axis in (2, 3):
            loss = loss + 1.5 * 2.0**-scale * (a.diff(dim=axis) - b.diff(dim=axis)).abs().mean()
        a, b = nn.functional.avg_pool2d(a, 2), nn.functional.avg_pool2d(b, 2)
    p = height - height.mean((1, 2, 3), keepdim=True)
    q = truth - truth.mean((1, 2, 3), keepdim=True)
    agreement = (p * q).mean((1, 2, 3)) / torch.sqrt((p * p).mean((1, 2, 3)) * (q * q).mean((1, 2, 3)) + 1e-6)
    return loss + 0.3 * (1.0 - agreement).mean()


def train(items: Sequence[Known], steps: int, seed: int, out: Path) -> ReliefNet:
    """AdamW with warm-up and cosine decay; what is learned so far is written every ``SAVED`` steps."""
    torch.manual_seed(seed)
    model = ReliefNet()
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.02, betas=(0.9, 0.98))
    feed, total, started = Feed(items, seed), np.zeros(2), time.process_time()
    for step in range(steps):
        rate = RATE * min(1.0, (step + 1) / 60) * (0.01 + 0.495 * (1.0 + math.cos(math.pi * step / steps)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        picture, truth, kind = feed.batch()
        height, logits = model(picture)
        main = loss_of(height, truth)
        named = nn.functional.cross_entropy(logits, kind)
        optimiser.zero_grad()
        (main + 0.05 * named).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        total += (float(main.detach()), float(named.detach()))
        if (step + 1) % 50 == 0:
            print(f"step {step + 1} loss {total[0] / 50:.4f} kind {total[1] / 50:.3f} "
                  f"{time.process_time() - started:.0f} s", flush=True)  # fmt: skip
            total[:] = 0.0
        if (step + 1) % SAVED == 0 or step + 1 == steps:
            save_weights(model.eval(), out, {"steps": str(step + 1), "seed": str(seed)})
            model.train()
    model.eval()
    return model


def save_weights(model: ReliefNet, out: Path, notes: dict[str, str]) -> None:
    """Write the folded network with its own answer to a fixed picture."""
    out.write_bytes(save(model.arrays(), metadata={"check": check(model), "kinds": json.dumps(KINDS), **notes}))


@torch.no_grad()
def check(model: ReliefNet) -> str:
    """The model's own answer to a fixed picture, stored so that the numpy twin can be held against it."""
    picture, _ = stored_check(Weights({}, {"check": "[]"}))
    height, logits = model(torch.tensor(normalised(picture))[None, None])
    return json.dumps([round(float(value), 5) for value in (*height.flatten()[::97], *logits[0])])


def main() -> None:
    """Draw the bank, train, write the weights."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--out", type=Path, default=HERE / WEIGHTS)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    started = time.process_time()
    items = bank(TRAINED, arguments.each, MOTIFS * arguments.each // EACH, SCENES * arguments.each // EACH, 1000, False)
    print(f"{len(items)} reliefs, {time.process_time() - started:.0f} s", flush=True)
    model = train(items, arguments.steps, SEED, arguments.out)
    count = sum(value.numel() for value in model.arrays().values())
    print(f"{count / 1e6:.2f} M parameters, {time.process_time() - started:.0f} CPU s", flush=True)


if __name__ == "__main__":
    main()
