"""What is different about a job from one that succeeded: where to look for why it failed."""

from __future__ import annotations

from jobctl.model.quantities import show_duration
from jobctl.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from jobctl.model.spec import Spec
    from jobctl.model.status import Status


class Difference(Value):
    """What was one way in the last success and is another way now."""

    what: str
    then: str
    now: str


def between(now: tuple[Status, Spec], then: tuple[Status, Spec]) -> tuple[Difference, ...]:
    """Return what differs between a job and one that succeeded; of the environment names only, no values."""
    (status, spec), (earlier, frozen) = now, then
    found = [
        _difference(what, before, after)
        for what, before, after in (
            ("command", frozen.shown_command, spec.shown_command),
            ("directory", frozen.cwd, spec.cwd),
            ("umask", f"{frozen.umask:04o}", f"{spec.umask:04o}"),
            ("limits", _shown(frozen.limits), _shown(spec.limits)),
            ("standard input", _stdin(frozen), _stdin(spec)),
        )
        if before != after
    ]
    found += _environment(dict(frozen.env), dict(spec.env))
    before_inputs = {one.name: one.sha256 for one in frozen.inputs}
    after_inputs = {one.name: one.sha256 for one in spec.inputs}
    for name in sorted(before_inputs.keys() | after_inputs.keys()):
        if before_inputs.get(name) != after_inputs.get(name):
            found.append(
                _difference(f"input {name}", _content(before_inputs.get(name)), _content(after_inputs.get(name)))
            )
    took = [_wall(earlier), _wall(status)]
    if took[0] is not None and took[1] is not None and _is_another_duration(took[0], took[1]):
        found.append(_difference("duration", show_duration(took[0]), show_duration(took[1])))
    return tuple(found)


def _difference(what: str, then: str, now: str) -> Difference:
    return Difference(what=what, then=then, now=now)


#: Variables that differ from one submission to the next and explain nothing.
_RESTLESS: Final = frozenset(
    ("_", "SHLVL", "OLDPWD", "PWD", "WINDOWID", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "SSH_AUTH_SOCK", "TMUX_PANE")
)


def _environment(then: Mapping[str, str], now: Mapping[str, str]) -> list[Difference]:
    names = sorted(name for name in then.keys() | now.keys() if name not in _RESTLESS and name[:7] != "JOBCTL_")
    lists = {
        "set now and not then": [name for name in names if name not in then],
        "set then and not now": [name for name in names if name not in now],
        "other values": [name for name in names if name in then and name in now and now[name] != then[name]],
    }
    return [_difference("environment", how, ", ".join(found)) for how, found in lists.items() if found]


def _shown(limits: Value | None) -> str:
    if limits is None:
        return "none"
    return ", ".join(f"{name} {value:g}" for name, value in limits.asdict().items() if isinstance(value, (int, float)))


def _content(digest: str | None) -> str:
    return "absent" if digest is None else f"sha256 {digest[:12]}…"


def _stdin(spec: Spec) -> str:
    return "frozen" if spec.stdin else "/dev/null"


def _wall(status: Status) -> float | None:
    seconds = (status.usage or {}).get("wall_s")
    return float(seconds) if isinstance(seconds, (int, float)) else None


def _is_another_duration(then: float, now: float) -> bool:
    """Return whether two durations differ by so much that it says something."""
    return abs(then - now) > 1 and not 0.5 <= now / max(then, 0.001) <= 2
