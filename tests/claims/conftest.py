"""How large the claims' experiments are: `make claims` runs them ten times as large."""

import os

import pytest

SCALE = int(os.environ.get("NNLAB_CLAIMS_SCALE", "1"))


@pytest.fixture(scope="session")
def seeds():
    """Give so many seeds, or ten times as many: ``seeds(20)``, ``seeds(20, first=100)``."""

    def some(count: int, first: int = 0) -> range:
        return range(first, first + count * SCALE)

    return some
