"""Charts of many runs: maps lose no cell, bands have the median, dots stand for bars."""

import numpy as np
import pytest

from nnlab import plots
from nnlab.plots import style

UPDATES = np.array([[10.0, 100.0, np.inf], [20.0, 200.0, 2000.0]])


def axes():
    """Fresh axes."""
    return style.picture()[1]


@pytest.mark.parametrize("ratio", [2.0, 10.0])
def test_a_map_on_logarithmic_axes_has_geometric_edges_and_shows_every_row(ratio):
    where = axes()
    x, y = 0.01 * ratio ** np.arange(3), 0.01 * ratio ** np.arange(2)
    mesh = plots.outcome_map(where, x, y, UPDATES)
    corners = mesh.get_coordinates()
    edges = np.sqrt(ratio) ** np.array([-1, 1, 3, 5])
    np.testing.assert_allclose(corners[0, :, 0], 0.01 * edges)
    np.testing.assert_allclose(where.get_ylim(), 0.01 * edges[[0, 2]])
    assert (where.get_xscale(), where.get_yscale()) == ("log", "log")
    assert mesh.get_array().mask.tolist() == [[False, False, True], [False] * 3]


def test_a_map_can_have_a_linear_axis():
    where = axes()
    mesh = plots.outcome_map(where, [0.1, 1.0, 10.0], [0.0, 0.9], UPDATES, yscale="linear")
    np.testing.assert_allclose(mesh.get_coordinates()[:, 0, 1], [-0.45, 0.45, 1.35])
    assert (where.get_xscale(), where.get_yscale()) == ("log", "linear")


def test_a_map_of_one_row_has_a_cell():
    mesh = plots.outcome_map(axes(), [0.1, 1.0, 10.0], [1.0], UPDATES[:1])
    low, high = mesh.get_coordinates()[:, 0, 1]
    assert low < 1.0 < high


def test_the_bands_line_is_the_median_of_numpy():
    samples = np.array([[1.0, 2.0, 4.0, 10.0], [1.0, 2.0, 4.0, np.inf], [1.0, 2.0, np.inf, np.inf]])
    line, _ = plots.band(axes(), [1, 2, 3], samples, style.INK, "label")
    np.testing.assert_array_equal(line.get_ydata(), [3.0, 3.0, np.nan])


def test_a_band_says_where_too_few_have_learned():
    where = axes()
    samples = np.array([[1.0, 2.0, 4.0], [1.0, np.inf, np.inf]])
    plots.band(where, [1, 2], samples, style.INK, "label", missed=900.0)
    assert [line.get_xydata().tolist() for line in where.lines if line.get_marker() == "x"] == [
        [[2.0, 900.0]]
    ]


def test_on_a_logarithmic_axis_bars_are_dots():
    where = axes()
    where.set_xscale("log")
    plots.bars(where, {"one_way": 10.0, "other": 1e5}, "%.0f")
    assert not where.patches
    assert list(where.lines[0].get_xdata()) == [10.0, 1e5]
    assert [text.get_text() for text in where.texts] == ["10", "100000"]
    assert [text.get_text() for text in where.get_yticklabels()] == ["one way", "other"]
    where = axes()
    where.set_xscale("log")
    plots.bars(where, {"many": 1234567.0}, "{:,.0f}")
    assert where.texts[0].get_text() == "1,234,567"


def test_names_at_the_ends_of_lines_stand_apart_and_near():
    where = axes()
    lines = [where.plot([0, 1], [0, height], label=f"{height}")[0] for height in (1, 1.001, 5)]
    texts = plots.end_labels(where, lines)
    assert [text.get_text() for text in texts] == ["1", "1.001", "5"]
    shifts = [text.get_position()[1] for text in texts]
    assert shifts[0] == pytest.approx(-shifts[1], abs=0.2) and abs(shifts[2]) < 1e-9
    assert shifts[1] - shifts[0] > 8.5


@pytest.mark.parametrize("along", ["x", "y"])
def test_an_interval_is_a_bar_through_its_estimate(along):
    where = axes()
    plots.interval(where, 2.0, (0.5, 0.3, 0.6), style.INK, along=along, mfc="white")
    bar, dot = where.lines
    data = [bar.get_xdata(), bar.get_ydata()], [dot.get_xdata(), dot.get_ydata()]
    own, other = ("xy".index(along), 1 - "xy".index(along))
    assert list(data[0][own]) == [0.3, 0.6] and list(data[0][other]) == [2.0, 2.0]
    assert data[1][own] == [0.5] and data[1][other] == [2.0]
    assert dot.get_markerfacecolor() == "white" and dot.get_color() == style.INK


def test_a_tag_is_written_as_it_is_in_a_colour_that_is_read():
    where = axes()
    words = plots.tag(where, "$1 and $2", (0.5, 0.5), "#FFD400", (4, 6), ha="right")
    assert words.get_text() == "$1 and $2" and not words.get_parse_math()
    assert words.get_color() == style.readable("#FFD400") != "#FFD400"
    assert words.get_ha() == "right" and words.get_position() == (4, 6)
