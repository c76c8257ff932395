"""jobctl: make a command a durable job, let a local daemon run it, fetch what it made.

Importing this package does nothing but name its version; what it offers is loaded when it is first used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jobctl.reporting import report_progress, track

__version__ = "0.1.0"

__all__ = ["__version__", "report_progress", "track"]

#: What is offered, and the module that has it.
_OFFERED = {"report_progress": "jobctl.reporting", "track": "jobctl.reporting"}


def __getattr__(name: str) -> object:
    """Load what is asked for by *name*."""
    if name not in _OFFERED:
        raise AttributeError(f"module 'jobctl' has no attribute {name!r}")
    import importlib  # noqa: PLC0415  # only who uses something of it pays for it

    found = globals()[name] = getattr(importlib.import_module(_OFFERED[name]), name)
    return found
