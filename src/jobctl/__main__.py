"""The door of the command line: the quick way in for what it understands, Typer for all the rest."""

import os
import sys

from jobctl import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: Exit status when the last of an answer could not be written.
_FAILED = 125


def main() -> "NoReturn":
    """Run the command of `sys.argv` and end the process with its exit status."""
    _occupy_standard_descriptors()
    arguments = sys.argv[1:]
    is_to_keep = bool(arguments) and kept.use(arguments[0])
    from jobctl.cli import quick  # noqa: PLC0415  # the door chooses what is imported

    understood = quick.parse(arguments)
    if understood is None:
        from jobctl.cli import app  # noqa: PLC0415  # as above

        status = app.run(arguments)
    else:
        from jobctl.cli import dispatch  # noqa: PLC0415  # as above

        status = dispatch.call(*understood)
    # Nothing is left to tidy, and the interpreter would take longer for it than the whole command did.
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # as it is after `>&-`
            try:
                stream.flush()
            except OSError:
                status = status or _FAILED
    if understood is not None and is_to_keep and not sys.dont_write_bytecode:
        try:
            _keep(understood[0])
        except KeyboardInterrupt:
            pass  # The answer is out, and true.
    os._exit(status)


def _keep(command: str) -> None:
    """Let the next *command* find in one piece what this one had to look for, if that may be written."""
    if os.access(os.path.dirname(kept.PATH), os.W_OK):
        from jobctl import keeping  # noqa: PLC0415  # once for each command of an installation
        from jobctl.cli import dispatch, quick  # noqa: PLC0415  # as in `main`

        keeping.keep(command, (quick.__name__, dispatch.__name__, dispatch.command(command).__module__))


def _occupy_standard_descriptors() -> None:
    """Let no file of ours become a standard stream that was closed (`>&-`).

    What is put in its place fails to be read or written, so that an answer that reaches nobody is noticed.
    """
    for fd, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, flags)


if __name__ == "__main__":
    main()
