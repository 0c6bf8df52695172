"""How well the ``photo`` generator's network reads heights from pictures, beside what needs no training.

Run: ``python benchmarks/image_relief.py [--pictures 32] [--outside FOLDER] [--sheet sheet.png]``. Prints the tables of
``docs/image-relief.md``. Every picture is drawn from heights that are known and that training never saw: bands of
trained families with new seeds, bands of families that were held out with their kin, motifs that were held out.
``--outside`` names a folder with reliefs and drawings of other people's making.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from ringcad.generators.photo.heights import HELD_OUT, TRAINED, Known, bank, inflate
from ringcad.generators.photo.network import heights, load_weights, scrambled
from ringcad.generators.photo.pairs import KINDS, Kind, Pair, make_pair
from ringcad.generators.photo.seeing import even_light
from ringcad.generators.photo.shading import silhouette

Array = NDArray[np.float64]
Method = Callable[[Array, Array], Array]
"""Picture and true height (for the choices that a baseline is granted) to heights."""

SIDE = 128
SEED = 500_000
"""Far from the seeds of training, which are 1000 to 1020."""
AMPLITUDE_PX = 8.0
"""What height 1 is taken for when normals are compared: the median of the renders."""
TESTS: tuple[tuple[str, str, Kind, float], ...] = (
    ("photos, trained families, new seeds", "trained", "photo", 0.75),
    ("photos, families held out", "held out", "photo", 0.75),
    ("the same, main light from anywhere", "held out", "photo", 0.0),
    ("photos, motifs held out", "motifs", "photo", 0.75),
    ("silhouettes, motifs held out", "motifs", "silhouette", 0.75),
    ("silhouettes, families held out", "held out", "silhouette", 0.75),
    ("line drawings, motifs held out", "motifs", "drawing", 0.75),
    ("line drawings, families held out", "held out", "drawing", 0.75),
)


# --- baselines ---------------------------------------------------------------------------------------------------


def luminance(picture: Array, truth: Array, blur: float = 0.0) -> Array:
    """Bright is high; on a bright ground dark is high, as the ``heightmap`` generator reads drawings."""
    rim = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    grey = ndimage.gaussian_filter(picture, blur) if blur else picture
    return 1.0 - grey if float(rim.mean()) > 0.6 and float(picture.mean()) > 0.5 else grey


def tilt_of(picture: Array) -> float:
    """Direction of the light in the picture's plane, up to its sign: that in which the luminance changes most."""
    gy, gx = np.gradient(ndimage.gaussian_filter(picture, 1.0))
    return 0.5 * float(np.arctan2(2.0 * (gx * gy).mean(), (gx * gx - gy * gy).mean()))


def linear_shading(picture: Array, tilt: float, damping: float, slowest: float) -> Array:
    """Pentland's linear shape from shading (1990, doi:10.1007/BF00056638), solved as a Wiener filter.

    The luminance is taken for the slope towards the light; ``damping`` is the share of noise, ``slowest`` the
    wavelength (pixels) from which on uneven light is not taken for height.
    """
    pad = picture.shape[0] // 2
    wide = np.pad(picture - picture.mean(), pad, mode="reflect")
    fy, fx = np.meshgrid(np.fft.fftfreq(wide.shape[0]), np.fft.fftfreq(wide.shape[1]), indexing="ij")
    slope = -2j * np.pi * (np.cos(tilt) * fx + np.sin(tilt) * fy)
    spectrum = np.fft.fft2(wide) * np.conj(slope) / (np.abs(slope) ** 2 + damping)
    spectrum *= 1.0 - np.exp(-((np.hypot(fx, fy) * slowest) ** 2))
    return np.fft.ifft2(spectrum).real[pad:-pad, pad:-pad]


def shading_known_sign(picture: Array, truth: Array, damping: float, slowest: float) -> Array:
    """Linear shape from shading with the estimated tilt and whichever sign of it is the right one."""
    found = linear_shading(picture, tilt_of(picture), damping, slowest)
    return found if correlation(found, truth) >= 0.0 else -found


def shading_known_light(picture: Array, truth: Array, damping: float, slowest: float) -> Array:
    """The same, told which of 8 directions of the light fits the true height best."""
    tries = [linear_shading(picture, tilt, damping, slowest) for tilt in np.arange(8) * np.pi / 4.0]
    return max(tries, key=lambda found: correlation(found, truth))


def propagated(picture: Array, truth: Array, slant_deg: float, rounds: int = 20) -> Array:
    """Tsai and Shah's shape from shading (1994, doi:10.1016/0262-8856(94)90002-7), tilt as above, better sign.

    Newton's step at every pixel on the Lambertian equation with slopes from backward differences.
    """
    grey = ndimage.gaussian_filter(picture, 0.7)
    low, high = np.percentile(grey, (1.0, 99.0))
    grey = np.clip((grey - low) / max(float(high - low), 1e-6), 0.0, 1.0)
    best: Array | None = None
    for turn in (0.0, np.pi):
        tilt, slant = tilt_of(picture) + turn, np.deg2rad(slant_deg)
        ix, iy = np.cos(tilt) * np.tan(slant), np.sin(tilt) * np.tan(slant)
        z, trust = np.zeros_like(grey), np.ones_like(grey)
        for _ in range(rounds):
            p, q = np.diff(z, axis=1, prepend=z[:, :1]), np.diff(z, axis=0, prepend=z[:1])
            pq, light = 1.0 + p * p + q * q, 1.0 + ix * ix + iy * iy
            facing = 1.0 + p * ix + q * iy
            error = grey - np.clip(facing / np.sqrt(pq * light), 0.0, None)
            slope = (p + q) * facing / np.sqrt(pq**3 * light) - (ix + iy) / np.sqrt(pq * light)
            slope = np.where(facing > 0.0, slope, 0.0)
            gain = trust * slope / (1e-2 + trust * slope * slope)
            z = z - np.clip(gain * error, -1.0, 1.0)
            trust = (1.0 - gain * slope) * trust
        z = ndimage.gaussian_filter(z, 1.0)
        z = z - ndimage.gaussian_filter(z, 16.0)
        if best is None or correlation(z, truth) > correlation(best, truth):
            best = z
    assert best is not None
    return best


# --- measures ----------------------------------------------------------------------------------------------------


def correlation(a: Array, b: Array) -> float:
    """Pearson's; 0 for a field without any variation."""
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 1e-12 else 0.0


def slopes(height: Array) -> Array:
    """(2, rows, columns) gradient after a blur of one pixel."""
    return np.stack(np.gradient(ndimage.gaussian_filter(height, 1.0)))


def normal_error_deg(found: Array, truth: Array) -> float:
    """Mean angle between normals, with the gain (not below 0) that brings the slopes nearest to the true ones."""
    a, b = slopes(found), AMPLITUDE_PX * slopes(truth)
    gain = max(float((a * b).sum() / max(float((a * a).sum()), 1e-12)), 0.0)
    a = gain * a
    dot = (a * b).sum(axis=0) + 1.0
    size = np.sqrt(((a * a).sum(axis=0) + 1.0) * ((b * b).sum(axis=0) + 1.0))
    return float(np.degrees(np.arccos(np.clip(dot / size, -1.0, 1.0))).mean())


Score = tuple[float, float, float]


def scores(method: Method, pairs: Sequence[Pair]) -> tuple[Score, float]:
    """Mean height correlation, slope correlation and normal error; standard error of the first."""
    rows = []
    for pair in pairs:
        picture, truth = pair.picture.astype(np.float64), pair.height.astype(np.float64)
        found = method(picture, truth)
        rows.append(
            (
                correlation(found, truth),
                correlation(slopes(found).ravel(), slopes(truth).ravel()),
                normal_error_deg(found, truth),
            )
        )
    table = np.array(rows)
    mean = table.mean(axis=0)
    return (float(mean[0]), float(mean[1]), float(mean[2])), float(table[:, 0].std() / np.sqrt(len(table)))


def tuned(pairs: Sequence[Pair]) -> tuple[float, float, float]:
    """Damping, slowest wavelength and slant with the best height correlation over pictures of trained families."""
    grid = [(damping, slowest) for damping in (0.003, 0.01, 0.03, 0.1, 0.3) for slowest in (20.0, 40.0, 80.0)]
    best = max(grid, key=lambda g: scores(lambda x, t: shading_known_sign(x, t, *g), pairs)[0][0])
    slant = max((20.0, 40.0, 60.0), key=lambda s: scores(lambda x, t: propagated(x, t, s), pairs)[0][0])
    return (*best, slant)


def methods(setting: tuple[float, float, float]) -> dict[str, Method]:
    """Everything that is compared, by its row's name."""
    damping, slowest, slant = setting
    weights, mixed = load_weights(), scrambled(load_weights(), 1)

    def network(picture: Array, truth: Array) -> Array:
        return heights(even_light(picture).astype(np.float32), weights)[0].astype(np.float64)

    def control(picture: Array, truth: Array) -> Array:
        return heights(even_light(picture).astype(np.float32), mixed)[0].astype(np.float64)

    return {
        "**network**": network,
        "luminance": luminance,
        "luminance, blurred": lambda x, t: luminance(x, t, 3.0),
        "shape from shading, linear": lambda x, t: shading_known_sign(x, t, damping, slowest),
        "the same, told the light": lambda x, t: shading_known_light(x, t, damping, slowest),
        "shape from shading, Tsai-Shah": lambda x, t: propagated(x, t, slant),
        "network, weights shuffled": control,
        "flat": lambda x, t: np.zeros_like(x),
    }


# --- report ------------------------------------------------------------------------------------------------------


def outside_pairs(folder: Path, dice: np.random.Generator) -> dict[str, list[Pair]]:
    """Pairs from other people's files: photos of a height map, and silhouettes of drawings inflated by our rule."""
    found: dict[str, list[Pair]] = {}
    maps = sorted(folder.glob("*Displacement*"))
    known = []
    for path in maps:
        field = np.asarray(Image.open(path).convert("L").resize((384, 384), Image.Resampling.BOX), dtype=np.float32)
        field = (field - field.min()) / max(float(np.ptp(field)), 1.0)
        known.append(Known(field, field, path.stem))
    if known:
        found["photos of a height map (ambientCG, CC0)"] = [make_pair(known, SIDE, dice, "photo") for _ in range(24)]
    shapes = []
    for path in sorted(folder.glob("*.png")):
        image = Image.open(path)
        if image.mode not in ("RGBA", "LA"):
            continue
        alpha = image.getchannel("A").resize(_box(image.size), Image.Resampling.BOX)
        coverage = np.zeros((SIDE, SIDE), dtype=np.float32)
        top, left = (SIDE - alpha.size[1]) // 2, (SIDE - alpha.size[0]) // 2
        coverage[top : top + alpha.size[1], left : left + alpha.size[0]] = np.asarray(alpha, dtype=np.float32) / 255.0
        if 0.02 < float((coverage > 0.5).mean()) < 0.85:
            body = inflate(coverage > 0.5)
            shapes += [Pair(silhouette(coverage, dice), body, "silhouette", path.stem) for _ in range(2)]
    if shapes:
        found["silhouettes of clip art (public domain)"] = shapes
    return found


def _box(size: tuple[int, int]) -> tuple[int, int]:
    scale = (SIDE - 16) / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def print_table(title: str, pairs: Sequence[Pair], compared: dict[str, Method]) -> None:
    print(f"\n### {title[0].upper() + title[1:]} ({len(pairs)} pictures)\n")
    print("| | height correlation | slope correlation | normal error |\n|---|---|---|---|")
    for name, method in compared.items():
        (height, slope, angle), error = scores(method, pairs)
        print(f"| {name} | {height:.2f} ± {error:.2f} | {slope:.2f} | {angle:.1f}° |", flush=True)


def print_kinds(groups: dict[str, list[Pair]]) -> None:
    """How often the network names the kind of a picture."""
    print("\n| kind | pictures | named right |\n|---|---|---|")
    for kind in KINDS:
        pairs = [pair for group in groups.values() for pair in group if pair.kind == kind]
        named = [heights(even_light(pair.picture).astype(np.float32))[1] for pair in pairs]
        right = np.mean([max(chance, key=lambda k: chance[k]) == kind for chance in named])
        print(f"| {kind} | {len(pairs)} | {right:.2f} |")


def shaded(height: Array, truth: Array | None = None) -> Array:
    """A relief lit from the upper left, for the eye."""
    if truth is not None:
        a, b = slopes(height), slopes(truth)
        height = height * max(float((a * b).sum() / max(float((a * a).sum()), 1e-12)), 0.0)
    gy, gx = np.gradient(AMPLITUDE_PX * ndimage.gaussian_filter(height, 0.5))
    light = (0.5 * gx + 0.5 * gy + 0.7) / np.sqrt(gx * gx + gy * gy + 1.0)
    return np.clip(0.1 + 0.9 * light, 0.0, 1.0)


def draw_sheet(path: Path, groups: dict[str, list[Pair]], compared: dict[str, Method]) -> None:
    """Unpicked: the first two pictures of every test. Rows: picture, network, truth, linear shading, luminance."""
    pairs = [pair for group in groups.values() for pair in group[:2]]
    rows: list[list[Array]] = [[], [], [], [], []]
    for pair in pairs:
        picture, truth = pair.picture.astype(np.float64), pair.height.astype(np.float64)
        rows[0].append(picture)
        rows[1].append(shaded(compared["**network**"](picture, truth), truth))
        rows[2].append(shaded(truth))
        rows[3].append(shaded(compared["shape from shading, linear"](picture, truth), truth))
        rows[4].append(shaded(compared["luminance"](picture, truth), truth))
    sheet = np.vstack([np.hstack([np.pad(tile, 2, constant_values=1.0) for tile in row]) for row in rows])
    Image.fromarray(np.rint(255.0 * sheet).astype(np.uint8)).save(path, quality=88)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=32, help="in each test")
    parser.add_argument("--outside", type=Path, help="folder with reliefs that are not ours")
    parser.add_argument("--sheet", type=Path, help="picture of the first two of each test")
    options = parser.parse_args()
    banks = {
        "trained": bank(TRAINED, 1, 0, 0, SEED, True),
        "held out": bank(HELD_OUT, 3, 0, 0, SEED, True),
        "motifs": bank((), 0, 80, 0, SEED, True),
    }
    dice = np.random.default_rng(SEED)
    tuning = bank(TRAINED[::4], 1, 0, 0, SEED + 100, False)
    setting = tuned([make_pair(tuning, SIDE, dice, "photo", True) for _ in range(16)])
    groups = {
        title: [make_pair(banks[name], SIDE, dice, kind, True, above) for _ in range(options.pictures)]
        for title, name, kind, above in TESTS
    }
    if options.outside:
        groups |= outside_pairs(options.outside, dice)
    compared = methods(setting)
    print(f"Baselines tuned on trained families: damping {setting[0]:g}, slowest {setting[1]:g} px, "
          f"slant {setting[2]:g}°. Held out: {', '.join(HELD_OUT)}.")  # fmt: skip
    for title, pairs in groups.items():
        print_table(title, pairs, compared)
    print_kinds(groups)
    for side in (SIDE, 512):
        picture = np.random.default_rng(1).random((side, side), dtype=np.float32)
        started = time.process_time()
        heights(picture)
        print(f"\n{side} x {side} pixels: {time.process_time() - started:.2f} CPU s")
    if options.sheet:
        draw_sheet(options.sheet, groups, compared)


if __name__ == "__main__":
    main()
