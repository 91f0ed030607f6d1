"""A file on a target, read by blocks as if it were here: never the whole of a 200 MB binary."""

from __future__ import annotations

import io
import shlex
from dataclasses import dataclass

from remotego.core.errors import RefusedError
from remotego.core.terminal import inert
from remotego.core.transport import Script, Transport

BLOCK_BYTES = 64 << 10


@dataclass(eq=False)
class UnreadableFileError(RefusedError):
    """The login may not read a file on the target, or it is not there."""

    host: str
    path: str
    said: str
    what = "{host}: cannot read {path}: {said}"
    remedy = "log in as the user the process runs as, or give its binary read permission"


class RemoteFile(io.RawIOBase):
    """A read-only, seekable file. Each run of blocks not read before costs one round trip."""

    def __init__(self, host: Transport, path: str) -> None:
        """Name the file; nothing is read yet."""
        self._host, self._path = host, path
        self._blocks: dict[int, bytes] = {}
        self._position = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes, from the start or relative; the end is not known without a question."""
        return True

    def tell(self) -> int:
        """Position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; ``whence`` SEEK_END asks the target for the size."""
        origin = {io.SEEK_SET: lambda: 0, io.SEEK_CUR: self.tell, io.SEEK_END: self._size}[whence]
        self._position = origin() + offset
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes. Raises UnreadableFileError."""
        if size < 0:
            size = self._size() - self._position
        first, last = self._position // BLOCK_BYTES, (self._position + max(size, 1) - 1) // BLOCK_BYTES
        self._load(first, last)
        joined = b"".join(self._blocks[number] for number in range(first, last + 1))
        begin = self._position - first * BLOCK_BYTES
        data = joined[begin : begin + size]
        self._position += len(data)
        return data

    def _load(self, first: int, last: int) -> None:
        missing = [number for number in range(first, last + 1) if number not in self._blocks]
        if not missing:
            return
        first, last = missing[0], missing[-1]
        data = self._run(f"dd if={{path}} bs={BLOCK_BYTES} skip={first} count={last - first + 1} 2>/dev/null")
        for number in range(first, last + 1):
            begin = (number - first) * BLOCK_BYTES
            self._blocks[number] = data[begin : begin + BLOCK_BYTES]

    def _size(self) -> int:
        """Size in bytes: the fifth column of ``ls``, as ``wc`` of busybox would read the whole file."""
        return int(self._run("ls -lnL -- {path}").split()[4])

    def _run(self, command: str) -> bytes:
        path = shlex.quote(self._path)
        answer = self._host.run(Script(f"true < {path} || exit 1\n{command.format(path=path)}"))
        if answer.exit_code != 0:
            said = inert(answer.stderr).strip().rpartition(": ")[2] or f"exit code {answer.exit_code}"
            raise UnreadableFileError(self._host.name, self._path, said)
        return answer.stdout
