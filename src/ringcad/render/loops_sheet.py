"""The inner loop of contact sheets: light off a height field."""

from __future__ import annotations

import math
from typing import Any

from ringcad.render.compiled import D1, D2, F2, F3, loop
from ringcad.render.loops import environment


@loop(F2, "float64", "float64", "float64", "float64", D1, D1, "float64", "float64", F3, D2, D1, F2, fast=True)
def plate(
    surface: Any,
    row_mm: float,
    column_mm: float,
    arc_mm: float,
    crown: float,
    eye: Any,
    reaches: Any,
    edge_mm: float,
    second: float,
    texels: Any,
    basis: Any,
    f0: Any,
    out: Any,
) -> None:
    """Light that each sample of a bent plate sends towards ``eye``, row by row.

    ``surface`` holds heights in mm. A mirror ray is compared with the heights at the distances ``reaches``; the
    share of it that meets the plate again gets ``second`` times the light that the plate there would mirror.
    """
    rows, columns = surface.shape
    size = texels.shape[0]
    for i in range(rows):
        # a parabola across the band, y up
        bow = 8.0 * crown / (rows * row_mm) * ((i + 0.5) - 0.5 * rows) * row_mm
        above, below = max(i - 1, 0), min(i + 1, rows - 1)
        for j in range(columns):
            left, right = max(j - 1, 0), min(j + 1, columns - 1)
            height = surface[i, j]
            slope_x = (surface[i, right] - surface[i, left]) / (max(right - left, 1) * column_mm)
            slope_y = (surface[above, j] - surface[below, j]) / (max(below - above, 1) * row_mm)
            nx = -slope_x + ((j + 0.5) - 0.5 * columns) * column_mm / arc_mm
            ny = -slope_y - bow
            length = math.sqrt(nx * nx + ny * ny + 1.0)
            nx, ny, nz = nx / length, ny / length, 1.0 / length
            facing = nx * eye[0] + ny * eye[1] + nz * eye[2]
            x, y, z = 2.0 * facing * nx - eye[0], 2.0 * facing * ny - eye[1], 2.0 * facing * nz - eye[2]
            flat = max(math.sqrt(x * x + y * y), 1e-6)
            blocked = 0.0
            for k in range(len(reaches)):
                reach = reaches[k]
                at_row = min(max(int(i + 0.5 - y / flat * reach / row_mm), 0), rows - 1)
                at_column = min(max(int(j + 0.5 + x / flat * reach / column_mm), 0), columns - 1)
                blocked = max(blocked, surface[at_row, at_column] - height - z / flat * reach)
            share = min(blocked / edge_mm, 1.0)
            r, g, b = environment(texels, size, basis, x, y, z)
            if share > 0.0:
                sr, sg, sb = environment(texels, size, basis, x, y, abs(z))
                r += share * (second * f0[0] * sr - r)
                g += share * (second * f0[1] * sg - g)
                b += share * (second * f0[2] * sb - b)
            # Schlick 1994, doi:10.1111/1467-8659.1330233
            grazing = (1.0 - min(max(facing, 0.0), 1.0)) ** 5
            k = i * columns + j
            out[k, 0] = r * (f0[0] + (1.0 - f0[0]) * grazing)
            out[k, 1] = g * (f0[1] + (1.0 - f0[1]) * grazing)
            out[k, 2] = b * (f0[2] + (1.0 - f0[2]) * grazing)
