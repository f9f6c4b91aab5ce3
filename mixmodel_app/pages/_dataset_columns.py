"""The roles of a dataset's columns, in the order of its file: a database may sort the keys of a mapping."""

from typing import Any

from mixmodel_app.domain.dataset import ColumnMapping


def mapping_in_order(dataset: dict[str, Any], mapping: dict[str, Any] | None = None) -> ColumnMapping:
    """The mapping of a dataset (`services.datasets.get`), or the one that a run of it keeps."""
    columns = tuple(column["name"] for column in dataset["columns"])
    return ColumnMapping.from_json(mapping or dataset["column_mapping"], columns)
