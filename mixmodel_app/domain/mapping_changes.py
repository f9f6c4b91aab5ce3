"""Two mappings compared column by column, so that one change can be taken back without losing the others."""

from mixmodel_app.domain.dataset import ColumnMapping, ColumnRole, MediaColumn, OutcomeKind

type Part = tuple[ColumnRole, MediaColumn | None]
"""The role of a column and, for a channel, its details."""


def roles(mapping: ColumnMapping) -> dict[str, Part]:
    """The part that each column plays; columns without one are left out."""
    return {
        mapping.date_column: (ColumnRole.DATE, None),
        mapping.target_column: (ColumnRole.TARGET, None),
        **{column: (ColumnRole.MEDIA, entry) for column, entry in mapping.media_columns.items()},
        **dict.fromkeys(mapping.control_columns, (ColumnRole.CONTROL, None)),
    }


def changed_columns(before: ColumnMapping, after: ColumnMapping) -> tuple[str, ...]:
    """The columns that play another part in the one than in the other."""
    old, new = roles(before), roles(after)
    return tuple(column for column in dict.fromkeys([*old, *new]) if old.get(column) != new.get(column))


def take_back(
    current: ColumnMapping, before: ColumnMapping, after: ColumnMapping, columns: tuple[str, ...]
) -> ColumnMapping:
    """`current` without the step from `before` to `after`: what a person changed since then stays.

    Args:
        columns: those of the table that the result is for; it has all columns of `before`.

    Returns:
        `before` itself where the two changes together make no usable mapping.
    """
    kept = roles(before)
    for column in changed_columns(after, current):
        part = roles(current).get(column)
        if column not in columns or part is None:
            kept.pop(column, None)
        else:
            kept[column] = part
    return _mapping(kept, columns, current.target_kind) or before


def _mapping(parts: dict[str, Part], columns: tuple[str, ...], kind: OutcomeKind) -> ColumnMapping | None:
    by_role = {role: [column for column, part in parts.items() if part[0] is role] for role in ColumnRole}
    media = {column: entry for column, (_, entry) in parts.items() if entry is not None}
    dates, targets = by_role[ColumnRole.DATE], by_role[ColumnRole.TARGET]
    names = [entry.channel_name for entry in media.values()]
    spend = {entry.spend_column for entry in media.values() if entry.spend_column}
    usable = len(dates) == len(targets) == 1 and media and len(set(names)) == len(names) and spend <= set(columns)
    if not usable:
        return None
    controls = tuple(by_role[ColumnRole.CONTROL])
    return ColumnMapping(dates[0], targets[0], media, controls, kind).in_order_of(columns)


def without_missing(mapping: ColumnMapping, columns: tuple[str, ...]) -> ColumnMapping | None:
    """The mapping for a table with these columns; None where it is of no use without those that are missing."""
    parts = {column: part for column, part in roles(mapping).items() if column in columns}
    return _mapping(parts, columns, mapping.target_kind)
