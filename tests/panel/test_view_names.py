"""Views by name."""

from nnlab import plots
from nnlab.panel import views
from nnlab.panel.views import VIEWS


def test_the_views_are_registered():
    assert views.OVER_TIME["steps"] is plots.steps
    assert views.OF_A_MOMENT["surface"] is plots.surface


def test_the_view_is_registered():
    assert VIEWS["sums"] is plots.sums
