"""The whole tree of errors, wherever its classes are."""

from __future__ import annotations

import importlib
import pkgutil

import jobctl
from jobctl.errors import JobctlError


def classes() -> list[type[JobctlError]]:
    """Return every class of the tree, a class before those below it, each level in the order of definition."""
    for module in pkgutil.walk_packages(jobctl.__path__, "jobctl."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
    return [JobctlError, *_below(JobctlError)]


def children(parent: type[JobctlError]) -> list[type[JobctlError]]:
    """Return the classes right below *parent* that are jobctl's own."""
    return [child for child in parent.__subclasses__() if child.__module__.startswith("jobctl.")]


def _below(parent: type[JobctlError]) -> list[type[JobctlError]]:
    return [found for child in children(parent) for found in (child, *_below(child))]
