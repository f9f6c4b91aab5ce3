"""Public data sets map themselves, by their documented columns."""

import numpy as np
import pytest

from mixmodel_app.domain.dataset import ColumnRole
from mixmodel_app.ingest.detection import auto_mapping, detect
from mixmodel_app.ingest.reader import read_table
from tests.unit.ingest.public_layouts import PublicLayout, layouts


@pytest.mark.parametrize("layout", layouts(), ids=lambda layout: layout.name)
def test_a_public_layout_is_read_and_mapped(layout: PublicLayout):
    table = read_table(layout.frame.to_csv(index=False).encode(), "data.csv")
    detections = detect(table)
    for role in (ColumnRole.DATE, ColumnRole.TARGET, ColumnRole.MEDIA, ColumnRole.CONTROL):
        found = {one.column for one in detections if one.role is role}
        assert found == set(layout.roles.get(role.value, [])), role
    for column in layout.wide.columns[1:]:
        np.testing.assert_allclose(table.column(column).to_numpy(dtype=float), layout.wide[column], rtol=1e-9)
    assert auto_mapping(table, detections) is not None
    assert not table.questions


def test_the_panel_keeps_the_table_as_it_stands_in_the_file():
    layout = next(one for one in layouts() if one.name == "Meridian geo")
    table = read_table(layout.frame.to_csv(index=False).encode(), "data.csv")
    assert table.source is not None
    assert table.source.n_rows == len(layout.frame)
    assert table.n_rows == len(layout.wide)
    assert table.row_numbers[:3] == (2, 3, 4)
