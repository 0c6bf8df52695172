"""The page's head from a file, and what tests change in it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from ringcad.core.errors import SpecError
from ringcad.resolve import resolve
from ringcad.resolved import HeadedRing, headed
from ringcad.spec import parse_spec

PAGE = Path(__file__).resolve().parents[1] / "docs" / "own-head.md"


def blocks() -> dict[str, str]:
    """Files that the page shows, by name."""
    text = PAGE.read_text(encoding="utf-8")
    return dict(re.findall(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", text, flags=re.M | re.S))


def run_script(text: str, folder: Path) -> None:
    """The page's script as a user runs it, in this process."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        exec(compile(text, "tulip.py", "exec"), {})
    finally:
        os.chdir(before)


def changed(**mates: Any) -> dict[str, Any]:
    """The page's spec without its decoration, with some mates changed (``None`` takes one out)."""
    import yaml

    data: dict[str, Any] = yaml.safe_load(blocks()["tulip.yaml"])
    del data["decoration"]
    head = data["head"]["mates"]
    head.update(mates)
    data["head"]["mates"] = {key: value for key, value in head.items() if value is not None}
    return data


def numbers(data: dict[str, Any], folder: Path) -> HeadedRing:
    """The resolved ring of a spec that lies in ``folder``."""
    ring = headed(resolve(parse_spec(json.dumps(data), str(folder / "tulip.yaml"))))
    assert ring is not None
    return ring


def problem(error: SpecError) -> tuple[str, str]:
    """Field and whole text of the one problem."""
    assert len(error.problems) == 1, str(error)
    one = error.problems[0]
    assert one.suggestion, "every refusal names the smallest fix"
    return one.field, str(one)


def checked(data: dict[str, Any], folder: Path) -> Any:
    """The file's solid in the ring, as the kernel's process checks it."""
    from ringcad.kernel.own_head import own_head

    return own_head(numbers(data, folder))
