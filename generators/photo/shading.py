"""Pictures of known heights: a photograph under random light, a silhouette, a line drawing.

All functions take and return (n, n) float32; pictures are luminances in [0, 1] as a camera or a pen would
leave them, before JPEG. Random numbers come from the generator that is passed in and from nowhere else.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Array = NDArray[np.float32]
Dice = np.random.Generator

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Rec. 601, as images are read."""
FROM_ABOVE = 0.75
"""Share of photographs whose main light comes from the upper half, as people take them."""
MATERIALS = ("metal", "plaster", "stone", "wood")


@dataclass(frozen=True)
class Light:
    """A distant light: unit vector towards it (x right, y down, z to the eye) and its colour (3,)."""

    towards: Array
    colour: Array


def soft_noise(dice: Dice, side: int, sigma: float, along: float = 1.0, angle: float = 0.0) -> Array:
    """Smooth noise of unit deviation; ``along`` stretches it in the direction of ``angle`` (radians)."""
    step = max(1, int(sigma / 2.0))
    small = side // step + 2
    if along == 1.0:
        field = ndimage.gaussian_filter(dice.standard_normal((small, small), dtype=np.float32), sigma / step)
        out = (field if step == 1 else ndimage.zoom(field, step, order=1))[:side, :side]
    else:
        grain = dice.standard_normal((2 * small, 2 * small), dtype=np.float32)
        field = ndimage.gaussian_filter(grain, (sigma / step, along * sigma / step))
        y, x = np.mgrid[0:side, 0:side].astype(np.float32) / step - 0.5 * side / step
        c, s = np.cos(angle), np.sin(angle)
        out = ndimage.map_coordinates(field, [y * c - x * s + small, x * c + y * s + small], order=1, mode="mirror")
    return np.asarray((out - out.mean()) / max(float(out.std()), 1e-6), dtype=np.float32)


def normals(z: Array) -> Array:
    """(n, n, 3) unit normals of a height field in pixels."""
    gy, gx = np.gradient(z)
    length = np.sqrt(gx * gx + gy * gy + 1.0)
    return np.stack([-gx / length, -gy / length, 1.0 / length], axis=-1)


def cast_shadow(z: Array, towards: Array, steps: int = 14) -> Array:
    """Share of a light that reaches each pixel: soft shadows by marching towards it over the height field."""
    flat = float(np.hypot(towards[0], towards[1]))
    if flat < 1e-3:
        return np.ones_like(z)
    rise = float(towards[2]) / flat
    reach = min(float(z.max() - z.min()) / max(rise, 0.05), 0.5 * z.shape[0])
    worst = np.zeros_like(z)
    last = (0, 0)
    for t in np.linspace(1.0, max(reach, 1.0), steps):
        dx, dy = round(t * float(towards[0]) / flat), round(t * float(towards[1]) / flat)
        if (dx, dy) == last:
            continue
        last = (dx, dy)
        over = _shifted(z, dy, dx) - z - t * rise
        np.maximum(worst, over / (0.35 + 0.12 * t), out=worst)
    return np.asarray(1.0 - np.clip(worst, 0.0, 1.0), dtype=np.float32)


def _shifted(z: Array, dy: int, dx: int) -> Array:
    """z at (row + dy, column + dx), edge values beyond the edge."""
    rows, columns = z.shape
    i = np.clip(np.arange(rows) + dy, 0, rows - 1)
    j = np.clip(np.arange(columns) + dx, 0, columns - 1)
    return z[i[:, None], j]


def surroundings(n: Array, dice: Dice, hard: bool) -> Array:
    """What a mirror of this normal sees: a bright sky, a dark floor and some windows, (n, n) in about [0, 1.5]."""
    # The eye looks along -z: the mirrored ray of a normal.
    r = np.stack([2.0 * n[..., 2] * n[..., 0], 2.0 * n[..., 2] * n[..., 1], 2.0 * n[..., 2] ** 2 - 1.0], axis=-1)
    out = float(dice.uniform(0.15, 0.5)) - float(dice.uniform(-0.1, 0.45)) * r[..., 1]
    for _ in range(int(dice.integers(2, 6))):
        d = dice.normal(size=3).astype(np.float32) + np.array([0.0, -0.4, 0.5], dtype=np.float32)
        d /= np.linalg.norm(d)
        sharp = float(dice.uniform(1.5, 14.0 if hard else 5.0))
        edge = float(dice.uniform(0.4, 0.95))
        window = 1.0 / (1.0 + np.exp(-np.clip(2.0 * sharp * (r @ d - edge), -30.0, 30.0)))
        out = out + float(dice.uniform(-0.3, 1.0)) * window
    return np.asarray(np.clip(out, 0.0, 1.6), dtype=np.float32)


def lights(dice: Dice, from_above: float = FROM_ABOVE) -> list[Light]:
    """One to three lights; the first is the strongest and comes from above with this chance, else from anywhere."""
    out = []
    for k in range(int(dice.integers(1, 4))):
        above = k == 0 and dice.random() < from_above
        azimuth = float(dice.normal(-0.5 * np.pi, 0.7)) if above else float(dice.uniform(0.0, 2.0 * np.pi))
        elevation = np.deg2rad(float(dice.uniform(18.0, 72.0)))
        towards = [np.cos(azimuth) * np.cos(elevation), np.sin(azimuth) * np.cos(elevation), np.sin(elevation)]
        tint = np.clip(dice.normal(1.0, 0.12, 3), 0.5, 1.5)
        strength = 1.0 if k == 0 else float(dice.uniform(0.05, 0.5))
        out.append(Light(np.array(towards, dtype=np.float32), (strength * tint).astype(np.float32)))
    return out


def photograph(height: Array, dice: Dice, from_above: float = FROM_ABOVE) -> Array:
    """A photograph of a relief: random light, surroundings, material, colour, dirt and camera."""
    side = height.shape[0]
    material = MATERIALS[int(dice.choice(4, p=[0.4, 0.25, 0.2, 0.15]))]
    amplitude = float(np.exp(dice.uniform(np.log(3.0), np.log(18.0)))) * side / 128.0
    z = ndimage.gaussian_filter(height, float(dice.uniform(0.0, 1.1))) * amplitude
    if dice.random() < (0.5 if material in ("stone", "wood") else 0.2):
        z = z + float(dice.uniform(0.0, 0.25)) * soft_noise(dice, side, float(dice.uniform(0.6, 2.5)))
    z = z.astype(np.float32)
    n = normals(z)
    hollow = sum(
        weight * np.clip(ndimage.gaussian_filter(z, sigma) - z, 0.0, None) / sigma
        for sigma, weight in ((2.0, 0.6), (6.0, 0.8), (14.0, 0.8))
    )
    open_sky = np.exp(-float(dice.uniform(0.2, 1.6)) * hollow)
    colour = np.clip(dice.normal(_BASE[material], 0.12, 3), 0.05, 1.0).astype(np.float32)
    if material == "metal":
        diffuse, mirror, gloss = (float(dice.uniform(a, b)) for a, b in ((0.05, 0.5), (0.3, 1.0), (0.1, 1.2)))
        power = float(np.exp(dice.uniform(np.log(6.0), np.log(120.0))))
    else:
        diffuse, mirror, gloss = float(dice.uniform(0.7, 1.0)), 0.0, float(dice.choice([0.0, 0.0, 0.08, 0.3]))
        power = float(dice.uniform(4.0, 30.0))
    lit = np.zeros((side, side, 3), dtype=np.float32)
    shine = np.zeros((side, side, 3), dtype=np.float32)
    rough = float(dice.choice([0.0, 0.25]))
    for k, light in enumerate(lights(dice, from_above)):
        facing = np.clip((n @ light.towards + rough) / (1.0 + rough), 0.0, None)
        seen = cast_shadow(z, light.towards) if k == 0 else 1.0
        half = light.towards + np.array([0.0, 0.0, 1.0], dtype=np.float32)
        half /= np.linalg.norm(half)
        lit += (facing * seen)[..., None] * light.colour
        shine += (np.clip(n @ half, 0.0, 1.0) ** power * seen)[..., None] * light.colour
    ambient = float(dice.uniform(0.05, 0.6)) * (1.0 - float(dice.uniform(0.0, 0.4)) * n[..., 1]) * open_sky
    rgb = colour * diffuse * (lit + ambient[..., None]) + gloss * shine
    if mirror:
        rgb = rgb + colour * (mirror * surroundings(n, dice, power > 30.0) * open_sky)[..., None]
    grey = (rgb @ LUMA) * stains(height, material, dice)
    return camera(grey.astype(np.float32), dice)


_BASE = {"metal": 0.65, "plaster": 0.8, "stone": 0.55, "wood": 0.45}


def stains(height: Array, material: str, dice: Dice) -> Array:
    """Albedo that has nothing, or little, to do with the light: dirt in hollows, worn crests, grain, patches, paint."""
    side = height.shape[0]
    albedo = np.ones_like(height)
    if material == "metal" and dice.random() < 0.45:
        # Blackened ground, the favourite of silversmiths.
        albedo *= 1.0 - float(dice.uniform(0.2, 0.85)) * np.exp(-height / float(dice.uniform(0.1, 0.5)))
    elif dice.random() < 0.15:
        albedo *= 1.0 + float(dice.uniform(-0.4, 0.4)) * (height - 0.5)
    if material == "wood":
        angle = float(dice.choice([0.0, 0.5 * np.pi])) + float(dice.normal(0.0, 0.15))
        albedo *= 1.0 + float(dice.uniform(0.03, 0.16)) * soft_noise(
            dice, side, float(dice.uniform(0.7, 2.0)), 12.0, angle
        )
    if material == "stone":
        albedo *= 1.0 + float(dice.uniform(0.02, 0.15)) * soft_noise(dice, side, float(dice.uniform(0.5, 2.0)))
    if dice.random() < 0.5:
        albedo *= 1.0 + float(dice.uniform(0.02, 0.2)) * soft_noise(dice, side, float(dice.uniform(8.0, 40.0)))
    if dice.random() < 0.08:
        paint = soft_noise(dice, side, float(dice.uniform(6.0, 30.0))) > float(dice.uniform(0.2, 1.5))
        albedo *= np.where(paint, float(dice.uniform(0.4, 0.8)), 1.0)
    return np.clip(albedo, 0.05, 2.0).astype(np.float32)


def camera(grey: Array, dice: Dice) -> Array:
    """Uneven light, exposure, tone curve, blur, noise, sharpening and JPEG."""
    side = grey.shape[0]
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    slope = dice.normal(0.0, 0.22, 2)
    grey = grey * np.clip(1.0 + slope[0] * x + slope[1] * y - float(dice.uniform(0.0, 0.6)) * (x * x + y * y), 0.2, 2.0)
    low, high = np.percentile(grey, (0.5, float(dice.uniform(96.0, 99.9))))
    black, white = float(dice.uniform(0.0, 0.2)), float(dice.uniform(0.7, 1.05))
    grey = black + (white - black) * (grey - low) / max(float(high - low), 1e-3)
    grey = np.clip(grey, 0.0, 1.0) ** float(np.exp(dice.normal(0.0, 0.3)))
    return finish(grey.astype(np.float32), dice, blur=1.2, noise=0.05)


def finish(grey: Array, dice: Dice, blur: float, noise: float) -> Array:
    """Lens blur up to a deviation of ``blur`` pixels, sensor noise up to ``noise``, then often JPEG."""
    grey = ndimage.gaussian_filter(grey, float(dice.uniform(0.0, blur)))
    if dice.random() < 0.2:
        grey = grey + float(dice.uniform(0.3, 1.0)) * (grey - ndimage.gaussian_filter(grey, 1.2))
    grain = float(dice.uniform(0.0, noise)) * dice.random()
    grey = grey + grain * dice.standard_normal(grey.shape, dtype=np.float32) * np.sqrt(
        0.3 + 0.7 * np.clip(grey, 0.0, 1.0)
    )
    grey = np.clip(grey, 0.0, 1.0)
    if dice.random() < 0.5:
        stream = io.BytesIO()
        Image.fromarray(np.rint(255.0 * grey).astype(np.uint8)).save(stream, "JPEG", quality=int(dice.integers(25, 95)))
        grey = np.asarray(Image.open(stream), dtype=np.float32) / 255.0
    return np.asarray(grey, dtype=np.float32)


def silhouette(coverage: Array, dice: Dice) -> Array:
    """A flat shape on a plain ground: black on white more often than the opposite, or two greys."""
    ink, paper = 0.0, 1.0
    if dice.random() < 0.35:
        ink, paper = float(dice.uniform(0.0, 0.4)), float(dice.uniform(0.6, 1.0))
    if dice.random() < 0.25:
        ink, paper = paper, ink
    grey = paper + (ink - paper) * coverage
    if dice.random() < 0.4:
        return np.asarray(grey, dtype=np.float32)
    if dice.random() < 0.3:
        y, x = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]].astype(np.float32) / grey.shape[0] - 0.5
        grey = np.clip(grey * (1.0 + float(dice.normal(0, 0.15)) * x + float(dice.normal(0, 0.15)) * y), 0.0, 1.0)
    return finish(grey.astype(np.float32), dice, blur=1.0, noise=0.04)


def drawing(height: Array, dice: Dice) -> Array:
    """Ink lines where a draughtsman would see them: at steps, and along hollows inside the shapes."""
    side = height.shape[0]
    smooth = ndimage.gaussian_filter(height, float(dice.uniform(0.6, 1.2)))
    gy, gx = np.gradient(smooth)
    slope = np.hypot(gx, gy) + 1e-4
    step = np.clip((slope - 0.015) / 0.02, 0.0, 1.0)
    thick = float(dice.uniform(0.5, 1.5))
    ink = np.zeros_like(height)
    for level in (float(dice.uniform(0.12, 0.22)), float(dice.uniform(0.42, 0.55))):
        away = np.abs(smooth - level) / np.maximum(slope, 0.02)
        ink = np.maximum(ink, np.clip(thick + 0.5 - away, 0.0, 1.0) * step)
    if dice.random() < 0.85:
        hollow = ndimage.gaussian_filter(height, 2.0) - ndimage.gaussian_filter(height, 0.7)
        cut = float(dice.uniform(0.02, 0.05))
        inner = np.clip((hollow - cut) / (0.5 * cut), 0.0, 1.0) * (smooth > 0.2)
        ink = np.maximum(ink, inner)
    if dice.random() < 0.3:
        ink *= np.clip(1.0 + 0.25 * soft_noise(dice, side, float(dice.uniform(2.0, 12.0))), 0.3, 1.2)
    black = float(dice.uniform(0.0, 0.45))
    grey = 1.0 - np.clip(ink, 0.0, 1.0) * (1.0 - black)
    if dice.random() < 0.3:
        grey = grey * (1.0 - float(dice.uniform(0.0, 0.1)) * np.abs(soft_noise(dice, side, 20.0)))
    return finish(np.clip(grey, 0.0, 1.0).astype(np.float32), dice, blur=0.8, noise=0.04)
