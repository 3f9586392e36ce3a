"""Maps with a number in every cell."""

import numpy as np
import pytest

from nnlab import plots
from nnlab.plots import style


def axes():
    """Fresh axes."""
    return style.picture()[1]


def test_a_heat_map_writes_every_number_in_its_cell():
    where = axes()
    values = np.array([[0.0, 0.5, 1.0], [0.25, np.nan, np.inf]])
    plots.heat_map(where, [2, 4, 8], ["one", "two"], values, vmin=0, vmax=1)
    written = {text.get_position(): text.get_text() for text in where.texts}
    assert written == {(0.5, 0.5): "0%", (1.5, 0.5): "50%", (2.5, 0.5): "100%", (0.5, 1.5): "25%"}
    assert [tick.get_text() for tick in where.get_xticklabels()] == ["2", "4", "8"]
    assert [tick.get_text() for tick in where.get_yticklabels()] == ["one", "two"]


def test_numbers_of_a_heat_map_stand_out_from_their_cells():
    where = axes()
    plots.heat_map(where, [1, 2], [1], np.array([[0.0, 1.0]]), write="{:.1f}".format)
    bright = [style.contrast(text.get_color(), "#000000") > 10 for text in where.texts]
    assert bright == [True, False]
    assert [text.get_text() for text in where.texts] == ["0.0", "1.0"]


def test_a_heat_map_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"2 rows and 3 columns; got \(3, 2\)"):
        plots.heat_map(axes(), [1, 2, 3], [1, 2], np.zeros((3, 2)))
