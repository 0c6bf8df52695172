"""Random valid specs: each ends in a plan or a ring, or in a clean refusal, and never in another exception.

By default 60 specs go as far as the plan (no kernel). ``pytest tests/test_property_specs.py --run-rings N``
builds N of them to a gated STL and prints what became of them.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ringcad.core.errors import InputError, KernelFault, Refused, RingcadError, SpecError
from ringcad.core.findings import Finding, Severity, has_errors
from ringcad.outputs import sha256_file
from ringcad.spec import parse_spec
from ringcad.standards import alloys
from ringcad.verify.certificate import read_certificate

MOTIFS = (
    "ivy vine with small leaves", "laurel wreath", "celtic plait of two strands", "soft waves", "a row of beads",
    "overlapping fish scales", "flowing acanthus scroll", "greek key", "star", "art deco sunburst", "roses and thorns",
    "braid", "honeycomb", "nothing that anybody knows", "Ranken mit Blättern",
)  # fmt: skip


def lengths(low: float, high: float) -> st.SearchStrategy[float]:
    """Lengths in steps of 0.05 mm, as a jeweler writes them."""
    return st.integers(round(low * 20), round(high * 20)).map(lambda n: n / 20)


ring_sizes = st.one_of(
    st.integers(12, 52).map(lambda n: f"US {n / 4:g}"),
    st.sampled_from("FGHIJKLMNOPQRSTUVWXYZ").flatmap(lambda c: st.sampled_from([f"UK {c}", f"UK {c} 1/2"])),
    st.integers(42, 74).map(lambda n: f"EU {n}"),
    st.integers(1, 27).map(lambda n: f"JP {n}"),
    st.integers(4, 60).map(lambda n: f"CH {n / 2:g}"),
    st.integers(1400, 2200).map(lambda n: f"{n / 100} mm"),
    st.integers(440, 700).map(lambda n: f"circumference {n / 10} mm"),
)


PROFILES = ("flat", "d", "comfort_d", "comfort_d", "knife_edge", "soft_cushion", "ellipse", "euro")


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """A spec that is well-formed; whether the ring can be made is for the program to say."""
    stone = draw(lengths(3.5, 9.0))
    top = draw(lengths(1.8, 6.5))
    style = draw(st.sampled_from(["basket", "basket", "stand"]))
    # cathedral arms on a standing head and stones too wide for the band are asked for too, but rarely
    shoulders = ["plain", "cathedral"] if style == "basket" else ["plain", "plain", "plain", "cathedral"]
    widest = max(1.0, min(2.0, top - 1.3)) if draw(st.integers(0, 5)) else 2.0
    spec: dict[str, Any] = {
        "ringcad": 1,
        "ring_size": draw(ring_sizes),
        "metal": draw(st.sampled_from(sorted(row.id for row in alloys()))),
        "foundry": draw(st.sampled_from(["workshop", "workshop", "workshop", "seed_minimum"])),
        "finish": draw(st.sampled_from(["as_cast", "polished"])),
        "stone": {
            "cut": "round",
            "size": f"{stone:g} mm",
            "gem": draw(st.sampled_from(["diamond", "sapphire", "ruby"])),
        },
        "shank": {
            "profile": draw(st.sampled_from(PROFILES)),
            "width_mm": {"top": top, "bottom": draw(lengths(1.8, max(1.8, min(top, 4.5))))},
        },
        "head": {
            "style": style,
            "prongs": draw(st.sampled_from([4, 6])),
            "tip": draw(st.sampled_from(["dome", "almond"])),
        },
        "gallery": {"rails": 2, "shoulders": draw(st.sampled_from(shoulders))},
    }
    if draw(st.booleans()):
        spec["shank"]["thickness_mm"] = {"top": draw(lengths(1.4, 2.8)), "bottom": draw(lengths(1.4, 2.4))}
    spec["shank"]["taper"] = draw(st.sampled_from(["straight", "straight", "pinched", "flared"]))
    spec["shank"]["hollow"] = draw(st.integers(0, 4)) == 0
    if draw(st.integers(0, 2)) == 0:
        spec["accents"] = [
            {
                "setting": "flush",
                "stone": {"size": f"{draw(lengths(1.0, widest)):g} mm"},
                "count": draw(st.integers(1, 6)),
                "on": draw(st.sampled_from([["left_shoulder"], ["left_shoulder", "right_shoulder"]])),
            }
        ]
    if draw(st.integers(0, 4)) > 0:
        spec["decoration"] = [
            {
                "region": draw(st.sampled_from(["shank.shoulders", "shank.shoulders", "shank.left_shoulder"])),
                "prompt": draw(st.sampled_from(MOTIFS)) + draw(st.sampled_from(["", ", milgrain edges"])),
                "seed": draw(st.integers(0, 1000)),
                "depth_mm": draw(lengths(0.15, 0.5)),
                "mode": draw(st.sampled_from(["emboss", "emboss", "engrave"])),
                "border": draw(st.sampled_from(["plain", "milgrain", "rope", "none"])),
                "mirrored": draw(st.booleans()),
                "coverage_deg": draw(st.integers(20, 110)),
                "strict": draw(st.integers(0, 5)) == 0,
            }
        ]  # fmt: skip
    return spec


def is_clean(error: RingcadError) -> bool:
    """A refusal says what is wrong, and a finding that refuses says what to change."""
    if isinstance(error, SpecError):
        return bool(error.problems) and all(problem.field and problem.message for problem in error.problems)
    if isinstance(error, Refused):
        return bool(error.findings) and all(well_said(finding) for finding in error.findings)
    return isinstance(error, InputError) and bool(str(error))


def well_said(finding: Finding) -> bool:
    """A sentence, and for an error the smallest change that would help."""
    return bool(finding.message) and (finding.severity is not Severity.ERROR or bool(finding.fix))


def plan_of(spec: dict[str, Any], folder: Path) -> Any:
    """Spec to plan without caches, stored reliefs or kernel."""
    from ringcad.registry import load_generator, load_template
    from ringcad.relief.store import quantise
    from ringcad.reliefs import make_request
    from ringcad.resolve import resolve

    ring = resolve(parse_spec(json.dumps(spec), "random.yaml"), "random")
    template = load_template(ring.template)
    sizes = template.zones(ring)
    drawn: dict[str, Any] = {}
    reliefs = {}
    for entry in ring.decoration:
        request = make_request(entry, sizes[entry.id], ring, folder)
        key = repr(request)
        if key not in drawn:  # the same relief serves both shoulders, as in the pipeline
            drawn[key] = quantise(load_generator(entry.generator).generate(request))
        reliefs[entry.id] = drawn[key]
    return template.plan(ring, reliefs)


@given(specs())
@settings(
    max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_a_random_spec_ends_in_a_plan_or_a_clean_refusal(spec: dict[str, Any]) -> None:
    try:
        plan = plan_of(spec, Path("."))
    except (SpecError, InputError, Refused) as error:
        assert is_clean(error), error
        return
    assert not has_errors(plan.findings)
    assert all(well_said(finding) for finding in plan.findings)
    limit = plan.resolved.foundry.wall_min_mm
    for site in ("shank_floor", "shank_side"):
        assert plan.summary["wall_bound_mm"][site]["bound_mm"] >= limit


def outcome(spec: dict[str, Any], folder: Path) -> tuple[str, str]:
    """What becomes of a spec on the whole way: a kind and its reason."""
    import ringcad

    try:
        result = ringcad.build(spec, folder, pictures=False, cache=False)
    except (SpecError, InputError) as error:
        assert is_clean(error), error
        field = error.problems[0].field if isinstance(error, SpecError) else str(error)[:60]
        return "bad input", field
    except KernelFault as error:
        return "fault", str(error)[:200]
    errors = [finding for finding in result.findings if finding.severity is Severity.ERROR]
    if result.ok:
        assert not errors
        certificate = read_certificate(Path(str(result.files["certificate"])))
        assert certificate.verdict == "certified" and not [r for r in certificate.rules if r.verdict == "fail"]
        digest = next(row.sha256 for row in certificate.files if row.name == certificate.stl)
        assert digest == sha256_file(Path(str(result.files["stl"])))
        return "delivered", ""
    assert not list(folder.glob("*.stl"))
    assert errors and all(well_said(finding) for finding in errors)
    return "refused", f"{errors[0].code.value}: {errors[0].message}"


def test_random_specs_all_the_way(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """With ``--run-rings N``: N random specs to a gated STL, and a table of what became of them."""
    number = request.config.getoption("--run-rings")
    if not number:
        pytest.skip("random rings are built with --run-rings N")
    seen: list[tuple[str, str, dict[str, Any]]] = []

    @settings(
        max_examples=number, deadline=None, database=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(specs())
    def run(spec: dict[str, Any]) -> None:
        kind, reason = outcome(spec, tmp_path / f"ring-{len(seen)}")
        seen.append((kind, reason, spec))
        print(f"{len(seen):3d} {kind}: {reason}", json.dumps(spec), flush=True)  # noqa: T201

    run()
    print(Counter(kind for kind, _, _ in seen))  # noqa: T201
    faults = [(reason, spec) for kind, reason, spec in seen if kind == "fault"]
    assert not faults, faults


# -- specs that once gave trouble -----------------------------------------------------------------------------------

_HEAD = {"ringcad": 1, "foundry": "workshop", "finish": "as_cast"}
TROUBLE: dict[str, dict[str, Any]] = {
    # a low cathedral whose arch only grazes the bridge
    "grazing arch": {
        **_HEAD, "ring_size": "EU 52", "metal": "brass", "stone": {"size": "5.1 mm", "gem": "ruby"},
        "shank": {"profile": "d", "width_mm": {"top": 6.2, "bottom": 3.95}},
        "head": {"style": "basket", "prongs": 6}, "gallery": {"rails": 2, "shoulders": "cathedral"},
    },
    # a small stone on a large ring: half of each arch lies under the rails
    "hidden arch": {
        **_HEAD, "ring_size": "UK V 1/2", "metal": "14k_white_gold_pd", "stone": {"size": "3.95 mm", "gem": "diamond"},
        "shank": {"profile": "knife_edge", "width_mm": {"top": 5.3, "bottom": 3.85},
                  "thickness_mm": {"top": 1.75, "bottom": 2.35}},
        "head": {"style": "basket", "prongs": 6, "tip": "almond"}, "gallery": {"rails": 2, "shoulders": "cathedral"},
    },
    # a wide flush seat on the ridge of a knife edge
    "seat on a ridge": {
        **_HEAD, "ring_size": "EU 52", "metal": "brass", "foundry": "seed_minimum",
        "stone": {"size": "8.85 mm", "gem": "diamond"},
        "shank": {"profile": "knife_edge", "width_mm": {"top": 5.4, "bottom": 2.5},
                  "thickness_mm": {"top": 2.5, "bottom": 1.4}},
        "head": {"style": "stand", "prongs": 4}, "gallery": {"rails": 2, "shoulders": "plain"},
        "accents": [{"setting": "flush", "stone": {"size": "1.75 mm"}, "count": 1}],
    },
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", TROUBLE)
def test_a_ring_that_gave_trouble_ends_cleanly(name: str, tmp_path: Path) -> None:
    kind, reason = outcome(TROUBLE[name], tmp_path)
    assert kind in ("delivered", "refused"), reason
