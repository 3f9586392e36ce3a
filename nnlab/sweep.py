"""Many experiments at once: a grid over named fields, run on all cores or on any executor."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np

from nnlab import checks
from nnlab.engine.records import CONVERGED, OUTCOMES, RUNNING
from nnlab.experiment import Experiment
from nnlab.run import Interrupted
from nnlab.sweeps.cells import RECORD
from nnlab.sweeps.grid import Grid
from nnlab.sweeps.journal import Journal
from nnlab.sweeps.workers import Workers

_NAMES = np.array(["", *OUTCOMES[1:]])  # a cell that has not ended has no outcome


class Sweep:
    """What became of every experiment of a grid; arrays are shaped by the axes in their order.

    Args:
        grid: the experiments.
        records: one for each cell that has ended, in any order; see ``nnlab.sweeps.cells.RECORD``.

    Attributes:
        axes: list of values by the name of the field.
        updates: weight updates done; -1 where a cell has not ended.
        epochs: complete passes through the data done; -1 likewise.
        loss: final mean loss over all patterns; NaN likewise.
        worst_error: largest squared error of any pattern when the final network is used, as
            ``analysis.passage.worst_error``; a run may have converged, which is about patterns as
            they were presented, and still be wrong here. NaN likewise.
    """

    def __init__(self, grid: Grid, records: np.ndarray) -> None:
        self._grid = grid
        self.axes = grid.axes
        self._codes = self._filled(records, "outcome", RUNNING)
        self.updates = self._filled(records, "updates", -1)
        self.epochs = self._filled(records, "epochs", -1)
        self.loss = self._filled(records, "loss", np.nan)
        self.worst_error = self._filled(records, "worst_error", np.nan)

    @property
    def outcome(self) -> np.ndarray:
        """How each run ended, as in ``Run``; an empty string where a cell has not ended."""
        return _NAMES[self._codes]

    @property
    def converged(self) -> np.ndarray:
        """Whether each network has learned every pattern."""
        return self._codes == CONVERGED

    @property
    def ended(self) -> np.ndarray:
        """Whether each cell has been run to its end: all have, unless interrupted."""
        return self._codes != RUNNING

    @property
    def updates_needed(self) -> np.ndarray:
        """Updates until learned: infinity where a run did not, NaN where a cell has not ended."""
        never = np.where(self.ended, np.inf, np.nan)
        return np.where(self.converged, self.updates, never)

    def experiment(self, **position: Any) -> Experiment:
        """Return one cell's experiment, given the value of every axis, exactly or but for rounding.

        Raises:
            TypeError, ValueError: if an axis is missing or unknown, or has no such value.
        """
        return self._grid.experiment(**position)

    def solve_rate(self, over: str = "init_seed") -> np.ndarray:
        """Return the share of runs that converged, taken over one axis, which falls away.

        Only cells that have ended count; NaN where none has.
        """
        return self._over(over, np.nanmean, np.where(self.ended, self.converged, np.nan))

    def median_updates(self, over: str = "init_seed") -> np.ndarray:
        """Return the median of updates until learned, taken over one axis, which falls away.

        A run that has not converged counts as infinitely long. Only cells that have ended count;
        NaN where none has.
        """
        return self._over(over, np.nanmedian, self.updates_needed)

    def to_dataframe(self) -> Any:
        """Return a pandas DataFrame, one row a cell: axes, outcome, updates, epochs, loss.

        Raises:
            ImportError: if pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise ImportError("to_dataframe needs pandas: pip install pandas") from None
        indices = np.indices(self.updates.shape).reshape(len(self.axes), -1)
        columns: dict[str, Any] = {
            name: [values[k] for k in index]
            for (name, values), index in zip(self.axes.items(), indices, strict=True)
        }
        for name in ("outcome", "updates", "epochs", "loss"):
            columns[name] = getattr(self, name).ravel()
        return pandas.DataFrame(columns)

    def __repr__(self) -> str:
        size, ended = self.updates.size, int(self.ended.sum())
        runs = f"{size:,} run{'' if size == 1 else 's'}"
        return f"<Sweep: {self._grid}, {runs if ended == size else f'{ended:,} of {runs}'}>"

    def _filled(self, records: np.ndarray, name: str, missing: float) -> np.ndarray:
        column = np.full(self._grid.size, missing, RECORD[name])
        column[records["place"]] = records[name]
        return column.reshape(self._grid.shape)

    def _over(self, over: str, statistic: Callable, values: np.ndarray) -> np.ndarray:
        axis = list(self.axes).index(checks.choice("over", over, self.axes))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # where no cell has ended
            return statistic(values, axis=axis)


def sweep(
    experiment: Experiment,
    /,
    *,
    executor: Executor | Any = None,
    path: str | Path | None = None,
    progress: bool = True,
    **axes: Iterable[Any],
) -> Sweep:
    """Run an experiment for all combinations of some of its fields' values.

    ``nnlab.sweep(article, learning_rate=[0.5, 5.0], init_seed=range(100))`` makes 200 runs. Each
    gives bit for bit what ``run`` gives, however they are spread.

    Args:
        experiment: what all cells share.
        executor: where chunks of cells are run, for example a process pool or a Dask client;
            None means threads, one a core.
        path: a file to which finished cells are written at once; the same sweep, called again
            with this file, goes on from there. What is damaged in it is run again.
        progress: whether to show a bar that counts runs.
        **axes: for every field that varies, its values, in any iterable that has an order; one
            that stands there twice is run twice.

    Raises:
        TypeError, ValueError: if a field is unknown, an axis empty or a value not allowed, or if
            the file at ``path`` belongs to another sweep.
        Interrupted: a KeyboardInterrupt that carries the partial sweep, when the kernel is
            interrupted.
    """
    grid = Grid(experiment, axes)
    show = checks.flag("progress", progress)
    with Workers(executor) as workers, Journal(path, grid) as journal:
        done = journal.done
        with _bar(grid, done, show) as bar:
            try:
                for records in workers.results(grid.chunks(done, workers.chunks)):
                    journal.append(records)
                    bar.update(len(records))
            except KeyboardInterrupt:
                for records in workers.stop():
                    journal.append(records)
                partial = Sweep(grid, journal.records)
                ended = f"{partial.ended.sum():,} of {grid.size:,} runs"
                raise Interrupted(f"stopped after {ended}", sweep=partial) from None
        return Sweep(grid, journal.records)


def _bar(grid: Grid, done: np.ndarray, show: bool) -> Any:
    from tqdm.auto import tqdm  # a heavy import, in a notebook, that only sweeps need

    return tqdm(total=grid.size, initial=int(done.sum()), unit="run", disable=not show)
