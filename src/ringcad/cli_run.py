"""Runs a parsed command: errors to messages and exit codes, progress to standard error, faults to a log file."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from ringcad.core.errors import EXIT_BAD_INPUT, EXIT_FAULT, EXIT_REFUSED, RingcadError, SpecError
from ringcad.progress import ProgressEvent

_ROWS_OF_KIND = {"error": "refused", "warning": "warning", "info": "note"}


def run(options: argparse.Namespace) -> int:
    """Carry out the command; never lets an exception out, except an interruption outside a build."""
    try:
        return _dispatch(options)
    except BrokenPipeError:  # the reader of our output left (| head)
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return interrupted(options)


def guarded(options: argparse.Namespace, work: Any) -> int:
    """``work()`` with every error turned into a message and an exit code."""
    try:
        return int(work())
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except RingcadError as error:
        log = write_log(error) if error.exit_code == EXIT_FAULT else None
        return say_error(options, str(error), error.exit_code, error=error, log=log)
    except MemoryError as error:
        return say_error(options, "The machine ran out of memory.", EXIT_FAULT, log=write_log(error))
    except ImportError as error:
        from ringcad.system_libraries import explain_import_error

        explained = explain_import_error(error)
        log = write_log(error) if explained.exit_code == EXIT_FAULT else None
        return say_error(options, str(explained), explained.exit_code, log=log)
    except OSError as error:
        from ringcad.outputs import explain_os_error

        return say_error(options, str(explain_os_error(error)), EXIT_BAD_INPUT)
    except Exception as error:
        text = f"ringcad failed in a way it does not foresee ({type(error).__name__}). This is a fault of ringcad"
        return say_error(
            options, f"{text}; please report it with the log.", EXIT_FAULT, log=write_log(error), fault=error
        )


def say_error(
    options: argparse.Namespace,
    message: str,
    code: int,
    *,
    error: RingcadError | None = None,
    log: Path | None = None,
    fault: BaseException | None = None,
) -> int:
    """Tell the user, in the form asked for, and hand the code back."""
    shown = fault or error
    if getattr(options, "debug", False) and shown is not None and code == EXIT_FAULT:
        traceback.print_exception(shown, file=sys.stderr)
    if options.json:
        row: dict[str, Any] = {"status": "error", "exit_code": code, "message": message}
        if isinstance(error, SpecError):
            row["problems"] = [vars(problem) for problem in error.problems]
        if log is not None:
            row["log"] = str(log)
        print_json({**row, "files": {}, "sha256": {}, "findings": []})
    else:
        _print(f"ringcad: {message}", sys.stderr)
        if log is not None:
            _print(f"ringcad: details are in {log}", sys.stderr)
    return code


def interrupted(options: argparse.Namespace) -> int:
    """Say that an interruption ended the command."""
    from ringcad.supervise import EXIT_INTERRUPTED

    return say_error(options, "interrupted; earlier files are as they were.", EXIT_INTERRUPTED)


def write_log(error: BaseException) -> Path | None:
    """Traceback and notes of a fault in a file; ``None`` when it cannot be written."""
    from ringcad.cache import default_cache_folder

    name = f"fault-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    text = "".join(traceback.format_exception(error))
    for folder in (default_cache_folder() / "logs", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            path.write_text(text, encoding="utf-8")
        except OSError:
            continue
        return path
    return None


def print_json(value: Any) -> None:
    """One JSON object on standard output."""
    _print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str), sys.stdout)


def _print(text: str, stream: Any) -> None:
    try:
        stream.write(text + "\n")
    except UnicodeEncodeError:  # an ASCII terminal
        stream.write(text.encode("ascii", "backslashreplace").decode() + "\n")
    stream.flush()


def say(text: str) -> None:
    """A line for people on standard output."""
    _print(text, sys.stdout)


def show_progress(event: ProgressEvent) -> None:
    """A line per finished stage on standard error."""
    if event.state == "finished" and event.seconds is not None:
        _print(f"  {event.stage:<10} {event.seconds:7.2f} s", sys.stderr)
    elif event.state == "note":
        _print(f"  {event.stage:<10} {event.text}", sys.stderr)


def say_findings(findings: Any) -> None:
    """Findings with their fix, worst first."""
    for finding in findings:
        say(f"{_ROWS_OF_KIND[finding.severity.value]}: {finding.message}")
        place = finding.place_mm
        if place is not None:
            say(f"    at x {place[0]:.2f}, y {place[1]:.2f}, z {place[2]:.2f} mm")
        if finding.fix:
            field = f" ({finding.spec_field})" if finding.spec_field else ""
            say(f"    change: {finding.fix}{field}")


def say_decoration(rows: Any) -> None:
    """What each prompt was understood as; zones that came out alike are said once."""
    said = ("prompt", "program", "variation", "understood", "retrieved", "not_understood")
    alike: dict[str, list[Any]] = {}
    for row in rows:
        alike.setdefault(json.dumps([row.get(name) for name in said]), []).append(row)
    for same in alike.values():
        row = same[0]
        what = row["program"] if row.get("program") else repr(row["prompt"])
        if row.get("variation"):
            what += f", varied by {row['variation']:g}, seed {row['seed']}"
        say(f"decoration of {' and '.join(item['zone'].replace('_', ' ') for item in same)}: {what}")
        for name in said[3:]:
            if row[name]:
                say(f"    {name.replace('_', ' ') + ':':<16}{'; '.join(row[name])}")


def _dispatch(options: argparse.Namespace) -> int:
    if options.command in {"build", "regenerate"}:
        from ringcad.supervise import supervised

        return supervised(
            lambda private: guarded(options, lambda: build_command(options, private)), lambda: _after(options)
        )
    if options.command == "prompts":
        from ringcad.cli_prompts import prompts_command

        return guarded(options, lambda: prompts_command(options))
    from ringcad import cli_lists

    return guarded(options, lambda: getattr(cli_lists, f"{options.command}_command")(options))


def _after(options: argparse.Namespace) -> None:
    interrupted(options)
    if options.out is not None and options.out.is_dir():  # the child may have been ended before it tidied up
        import shutil

        from ringcad.outputs import STAGING_PREFIX

        with contextlib.suppress(RingcadError, OSError):
            for leftover in options.out.glob(STAGING_PREFIX + "*"):
                shutil.rmtree(leftover, ignore_errors=True)


def build_command(options: argparse.Namespace, private: Path) -> int:
    """``build`` and ``regenerate``."""
    from ringcad.cache import default_cache_folder
    from ringcad.limits import limits_from_environment, parse_limits
    from ringcad.options import BuildOptions
    from ringcad.pipeline import build_ring
    from ringcad.progress import silent

    out = options.out if options.out is not None else options.spec.with_suffix("")
    edit = None
    if options.command == "regenerate":
        from ringcad.regenerate import Wanted, edited

        wanted = Wanted(options.prompt, options.seed, options.variation, options.liked, options.zone)
        edit = edited(options.spec, wanted, out)
    choices = BuildOptions(
        out=out,
        pictures=not options.no_pictures,
        step=not options.no_step,
        cache=None if options.no_cache else (options.cache or default_cache_folder()),
        stage_limits_s={**limits_from_environment(), **parse_limits(options.stage_limit)},
        fresh_relief=options.fresh_relief,
        sign_key=_usable_key(options.sign),
    )
    progress = silent if options.quiet else show_progress
    result = build_ring(
        options.spec,
        choices,
        progress,
        text=None if edit is None else edit.text,
        temporary=private,
        write_spec=edit is not None,
        files=None if edit is None else edit.files,
    )
    if options.json:
        print_json(result.to_json())
    else:
        _say_result(result, out)
    return 0 if result.ok else EXIT_REFUSED


def _usable_key(path: Path | None) -> Path | None:
    """The key, tried before the ring is built. Raises ``InputError``."""
    if path is not None:
        from ringcad.certify import read_key
        from ringcad.verify.certificate import private_key

        private_key(read_key(path))
    return path


def _say_result(result: Any, out: Path) -> None:
    say_decoration(result.report.get("relief", []))
    say_findings(result.findings)
    if not result.ok:
        say(f"{result.name}: refused. Nothing was written; files of an earlier build in {out} are as they were.")
        return
    row = result.to_json()
    weight = row["weight_g"]
    if weight:
        say(f"{result.name}: {weight['as_cast']:.2f} g as cast, {weight['finished']:.2f} g finished")
    for stone in row["stones"]:
        what = f"{stone['count']} x {stone['gem_name']} {stone['size']}"
        say(f"    {what}, {stone['weight_ct']:.3f} ct ({stone['place']})")
    if result.reused:
        say(f"    reused: {', '.join(result.reused)}")
    for kind, value in result.files.items():
        for path in [value] if isinstance(value, str) else value:
            say(f"    {kind:<12} {path}")
    say(f"delivered in {result.timings_s['total']:.1f} s")
