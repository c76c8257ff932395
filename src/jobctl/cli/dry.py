"""`submit --dry-run`: what would be stored; the environment is shown nowhere."""

from __future__ import annotations

from jobctl.cli import output
from jobctl.model.quantities import show_duration, show_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from jobctl.client.specify import Order
    from jobctl.model.spec import Spec

#: Shown always, and in this order.
_ALWAYS: Final = ("command", "cwd", "name", "tags", "queue", "umask", "stdin")
_HIDDEN: Final = frozenset((*_ALWAYS, "v", "uuid", "env", "shell", "submitted_at", "steady", "boot"))
_SECONDS: Final = frozenset(("start_in", "max_wait", "timeout", "grace", "delay", "max_delay"))
_BYTES: Final = frozenset(("memory", "max_output"))


def show(order: Order, *, as_json: bool) -> None:
    """Print what *order* asks for: lines of a key and a value, or one document."""
    spec = order.spec
    inputs = [] if order.enclosed is None else order.enclosed.inputs
    document: dict[str, Any] = {
        **spec.document(),
        "env": None,
        "inputs": [{"name": name, "source": source} for name, source in inputs],
    }
    if as_json:
        output.write_json(document)
        return
    for key in _ALWAYS:
        output.write_columns(key, _plain(spec, key))
    for key, value in document.items():
        if key not in _HIDDEN:
            _show(key, value, getattr(type(spec), key, None))


def _plain(spec: Spec, key: str) -> object:
    if key == "command":
        return spec.shown_command
    if key == "tags":
        return " ".join(spec.tags)
    if key == "umask":
        return f"{spec.umask:04o}"
    if key == "stdin":
        return "frozen" if spec.stdin else "/dev/null"
    return getattr(spec, key)


def _show(key: str, value: Any, default: object) -> None:
    """Print *value* if it is another one than usual; a line for each part of it."""
    if value is None or value == default or value in ([], ()):
        return
    if isinstance(value, dict):
        for part, inner in value.items():
            _show(f"{key}.{part}", inner, False)  # what is off is as usual
    elif isinstance(value, (list, tuple)):
        for inner in value:
            output.write_columns(key, _one(inner))
    else:
        output.write_columns(key, _measured(key.rpartition(".")[2], value))


def _one(value: Any) -> object:
    """Return one of several: a dependency, an input, an address, an exit status."""
    if not isinstance(value, dict):
        return value
    if "source" in value:
        return f"{value['name']} ({value['source']})"
    return f"{value['kind']} {value['job']}" + (f".{value['task']}" if value["task"] is not None else "")


def _measured(key: str, value: Any) -> object:
    if key in _SECONDS:
        return show_duration(value)
    if key in _BYTES:
        return show_size(value)
    return "yes" if value is True else value
