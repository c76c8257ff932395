"""What is frozen into a job beside its specification: standard input, the lines of an array, input files."""

from __future__ import annotations

import hashlib
import os
import stat

from jobctl.model.value import Value
from jobctl.store import atomic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.model.spec import Spec
    from jobctl.store.layout import Layout


class Enclosure(Value):
    """What is to be frozen."""

    #: Descriptor whose rest becomes the standard input.
    stdin: int | None = None
    #: One line for each task.
    lines: tuple[bytes, ...] = ()
    #: Name and absolute path of each input.
    inputs: tuple[tuple[str, str], ...] = ()

    def freeze(self, spec: Spec, directory: str) -> tuple[Spec, dict[str, str]]:
        """Copy everything into *directory*, durably; return *spec* with what was found, and digests of the contents.

        Raises:
            UsageError: something of it cannot be read.
            OSError: it could not be written.
        """
        contents = {}
        if self.stdin is not None:
            sha256 = hashlib.sha256()
            atomic.copy_new(self.stdin, f"{directory}/stdin", note=sha256.update)
            contents["the standard input"] = sha256.hexdigest()
        if self.lines:
            from jobctl.store import items  # noqa: PLC0415  # only arrays of lines

            items.write(directory, self.lines)
            contents["the lines"] = hashlib.sha256(b"\n".join(self.lines)).hexdigest()
        if self.inputs:
            from jobctl.store import inputs  # noqa: PLC0415  # only who freezes files

            spec = spec.but(inputs=inputs.freeze(f"{directory}/inputs", self.inputs))
            for frozen in spec.inputs:
                contents[f"the input {frozen.name}"] = frozen.sha256
        return spec, contents


class Copies(Value):
    """What was frozen into *job*, to be frozen into another one."""

    layout: Layout
    job: int

    def freeze(self, spec: Spec, directory: str) -> tuple[Spec, dict[str, str]]:
        """Copy everything into *directory*, durably."""
        for source in (self.layout.stdin(self.job), self.layout.items(self.job), self.layout.items_index(self.job)):
            try:
                fd = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
            except FileNotFoundError:
                continue
            try:
                copy_file(fd, f"{directory}/{os.path.basename(source)}")
            finally:
                os.close(fd)
        if spec.inputs:
            from jobctl.store import inputs  # noqa: PLC0415  # only who froze files

            inputs.copy(self.layout.inputs(self.job), f"{directory}/inputs")
        return spec, {}


def copy_file(source: int, target: str) -> None:
    """Copy what the descriptor *source* has to the new file *target*, sharing its blocks where that is possible.

    Raises:
        OSError: it could not be done, or *source* is no file.
    """
    if not stat.S_ISREG(os.fstat(source).st_mode):
        raise OSError(f"{target}: what it is made of is not a file")
    if not atomic.clone_new(source, target, mode=0o600):
        os.unlink(target)
        atomic.copy_new(source, target)
