"""Makes the fake template and generator of ``fake_plugin`` visible to a process: a real entry point on a path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ENTRY_POINTS = """\
[ringcad.templates]
fake_ring = fake_ring:template

[ringcad.generators]
fake_dots = fake_ring:generator
"""


def install_plugin(folder: Path) -> Path:
    """A folder to put on ``sys.path``: the module and its distribution's metadata."""
    site = folder / "site"
    site.mkdir()
    shutil.copy(HERE / "fake_plugin" / "fake_ring.py", site)
    info = site / "fake_ring-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fake-ring\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    return site


def environment(site: Path, tmp: Path, **extra: str) -> dict[str, str]:
    """Environment of a process that sees the plugin and keeps its cache and temporary files under ``tmp``."""
    (tmp / "tmp").mkdir(exist_ok=True)
    paths = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("RINGCAD_", "FAKE_"))},
        "PYTHONPATH": os.pathsep.join(paths),
        "XDG_CACHE_HOME": str(tmp / "cache"),
        "TMPDIR": str(tmp / "tmp"),
        "RINGCAD_PRELOAD": "0",
        **extra,
    }


def ringcad(arguments: list[Any], env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "ringcad.cli", *map(str, arguments)],
        env={**env, "FAKE_GATE": "1"},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )
