"""Pictures of few colours look like those of many."""

import io

import numpy as np
import pytest
from PIL import Image

from nnlab.plots import few_colours, style


def again(data):
    """The pixels of a PNG, (rows, columns, 3)."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=int)


@pytest.fixture(scope="module")
def drawn():
    """A figure's pixels, as Matplotlib draws them."""
    figure, axes = style.picture()
    axes.plot([0, 1], [0, 1], color=style.INK)
    for place, colour in enumerate(style.CHOICES):
        axes.plot([0, 1], [1, place / 8], color=colour, lw=3)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[:, :, :3].copy()


def test_few_colours_come_back_exactly():
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[5:, 7:] = (1, 2, 3)
    pixels[9:, 20:] = (255, 254, 253)
    np.testing.assert_array_equal(again(few_colours.png(Image.fromarray(pixels), 8)), pixels)


@pytest.mark.parametrize("colours", [64, 255])
def test_a_figure_looks_the_same_and_its_ground_is_the_same(drawn, colours):
    found = again(few_colours.png(Image.fromarray(drawn), colours))
    errors = np.abs(found - drawn).max(axis=2)
    assert errors[(drawn == drawn[0, 0]).all(axis=2)].max() == 0
    assert errors.mean() < 0.5 and np.percentile(errors, 99.9) < 24
    assert len(np.unique(found.reshape(-1, 3), axis=0)) <= colours


def test_it_is_as_good_as_pillows_own(drawn):
    pillow = Image.fromarray(drawn).quantize(64, Image.Quantize.MAXCOVERAGE, kmeans=1)
    theirs = np.abs(np.asarray(pillow.convert("RGB"), dtype=int) - drawn).max(axis=2)
    ours = np.abs(again(few_colours.png(Image.fromarray(drawn), 64)) - drawn).max(axis=2)
    assert ours.mean() <= 1.2 * theirs.mean()


def test_noise_is_no_fault():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (40, 50, 3)).astype(np.uint8)
    found = again(few_colours.png(Image.fromarray(pixels), 256))
    assert found.shape == pixels.shape
    assert np.abs(found - pixels).mean() < 30
