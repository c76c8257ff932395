"""Call a command by its name and turn what goes wrong into one line and an exit status.

This is the one place that catches errors, so that each is said once and the same way, by whichever way in.
"""

from __future__ import annotations

import os

from jobctl.cli import output
from jobctl.errors import JobctlError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def call(name: str, values: dict[str, Any]) -> int:
    """Run command *name* with *values* and return its exit status; errors have been told."""
    as_json = bool(values.get("json"))
    if os.environ.get("JOBCTL_HOME", "").startswith("~") and name != "complete-words":
        output.hint("JOBCTL_HOME begins with a ~ that no shell has replaced; it names a directory here, not your own")
    try:
        return command(name)(**values)
    except JobctlError as failure:
        if isinstance(failure, UsageError) and failure.selector is not None:
            from jobctl.cli import named  # only where something is wrong

            failure = named.explained(failure, by_name="name" in values and "selectors" in values)
        return tell(failure, as_json=as_json)
    except KeyboardInterrupt:
        output.warn("interrupted")
        return 130
    except BrokenPipeError:
        # Whoever read our answer has seen enough.
        return 141
    except OSError as failure:
        return tell(JobctlError(output.explain(failure)), as_json=as_json)
    except Exception as bug:  # said as what it is, with the status of what went wrong in jobctl
        if os.environ.get("JOBCTL_DEBUG"):
            raise
        what = f"a bug in jobctl: {type(bug).__name__}: {bug} (JOBCTL_DEBUG=1 shows where)"
        return tell(JobctlError(what), as_json=as_json)


def command(name: str) -> Callable[..., int]:  # noqa: C901, PLR0911, PLR0912  # one line a command
    """Return the function of command *name*; only its own module is imported."""
    match name:
        case "submit":
            from jobctl.cli import submit

            return submit.run
        case "run":
            from jobctl.cli import run

            return run.run
        case "status":
            from jobctl.cli import status

            return status.run
        case "watch":
            from jobctl.cli import watch

            return watch.run
        case "wait":
            from jobctl.cli import wait

            return wait.run
        case "result":
            from jobctl.cli import result

            return result.run
        case "logs":
            from jobctl.cli import logs

            return logs.run
        case "cancel":
            from jobctl.cli import cancel

            return cancel.run
        case "why":
            from jobctl.cli import why

            return why.run
        case "events":
            from jobctl.cli import events

            return events.run
        case "schema":
            from jobctl.cli import schema

            return schema.run
        case "deliveries list" | "deliveries redeliver":
            from jobctl.cli import deliveries

            return deliveries.COMMANDS[name]
        case "retry":
            from jobctl.cli import retry

            return retry.run
        case "rerun":
            from jobctl.cli import rerun

            return rerun.run
        case "hold" | "release":
            from jobctl.cli import hold

            return hold.hold if name == "hold" else hold.release
        case "edit":
            from jobctl.cli import edit

            return edit.run
        case "clean":
            from jobctl.cli import clean

            return clean.run
        case _ if name.startswith("queue "):
            from jobctl.cli import queues

            return queues.COMMANDS[name]
        case "progress":
            from jobctl.cli import progress

            return progress.run
        case "doctor":
            from jobctl.cli import doctor

            return doctor.run
        case "daemon install" | "daemon uninstall":
            from jobctl.cli import service

            return service.install if name == "daemon install" else service.uninstall
        case "help":
            from jobctl.cli import manual

            return manual.run
        case "complete-words":
            from jobctl.cli import complete

            return complete.run
        case "completion":
            from jobctl.cli import completion

            return completion.run
        case _ if name.startswith("config "):
            from jobctl.cli import config

            return config.COMMANDS[name]
        case _:
            from jobctl.cli import daemon

            return daemon.COMMANDS[name]


def tell(failure: JobctlError, *, as_json: bool) -> int:
    """Say what went wrong on standard error, with *as_json* on standard output as well; return the exit status."""
    output.warn(str(failure))
    if as_json:
        document = {"v": 1, "error": {"code": failure.code, "message": str(failure)}}
        try:
            output.write_json(document)
        except OSError:
            pass  # It was said on standard error; the status says the rest.
    return failure.exit_status
