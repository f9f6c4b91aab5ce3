"""Public layouts are read right, or something is asked, whatever happened to the file on its way."""

import random

import pytest

from mixmodel_app.ingest.reader import read_table
from tests.unit.ingest.damages import DAMAGES, different
from tests.unit.ingest.public_layouts import PublicLayout, layouts

CHOSEN = [
    layout for layout in layouts() if layout.name in ("Robyn weekly", "Meridian geo", "Platform export by campaign")
]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("layout", CHOSEN, ids=lambda layout: layout.name)
def test_damage_is_seen_through_or_asked_about(layout: PublicLayout, damage: str):
    damaged = DAMAGES[damage](layout, random.Random(f"{layout.name} {damage}"))
    table = read_table(damaged.raw, damaged.name)
    assert table.questions or not different(table, damaged.truth)
