"""The codec in a process that has not imported `json`, as `submit` and the daemon are."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from jobctl.store import codec
from jobctl.errors import UnreadableRecord
whole = codec.encode({"a": 1, "b": [None, True, "x\\u20ac"], "signal": None, "c": {"d": 1.5}})
assert "json" not in sys.modules
cuts = [whole[start:end].rstrip(b"\\n") + b"\\n" for start in range(len(whole)) for end in range(start, len(whole))]
cuts += [b'{"a"\\n', b'{\\n', b'{"a":"x\\n', b'{"a":1,}\\n', b'"abc\\n', b'{"a":"\\\\x"}\\n']
cuts += [b'{"a":1 "b":2}\\n', b"nul\\n"]
for data in cuts:
    try:
        codec.decode(data, "path")
    except UnreadableRecord:
        pass
print(len(cuts))
"""


def test_whatever_is_cut_off_a_document_is_unreadable_and_never_another_error() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert int(done.stdout) > 1000
