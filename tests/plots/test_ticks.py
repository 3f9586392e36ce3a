"""Ticks of logarithmic axes and of the axis of time."""

from nnlab import plots
from nnlab.plots import style


def axes():
    """Fresh axes."""
    return style.picture()[1]


def test_plain_log_ticks_number_an_axis_in_plain_digits():
    figure, axes = style.picture()
    axes.loglog([1, 3_000], [1, 2])
    plots.plain_log_ticks(axes.xaxis)
    figure.canvas.draw()
    texts = [text.get_text() for text in axes.get_xticklabels()]
    assert {"1", "2", "5", "500", "1,000", "2,000"} <= set(texts)


def test_the_axis_of_samples_shows_a_million_in_full():
    axes = style.picture()[1]
    plots.time_axis(axes, plots.Look(unit="samples"), 3_864_714)
    assert axes.xaxis.get_major_formatter()(3_864_714, 0) == "3,864,714"


def test_log_ticks_are_those_asked_for_and_no_others():
    where = axes()
    where.plot([1, 3000], [1, 32])
    plots.log_ticks(where.xaxis, [1, 30, 3000])
    plots.log_ticks(where.yaxis, [2, 32], ["two", "many"])
    assert (where.get_xscale(), where.get_yscale()) == ("log", "log")
    assert [tick.get_text() for tick in where.get_xticklabels()] == ["1", "30", "3,000"]
    assert [tick.get_text() for tick in where.get_yticklabels()] == ["two", "many"]
    assert not len(where.get_xticks(minor=True)) and not len(where.get_yticks(minor=True))
