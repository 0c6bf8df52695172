"""The quick commands: a new spec, a check, and the tables."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.cli_run import print_json, say, say_findings
from ringcad.core.errors import EXIT_OK, EXIT_REFUSED, InputError

if TYPE_CHECKING:
    from ringcad.resolved import FoundryLimits, ResolvedRing
    from ringcad.standards import Cut, Gem
    from ringcad.verify.files import FileScene
    from ringcad.verify.report import VerifyReport

DEFAULT_METAL = "18k_yellow_gold"
STONE_SIZES_MM = (1.0, 1.1, 1.2, 1.3, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0)


def new_command(options: argparse.Namespace) -> int:
    """Copy a ready spec; never over an existing file."""
    specs = _ready_specs(options.template)
    if not specs:
        raise InputError(f"The template {options.template!r} comes without ready specs.")
    example = options.example or next(iter(specs))
    if example not in specs:
        raise InputError(f"The template {options.template!r} has no example {example!r}; it has {', '.join(specs)}.")
    path: Path = options.path or Path(f"{example}.yaml")
    if path.is_dir():
        path = path / f"{example}.yaml"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(specs[example])
    except FileExistsError:
        raise InputError(f"{path} exists already; choose another name.") from None
    if options.json:
        print_json({"status": "ok", "files": {"spec": str(path.resolve())}, "example": example})
    else:
        say(f"{path}: {example} of the template {options.template}. Edit it, then: ringcad build {path}")
    return EXIT_OK


def _ready_specs(template: str) -> dict[str, str]:
    """A template's specs by name, without the lock files that may lie beside them."""
    from ringcad.registry import load_template

    return {name: text for name, text in load_template(template).specs().items() if not name.endswith(".lock")}


def check_command(options: argparse.Namespace) -> int:
    """Judge a file; exit 1 when a rule refuses it."""
    from ringcad.verify.check import check_scene
    from ringcad.verify.files import read_file
    from ringcad.verify.words import measurement_lines

    resolved = None if options.spec is None else _resolved(options.spec)
    limits = _limits(options, resolved)
    if not options.file.exists():
        raise InputError(f"{options.file} does not exist.")
    bodies = {"metal": options.metal_body, "stones": options.stone_body}
    if options.file.suffix.lower() in (".step", ".stp"):
        scene = _step_scene(options.file, options.unit)
    else:
        scene = read_file(options.file, options.unit)
    verdict = check_scene(scene, resolved, limits, **bodies)
    pictures = [] if options.pictures is None else _check_pictures(options, scene, verdict, resolved, limits)
    if options.json:
        print_json(
            {
                "status": "ok" if verdict.ok else "refused",
                "file": str(options.file.resolve()),
                "profile": limits.id if limits else (resolved.foundry.id if resolved else None),
                "findings": [finding.to_dict() for finding in verdict.findings],
                "measurements": _finite(verdict.measurements),
                "timings_s": verdict.timings_s,
                "pictures": [str(path.resolve()) for path in pictures],
            }
        )
    else:
        say_findings(verdict.findings)
        for line in measurement_lines(verdict.measurements):
            say(f"    {line}")
        for path in pictures:
            say(f"    picture      {path}")
        say(f"{options.file}: {'passed' if verdict.ok else 'refused'}")
    return EXIT_OK if verdict.ok else EXIT_REFUSED


def _check_pictures(
    options: argparse.Namespace,
    scene: FileScene,
    verdict: VerifyReport,
    resolved: ResolvedRing | None,
    limits: FoundryLimits | None,
) -> list[Path]:
    from ringcad.checking import write_check_pictures
    from ringcad.verify.check import DEFAULT_LIMITS
    from ringcad.verify.files import UNIT_MM, select_metal

    foundry = limits or (resolved.foundry if resolved is not None else None)
    metal = select_metal(scene, options.metal_body, options.stone_body).metal
    metal = metal.divided_by((foundry.casting_scale if foundry is not None else 1.0) / UNIT_MM[scene.unit])
    options.pictures.mkdir(parents=True, exist_ok=True)
    least = foundry.wall_min_mm if foundry is not None else DEFAULT_LIMITS.wall_min_mm
    return write_check_pictures(metal, verdict, least, options.pictures)


def verify_command(options: argparse.Namespace) -> int:
    """Measure certified files again; exit 1 when something is not as certified."""
    from ringcad.verify.certificate import read_certificate, verify_certificate

    certificate = read_certificate(options.certificate)
    differences = verify_certificate(options.certificate, options.public_key)
    good = not differences and certificate.verdict == "certified"
    page = None
    if options.html is not None:
        from ringcad.certify import page_of_certificate

        page = options.certificate.with_suffix(".html") if options.html == Path() else options.html
        page_of_certificate(options.certificate, page, differences)
    if options.json:
        print_json(
            {
                "status": "ok" if good else "refused",
                "certificate": str(options.certificate.resolve()),
                "verdict": certificate.verdict,
                "rules": len(certificate.rules),
                "signed_by": certificate.signature.public_key if certificate.signature else None,
                "differences": [vars(difference) for difference in differences],
                "html": None if page is None else str(page.resolve()),
            }
        )
    else:
        for difference in differences:
            say(f"    {difference.what}: certified {difference.certified}, found {difference.found}")
        signature = f", signed by {certificate.signature.public_key}" if certificate.signature else ", not signed"
        words = f"{len(certificate.files)} files and {len(certificate.rules)} rules are as certified{signature}"
        first = (
            f"differs first in {differences[0].what}" if differences else f"the certificate says {certificate.verdict}"
        )
        if page is not None:
            say(f"    page         {page}")
        say(f"{options.certificate}: {words if good else first}")
    return EXIT_OK if good else EXIT_REFUSED


def _step_scene(path: Path, unit: str | None) -> FileScene:
    """A STEP file as the verifier's bodies: tessellated by the kernel, which the verifier itself never imports."""
    from ringcad.kernel.step_bodies import step_bodies
    from ringcad.verify.files import scene_from_corners

    if unit not in (None, "mm"):
        raise InputError(f"{path}: a STEP file states its unit and is read in mm; leave --unit away")
    return scene_from_corners(step_bodies(path), unit="mm", byte_count=path.stat().st_size)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float) and value - value != 0.0:
        return None
    return value.tolist() if hasattr(value, "tolist") else value


def _resolved(path: Path) -> ResolvedRing:
    """From a spec or from the ``resolved.json`` of a build."""
    if path.suffix.lower() == ".json":
        from pydantic import ValidationError

        from ringcad.resolved import ResolvedRing

        try:
            return ResolvedRing.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except (ValidationError, ValueError) as error:
            raise InputError(f"{path} is not the resolved.json of a ringcad build.") from error
    from ringcad.resolve import resolve
    from ringcad.spec import load_spec

    return resolve(load_spec(path))


def _limits(options: argparse.Namespace, resolved: ResolvedRing | None) -> FoundryLimits | None:
    if options.profile is None and options.metal is None:
        return None
    from ringcad.resolved import FoundryLimits
    from ringcad.standards import alloy, foundry_profile

    metal = alloy(options.metal or (resolved.metal.id if resolved is not None else DEFAULT_METAL))
    profile = foundry_profile(options.profile or (resolved.foundry.id if resolved is not None else "workshop"))
    return FoundryLimits(
        id=profile.id,
        name=profile.name,
        recommended=profile.recommended,
        note=profile.note,
        casting_scale=resolved.foundry.casting_scale if resolved is not None else profile.casting_scale,
        stl_max_bytes=profile.stl_max_bytes,
        **profile.limits(metal),
    )


def sizes_command(options: argparse.Namespace) -> int:
    """Ring sizes."""
    import math

    from ringcad.standards import nearest_labels, ring_size, size_table

    if options.size:
        size = ring_size(" ".join(options.size))
        labels = nearest_labels(size.inner_diameter_mm)
        row = {
            "label": size.label,
            "inner_diameter_mm": round(size.inner_diameter_mm, 4),
            "inner_circumference_mm": round(math.pi * size.inner_diameter_mm, 4),
            "nearest": {name: asdict(label) for name, label in labels.items()},
        }
        if options.json:
            print_json({"status": "ok", **row})
            return EXIT_OK
        around = math.pi * size.inner_diameter_mm
        say(f"{size.label}: inner diameter {size.inner_diameter_mm:.2f} mm, around {around:.2f} mm")
        for label in labels.values():
            say(f"    {label.name:<28} {label.label:<12} {label.error_mm:+.2f} mm")
        return EXIT_OK
    rows = size_table()
    if options.json:
        print_json({"status": "ok", "sizes": [asdict(row) for row in rows]})
        return EXIT_OK
    systems = list(rows[0].labels)
    say("  ".join(["diameter", "  around", *(f"{name:<10}" for name in systems)]))
    for item in rows:
        cells = [f"{item.inner_diameter_mm:8.2f}", f"{item.circumference_mm:8.2f}"]
        say("  ".join([*cells, *(f"{item.labels[name].label:<10}" for name in systems)]))
    return EXIT_OK


def stones_command(options: argparse.Namespace) -> int:
    """Gems and cuts, and stones of one cut by size and weight."""
    from ringcad.standards import cut, cuts, gem, gems

    row, shape = gem(options.gem), cut(options.cut)
    sizes = [" ".join(options.size)] if options.size else [f"{size:g} mm" for size in STONE_SIZES_MM]
    if shape.id == "round":
        stones = [_round_stone(size, row.id) for size in sizes]
    else:
        stones = [_cut_stone(size, shape, row) for size in sizes]
    if options.json:
        tables = {"gems": [asdict(item) for item in gems()], "cuts": [asdict(item) for item in cuts()]}
        print_json({"status": "ok", **tables, "stones": stones})
        return EXIT_OK
    if not options.size:
        for item in gems():
            say(f"{item.id:<22} {item.name:<24} {item.density_g_cm3:.2f} g/cm3   n {item.refractive_index:.3f}")
        say("")
        say("cuts: " + ", ".join(item.id for item in cuts()))
        say("")
    if shape.id != "round":
        say(f"{shape.name}, {row.name}, the trade's usual proportions")
        for stone in stones:
            size = f"{stone['length_mm']:6.3f} x {stone['width_mm']:.3f} mm"
            note = f"   ({stone['note']})" if stone["note"] else ""
            say(f"    {size}   {stone['weight_ct']:8.4f} ct   depth {stone['depth_mm']:.3f} mm{note}")
        return EXIT_OK
    say(f"round brilliant, {row.name}, reference proportions")
    for stone in stones:
        say(f"    {stone['diameter_mm']:6.3f} mm   {stone['weight_ct']:8.4f} ct   depth {stone['depth_mm']:.3f} mm")
    return EXIT_OK


def _round_stone(size: str, gem_id: str) -> dict[str, Any]:
    """Numbers of a stone as a spec would order it. Raises ``SpecError`` for a size that cannot be read."""
    from ringcad.resolve.ledger import Ledger
    from ringcad.resolve.stones import resolve_stone
    from ringcad.spec import parse_spec

    order = {"cut": "round", "size": size, "gem": gem_id}
    spec = parse_spec(json.dumps({"ringcad": 1, "ring_size": "US 7", "metal": DEFAULT_METAL, "stone": order}))
    ledger = Ledger(spec)
    assert spec.stone is not None
    stone = resolve_stone(spec.stone, ledger, "stone", "stone")
    ledger.stop_on_problems()
    assert stone is not None
    return {**stone.model_dump(mode="json"), "depth_mm": round(stone.depth_mm, 6)}


def _cut_stone(size: str, shape: Cut, material: Gem) -> dict[str, Any]:
    """Numbers of a stone of any cut. Raises :class:`InputError` for a size that cannot be."""
    from ringcad.stones.sizes import ratio_note, stone_from_size
    from ringcad.stones.stone import weight_ct

    stone = stone_from_size(size, shape, material)
    numbers = {name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(stone).items()}
    return {
        **numbers,
        "gem": material.id,
        "depth_mm": round(stone.depth_mm, 6),
        "weight_ct": round(weight_ct(stone, material.density_g_cm3), 6),
        "note": ratio_note(stone, shape),
    }


def metals_command(options: argparse.Namespace) -> int:
    """Alloys and foundry profiles."""
    from ringcad.standards import alloys, shipped_profiles

    if options.json:
        profiles = {name: asdict(profile) for name, profile in shipped_profiles().items()}
        print_json({"status": "ok", "metals": [asdict(row) for row in alloys()], "profiles": profiles})
        return EXIT_OK
    for row in alloys():
        say(f"{row.id:<24} {row.name:<28} {row.density_g_cm3:6.2f} g/cm3")
    say("")
    for name, profile in shipped_profiles().items():
        say(f"{name:<24} {profile.name}: {profile.note}")
    return EXIT_OK


def templates_command(options: argparse.Namespace) -> int:
    """Registered templates and their ready specs."""
    from ringcad.registry import TEMPLATE_GROUP, entries

    rows = []
    for entry in entries(TEMPLATE_GROUP):
        row: dict[str, Any] = asdict(entry)
        try:
            row["examples"] = list(_ready_specs(entry.name))
        except InputError as error:  # a third party's broken package must not hide the others
            row["examples"], row["problem"] = [], str(error)
        rows.append(row)
    return _say_entries(options, "templates", rows)


def generators_command(options: argparse.Namespace) -> int:
    """Registered generators and what they say about themselves."""
    from ringcad.registry import GENERATOR_GROUP, entries, generator_version, load_generator

    rows = []
    for entry in entries(GENERATOR_GROUP):
        row: dict[str, Any] = asdict(entry)
        try:
            generator = load_generator(entry.name)
            row["version"] = generator_version(generator)
            row["about"] = (type(generator).__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
            for name in ("families", "words"):
                if hasattr(generator, name):
                    value = getattr(generator, name)
                    row[name] = list(value() if callable(value) else value)
        except InputError as error:
            row["problem"] = str(error)
        rows.append(row)
    return _say_entries(options, "generators", rows)


def _say_entries(options: argparse.Namespace, kind: str, rows: list[dict[str, Any]]) -> int:
    if options.json:
        print_json({"status": "ok", kind: rows})
        return EXIT_OK
    for row in rows:
        say(f"{row['name']:<14} {row['target']} ({row['distribution']})")
        for key in ("about", "problem"):
            if row.get(key):
                say(f"    {row[key]}")
        for key in ("examples", "families"):
            if row.get(key):
                say(f"    {key}: {', '.join(str(item) for item in row[key])}")
    return EXIT_OK


def schema_command(options: argparse.Namespace) -> int:
    """JSON Schema of the spec, of the ornament generator's programs, or of certificates."""
    from ringcad.spec import spec_json_schema

    if options.program:
        from ringcad.registry import load_generator
        from ringcad.spec.models import PROMPT_GENERATOR

        generator: Any = load_generator(PROMPT_GENERATOR)
        print_json(generator.program_schema())
    elif options.certificate:
        from ringcad.verify.certificate import Certificate

        print_json(Certificate.model_json_schema())
    else:
        print_json(spec_json_schema())
    return EXIT_OK


def program_command(options: argparse.Namespace) -> int:
    """The program of a decoration as commented YAML; never over an existing file."""
    from ringcad.designs import present_designs

    path: Path | None = options.out
    if path is not None and path.exists():
        raise InputError(f"{path} exists already; choose another name.")
    designs = present_designs(options.spec, options.spec.with_suffix(""), [options.zone - 1])
    if not designs:
        raise InputError(f"--zone is {options.zone}; {options.spec} has no such decoration, counted from 1.")
    text = designs[0].text()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    if options.json:
        files = {} if path is None else {"program": str(path.resolve())}
        print_json({"status": "ok", "files": files, "program": designs[0].program})
    elif path is None:
        say(text.rstrip("\n"))
    else:
        say(f"{path}: edit it, then write 'program: {path}' into the decoration (relative to the spec) and build.")
    return EXIT_OK
