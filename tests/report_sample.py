"""A resolved solitaire with plausible numbers, written out by hand, for the tests of the report."""

from __future__ import annotations

import math

from ringcad.resolved import (
    Decoration,
    Export,
    FlushAccent,
    FlushSeat,
    FoundryLimits,
    Gallery,
    Head,
    Metal,
    Rail,
    Reason,
    ResolvedRing,
    RingDimensions,
    RoundStone,
    Shank,
)


def round_stone(diameter_mm: float, gem: str = "diamond") -> RoundStone:
    """GIA reference proportions: table 57 %, crown 34 degrees, pavilion 40.7 degrees, girdle 2.5 %."""
    return RoundStone(
        cut="round",
        gem=gem,
        gem_name=gem.capitalize(),
        diameter_mm=diameter_mm,
        table_diameter_mm=0.57 * diameter_mm,
        crown_angle_deg=34.0,
        crown_height_mm=0.215 * diameter_mm * math.tan(math.radians(34.0)),
        pavilion_angle_deg=40.7,
        pavilion_depth_mm=0.5 * diameter_mm * math.tan(math.radians(40.7)),
        girdle_mm=0.025 * diameter_mm,
        culet_diameter_mm=0.0,
        weight_ct=0.00365 * diameter_mm**3,
        density_g_cm3=3.52,
        refractive_index=2.417,
        color_rgb=(1.0, 1.0, 1.0),
    )


def sample_ring(*, accents: bool = True, recommended: bool = True, **changes: object) -> ResolvedRing:
    """US 7, 18k yellow gold, 6.5 mm center, cathedral shoulders, five flush stones a side."""
    stone = round_stone(6.5)
    girdle_z = 8.66 + 0.8 + stone.pavilion_depth_mm
    seats = tuple(
        FlushSeat(id=f"{side}{i}", phi_deg=sign * (40.0 + 12.0 * i), y_mm=0.0)
        for side, sign in (("right", 1), ("left", -1))
        for i in range(5)
    )
    groups = (
        FlushAccent(
            stone=round_stone(1.3),
            seats=seats,
            opening_diameter_mm=1.26,
            cut_in_mm=0.02,
            table_depth_mm=0.02,
            pilot_diameter_mm=0.72,
            rim_mm=0.30,
        ),
    )
    zones = tuple(
        Decoration(
            id=f"shank.{side}",
            region="shank.shoulders",
            generator="ornament",
            prompt="ivy vine with small leaves, milgrain edges",
            seed=7,
            image=None,
            depth_mm=0.35,
            mode="emboss",
            border="milgrain",
            mirrored=True,
            strict=False,
            phi_start_deg=sign * 30.0,
            phi_end_deg=sign * 140.0,
            margin_mm=0.3,
        )
        for side, sign in (("right", 1), ("left", -1))
    )
    data: dict[str, object] = {
        "template": "solitaire",
        "name": "Ivy solitaire",
        "finish": "as_cast",
        "ring": RingDimensions(inner_diameter_mm=17.3226, label="US 7"),
        "metal": Metal(
            id="18k_yellow_gold", name="18k yellow gold", family="gold", density_g_cm3=15.5, color_rgb=(1.0, 0.77, 0.34)
        ),
        "foundry": FoundryLimits(
            id="workshop" if recommended else "seed_minimum",
            name="Workshop, as cast" if recommended else "Article minimum",
            recommended=recommended,
            note="Recommended as-cast defaults for a small workshop and an outside caster.",
            wall_min_mm=0.8,
            rail_min_mm=0.8,
            prong_min_mm=0.8,
            free_wire_min_mm=0.8,
            detail_min_mm=0.35,
            gap_min_mm=0.25,
            relief_max_mm=0.5,
            engrave_max_mm=0.3,
            culet_clearance_min_mm=0.5,
            polish_allowance_mm=0.1,
            bore_allowance_mm=0.05,
            casting_scale=1.0,
            stl_max_bytes=50_000_000,
        ),
        "stone": stone,
        "shank": Shank(
            profile="comfort_d",
            width_top_mm=4.6,
            width_bottom_mm=3.0,
            thickness_top_mm=2.1,
            thickness_bottom_mm=2.0,
            outer_edge_radius_mm=0.45,
            inner_edge_radius_mm=0.45,
            comfort_rise_mm=0.25,
            crown_rise_mm=0.5,
        ),
        "head": Head(
            style="basket",
            prongs=4,
            first_prong_azimuth_deg=45.0,
            prong_diameter_girdle_mm=1.1,
            prong_diameter_base_mm=1.25,
            prong_lean_deg=7.0,
            prong_axis_radius_girdle_mm=3.55,
            prong_foot_radius_mm=2.6,
            prong_foot_z_mm=9.6,
            prong_tip_z_mm=girdle_z + stone.girdle_mm + stone.crown_height_mm + 0.4,
            tip="dome",
            notch_share=0.25,
            girdle_clearance_mm=0.05,
            girdle_z_mm=girdle_z,
            culet_z_mm=8.66 + 0.8,
            table_z_mm=girdle_z + stone.girdle_mm + stone.crown_height_mm,
            height_above_finger_mm=0.8 + stone.depth_mm,
            governed_by="rails_and_gaps",
            governing_heights_mm={"culet_clearance": 4.70, "rails_and_gaps": 5.42},
            bridge_thickness_mm=1.4,
            culet_pocket_depth_mm=0.0,
            culet_clearance_mm=0.8,
        ),
        "gallery": Gallery(
            rails=(
                Rail(
                    name="seat_rail",
                    inner_radius_mm=2.2,
                    outer_radius_mm=3.1,
                    bottom_z_mm=11.0,
                    top_z_mm=12.0,
                    edge_radius_mm=0.2,
                ),
            ),
            shoulders="cathedral",
            rail_clearance_mm=0.1,
            arm_thickness_mm=1.6,
            arm_width_mm=2.4,
            lift_phi_deg=60.0,
            arm_top_z_mm=12.0,
        ),
        "accents": groups if accents else (),
        "decoration": zones,
        "export": Export(chord_mm=0.01, angle_deg=5.0, step=True, pictures=True),
        "reasons": {
            "ring": Reason(kind="given", because="ring_size: US 7"),
            "stone.diameter_mm": Reason(kind="given", because="stone.size: 6.5 mm"),
            "shank.profile": Reason(kind="given", because="shank.profile"),
            "shank.width_top_mm": Reason(kind="given", because="shank.width_mm.top"),
            "shank.thickness_top_mm": Reason(kind="default", because="workshop: solitaire shoulders 2.1 mm as cast"),
            "head.prong_diameter_girdle_mm": Reason(
                kind="default", because="0.65 + 0.07 x stone diameter, within 0.8 to 1.8 (common practice)"
            ),
            "head.height_above_finger_mm": Reason(kind="derived", because="two rails of 0.9 mm with a 0.6 mm gap"),
        },
    }
    data.update(changes)
    return ResolvedRing(**data)  # type: ignore[arg-type]
