"""jobctl: make a command a durable job, let a local daemon run it, fetch what it made.

    import jobctl

    job = jobctl.submit(["make", "-j4"], name="build", timeout="1h")
    print(job.id, job.wait().state)
    print(job.result().decode())

    with jobctl.JobExecutor(tags=["album"]) as executor:
        futures = [executor.submit(["flac", "--best", name]) for name in names]
        for future in concurrent.futures.as_completed(futures):
            print(future.job.id, future.job.status().state)

    job = jobctl.submit(["resize", "{}"], each=pathlib.Path().glob("*.png"), at_once=4, retries=2)
    if job.wait().state == "failed":
        print([task.label for task in job.tasks() if task.state == "failed"])
        job.retry()  # only these

It is the same store and the same daemon as those of the command `jobctl`: what the one submits, the other sees.
What can go wrong is a `JobctlError`; jobctl.errors has all of them. Importing this package costs nothing and
does nothing: a name is resolved when it is first used.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.client.executor import JobExecutor, JobFuture
    from jobctl.client.job import Job, job, jobs
    from jobctl.client.submission import submit
    from jobctl.errors import JobctlError, JobFailed, NeverRan, NoSuchJob, OutcomeUnknown, WaitTimedOut
    from jobctl.model.status import Status
    from jobctl.reporting import report_progress, track

__all__ = [
    "Job",
    "JobExecutor",
    "JobFailed",
    "JobFuture",
    "JobctlError",
    "NeverRan",
    "NoSuchJob",
    "OutcomeUnknown",
    "Status",
    "WaitTimedOut",
    "__version__",
    "job",
    "jobs",
    "report_progress",
    "submit",
    "track",
]

#: Where each name of the interface is, below this package.
_PLACES = {
    "client.executor": ("JobExecutor", "JobFuture"),
    "client.job": ("Job", "job", "jobs"),
    "client.submission": ("submit",),
    "errors": ("JobFailed", "JobctlError", "NeverRan", "NoSuchJob", "OutcomeUnknown", "WaitTimedOut"),
    "model.status": ("Status",),
    "reporting": ("report_progress", "track"),
}


def __getattr__(name: str) -> object:
    """Import what is asked for; nothing before."""
    for place, names in _PLACES.items():
        if name in names:
            import importlib

            found: object = getattr(importlib.import_module(f"jobctl.{place}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module 'jobctl' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the interface."""
    return sorted(__all__)
