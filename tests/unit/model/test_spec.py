"""The specification of a job: its document, and what no kernel would execute."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.errors import UnknownVersion, UnreadableRecord, UsageError
from jobctl.model import spec as model
from jobctl.model.array import Array
from jobctl.model.retry import Retry
from jobctl.model.spec import Spec

PATH = "spool/17/spec.json"
#: What the kernel takes as one argument or variable, its NUL included (execve(2), MAX_ARG_STRLEN).
MAX_ARG_STRLEN = 131072

pure = settings(deadline=None, database=None, max_examples=50)


def make(**changes: Any) -> Spec:
    return Spec(
        uuid="2f9b1c52-8a17-4a35-9a54-6f1d7d0e9b11",
        command=("make", "-j4"),
        cwd="/home/user",
        umask=0o22,
        submitted_at="2026-11-23T12:00:00.000000Z",
        env=(("PATH", "/bin"), ("LANG", "C.UTF-8")),
    ).but(**changes)


def stored(spec: Spec) -> dict[str, Any]:
    """The document of *spec* as it comes back from a file."""
    document = json.loads(json.dumps(spec.document()))
    assert isinstance(document, dict)
    return document


def from_bytes(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def test_a_document_reads_back_as_the_specification_it_was_made_of() -> None:
    spec = make(name="nightly", tags=("a", "b"), queue="night", priority=-3, shell=True, stdin=True)
    assert model.from_document(stored(spec), PATH) == spec


@pytest.mark.parametrize(
    ("lends", "more"),
    [
        (False, {}),
        (True, {"array": Array(tasks=2)}),
        (True, {"array": Array(tasks=2), "retry": Retry(retries=3)}),
        (False, {"array": Array(tasks=2, max_fails=1)}),
        (False, {"array": Array(tasks=2), "retry": Retry(on_crash="hold")}),
    ],
)
def test_a_task_waits_for_the_verdict_before_it_only_where_that_may_keep_it_from_starting(
    lends: bool, more: dict[str, Any]
) -> None:
    assert make(**more).lends_slots is lends


ARGUMENTS = st.binary(min_size=1, max_size=20).filter(lambda raw: b"\0" not in raw).map(from_bytes)
NAMES = ARGUMENTS.filter(lambda name: "=" not in name)


@pure
@given(st.lists(ARGUMENTS, min_size=1, max_size=4), st.dictionaries(NAMES, ARGUMENTS, max_size=4), ARGUMENTS)
def test_arguments_variables_and_directory_keep_bytes_that_are_not_utf8(
    command: list[str], env: dict[str, str], cwd: str
) -> None:
    spec = make(command=tuple(command), env=tuple(env.items()), cwd=cwd)
    assert model.from_document(stored(spec), PATH) == spec


def test_a_byte_that_is_not_utf8_comes_back_as_itself() -> None:
    spec = make(command=("cat", from_bytes(b"caf\xe9")))
    back = model.from_document(stored(spec), PATH)
    assert back.command[1].encode("utf-8", "surrogateescape") == b"caf\xe9"


def test_keys_of_a_newer_jobctl_are_passed_over() -> None:
    assert model.from_document({**stored(make()), "colour": "red", "retries": {"deep": [1]}}, PATH) == make()


def test_what_an_older_jobctl_left_out_has_its_default() -> None:
    document = {key: stored(make())[key] for key in ("v", "uuid", "command", "cwd", "umask", "submitted_at", "env")}
    spec = model.from_document(document, PATH)
    assert spec == make()
    assert (spec.name, spec.tags, spec.queue, spec.priority) == (None, (), "default", 0)
    assert (spec.shell, spec.stdin) == (False, False)


@pytest.mark.parametrize("version", [0, 2, "1", None, [1]])
def test_another_version_is_refused_by_name(version: object) -> None:
    with pytest.raises(UnknownVersion, match=f"{PATH}: it has version {re.escape(repr(version))}.* knows 1;"):
        model.from_document({**stored(make()), "v": version}, PATH)


def test_a_document_without_a_version_is_refused() -> None:
    document = stored(make())
    del document["v"]
    with pytest.raises(UnknownVersion):
        model.from_document(document, PATH)


@pytest.mark.parametrize("key", ["uuid", "command", "cwd", "umask", "submitted_at", "env"])
def test_a_document_without_what_every_job_has_is_unreadable(key: str) -> None:
    document = stored(make())
    del document[key]
    with pytest.raises(UnreadableRecord, match=f"^cannot read {PATH}: it has no '{key}'; "):
        model.from_document(document, PATH)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("command", "make"),
        ("command", ["make", 4]),
        ("command", None),
        ("command", []),
        ("command", [""]),
        ("command", ["a\0b"]),
        ("env", [["PATH", "/bin"]]),
        ("env", {"PATH": 1}),
        ("env", {"": "x"}),
        ("env", {"A=B": "x"}),
        ("cwd", 1),
        ("umask", "022"),
        ("umask", True),
        ("umask", 1.5),
        ("priority", "high"),
        ("priority", None),
        ("queue", None),
        ("tags", "a"),
        ("tags", [1]),
        ("name", 5),
        ("name", "a\nb"),
        ("shell", 0),
        ("stdin", "yes"),
        ("submitted_at", 1.0),
        ("uuid", None),
    ],
)
def test_a_document_of_wrong_types_or_of_what_cannot_run_is_unreadable(key: str, value: object) -> None:
    with pytest.raises(UnreadableRecord, match=PATH):
        model.from_document({**stored(make()), key: value}, PATH)


@pytest.mark.parametrize("key", ["command", "cwd"])
def test_a_document_with_text_that_stands_for_no_bytes_is_unreadable(key: str) -> None:
    with pytest.raises(UnreadableRecord):
        model.from_document({**stored(make()), key: ["\ud880"] if key == "command" else "\ud880"}, PATH)


# ── check ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_usual_command_passes() -> None:
    model.check(make(), arg_max=2 * 1024**2)


@pytest.mark.parametrize("command", [(), ("",), ("", "x")])
def test_an_empty_command_is_refused(command: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="no command given"):
        model.check(make(command=command), arg_max=None)


def test_an_empty_argument_is_a_good_argument() -> None:
    model.check(make(command=("printf", "")), arg_max=None)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"command": ("a\0b",)}, "an argument"),
        ({"command": ("a", "\0")}, "an argument"),
        ({"env": (("A", "b\0"),)}, "variable A"),
        ({"env": (("A\0", "b"),)}, "variable A"),
        ({"cwd": "/a\0"}, "the directory"),
    ],
)
def test_a_nul_is_refused_wherever_it_stands(changes: dict[str, Any], what: str) -> None:
    with pytest.raises(UsageError, match=f"^{what}.* holds a NUL byte"):
        model.check(make(**changes), arg_max=None)


@pytest.mark.parametrize(
    ("one", "bytes_of_one"),
    [("x", 1), ("\u00e9", 2), (from_bytes(b"\xff"), 1)],
    ids=["ascii", "two-bytes", "not-utf8"],
)
def test_the_longest_argument_is_as_long_as_the_kernel_takes(one: str, bytes_of_one: int) -> None:
    most, rest = divmod(MAX_ARG_STRLEN - 1, bytes_of_one)
    longest = one * most + "x" * rest
    model.check(make(command=("echo", longest)), arg_max=None)
    with pytest.raises(UsageError, match=f"an argument is {MAX_ARG_STRLEN} bytes long and the system allows 131071"):
        model.check(make(command=("echo", longest + "x")), arg_max=None)


def test_the_name_of_a_variable_and_the_sign_behind_it_count_as_the_kernel_counts_them() -> None:
    longest = "x" * (MAX_ARG_STRLEN - len("NAME=") - 1)
    model.check(make(env=(("NAME", longest),)), arg_max=None)
    with pytest.raises(UsageError, match="variable NAME is 131072 bytes long"):
        model.check(make(env=(("NAME", longest + "x"),)), arg_max=None)


@pytest.mark.parametrize("name", ["", "A=B", "="])
def test_a_name_that_no_variable_can_have_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a variable"):
        model.check(make(env=((name, "x"),)), arg_max=None)


def total(spec: Spec) -> int:
    """How much room *spec* takes, as it is said when there is none."""
    with pytest.raises(UsageError, match=r"take \d+ bytes and the system allows 0") as refused:
        model.check(spec, arg_max=0)
    return int(re.findall(r"take (\d+) bytes", str(refused.value))[0])


def test_the_total_is_refused_one_byte_over_what_the_system_allows() -> None:
    spec = make(command=("echo", *["x" * 1000] * 50))
    model.check(spec, arg_max=total(spec))
    allowed = total(spec) - 1
    with pytest.raises(UsageError, match=f"the system allows {allowed}: pass long lists in a file or by --stdin"):
        model.check(spec, arg_max=allowed)


def test_a_string_takes_its_bytes_its_nul_and_its_pointer() -> None:
    """As execve(2) counts."""
    plain = total(make(command=("echo",), env=()))
    assert total(make(command=("echo", "x" * 1000), env=())) == plain + 1000 + 1 + 8
    assert total(make(command=("echo",), env=(("NAME", "\u00e9"),))) == plain + len("NAME=") + 2 + 1 + 8


def test_room_is_left_for_the_variables_that_every_job_is_given() -> None:
    longest_path = 4096
    assert total(make(command=("x",), env=())) > 5 * longest_path


def test_the_total_is_not_looked_at_when_there_is_no_limit() -> None:
    model.check(make(command=("echo", *["x" * 1000] * 5000)), arg_max=None)


@pytest.mark.parametrize("label", ["x", "nightly build", "x" * 200, "\u00fcml\u00e4ut", from_bytes(b"\xe9")])
def test_names_and_tags_are_any_text_of_200_characters(label: str) -> None:
    model.check(make(name=label, tags=(label,)), arg_max=None)


@pytest.mark.parametrize("label", ["", "x" * 201, "a\nb", "a\tb", "\x1b[2J", "a\x7f", "\0"])
def test_names_and_tags_without_text_too_long_or_with_control_characters_are_refused(label: str) -> None:
    for changes in ({"name": label}, {"tags": ("fine", label)}):
        with pytest.raises(
            UsageError, match="cannot be a name, tag, queue or key: 1 to 200 characters and no control characters"
        ):
            model.check(make(**changes), arg_max=None)


# ── what people see ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (("make", "-j4"), "make -j4"),
        (("echo", "two words"), "echo 'two words'"),
        (("echo", ""), "echo ''"),
        (("echo", "it's"), "echo 'it'\"'\"'s'"),
        (("sh", "-c", "a; b"), "sh -c 'a; b'"),
        (("/usr/bin/env", "A=1", "x@y:z,%+"), "/usr/bin/env A=1 x@y:z,%+"),
    ],
)
def test_a_shown_command_is_quoted_as_a_shell_would_need_it(command: tuple[str, ...], shown: str) -> None:
    assert make(command=command).shown_command == shown


def test_a_command_for_a_shell_is_shown_as_it_was_given() -> None:
    assert make(command=("/bin/sh", "-c", "a; b | c"), shell=True).shown_command == "a; b | c"


def test_a_name_with_a_slash_is_looked_for_where_it_says() -> None:
    assert model.places({"PATH": "/bin"}, "./run") == ["./run"]


def test_a_plain_name_is_looked_for_along_the_path_in_its_order() -> None:
    assert model.places({"PATH": "/opt/bin:/bin"}, "make") == ["/opt/bin/make", "/bin/make"]
    assert model.places({"PATH": "/bin:"}, "make") == ["/bin/make", "./make"]
    assert model.places({}, "make") == ["/bin/make", "/usr/bin/make"]
