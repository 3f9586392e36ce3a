"""Few numbers side by side."""

from nnlab import plots
from nnlab.plots import style


def test_bars_show_names_and_numbers():
    axes = style.picture()[1]
    plots.bars(axes, {"learning_rate": 990.0, None: 76.4}, "%.1f")
    assert [bar.get_width() for bar in axes.patches] == [990.0, 76.4]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["learning rate", "None"]
    assert [text.get_text() for text in axes.texts] == ["990.0", "76.4"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first on top
