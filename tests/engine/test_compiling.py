"""The compile cache: shared by kernels, and never in the way when the disk is."""

import errno
import os
import subprocess
import sys
import warnings

import pytest

from nnlab.engine.compiler import kept_on_disk

MODULE = """
from nnlab.engine.compiler import kept_on_disk

def plus_one(x):
    return x + 1

plus_one = kept_on_disk(plus_one)
"""


@pytest.fixture
def module(tmp_path):
    """A folder with a module that holds one compiled function."""
    (tmp_path / "small.py").write_text(MODULE)
    return tmp_path


def start(folder, code, **environment):
    """Run Python there, in a process of its own, whose cache stands beside the source."""
    own = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    return subprocess.Popen(
        [sys.executable, "-W", "default", "-c", code],
        cwd=folder,
        env=own | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_kernels_share_one_cache(module):
    """Both compile at the same time, both answer; a third one finds the result and loads it."""
    code = "import small; print(small.plus_one(2))"
    both = [start(module, code) for _ in range(2)]
    assert [process.communicate()[0].strip() for process in both] == ["3", "3"]
    third = start(module, f"{code}; print(sum(small.plus_one.stats.cache_hits.values()))")
    assert third.communicate()[0].split() == ["3", "1"]


def test_where_no_folder_can_be_written_to_it_only_compiles(module):
    """As on a machine whose folders are read-only: Numba then has no place for a cache."""
    code = (
        "from numba.core import caching; caching.CacheImpl._locator_classes = [];"
        "import small; print(small.plus_one(2))"
    )
    process = start(module, code)
    out, err = process.communicate()
    assert (out.strip(), process.returncode) == ("3", 0), err


def full_disk(*arguments):
    """What every write to a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_costs_speed_only(monkeypatch):
    from numba.core import caching

    monkeypatch.setattr(caching.IndexDataCacheFile, "save", full_disk)

    def plus_two(x):
        return x + 2

    compiled = kept_on_disk(plus_two)
    with pytest.warns(UserWarning, match="No space left on device"):
        assert compiled(2) == 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compiled(3) == 5


@pytest.mark.parametrize("broken", ["cut in two", "text"])
def test_a_broken_cache_file_costs_speed_only(module, broken):
    code = "import small; print(small.plus_one(2))"
    assert start(module, code).communicate()[0].strip() == "3"
    for path in (module / "__pycache__").glob("small.*.nb*"):
        half = path.read_bytes()[: path.stat().st_size // 2]
        path.write_bytes(
            b"what an editor or a synchronising disk may leave\n" if broken == "text" else half
        )
    process = start(module, code)
    out, err = process.communicate()
    assert (out.strip(), process.returncode) == ("3", 0), err
    assert "the compile cache is of no use" in err
