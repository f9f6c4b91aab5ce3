"""What the commands on a file share: it is read, and its columns get their roles."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from mixmodel_app.domain.dataset import ColumnMapping, ColumnRole, Detection
from mixmodel_app.domain.errors import InvalidInput, UnreadableFile
from mixmodel_app.domain.findings import Severity, ValidationReport
from mixmodel_app.domain.reading import ReadOptions
from mixmodel_app.ingest.detection import auto_mapping, detect
from mixmodel_app.ingest.reader import read_table
from mixmodel_app.ingest.table import Table


def table_and_roles(options: argparse.Namespace) -> tuple[Table, ColumnMapping]:
    """The table of the file, and the roles of its columns: those of the command line, else as detected.

    Raises:
        MixModelError: the file cannot be read, or its columns do not show what to model.
    """
    table = _read(options.file, ReadOptions.from_json(json_object(options.reading or "{}", "--reading")))
    mapping = mapping_of(table, override(detect(table), chosen_roles(options), table.columns))
    _say_mapping(mapping)
    return table, mapping


def _read(path: Path, reading: ReadOptions) -> Table:
    if not path.is_file():
        raise UnreadableFile(f"There is no file {path}.")
    return read_table(path, path.name, reading)


def json_object(text: str, option: str) -> dict[str, Any]:
    """The object that an option of the command line holds. Raises `InvalidInput` for anything else."""
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"{option} is no JSON: {error}.") from error
    if not isinstance(raw, dict):
        raise InvalidInput(f"{option} must hold an object.")
    return raw


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
    note(f"Date      {mapping.date_column}")
    note(f"Outcome   {mapping.target_column}")
    note(f"Channels  {', '.join(channels)}")
    note(f"Controls  {', '.join(mapping.control_columns) or 'none'}")


def stop_on_errors(report: ValidationReport) -> None:
    """Raise `InvalidInput` when the checks found errors."""
    if errors := report.of(Severity.ERROR):
        first, *others = errors
        count = f"{len(errors)} errors" if others else "an error"
        raise InvalidInput(f"The data has {count} that a model cannot live with.", hint=first.hint)


def note(text: str) -> None:
    """What goes along with the answer: to standard error, so that the answer can be piped."""
    sys.stderr.write(f"{text}\n")
