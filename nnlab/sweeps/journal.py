"""What a sweep keeps of its finished cells: in memory, and in a file if wanted.

The file is only ever appended to, so that nothing finished is lost. Its first line says in JSON
which sweep it is. Frames follow, each a number of bytes, their checksum and the records
themselves. Where a process was killed while it wrote, the torn last frame is cut off. A frame that
is damaged is passed over with a warning; reading goes on at the next whole one. Two processes may
append to one file.
"""

from __future__ import annotations

import json
import os
import re
import struct
import warnings
import zlib
from io import FileIO
from pathlib import Path

import numpy as np

from nnlab import checks
from nnlab.sweeps.cells import RECORD
from nnlab.sweeps.grid import Grid

_FRAME = struct.Struct("<II")  # bytes that follow, their checksum
_KIND = "nnlab sweep 2"
_NOT_ZERO = re.compile(rb"[^\0]")


class Journal:
    """The finished cells of one sweep, to be used in a ``with`` block.

    Args:
        path: the file, ``~`` being one's home; it and its folder are made where they are missing.
            None keeps all in memory.
        grid: the sweep's cells.

    Raises:
        TypeError, ValueError: if it is no file, or one of another sweep or of none.
    """

    def __init__(self, path: str | Path | None, grid: Grid) -> None:
        self._size = grid.size
        self._parts = [np.empty(0, RECORD)]
        self._file: FileIO | None = None
        if path is not None:
            self._file, found = _opened(_located(path), grid)
            self._parts.append(found)

    @property
    def records(self) -> np.ndarray:
        """All records so far, shape (finished cells,) of ``nnlab.sweeps.cells.RECORD``."""
        self._parts = [np.concatenate(self._parts)]
        return self._parts[0]

    @property
    def done(self) -> np.ndarray:
        """(cells,) whether each is finished."""
        done = np.zeros(self._size, bool)
        done[self.records["place"]] = True
        return done

    def append(self, records: np.ndarray) -> None:
        """Keep records; those in the file outlive this process."""
        self._parts.append(records)
        if self._file is not None and len(records):
            content = records.tobytes()
            frame = _FRAME.pack(len(content), zlib.crc32(content)) + content
            if self._file.write(frame) < len(frame):  # in one go: an interrupt cannot tear it
                raise OSError(f"no room for finished cells in {self._file.name!r}")

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file is not None:
            self._file.close()


def _located(path: object) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a file's name or a Path; got {checks.shown(path)}")
    try:
        return Path(os.fsdecode(path)).expanduser()
    except RuntimeError:  # the home of somebody unknown
        raise ValueError(f"path must lie in a home that there is; got {str(path)!r}") from None


def _opened(path: Path, grid: Grid) -> tuple[FileIO, np.ndarray]:
    """Return the file, open behind its last whole frame, and the records in it."""
    if path.exists() and not path.is_file():
        raise ValueError(f"path must be a file, not a folder or a device; got {str(path)!r}")
    about = {"kind": _KIND, "sweep": str(grid), "fingerprint": grid.fingerprint()}
    header = json.dumps(about, ensure_ascii=False).encode() + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    file = FileIO(path, "a+")  # each write goes to the end, whoever else has written meanwhile
    content = path.read_bytes()
    if header.startswith(content):  # new, or killed within the first line
        with path.open("r+b") as beginning:
            beginning.write(header)  # in place: another process may have got as far as this
        content = header
    if not content.startswith(header):
        file.close()
        raise ValueError(_refusal(path, content))
    frames, gaps = _read(content, len(header))
    if gaps and gaps[-1].stop == len(content) == os.fstat(file.fileno()).st_size:
        file.truncate(gaps[-1].start)
        if _is_torn(content[gaps[-1]]):
            gaps.pop()
    if gaps:
        size = sum(gap.stop - gap.start for gap in gaps)
        warnings.warn(
            f"path {str(path)!r} is damaged in {len(gaps)} place(s): {size:,} bytes were passed "
            "over, and the cells in them are run again",
            RuntimeWarning,
            stacklevel=4,
        )
    return file, np.frombuffer(b"".join(frames), RECORD)


def _refusal(path: Path, content: bytes) -> str:
    try:
        other = json.loads(content.partition(b"\n")[0])
        known = other["kind"] == _KIND
    except (ValueError, TypeError, KeyError):
        known = False
    if not known:
        return f"path must be a new file or that of a sweep; got {str(path)!r}, which is neither"
    return (
        f"path must be that of the same sweep, every field and value alike; got {str(path)!r}, "
        f"which holds another one: {other['sweep']}"
    )


def _read(content: bytes, at: int) -> tuple[list[bytes], list[slice]]:
    """Return the contents of all whole frames, and what lies between them that is none."""
    frames, gaps = [], []
    while at < len(content):
        frame = _frame(content, at)
        if frame is not None:
            frames.append(frame)
            at += _FRAME.size + len(frame)
        else:
            gaps.append(slice(at, _next_frame(content, at + 1)))
            at = gaps[-1].stop
    return frames, gaps


def _frame(content: bytes, at: int) -> bytes | None:
    """Return what the frame that begins there holds; None if none does, or it is not whole."""
    if at + _FRAME.size > len(content):
        return None
    size, checksum = _FRAME.unpack_from(content, at)
    if size == 0 or size % RECORD.itemsize or at + _FRAME.size + size > len(content):
        return None
    frame = content[at + _FRAME.size : at + _FRAME.size + size]
    return frame if zlib.crc32(frame) == checksum else None


def _next_frame(content: bytes, at: int) -> int:
    """Return where the next whole frame begins, or the end if there is none."""
    while at < len(content) and _frame(content, at) is None:
        filled = _NOT_ZERO.search(content, at)  # where a disk was lost there may be zeros only
        at = max(at + 1, filled.start() - 3) if filled else len(content)
    return min(at, len(content))


def _is_torn(tail: bytes) -> bool:
    """Whether these bytes are the beginning of a frame: somebody was killed while writing it."""
    return len(tail) < _FRAME.size or _FRAME.size + _FRAME.unpack_from(tail)[0] > len(tail)
