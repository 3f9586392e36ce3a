"""Write down what PyTorch makes of the cases in tests/torch_cases.py.

`python tools/make_torch_vectors.py` needs PyTorch (the stored vectors come from 2.13.0 on a CPU)
and writes tests/data/torch_vectors.npz, which tests/test_torch_vectors.py reads.
"""

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.rules.torch_cases import CASES, FILLS, spread_by_torch, trained_by_torch  # noqa: E402

TARGET = ROOT / "tests" / "data" / "torch_vectors.npz"
# Every update's parameters would take a megabyte; their weighted sums, different for every update,
# are as telling, and the whole vectors stand at some updates.
WHOLE = (1, 10, 52)


def main() -> None:
    """Train every case with PyTorch and store what tests compare."""
    stored = {}
    for name, experiment in CASES.items():
        rows, losses, answers = trained_by_torch(experiment)
        stored[f"{name}/whole"] = rows[[update - 1 for update in WHOLE]]
        stored[f"{name}/sums"] = rows @ weighting(rows.shape[1])
        stored[f"{name}/losses"] = losses
        stored[f"{name}/answers"] = answers
    for name in FILLS:
        stored[f"initial weights {name}/spread"] = np.array(spread_by_torch(name))
    TARGET.parent.mkdir(exist_ok=True)
    np.savez_compressed(TARGET, **stored)
    print(f"{TARGET.relative_to(ROOT)}: {len(CASES)} cases, {TARGET.stat().st_size / 1000:.0f} kB")


def weighting(parameters: int) -> np.ndarray:
    """Two random sums over all parameters: a change of any of them changes both."""
    return np.random.default_rng(parameters).normal(size=(parameters, 2))


if __name__ == "__main__":
    main()
