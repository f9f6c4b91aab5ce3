"""`mixmodel fit FILE`: the pipeline of the web without the web, from a file to the return on each channel."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from mixmodel_app.domain.dataset import ColumnMapping, ColumnRole, Detection
from mixmodel_app.domain.errors import InvalidInput, UnreadableFile
from mixmodel_app.domain.findings import Severity, ValidationReport
from mixmodel_app.domain.results import ChannelResult, ModelResults
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.types import EngineResults, FitProgress
from mixmodel_app.ingest.detection import auto_mapping, detect
from mixmodel_app.ingest.prepare import model_frame
from mixmodel_app.ingest.reader import read_table
from mixmodel_app.ingest.report import validate
from mixmodel_app.ingest.table import Table
from mixmodel_app.wording import numbers
from mixmodel_app.wording.insights import headline, health_sentence

_TITLES = ("Channel", "Spend", "Contribution", "Return", "94 % range", "Next 1", "From")


def fit_file(options: argparse.Namespace) -> None:
    """Read, detect, check, fit, print.

    Raises:
        MixModelError: the file cannot be read, its checks find errors, or the fit fails.
    """
    table = _read(options.file)
    chosen = chosen_roles(options)
    mapping = mapping_of(table, override(detect(table), chosen, table.columns))
    _say_mapping(mapping)
    _stop_on_errors(validate(table, mapping))
    results = _fit(table, mapping, options).results
    sys.stdout.write("\n".join(report_lines(results)) + "\n")
    if options.json:
        _write(options.json, results)


def _read(path: Path) -> Table:
    if not path.is_file():
        raise UnreadableFile(f"There is no file {path}.")
    return read_table(path, path.name)


def chosen_roles(options: argparse.Namespace) -> dict[ColumnRole, list[str]]:
    """The roles that the command line settles; those it leaves open are detected."""
    given = {
        ColumnRole.DATE: [options.date] if options.date else None,
        ColumnRole.TARGET: [options.target] if options.target else None,
        ColumnRole.MEDIA: options.media,
        ColumnRole.CONTROL: options.controls,
    }
    return {role: columns for role, columns in given.items() if columns is not None}


def override(
    detections: tuple[Detection, ...], chosen: dict[ColumnRole, list[str]], columns: tuple[str, ...]
) -> tuple[Detection, ...]:
    """The detections with the chosen roles in their place.

    Raises:
        InvalidInput: a chosen column is not in the file, or has two roles.
    """
    role_of: dict[str, ColumnRole] = {}
    for role, names in chosen.items():
        for name in names:
            if name not in columns:
                raise InvalidInput(f"The file has no column {name!r}.", hint=f"It has: {', '.join(columns)}.")
            if role_of.setdefault(name, role) is not role:
                raise InvalidInput(f"The column {name!r} cannot be {role_of[name]} and {role} at the same time.")

    def settled(detection: Detection) -> Detection:
        if detection.column in role_of:
            return replace(detection, role=role_of[detection.column], confidence=1.0, reason="chosen by you")
        if detection.role in chosen:
            return replace(detection, role=ColumnRole.IGNORED, reason="not chosen")
        return detection

    return tuple(settled(detection) for detection in detections)


def mapping_of(table: Table, detections: tuple[Detection, ...]) -> ColumnMapping:
    """The mapping, or `InvalidInput` that names the options which would complete it."""
    if mapping := auto_mapping(table, detections):
        return mapping
    found = {detection.role for detection in detections}
    needed = {ColumnRole.DATE: "--date", ColumnRole.TARGET: "--target", ColumnRole.MEDIA: "--media"}
    missing = [option for role, option in needed.items() if role not in found]
    raise InvalidInput(
        f"The columns do not show what to model; give {' and '.join(missing)}.",
        hint=f"The file has: {', '.join(table.columns)}.",
    )


def _say_mapping(mapping: ColumnMapping) -> None:
    channels = (f"{media.channel_name} ({column})" for column, media in mapping.media_columns.items())
    _note(f"Date      {mapping.date_column}")
    _note(f"Outcome   {mapping.target_column}")
    _note(f"Channels  {', '.join(channels)}")
    _note(f"Controls  {', '.join(mapping.control_columns) or 'none'}")


def _stop_on_errors(report: ValidationReport) -> None:
    for finding in report.findings:
        _note(f"{finding.severity.value.capitalize():<10}{finding.code}  {finding.message}")
    if errors := report.of(Severity.ERROR):
        first, *others = errors
        count = f"{len(errors)} errors" if others else "an error"
        raise InvalidInput(f"The data has {count} that a model cannot live with.", hint=first.hint)


def _fit(table: Table, mapping: ColumnMapping, options: argparse.Namespace) -> EngineResults:
    config = RunConfig.from_json(settings_of(options))
    engine = create_engine(config)
    engine.check_config(mapping)
    data = engine.prepare_data(model_frame(table, mapping), mapping)
    engine.fit(data, _Progress())
    _note(f"Seed      {config.random_seed}")
    return engine.extract_results()


def settings_of(options: argparse.Namespace) -> dict[str, Any]:
    """The run's settings: those of `--config`, text or file, with mode and seed where these are given.

    Raises:
        InvalidInput: `--config` is no JSON object.
    """
    text = options.config or "{}"
    path = Path(text)
    try:
        given = json.loads(text if text.lstrip().startswith("{") else path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"--config is neither JSON nor a file with JSON: {error}.") from error
    if not isinstance(given, dict):
        raise InvalidInput("--config must hold an object.", hint='Such as {"adstock_type": "delayed"}.')
    seed = {} if options.seed is None else {"random_seed": options.seed}
    return {"mode": options.mode, **given, **seed}


class _Progress:
    """One line that moves in a terminal, one line per stage elsewhere."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, progress: FitProgress) -> None:
        percent = progress.stage.percent(progress.fraction)
        if sys.stderr.isatty():
            end = "\n" if percent >= 100 else ""
            sys.stderr.write(f"\r\033[K{percent:3d} %  {progress.message}{end}")
            sys.stderr.flush()
        elif progress.stage != self._stage:
            _note(progress.message)
        self._stage = progress.stage


def report_lines(results: ModelResults) -> list[str]:
    """The table of returns with their 94 % ranges, the verdict and the headline, for a terminal."""
    rows = [_TITLES, *map(_row, results.channels)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(_aligned(row, widths)) for row in rows]
    return ["", *lines, "", headline(results), health_sentence(results)]


def _row(channel: ChannelResult) -> tuple[str, ...]:
    roas, marginal = channel.roas, channel.marginal_roas
    return (
        channel.name,
        numbers.money(channel.spend),
        numbers.money(channel.contribution.median),
        numbers.roas(roas.median if roas else None),
        numbers.value_range(roas.lo, roas.hi, numbers.roas) if roas else "",
        numbers.roas(marginal.median if marginal else None),
        channel.learning.learned_from.value if channel.learning else "",
    )


def _aligned(row: tuple[str, ...], widths: list[int]) -> list[str]:
    """Names to the left, figures to the right."""
    name, *figures = (text.rjust(width) for text, width in zip(row, widths, strict=True))
    return [name.strip().ljust(widths[0]), *figures]


def _write(path: Path, results: ModelResults) -> None:
    try:
        path.write_text(json.dumps(results.to_json(), indent=1, allow_nan=False))
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.") from error
    _note(f"Results   {path}")


def _note(text: str) -> None:
    """What goes along with the answer: to standard error, so that the table can be piped."""
    sys.stderr.write(f"{text}\n")
