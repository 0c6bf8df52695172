"""The inner loops over pixels: camera rays, the studio's map, tone curve, bytes."""

from __future__ import annotations

import math
from typing import Any

from ringcad.render.compiled import B1, D1, D2, F1, F2, F3, I1, L1, U3, compiled, signature, smooth


@compiled(signature(F1, F1, D1, D1, D1, D1, "int64", "int64", "float64", "float64", "float64", F2, F2))
def camera(
    columns: Any,
    rows: Any,
    target: Any,
    right: Any,
    up: Any,
    back: Any,
    width: int,
    height: int,
    scale: float,
    distance: float,
    lead: float,
    origins: Any,
    directions: Any,
) -> None:
    """Rays through pixel positions; ``distance`` 0 = orthographic. They start ``lead`` mm before the target plane."""
    for i in range(len(columns)):
        sx = (columns[i] - 0.5 * width) / scale
        sy = (0.5 * height - rows[i]) / scale
        px = target[0] + sx * right[0] + sy * up[0]
        py = target[1] + sx * right[1] + sy * up[1]
        pz = target[2] + sx * right[2] + sy * up[2]
        if distance <= 0.0:
            dx, dy, dz = -back[0], -back[1], -back[2]
            along = lead
        else:
            dx = px - (target[0] + distance * back[0])
            dy = py - (target[1] + distance * back[1])
            dz = pz - (target[2] + distance * back[2])
            length = math.sqrt(dx * dx + dy * dy + dz * dz)
            dx /= length
            dy /= length
            dz /= length
            along = lead
        origins[i, 0], origins[i, 1], origins[i, 2] = px - along * dx, py - along * dy, pz - along * dz
        directions[i, 0], directions[i, 1], directions[i, 2] = dx, dy, dz


@compiled(signature(F2, I1, "int64", "float64", "float64", "float64", "float64", F2))
def expose(
    light: Any, kind: Any, metal_kind: int, gain: float, pivot: float, exponent: float, knee: float, out: Any
) -> None:
    """Scene light to linear display light: metal by its exposure and contrast, then the tone curve."""
    room = 1.0 - knee
    for i in range(len(light)):
        r, g, b = light[i, 0], light[i, 1], light[i, 2]
        if kind[i] == metal_kind:
            r *= gain
            g *= gain
            b *= gain
            if exponent != 1.0:
                level = max(0.2126 * r + 0.7152 * g + 0.0722 * b, 1e-6)
                lift = math.pow(level / pivot, exponent - 1.0)
                r *= lift
                g *= lift
                b *= lift
        peak = max(r, g, b)
        if peak > knee:
            over = peak - knee
            rolled = knee + room * over / (over + room)
            factor = rolled / peak
            bleach = min(max((peak - 1.0) * 0.14, 0.0), 0.6)
            r = r * factor + bleach * (rolled - r * factor)
            g = g * factor + bleach * (rolled - g * factor)
            b = b * factor + bleach * (rolled - b * factor)
        out[i, 0] = r
        out[i, 1] = g
        out[i, 2] = b


@compiled(signature(D2, D2, F3))
def paint(panels: Any, lamps: Any, image: Any) -> None:
    """Fill an octahedral map: pale table below, dark room with a faint horizon above, panels, lamps."""
    size = image.shape[0]
    for row in range(size):
        for column in range(size):
            x = (column + 0.5) / size * 2.0 - 1.0
            z = (row + 0.5) / size * 2.0 - 1.0
            y = 1.0 - abs(x) - abs(z)
            if y < 0.0:
                fx = math.copysign(1.0 - abs(z), x)
                z = math.copysign(1.0 - abs(x), z)
                x = fx
            scale = 1.0 / math.sqrt(x * x + y * y + z * z)
            x *= scale
            y *= scale
            z *= scale
            if y >= 0.0:
                level = 0.032 + 0.045 * (0.5 + 0.5 * z) + 0.22 * math.exp(-y / 0.13)
                r, g, b = 1.04 * level, 0.99 * level, 0.94 * level
            else:
                level = 0.295 + 0.03 * z - 0.17 * smooth(-y / 0.12) + 0.42 * smooth((-y - 0.05) * 1.8)
                r, g, b = 1.03 * level, 1.0 * level, 0.96 * level
            for k in range(panels.shape[0]):
                t = x * panels[k, 0] + y * panels[k, 1] + z * panels[k, 2]
                if t < 0.05:
                    continue
                u = (x * panels[k, 3] + y * panels[k, 4] + z * panels[k, 5]) / t
                v = (x * panels[k, 6] + y * panels[k, 7] + z * panels[k, 8]) / t
                soft = panels[k, 12]
                mask = smooth((1.0 - abs(u)) / soft + 0.5) * smooth((1.0 - abs(v)) / soft + 0.5)
                if mask > 0.0:
                    level = 1.0 - panels[k, 13] * (0.5 - 0.5 * min(max(v, -1.0), 1.0))
                    r += mask * (level * panels[k, 9] - r)
                    g += mask * (level * panels[k, 10] - g)
                    b += mask * (level * panels[k, 11] - b)
            for k in range(lamps.shape[0]):
                t = x * lamps[k, 0] + y * lamps[k, 1] + z * lamps[k, 2]
                mask = smooth((t - lamps[k, 3]) / 0.0006 + 0.5)
                if mask > 0.0:
                    r += mask * lamps[k, 4]
                    g += mask * lamps[k, 5]
                    b += mask * lamps[k, 6]
            image[row, column, 0] = r
            image[row, column, 1] = g
            image[row, column, 2] = b


@compiled(signature(F3, B1, F1, U3, L1))
def eight_bit(display: Any, metal: Any, table: Any, pixels: Any, histogram: Any) -> None:
    """Code, dither and quantise; count the luminance of metal pixels into the histogram's bins over 0..1."""
    steps = len(table) - 1
    bins = len(histogram)
    for y in range(display.shape[0]):
        for x in range(display.shape[1]):
            h = (x * 73856093) ^ (y * 19349663)
            h &= 0xFFFFFFFF
            h = ((h ^ (h >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
            h = ((h ^ (h >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
            h ^= h >> 16
            noise = ((h & 0xFF) + ((h >> 8) & 0xFF)) / 512.0
            r = table[int(math.sqrt(min(max(display[y, x, 0], 0.0), 1.0)) * steps + 0.5)]
            g = table[int(math.sqrt(min(max(display[y, x, 1], 0.0), 1.0)) * steps + 0.5)]
            b = table[int(math.sqrt(min(max(display[y, x, 2], 0.0), 1.0)) * steps + 0.5)]
            if metal[y, x]:
                level = 0.2126 * r + 0.7152 * g + 0.0722 * b
                histogram[min(int(level * bins), bins - 1)] += 1
            pixels[y, x, 0] = min(max(int(r * 255.0 + noise), 0), 255)
            pixels[y, x, 1] = min(max(int(g * 255.0 + noise), 0), 255)
            pixels[y, x, 2] = min(max(int(b * 255.0 + noise), 0), 255)
