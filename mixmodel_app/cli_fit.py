"""`mixmodel fit FILE`: the pipeline of the web without the web, from a file to the return on each channel."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from mixmodel_app.cli_data import note, stop_on_errors, table_and_roles
from mixmodel_app.domain.dataset import ColumnMapping
from mixmodel_app.domain.errors import InvalidInput
from mixmodel_app.domain.results import ChannelResult, ModelResults
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.types import EngineResults, FitProgress
from mixmodel_app.ingest.prepare import model_frame
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
    table, mapping = table_and_roles(options)
    report = validate(table, mapping)
    for finding in report.findings:
        note(f"{finding.severity.value.capitalize():<10}{finding.code}  {finding.message}")
    stop_on_errors(report)
    results = _fit(table, mapping, options).results
    sys.stdout.write("\n".join(report_lines(results)) + "\n")
    if options.json:
        _write(options.json, results)


def _fit(table: Table, mapping: ColumnMapping, options: argparse.Namespace) -> EngineResults:
    config = RunConfig.from_json(settings_of(options))
    engine = create_engine(config)
    engine.check_config(mapping)
    data = engine.prepare_data(model_frame(table, mapping), mapping)
    engine.fit(data, _Progress())
    note(f"Seed      {config.random_seed}")
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
            note(progress.message)
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
    note(f"Results   {path}")
