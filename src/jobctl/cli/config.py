"""`jobctl config …`: look at the settings and change them, without losing what else is in the file."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from jobctl.cli import output
from jobctl.errors import InvalidConfig, JobctlError, SpoolUnusable, UsageError
from jobctl.model.quantities import write_duration
from jobctl.model.spec import DEFAULT_QUEUE
from jobctl.store import atomic, config, home, queues, settings
from jobctl.store.layout import default_config

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from jobctl.store.config import Config, Keys


#: In place of a secret that was not asked for by its key.
_MASK: Final = "****"


def get(*, key: str | None = None, json: bool = False) -> int:
    """`config get`: the value of one setting, or all settings and where each comes from."""
    path = default_config(os.environ)
    current = config.load_for_command(path)
    if key is not None:
        keys = _known(key)
        value = current.value(*keys)
        if json:
            output.write_json({"v": 1, "key": config.dotted(keys), "value": value})
        else:
            for line in value if isinstance(value, tuple) else (value,):
                output.write_line(_text(line))
        return 0
    written = {keys for keys, _ in config.given(_read(path), path)}
    single = {tuple(setting.name.split(".")) for setting in settings.SETTINGS if "*" not in setting.name}
    every = sorted({*written, *single, ("queues", DEFAULT_QUEUE, "slots")})
    shown = [_shown(keys, current, is_written=keys in written) for keys in every]
    if json:
        output.write_json({"v": 1, "path": path, "settings": shown})
        return 0
    for row in shown:
        value, default = (_line(row[name]) for name in ("value", "default"))
        if output.is_terminal():
            source = f"default: {default or 'none'}" if row["source"] == "file" else "default"
            output.write_line(f"{row['key']} = {value or 'none'}  ({source})")
            output.write_line(f"    {row['help']}")
        else:
            output.write_columns(row["key"], value, row["source"], default)
    return 0


def _shown(keys: Keys, current: Config, *, is_written: bool) -> dict[str, Any]:
    """Return what is shown of a setting among all others: of a secret only that there is one."""
    setting = settings.find(keys)
    assert setting is not None  # noqa: S101  # the file was read, which refuses others
    value = current.value(*keys)
    return {
        "key": config.dotted(keys),
        "value": _MASK if setting.is_secret and value else value,
        "source": "file" if is_written else "default",
        "default": config.defaults().value(*keys),
        "help": setting.help,
    }


def _line(value: object) -> str:
    return ", ".join(map(_text, value)) if isinstance(value, tuple) else _text(value)


def set_(*, key: str, value: list[str], default: bool = False) -> int:
    """`config set`: change one setting in the file, which is made if there is none."""
    keys = _known(key)
    setting = settings.find(keys)
    assert setting is not None  # noqa: S101  # `_known` has found it
    if default == bool(value):
        raise UsageError(f"give either a value for {key} or --default")
    path = default_config(os.environ)
    try:
        document = tomlkit.parse(_read(path))
    except (TOMLKitError, UnicodeDecodeError) as wrong:
        raise InvalidConfig(f"cannot read {path}: {wrong}; `jobctl config edit` opens it") from None
    if default:
        _remove(document, keys)
    else:
        try:
            _insert(document, keys, setting.kind.write(value))
        except (ValueError, KeyError):
            raise UsageError(f"{key} cannot be {' '.join(value)!r}; it must be {setting.kind.allowed}") from None
    content = tomlkit.dumps(document).encode("utf-8")
    try:
        config.parse(content, path)
    except InvalidConfig as wrong:
        # What was wrong before stays the user's to mend.
        raise UsageError(f"{wrong}; nothing was changed") from None
    _store(path, content)
    if keys[0] == "queues" and keys[-1] == "slots":
        _tell_what_comes_before(keys[1], path)
    return 0


def edit() -> int:
    """`config edit`: let the user's editor change the file; what is not valid never takes its place."""
    path = default_config(os.environ)
    draft = f"{os.path.realpath(path)}.draft"
    before = _read(path)
    if not os.path.exists(draft):
        _make(draft, before or _template())
    _open_editor(draft)
    after = _read(draft)
    try:
        config.parse(after, draft)
    except InvalidConfig as wrong:
        raise InvalidConfig(f"{wrong}; {path} stays as it was, and `jobctl config edit` goes on from here") from None
    os.unlink(draft)
    if after != (before or _template()):
        _store(path, after)
    return 0


def path() -> int:
    """`config path`: where the file is, or would be."""
    output.write(os.fsencode(default_config(os.environ)) + b"\n")
    return 0


COMMANDS: Final[dict[str, Callable[..., int]]] = {
    "config get": get,
    "config set": set_,
    "config edit": edit,
    "config path": path,
}


def _tell_what_comes_before(queue: str, path: str) -> None:
    """Say that what was set of *queue* has no effect, if that is so."""
    try:
        layout = home.existing(os.environ)
        known = None if layout is None else queues.load(layout, config.load(path))
    except (OSError, JobctlError):
        return  # What is wrong there is for whoever uses it.
    if known is not None and known.slots_from(queue) == "set":
        slots = known.slots(queue)
        kept = "the slot" if slots == 1 else f"the {slots} slots"
        output.warn(
            f"queue {queue} keeps {kept} that `jobctl queue set` gave it, which comes before {path}; "
            f"`jobctl queue remove {queue}` makes the file count"
        )


def _known(key: str) -> Keys:
    keys = config.split(key)
    if settings.find(keys) is None:
        names = [setting.name.replace("*", "NAME") for setting in settings.SETTINGS]
        raise UsageError(f"there is no setting {key!r}; there is {', '.join(names)}{settings.perhaps(key, names)}")
    return keys


def _text(value: object) -> str:
    """Return *value* as `config set` takes it."""
    if isinstance(value, float):
        return write_duration(value)  # the only settings with a point are durations
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _insert(document: Any, keys: Keys, value: object) -> None:
    table = document
    for number, part in enumerate(keys[:-1]):
        if part not in table:
            # Only the last table has settings of its own; those above it need no line.
            table[part] = tomlkit.table(is_super_table=number < len(keys) - 2)
        table = table[part]
        if not hasattr(table, "keys"):
            raise ValueError(part)
    table[keys[-1]] = value


def _remove(document: Any, keys: Keys) -> None:
    table = document
    for part in keys[:-1]:
        table = table.get(part, {})
    if keys[-1] in table:
        del table[keys[-1]]


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _store(path: str, content: bytes) -> None:
    """Let the file hold *content*, in one step; a link to it stays one, and who may read it stays."""
    real = os.path.realpath(path)
    temporary = f"{real}.{os.getpid()}.tmp"
    try:
        mode = os.stat(real).st_mode & 0o777 if os.path.exists(real) else 0o600
        _make(temporary, b"")
        os.chmod(temporary, mode)
        atomic.replace_from(temporary, real, content)
    except OSError as failure:
        raise SpoolUnusable(f"cannot write {path}: {failure.strerror}; it stays as it was") from None


def _make(path: str, content: bytes) -> None:
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        atomic.write_new(path, content)
    except OSError as failure:
        raise SpoolUnusable(
            f"cannot write {path}: {failure.strerror}; make a place for it, or set JOBCTL_CONFIG to another file"
        ) from None


def _template() -> bytes:
    """Return a file that says nothing yet and explains what it could say."""
    lines = ["# The configuration of jobctl; see jobctl.toml(5).", ""]
    for setting in settings.SETTINGS:
        table, _, name = setting.name.rpartition(".")
        lines += [f"# {setting.help}", f"# It must be {setting.kind.allowed}."]
        lines += [f"#[{table.replace('*', 'default')}]"] if table else []
        lines += [f"#{name} = {tomlkit.item(_plain(setting.default)).as_string()}", ""]
    return "\n".join(lines).encode("utf-8")


def _plain(value: object) -> Any:
    return list(value) if isinstance(value, tuple) else "" if value is None else value


def _open_editor(path: str) -> None:
    """Run $VISUAL, else $EDITOR, else vi on *path*, as git(1) does: the variable is a command of the shell."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    status = os.spawnvp(os.P_WAIT, "/bin/sh", ["/bin/sh", "-c", f'{editor} "$1"', "sh", path])
    if status != 0:
        raise JobctlError(f"the editor {shlex.quote(editor)} ended with {status}; what it left is in {path}")
