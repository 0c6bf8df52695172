"""Names the system libraries that the geometry kernel and the renderer need, when they are missing."""

from __future__ import annotations

from ringcad.core.errors import InputError, KernelFault, RingcadError

#: Debian/Ubuntu package by shared library, from running cadquery-ocp 7.9 and vtk 9 on slim images.
APT_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXext.so.6": "libxext6",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libEGL.so.1": "libegl1",
    "libOSMesa.so.8": "libosmesa6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libgomp.so.1": "libgomp1",
}
APT_LINE = "apt-get install -y libgl1 libx11-6 libxrender1"


def explain_import_error(error: ImportError) -> RingcadError:
    """One sentence for a failed import: a missing system library, or a missing or broken package."""
    text = str(error)
    if "cannot open shared object file" in text or "Library not loaded" in text:
        library = text.split(":", 1)[0].strip()
        package = APT_PACKAGES.get(library)
        line = APT_LINE if package is None or package in APT_LINE.split() else f"{APT_LINE} {package}"
        return InputError(f"The system library {library} is missing; on Debian or Ubuntu install it with: {line}")
    name = error.name or text
    if isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith("ringcad"):
        return InputError(f"The Python package {name!r} is missing; install ringcad with its dependencies again.")
    return KernelFault(f"A part of ringcad cannot be imported ({text}).")
