"""How the inner loops of the pictures become machine code, and how that is kept.

Numba (a dependency of CadQuery already) compiles them once per machine; that takes about 20 s. What it makes is
kept as an object file in ``__pycache__`` beside this module or, where that cannot be written, in the user's cache
folder. Later processes hand the file to LLVM's loader: a tenth of a second where numba alone takes one to import.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import importlib.util
import marshal
import os
import re
import sys
import threading
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ringcad.core.atomic import replacing

_F = TypeVar("_F", bound=Callable[..., Any])

_MODULES = ("loops", "loops_frame", "loops_image", "loops_sheet")
"""Where the loops are; each may use what is compiled in those before it."""

_MATHEMATICS = frozenset(
    name + kind
    for name in ("exp", "pow", "log", "floor", "ceil", "sqrt", "fabs", "fmin", "fmax", "copysign", "ldexp")
    for kind in ("", "f")
)
"""Functions of C's library that machine code may want; every process has them."""

_OTHERS_KEPT = 3

_COUNTING = frozenset({"@NRT_incref", "@NRT_decref"})
"""Numba's counting of references to arrays."""

_NAME = re.compile(r'@(?:"[^"]+"|[\w.$-]+)')
"""A global name in LLVM's assembly."""

# Types in signatures: C-contiguous arrays, element type and number of dimensions.
I1, I2, L1, L2 = "int32[::1]", "int32[:,::1]", "int64[::1]", "int64[:,::1]"
F1, F2, F3 = "float32[::1]", "float32[:,::1]", "float32[:,:,::1]"
D1, D2 = "float64[::1]", "float64[:,::1]"
U1, U2, U3 = "uint8[::1]", "uint8[:,::1]", "uint8[:,:,::1]"


@dataclass
class Part:
    """A function that loops call; compiled into each of them."""

    function: Callable[..., Any]
    fast: bool

    def __call__(self, *values: Any) -> Any:
        """The plain Python function, for tests."""
        return self.function(*values)


@dataclass
class Loop:
    """A compiled function of arrays and numbers.

    ``types`` are its arguments' types, ``result`` whether it returns an integer. Raises ``TypeError`` for
    arrays of another element type, number of dimensions or memory layout.
    """

    function: Callable[..., Any]
    types: tuple[str, ...]
    result: bool
    fast: bool
    _native: Callable[..., Any] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Name in the object file."""
        return f"ringcad_{self.function.__module__.rpartition('.')[2]}_{self.function.__name__}"

    def __call__(self, *values: Any) -> int:
        """Run it; other threads run meanwhile."""
        if self._native is None:
            load()
            assert self._native is not None
        numbers: list[Any] = []
        for kind, value in zip(self.types, values, strict=True):
            if kind[-1] != "]":
                numbers.append(value)
                continue
            element, dimensions = _ELEMENT[kind]
            if value.dtype != element or value.ndim != dimensions or not value.flags.c_contiguous:
                raise TypeError(f"{self.name}: expected {kind}, got {value.dtype} with shape {value.shape}")
            numbers.append(value.ctypes.data)
            numbers.extend(value.shape)
        answer = ctypes.c_int64()
        trouble = ctypes.c_void_p()
        status = self._native(ctypes.byref(answer), ctypes.byref(trouble), *numbers)
        if status not in (0, -2):  # numba's success with and without a value; none of them raises
            raise RuntimeError(f"{self.name} ended with status {status}")
        return answer.value

    def bind(self, address: int) -> None:
        """Use the machine code at an address. Numba's convention: a status, room for the result and for an error."""
        arguments: list[Any] = [ctypes.c_void_p, ctypes.c_void_p]
        for kind in self.types:
            if kind[-1] == "]":
                arguments += [ctypes.c_void_p] + [ctypes.c_int64] * _ELEMENT[kind][1]
            else:
                arguments.append(ctypes.c_double if kind == "float64" else ctypes.c_int64)
        self._native = ctypes.CFUNCTYPE(ctypes.c_int32, *arguments)(address)


_ELEMENT = {
    kind: (np.dtype(kind.partition("[")[0]), kind.count(",") + 1)
    for kind in (I1, I2, L1, L2, F1, F2, F3, D1, D2, U1, U2, U3)
}


def loop(*kinds: str, result: bool = False, fast: bool = False) -> Callable[[Callable[..., Any]], Loop]:
    """Compile a function of arguments of these types, which returns an integer with ``result`` and else nothing."""

    def decorate(function: Callable[..., Any]) -> Loop:
        if len(kinds) != function.__code__.co_argcount:
            raise TypeError(f"{function.__name__}: {len(kinds)} types for {function.__code__.co_argcount} arguments")
        return Loop(function, kinds, result, fast)

    return decorate


def part(function: Callable[..., Any]) -> Part:
    """A function for use in loops."""
    return Part(function, False)


def fast_part(function: Callable[..., Any]) -> Part:
    """As :func:`part`, with arithmetic that may be reordered."""
    return Part(function, True)


@part
def smooth(x: float) -> float:
    """Smoothstep: 0 below 0, 1 above 1, level at both ends."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


_engines: list[Any] = []
_loading = threading.Lock()


def load() -> None:
    """Make every loop ready, once: from the kept object file, or by compiling them all and keeping it."""
    with _loading:
        if not _engines:
            _engines.append(_load())


def _load() -> Any:
    """LLVM's engine with all loops; the machine code lives as long as it."""
    modules = [importlib.import_module(f"ringcad.render.{name}") for name in _MODULES]
    loops = [value for module in modules for value in vars(module).values() if isinstance(value, Loop)]
    llvm = importlib.import_module("llvmlite.binding")
    for start in ("initialize", "initialize_native_target", "initialize_native_asmprinter"):
        try:
            getattr(llvm, start)()
        except RuntimeError:  # newer versions need no call of the first
            pass
    # the version of numba by its source: neither numba nor importlib.metadata is quick to import
    found = importlib.util.find_spec("numba")
    origin = Path(str(found.origin if found else "")).parent
    files = [Path(str(module.__file__)) for module in modules] + [Path(__file__), *sorted(origin.glob("_version.py"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files))
    features = llvm.get_host_cpu_features().flatten()
    compiler = importlib.import_module("llvmlite").__version__
    for word in (str(origin), compiler, sys.version, llvm.get_host_cpu_name(), features):
        digest.update(word.encode() + b"\0")
    key = digest.hexdigest()[:24]
    objects = _kept(key)
    if objects is None:
        objects = _compile(loops, llvm)
        _keep(key, objects)
    machine = _machine(llvm)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    for data in objects.values():
        engine.add_object_file(llvm.ObjectFileRef.from_data(data))
    engine.finalize_object()
    for one in loops:
        one.bind(engine.get_function_address(one.name))
    return engine


def _machine(llvm: Any) -> Any:
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="default",
        codemodel="jitdefault",
        jit=True,
    )


def _folders() -> list[Path]:
    """Where compiled code may be kept, best first."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return [Path(__file__).parent / "__pycache__", Path(home) / "ringcad" / "compiled"]


def _kept(key: str) -> dict[str, bytes] | None:
    """The object files of this key, whole, or ``None``."""
    for folder in _folders():
        try:
            data = (folder / f"loops-{key}.bin").read_bytes()
        except OSError:
            continue
        if hashlib.sha256(data[32:]).digest() == data[:32]:
            found: dict[str, bytes] = marshal.loads(data[32:])
            return found
    return None


def _keep(key: str, objects: dict[str, bytes]) -> None:
    """Keep object files in the first folder that can be written; of other sources or machines the latest few stay."""
    body = marshal.dumps(objects)
    for folder in _folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            old = sorted(folder.glob("loops-*.bin"), key=lambda path: path.stat().st_mtime)[:-_OTHERS_KEPT]
            with replacing(folder / f"loops-{key}.bin") as stream:
                stream.write(hashlib.sha256(body).digest() + body)
            for path in old:
                path.unlink(missing_ok=True)
        except OSError:
            continue
        return


def _compile(loops: list[Loop], llvm: Any) -> dict[str, bytes]:
    """Object file of each loop, by name."""
    import numba

    made: dict[int, Any] = {}

    def jitted(function: Callable[..., Any], fast: bool, inline: str = "never") -> Any:
        """The function for numba, with the parts that it names."""
        if id(function) not in made:
            names = {
                name: jitted(value.function, value.fast) if isinstance(value, Part) else value
                for name, value in function.__globals__.items()
                if name in function.__code__.co_names
            }
            free = types.FunctionType(function.__code__, names, function.__name__)
            made[id(function)] = numba.njit(nogil=True, error_model="numpy", fastmath=fast, inline=inline)(free)
        return made[id(function)]

    found = {}
    for one in loops:
        names: dict[str, Any] = {"carray": numba.carray, "loop": jitted(one.function, one.fast, "always")}
        arguments, passed, kinds = [], [], []
        for k, kind in enumerate(one.types):
            arguments.append(f"p{k}")
            if kind[-1] != "]":
                kinds.append(getattr(numba.types, kind))
                passed.append(f"p{k}")
                continue
            element, dimensions = _ELEMENT[kind]
            sizes = [f"n{k}_{d}" for d in range(dimensions)]
            kinds += [numba.types.CPointer(getattr(numba.types, element.name))] + [numba.types.int64] * dimensions
            arguments += sizes
            passed.append(f"carray(p{k}, ({', '.join(sizes)},))")
        call = f"loop({', '.join(passed)})"
        body = f"    return {call}" if one.result else f"    {call}\n    return 0"
        exec(f"def entry({', '.join(arguments)}):\n{body}", names)
        signature = numba.types.int64(*kinds)
        entry = numba.njit(
            signature,
            nogil=True,
            error_model="numpy",
            no_cpython_wrapper=True,
            no_cfunc_wrapper=True,
            fastmath=one.fast,
        )(names["entry"])
        inner = entry.overloads[signature.args].fndesc.llvm_func_name
        module = llvm.parse_assembly(_reachable(entry.inspect_llvm(signature.args), inner))
        for value in (*module.functions, *module.global_variables):
            if not value.is_declaration:
                value.linkage = llvm.Linkage.internal
        main = module.get_function(inner)
        main.linkage = llvm.Linkage.external
        main.name = one.name
        found[one.name] = _machine(llvm).emit_object(module)
    return found


def _reachable(assembly: str, main: str) -> str:
    """A module of LLVM assembly with those of its functions alone that ``main`` comes by.

    Numba adds ways in for Python and C, which want it loaded. Raises ``ValueError`` when a function calls for
    more than C's mathematics: it would raise an exception or allocate memory, which loops must not.
    """
    functions: dict[str, str] = {}
    others: list[str] = []
    for block in re.split(r"(?m)^(?=define )", assembly):
        body, end, rest = block.partition("\n}\n")
        found = _NAME.search(body) if body.startswith("define ") else None
        if found is None:
            others.append(block)
        else:
            functions[found[0]] = body + end
            others.append(rest)
    for name in _COUNTING & functions.keys():  # no array here is Python's, so that there is nothing to count
        functions[name] = f"define void {name}(ptr %0) {{\n  ret void\n}}\n"
    wanted, asked = {f"@{main}"}, [f"@{main}"]
    while asked:
        for name in _NAME.findall(functions[asked.pop()]):
            if name in functions and name not in wanted:
                wanted.add(name)
                asked.append(name)
    called = {name for key in wanted for name in re.findall(r"(?:call|invoke)[^@\n]*(@[^(\s]+)\(", functions[key])}
    foreign = {name[1:] for name in called - wanted if not name.startswith("@llvm.")} - _MATHEMATICS
    if foreign:
        raise ValueError(f"compiled loops must not call {', '.join(sorted(foreign))}")
    return "".join([*others, *(functions[name] + "\n" for name in sorted(wanted))])
