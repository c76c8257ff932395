"""Shapes of programs of which there is no sample, and what only looks like progress."""

from __future__ import annotations

import pytest

from jobctl.model.progress.detector import Detector
from jobctl.model.progress.fact import Fact


def claims(text: str, stream: str = "stdout") -> list[float]:
    """Return what is claimed of the whole while *text* comes in pieces."""
    detector = Detector()
    data = text.encode()
    found = []
    for position in range(0, len(data), 37):
        detector.feed(stream, data[position : position + 37])
        if detector.fact is not None and detector.fact.percent is not None:
            found.append(detector.fact.percent)
    return found


def after(text: str) -> Fact | None:
    detector = Detector()
    detector.feed("stderr", text.encode())
    return detector.fact


def each(form: str, values: range = range(0, 100, 4)) -> str:
    """Return *form* once for each of *values*: `{p}`, and `{bar}` of it."""
    return "".join(form.format(p=p, q=p // 8, t=p % 10, bar="█" * (p // 5) + " " * (20 - p // 5)) for p in values)


WORK = {
    "a download": each("\r[download] {p:5.1f}% of   28.61MiB at    1.94MiB/s ETA 00:{q:02}"),
    "a download line by line": each("[download] {p:5.1f}% of   28.61MiB at    1.94MiB/s ETA 00:{q:02}\n"),
    "tests": each("      Start {p:2}: t{p}\n{p:2}/99 Test #{p:2}: t{p} ..............   Passed    0.0{t} sec\n"),
    "steps": each("[Mon Nov 23 10:00:0{t} 2026]\nFinished job {p}.\n{p} of 99 steps ({p}%) done\n"),
    "an encoder": each("\r{p:6}/100   ({p:2}%)|    0:00/    0:05|    0:00/    0:05|   25.123x|    0:04 "),
    "a rescue": each(
        "\x1b[A\x1b[A     ipos:  {p} MB\npct rescued:  {p:6.2f}%, read errors:        0,  remaining time:  9s\n"
    ),
    "a bar": each("\r|{bar}| {p}/100 [{p}%] in 1.{t}s (~4s, 40.0/s) "),
    "a pipe viewer": each("\r4.5MiB 0:00:0{t} [1.9MiB/s] [========>       ] {p:2}% ETA 0:00:1{t}"),
    "a compressor that shows its ratio": each("\r          \rRead : {p} / 100 MB ==> 2{t}.{t}%"),
    "a compressor with sizes": each("\r  {p:.1f} %      {t}.4 MiB / {p}.9 MiB = 0.13{t}   1.2 MiB/s   0:0{t}   0:20"),
    "of a hundred": each("\r    ({p:.2f}/100%)"),
    "backspaces": "Checking\n" + each("{p:6.2f}% done, 0:0{t} elapsed. (0/0/0 errors)" + "\b" * 44),
    "time against a duration": "  Duration: 00:01:40.00, start: 0.000000, bitrate: 128 kb/s\n"
    + each("frame={p} fps= 30 q=28.0 size=  {p}kB time=00:01:{q:02}.12 bitrate= 256.0kbits/s speed=2.1x    \r"),
    "a filesystem": each("\r[====={t}                 ] {p}/100 {p:3}%"),
    "dots and a count": each("Progress.........: {p}00/10000 ({p:.2f}%)\n"),
    "a copy": each("\rfile.bin                     {p:3}%  {p}MB   1.2MB/s   00:1{t} ETA"),
    "a backup": each("\r{p}000/100000 kB ({p}%), 0/1 tablespace"),
    "files and sizes": each("\r- [1/3 files][{p}.0 MiB/100.0 MiB]  {p:2}% Done"),
    "brackets in place": each("\r\x1b[K\x1b[1A\x1b[K[{p},000 / 100,000] Compiling foo{p}.cc; 3s"),
    "a raw count": each("Progress {p}00000 of 10000000\n"),
    "a bar of sizes": each("\r     ━━━━╸━━━━━━━━━━━━ {p}.5/100.5 MB 12.3 MB/s eta 0:00:0{t}"),
    "the one task": each("\rEncoding: task 1 of 1, {p}.34 % (45.67 fps, avg 44.3 fps, ETA 00h03m12s)"),
    "prints": each("Processing... {p}%\n"),
    "prints a count": each("Processing image {p} of 100\n"),
    "names in front of a count": each("[{p}/100] /data/img{t}.png\n"),
    "a log": each("2026-11-23 10:00:0{t} INFO train: epoch {p}/100 loss=0.{t} acc={t}.1%\n"),
    "a status descriptor": each("pmstatus:pkg{p}:{p}.4444:Installing\n"),
    "objects": each('{{"type":"progress","current":{p},"total":100}}\n'),
    "objects with a fraction": each('{{"event":"tick","fraction":0.{p:02}}}\n'),
}
NO_WORK = {
    "numbers": "\n".join(map(str, range(101))),
    "accuracy": each("Epoch {p}: accuracy {p}.2%\n"),
    "accuracy in place": each("\rtraining, accuracy: {p}.2%"),
    "a disk that fills": each("/dev/sda1  100G {p}G  {p}% /\n"),
    "disk usage": each("disk usage {p}%\n"),
    "a battery": each("\rBattery: {p}%"),
    "processors": each("\rCPU {p}%  MEM {p}%"),
    "video memory": each("\rGPU 0: {p}% | {p}0MiB / 8192MiB |"),
    "retries": each("Retry {p}/5 failed, waiting\n", range(6)),
    "attempts": each("attempt {p} of 5\n", range(6)),
    "versions": each("testing python 3.{p}/3.14\n", range(14)),
    "dates": each("{p}/11/2026 ok\n{p}/30 10:00:0{t} x\n", range(1, 30)),
    "dates without years": each("11/{p} 10:00 backup done\n", range(11, 30)),
    "names of tests": each("tests/test_{p}/30.py ok\n test_ratio_{p}/30 passed\n", range(30)),
    "names of parametrised tests": each("test_split[{p}/9] PASSED\ntest_join({p}/9) PASSED\n", range(10)),
    "networks": each("route 10.0.{p}.0/24 added\n 10.0.0.{p}/32\n", range(24)),
    "coverage": each("src/mod{p}.py    120   {p}   {p}%\n"),
    "coverage of one file": each("src/mod.py    120   7   {p}%\n"),
    "what remains": "".join(f"\rin queue {left}/50" for left in range(50, 0, -1)),
    "a spinner": "".join(f"\r{char} Loading 3 of 10 shards" for char in "|/-\\" * 9),
    "prose": "about 45% of users, 3 of 10 doctors, 1/2 cup. then 50% off, 4 of 10 cats, 60% more\n" * 5,
    "workers": each("initialized: {p}/8 workers\n", range(9)),
    "replicas": each("deployment app: {p}/5 ready\n", range(6)),
    "packets": "9 packets transmitted, 9 received, 0% packet loss\n",
    "ratios": each("  adding: f{p}.txt (deflated {p}%)\n"),
    "more ratios": each("f{p}.txt:\t {p}.5% -- replaced with f.gz\n"),
    "load": each("\rload {p}.5%"),
    "hits": each("cache hit rate: {p}.5%\n"),
    "scores": each("Score: {p}/10\n", range(10)),
    "a table": each("row {p} 10% {p}% 30%\n"),
    "prices": each("price up {p}%\n", range(9)),
    "an end": "100% tests passed, 0 tests failed out of 40\n",
    "tasks without a total": each("[Parallel(n_jobs=2)]: Done {p:3} tasks      | elapsed:    {p}.1s\n"),
    "seconds": each("aws_x.y: Still creating... [{p}0s elapsed]\n"),
    "bytes": each("\r{p}23456789 bytes (123 MB, 118 MiB) copied, {p} s, 123 MB/s"),
    "time without a duration": each("frame={p} fps= 30 size= {p}kB time=00:00:{q:02}.12 bitrate= 256.0kbits/s\r"),
    "time against two durations": "Duration: 00:01:00.00\nDuration: 00:02:00.00\n" + each("time=00:00:{q:02}.12\r"),
    "epochs with bars": "".join(
        f"Epoch {epoch}/3\n" + each("\r{p:3}/100 [=====>.....] - ETA: 1s - loss: 0.3{t}") + "\n" for epoch in (1, 2, 3)
    ),
    "objects without a total": each('{{"nfiles":{p},"path":"a","time":17954{p}}}\n'),
}


@pytest.mark.parametrize("name", WORK)
def test_work_is_seen(name: str) -> None:
    found = claims(WORK[name])
    assert found
    assert found == sorted(found)
    assert found[-1] > 50


@pytest.mark.parametrize("name", NO_WORK)
def test_what_only_looks_like_it_is_passed_over(name: str) -> None:
    assert claims(NO_WORK[name]) == []


def test_one_line_is_not_enough() -> None:
    assert after("\r 45%|████      | 45/100 [00:01<00:02]\n") is None


def test_the_line_that_is_being_written_counts_where_it_is_plainly_of_the_bar() -> None:
    fact = after("\r 1/10 [#    ]\r 2/10 [#    ]\r 3/10 [##   ]")
    assert fact is not None
    assert fact.done == 3


def test_a_second_run_of_the_same_bar_is_a_part() -> None:
    bar = each("\r{p:3}%|{bar}| {p}/100\n")
    fact = after(bar + bar)
    assert fact is not None
    assert (fact.percent, fact.message) == (None, "96/100 of this part")


def test_an_outer_bar_speaks_for_the_whole() -> None:
    inner = each("\rbatch: {p:3}%|{bar}| {p}/100")
    text = "".join(f"\repoch: {20 * n:3}%|{'█' * n}      | {n}/5\n{inner}\x1b[A" for n in range(4))
    fact = after(text)
    assert fact is not None
    assert (fact.done, fact.total, fact.percent) == (3, 5, 60)


def test_a_total_that_still_grows_is_no_total() -> None:
    assert claims("".join(f"\r[{n}/{n + 3}] item\n" for n in range(40))) == []


def test_two_bars_at_the_same_time_are_not_mixed() -> None:
    text = "".join(f"\x1b[2A\rDownload ━━━━━━ {p}%\n\rProcess ━━━━━━━ {p // 2}%\n" for p in range(0, 100, 5))
    fact = after(text)
    assert fact is None or fact.percent is None


def test_streams_are_kept_apart_but_for_a_duration() -> None:
    detector = Detector()
    detector.feed("stderr", b"  Duration: 00:01:40.00, start: 0\n")
    detector.feed("stdout", each("out_time=00:00:{p:02}.000000\nprogress=continue\n", range(0, 50, 5)).encode())
    assert detector.fact == Fact(percent=45.0, done=45.0, total=100.0, unit="s")
