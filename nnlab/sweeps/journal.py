"""What a sweep keeps of its finished cells: in memory, and in a file if wanted.

The file is only ever appended to, so that nothing finished is lost. Its first line says in JSON
which sweep it is. Frames follow, each a number of bytes, their checksum and the records
themselves. Where a process was killed while it wrote, the torn last frame is cut off.
"""

from __future__ import annotations

import json
import struct
import zlib
from io import FileIO
from pathlib import Path

import numpy as np

from nnlab.sweeps.cells import RECORD
from nnlab.sweeps.grid import Grid

_FRAME = struct.Struct("<II")  # bytes that follow, their checksum
_KIND = "nnlab sweep 1"


class Journal:
    """The finished cells of one sweep, to be used in a ``with`` block.

    Args:
        path: the file; it and its folder are made where they are missing. None keeps all in memory.
        grid: the sweep's cells.

    Raises:
        ValueError: if the file belongs to another sweep or is none of a sweep.
    """

    def __init__(self, path: str | Path | None, grid: Grid) -> None:
        self._size = grid.size
        self._parts = [np.empty(0, RECORD)]
        self._file: FileIO | None = None
        if path is not None:
            self._file, found = _opened(Path(path), grid)
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


def _opened(path: Path, grid: Grid) -> tuple[FileIO, np.ndarray]:
    """Return the file, open behind its last whole frame, and the records in it."""
    if path.is_dir():
        raise ValueError(f"path must be a file, not a folder; got {str(path)!r}")
    about = {"kind": _KIND, "sweep": str(grid), "fingerprint": grid.fingerprint()}
    header = json.dumps(about, ensure_ascii=False).encode() + b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = path.read_bytes() if path.exists() else b""
    if header.startswith(content):  # new, or killed within the first line
        path.write_bytes(header)
        content = header
    if not content.startswith(header):
        raise ValueError(_refusal(path, content))
    frames, end = _whole_frames(content, len(header))
    file = FileIO(path, "r+")
    file.truncate(end)
    file.seek(end)
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


def _whole_frames(content: bytes, at: int) -> tuple[list[bytes], int]:
    """Return the contents of all frames up to the first broken one, and where that begins."""
    frames = []
    while at + _FRAME.size <= len(content):
        size, checksum = _FRAME.unpack_from(content, at)
        frame = content[at + _FRAME.size : at + _FRAME.size + size]
        if len(frame) < size or size == 0 or zlib.crc32(frame) != checksum:
            break
        frames.append(frame)
        at += _FRAME.size + size
    return frames, at
