"""Source packages of the Debian that a test runs on, fetched without changing its configuration."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_APT = Path("/etc/apt")
_KEYRING = "debian-archive-keyring"


def need_tools(*tools: str) -> None:
    """Skip the test unless all *tools* are installed."""
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def need_root() -> None:
    """Skip the test unless root runs it."""
    if os.geteuid() != 0:
        pytest.skip("only root can do this")


def need_debian() -> str:
    """Skip the test unless this is Debian; return the name of its release."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    facts = dict(line.replace('"', "").split("=", 1) for line in lines if "=" in line)
    if facts.get("ID") != "debian":
        pytest.skip("this is not Debian")
    return facts.get("VERSION_CODENAME", "")


def fetch_source(package: str, into: Path) -> Path:
    """Fetch and unpack the source of *package* below *into*, from where this machine gets its packages.

    The lists, the cache and the configuration of apt stay as they are: the sources that this machine has
    are read, turned into source-package ones, and used with directories of our own.
    """
    need_tools("apt-get", "dpkg-source")
    release = need_debian()
    sources = _sources_of_debian(release)
    if not sources:
        pytest.skip(f"apt knows no sources of Debian {release}")
    for directory in ("lists/partial", "cache/archives/partial", "parts", "unpacked"):
        (into / directory).mkdir(parents=True)
    for name, text in sources.items():
        (into / "parts" / name).write_text(text, encoding="utf-8")
    options = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": into / "parts",
        "Dir::State::Lists": into / "lists",
        "Dir::Cache": into / "cache",
        "APT::Sandbox::User": "root",  # what is below `into` is for us alone
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    apt = ["apt-get", "-q", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]
    said = b""
    # A source of somebody else's that has no source packages makes `update` fail, and does not matter.
    for command in (["update"], ["source", "--only-source", package]):
        done = subprocess.run(
            [*apt, *command],
            cwd=into / "unpacked",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        said += done.stdout
    assert done.returncode == 0, said.decode(errors="replace")
    (unpacked,) = (path for path in (into / "unpacked").iterdir() if path.is_dir())
    return unpacked


def _sources_of_debian(release: str) -> dict[str, str]:
    """Return the sources that are Debian's own, for source packages, by the name of a file to put them in."""
    found = {}
    for path in sorted((_APT / "sources.list.d").glob("*.sources")):
        stanzas = path.read_text(encoding="utf-8").split("\n\n")
        ours = [turned for stanza in stanzas if (turned := _turn_stanza(stanza, release))]
        if ours:
            found[path.name] = "\n\n".join(ours) + "\n"
    for path in (_APT / "sources.list", *sorted((_APT / "sources.list.d").glob("*.list"))):
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines()
            ours = [turned for line in lines if (turned := _turn_line(line, release))]
            if ours:
                found[path.name.removesuffix(".list") + ".list"] = "\n".join(ours) + "\n"
    return found


def _turn_stanza(stanza: str, release: str) -> str | None:
    """Return a *stanza* of Debian's as one for source packages (sources.list(5), deb822), None if it is not."""
    lines = [line for line in stanza.splitlines() if line and not line.startswith("#")]
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if fields.get("enabled", "yes").lower() == "no" or not fields.get("types"):
        return None
    signed = fields.get("signed-by", "")
    if not (_KEYRING in signed or (not signed and release in fields.get("suites", "").split())):
        return None
    return "\n".join("Types: deb-src" if line.lower().startswith("types:") else line for line in lines)


def _turn_line(line: str, release: str) -> str | None:
    """Return a *line* of Debian's as one for source packages (sources.list(5), one-line-style), None if it is not."""
    kind, _, rest = line.partition(" ")
    if kind != "deb":
        return None
    options, rest = rest.split("]", 1) if rest.lstrip().startswith("[") else ("", rest)
    suite = rest.split()[1]
    signed = "signed-by" in options.lower()
    if not (_KEYRING in options or (not signed and suite.split("-")[0].split("/")[0] == release)):
        return None
    return f"deb-src {options}{']' if options else ''}{rest}"
