"""How figures look: contrasts, themes, settings of their own, texts as typed."""

import itertools
import logging
import warnings

import matplotlib
import numpy as np
import pytest

import nnlab
from nnlab import plots
from nnlab.plots import palette, style

ARTICLE = nnlab.Experiment()
TYPED = ["Ba$$in", r"\frac{1}", "$x$", "100 %", "a_b^c", "\N{CJK UNIFIED IDEOGRAPH-5B66}習"]


@pytest.fixture(scope="module")
def fast():
    """The article's run at 5.0."""
    return ARTICLE.replace(learning_rate=5.0).run()


@pytest.fixture
def settings():
    """The reader's settings, put back after the test."""
    with matplotlib.rc_context():
        yield matplotlib.rcParams


def pixels(figure):
    """A figure's pixels as it is drawn."""
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).astype(int)


# --- colours -------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", [style.PAPER, style.DARK_PAPER])
def test_every_line_stands_out_from_its_paper(paper):
    dark = paper == style.DARK_PAPER
    for colour in (*style.COLOURS, style.INK, style.BIAS, style.GHOST):
        drawn = palette._DARK[colour] if dark else colour
        assert style.contrast(drawn, paper) >= palette.LINE_CONTRAST, (colour, drawn)


@pytest.mark.parametrize("paper", [style.PAPER, style.DARK_PAPER])
def test_every_colour_has_a_shade_that_can_be_read(paper):
    for colour in (*style.COLOURS, *palette._DARK.values(), style.GHOST):
        assert style.contrast(style.readable(colour, paper), paper) >= palette.TEXT_CONTRAST


def test_contrast_is_that_of_the_formula():
    assert style.contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert style.contrast("#777777") == pytest.approx(4.48, abs=0.01)
    assert style.contrast("#FFFFFF", "#777777") == style.contrast("#777777", "#FFFFFF")


def test_no_colour_has_two_meanings():
    every = (*style.COLOURS, style.INK, style.BIAS, style.GHOST, style.GRID, style.PAPER)
    assert len(set(every)) == len(every)
    parts = np.array([style.rgb(colour) for colour in every])
    for (a, one), (b, other) in itertools.combinations(zip(every, parts, strict=True), 2):
        assert np.abs(one - other).max() > 0.06, (a, b)


# --- themes --------------------------------------------------------------------------------------


def test_a_dark_picture_is_dark_and_its_texts_are_light(fast):
    figure = plots.training(fast, theme="dark")
    ground = pixels(figure)[..., :3]
    assert np.median(ground) == 0x11
    figure.canvas.draw()
    texts = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text()]
    assert len(texts) > 20
    for text in texts:
        assert style.contrast(matplotlib.colors.to_hex(text.get_color()), "#111111") >= 4.5, text


def test_a_theme_can_be_changed_to_and_fro(fast):
    figure = plots.training(fast)
    before = pixels(figure)
    style.paint(style.paint(figure, "dark"), "light")
    lines = [line.get_color() for line in figure.axes[0].lines]
    assert [matplotlib.colors.to_hex(each).upper() for each in lines] == list(style.PATTERNS)
    assert np.abs(pixels(figure) - before).mean() < 0.1


def test_a_view_moves_in_its_theme(fast):
    figure, axes = style.picture(theme="dark")
    artists = plots.network(axes, fast)
    style.paint(figure, "dark")
    plots.network(axes, fast, row=0, artists=artists)
    drawn = {matplotlib.colors.to_hex(each) for each in artists[0].get_colors()}
    assert drawn <= {style.themed(axes, each).lower() for each in (style.POSITIVE, style.NEGATIVE)}
    assert style.themed(axes, style.POSITIVE) != style.POSITIVE


def test_an_unknown_theme_is_refused():
    with pytest.raises(ValueError, match="theme"):
        style.picture(theme="sepia")


# --- the reader's settings -----------------------------------------------------------------------

ODD = {
    "text.usetex": True,
    "font.family": ["serif"],
    "font.size": 30.0,
    "lines.linewidth": 9.0,
    "axes.grid": False,
    "figure.facecolor": "black",
    "savefig.bbox": "tight",
    "axes.prop_cycle": matplotlib.cycler(color=["red"]),
}


def test_the_readers_settings_change_no_picture(fast, settings):
    expected = style.png(plots.training(fast))
    settings.update(ODD)
    figure = plots.training(fast)
    assert style.png(figure) == expected
    assert {key: settings[key] for key in ODD} == ODD
    assert figure._repr_png_()[0].startswith(b"\x89PNG")


def test_settings_are_put_back_after_an_error(settings):
    settings.update(ODD)
    with pytest.raises(ZeroDivisionError), style.own_settings():
        assert settings["text.usetex"] is False
        raise ZeroDivisionError
    assert {key: settings[key] for key in ODD} == ODD


# --- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", TYPED)
def test_what_is_typed_is_drawn_as_typed(words, caplog):
    figure, axes = style.picture()
    (line,) = axes.plot([1, 2], [1, 2], label=words)
    axes.annotate(words, (1, 1))
    plots.bars(axes, {words: 1.0})
    plots.end_labels(axes, [line])
    plots.note(axes, words, (1.5, 1.5))
    style.label(axes, words, x=words, y=words, legend=True)
    with caplog.at_level(logging.WARNING), warnings.catch_warnings():
        warnings.simplefilter("ignore" if ord(words[0]) > 0x3000 else "error")
        assert style.png(figure).startswith(b"\x89PNG")
    shown = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text() == words]
    assert len(shown) >= 7
    assert not any(text.get_parse_math() or text.get_usetex() for text in shown)


def test_powers_on_a_logarithmic_axis_are_still_powers():
    figure, axes = style.picture()
    axes.loglog([1, 1e6], [1, 1e6])
    figure.canvas.draw()
    assert all(text.get_parse_math() for text in axes.get_xticklabels() if "$" in text.get_text())
    assert any("$" in text.get_text() for text in axes.get_xticklabels())


def test_numbers_between_the_powers_of_a_short_axis_are_no_raw_math():
    figure, axes = style.picture()
    axes.loglog([0.25, 6.0], [0.25, 6.0])
    figure.canvas.draw()
    between = [text for text in axes.get_xticklabels(minor=True) if text.get_text()]
    assert between and all(text.get_parse_math() for text in between if "$" in text.get_text())


def test_east_asian_names_are_drawn_where_the_system_has_a_font():
    families = style._settings()["font.family"]
    if len(families) == 1:
        pytest.skip("no East Asian font is installed")
    figure, axes = style.picture()
    axes.set_title("正則化")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Matplotlib warns of a missing glyph
        assert style.png(figure)
