"""Every numeric tolerance of the program, with the reason for its value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tolerances:
    """Lengths in mm, angles in degrees."""

    pole_grid_mm: float = 2.0**-30
    """Poles are rounded to this grid, so that library noise (about 1e-14) cannot change bytes and a plane
    section of a limb stays plane to the kernel's 1e-7."""
    vertex_grid_mm: float = 2.0**-19
    """Mesh vertices are snapped to this grid: exact in float32 below 32 mm."""
    sew_mm: float = 1e-5
    """Gap that sewing may close; neighbouring tiles share their boundary poles exactly."""
    overlap_mm: float = 0.15
    """Least overlap of two bodies that are fused; less leaves near-tangent contacts."""
    bore_mm: float = 0.02
    """Agreement of the bore measured on the mesh with the ordered one."""
    seat_mm: float = 0.02
    """Agreement of seat dimensions measured on the mesh with the resolved ones."""
    seat_deg: float = 1.0
    """Agreement of seat angles measured on the mesh with the stone's own."""


TOLERANCES = Tolerances()
