"""Output that tells how far the whole work is, and what percentage it says at the end."""

# ruff: noqa: E501, UP031, RUF001  # what programs print is as wide as it is, in any characters, and full of braces

from __future__ import annotations

from support.outputs.draw import t

WHOLE: dict[str, tuple[str, float]] = {
    "gradle": ("> Task :compileJava\n" + t("\r\x1b[2K<{eqd}> {p}% EXECUTING [{q}s]\x1b[20D", range(0, 92, 3)), 90),
    "gradle-rich": (
        t(
            "\x1b[2A\x1b[1m<{eqd}> {p}% EXECUTING [{q}s]\x1b[m\x1b[40D\x1b[1B> :app:task{p}\x1b[30D\x1b[1B",
            range(0, 92, 3),
        ),
        90,
    ),
    "bare-lines": (t("{p}%\n"), 96),
    "bare-redrawn": (t("\r{p}%"), 96),
    "bare-number-pct-padded": (t("{p:3} %\n"), 96),
    "bare-float-lines": (t("{p}.{d}%\n"), 96),
    "bare-cr-done": (t("\r{p}% done"), 96),
    "pacman": (t("\rlinux-6.1.{d}-x86_64  110.5 MiB  5.21 MiB/s 00:{leftq:02} [{hash}] {p:3}%"), 96),
    "docker-build-steps": (
        "".join(f"Step {n}/12 : RUN thing {n}\n ---> Running in 3f{n}a8c\n ---> 7{n}ab\n" for n in range(1, 12)),
        83,
    ),
    "buildah": ("".join(f"STEP {n}/14: COPY a{n} b\n" for n in range(1, 13)), 79),
    "webpack": (t("\r\x1b[K<s> [webpack.Progress] {p}% building {n}/2000 modules"), 96),
    "webpack-bar": (t("\r{p}% building modules {n}/{n} modules 0 active"), 96),
    "bazel": (
        "".join(
            f"\r\x1b[1A\x1b[K[{n:,} / 2,000] Compiling src/a{n}.cc; {n % 7}s linux-sandbox" for n in range(0, 1900, 80)
        ),
        92,
    ),
    "buck": ("".join(f"[{n}/640] compile x{n}.cpp\n" for n in range(1, 600, 20)), 91),
    "xcode-swift": ("".join(f"[{n}/340] Compiling Module File{n}.swift\n" for n in range(1, 330, 7)), 96),
    "cargo-nextest": (
        "".join(f"        PASS [   0.{n:03}s] ({n:3}/200) my-crate tests::case_{n}\n" for n in range(1, 190, 6)),
        94,
    ),
    "ctest": (
        "".join(
            f"      Start {n:3}: test_{n}\n{n:3}/120 Test #{n:3}: test_{n} .............   Passed    0.{n % 90:02} sec\n"
            for n in range(1, 115, 5)
        ),
        92,
    ),
    "snakemake": (
        t("[Mon Nov 23 10:00:0{d} 2026]\nFinished job {p}.\n{p} of 100 steps ({p}%) done\n", range(1, 97, 5)),
        96,
    ),
    "hf-download": (
        t("\rmodel.safetensors:  {p:2}%|{blk2}| {p}0M/1.00G [00:{q:02}<00:{leftq:02}, 45.{d}MB/s]", range(4, 97, 4)),
        96,
    ),
    "tqdm-ascii": (t("\r {p:2}%|{hashsp}| {p}/100 [00:{q:02}<00:{leftq:02}, 12.3{d}it/s]"), 96),
    "tqdm-loss": (
        t("\rtrain:  {p:2}%|{blk2}| {n}/2000 [01:{q:02}<02:{leftq:02}, 12.3{d}it/s, loss=0.{e}, acc=0.{d}1]"),
        96,
    ),
    "training-steps": (
        "".join(
            f"step {n}/2000 loss={2 - n / 2000:.4f} lr=3.0e-4 grad_norm=1.{n % 10}\n" for n in range(100, 2000, 100)
        ),
        95,
    ),
    "training-iter": (
        "".join(
            f"[2026-11-25 10:0{n % 6}:1{n % 10}] iter {n:6}/60000 | loss 3.{n % 97:02} | 210.{n % 10} ms/iter | lr 0.0003\n"
            for n in range(2000, 60000, 2500)
        ),
        99,
    ),
    "megatron": (
        "".join(
            f" iteration {n:8}/   50000 | consumed samples: {n * 64:12} | elapsed time per iteration (ms): 3{n % 90:02}.4 | learning rate: 1.5E-04 | lm loss: 6.{n % 97:02}E+00 |\n"
            for n in range(1000, 48000, 2000)
        ),
        94,
    ),
    "mmdet": (
        "".join(
            f"11/25 10:1{n % 6}:02 - mmengine - INFO - Iter(train) [{n:5}/80000]  lr: 1.0e-02  eta: 5:1{n % 6}:22  time: 0.31  data_time: 0.01  loss: 1.{n % 90}\n"
            for n in range(2000, 78000, 4000)
        ),
        94,
    ),
    "xgb-rounds": (
        "".join(f"[{n}/500]\ttrain-rmse:0.{900 - n}\tvalid-rmse:0.{950 - n}\n" for n in range(20, 480, 20)),
        92,
    ),
    "epochs-plain": ("".join(f"Epoch {n}/50 - loss: 0.{90 - n} - val_loss: 0.{95 - n}\n" for n in range(1, 46)), 90),
    "epochs-bracket": ("".join(f"Epoch: [{n}/50] Loss 0.{90 - n} Acc 0.{n}\n" for n in range(1, 46)), 90),
    "epochs-log": (
        "".join(
            f"2026-11-25 10:0{n % 6}:1{n % 10},123 INFO trainer - Epoch {n} of 40: loss=0.{90 - n}\n"
            for n in range(1, 37)
        ),
        90,
    ),
    "optuna": (
        t("\rBest trial: 3. Best value: 0.12{d}:  {p:2}%|{blk2}| {p}/100 [00:{q:02}<00:{leftq:02},  9.3{d}it/s]"),
        96,
    ),
    "wget-line-dots": (
        "Length: 5120000 (4.9M) [application/octet-stream]\n"
        + "".join(
            f"{n:6}K .......... .......... .......... .......... .......... {n // 50}% 110M {(100 - n // 50) // 40}s\n"
            for n in range(50, 4900, 50)
        ),
        97,
    ),
    "scp": (t("\rbig.iso                        {p:3}%  {n}MB  45.{d}MB/s   00:{leftq:02} ETA"), 96),
    "sftp-mb": (t("\rbackup.tar.gz      {p:3}% {n:4}KB   1.{d}MB/s   00:{leftq:02} ETA", range(0, 100, 5)), 95),
    "rsync-p2": (t("\r    {n},344,576  {p:2}%  110.5{d}MB/s    0:00:{leftq:02}  "), 96),
    "rsync-p2-xfr": (
        "".join(
            f"\r  {n * 10},344,576  {n:2}%  110.5MB/s    0:00:{n % 60:02} (xfr#{n}, to-chk={100 - n}/101)"
            for n in range(1, 95, 3)
        ),
        94,
    ),
    "rclone-oneline": (
        t("2026/11/25 10:00:{q:02} INFO  :   {n}.512 MiB / 1.953 GiB, {p}%, 12.30{d} MiB/s, ETA {leftq}s\n"),
        96,
    ),
    "rclone-oneline-term": (t("\r{n}.512 MiB / 1.953 GiB, {p}%, 12.30{d} MiB/s, ETA {leftq}s"), 96),
    "restic": (
        t(
            "\r\x1b[K[0:0{d}] {p}.50%  {n} / 2000 files, {p}.1 MiB / 100.0 MiB, 0 errors ETA 0:{leftq:02}",
            range(1, 97, 5),
        ),
        96,
    ),
    "duplicity": (t("\r{p}.1MB 00:00:{q:02} [1.2MB/s] [{eq}] {p}% ETA 00:00:{leftq:02}"), 96),
    "aria2": (t("\r[#2089b0 {p}MiB/100MiB({p}%) CN:5 DL:12.{d}MiB ETA:{leftq}s]"), 96),
    "axel": (t("\r[{p:3}%] [{dot}] [ 512.{d}KB/s] [00:{leftq:02}]"), 96),
    "ytdlp": (t("\r[download] {p:5.1f}% of   28.61MiB at    1.94MiB/s ETA 00:{q:02}"), 96),
    "ytdl-frag": (
        t("[download]  {p}.{d}% of ~ 120.00MiB at 3.4{d}MiB/s ETA 00:{leftq:02} (frag {p}/100)\n", range(1, 97, 4)),
        93,
    ),
    "pip-rich": (
        t(
            "\r   \x1b[38m━━━━━━━━━━━━━━━━\x1b[0m \x1b[32m{p}.{d}/100.0 MB\x1b[0m \x1b[31m12.{d} MB/s\x1b[0m eta \x1b[36m0:00:{leftq:02}\x1b[0m"
        ),
        96,
    ),
    "pip-raw": ("".join(f"Progress {n} of 35349300\n" for n in range(0, 34000000, 1500000)), 93),
    "conda": (t("\rpytorch-2.1.0        | 1.24 GB   | {hash} | {p:3}% "), 96),
    "uv": (t("\x1b[1A\r\x1b[2Kpandas               {hash} {p}.5 MiB/100.0 MiB\n"), 96),
    "npm-bar-old": (t("\r[{hash}] | fetchMetadata: sill resolveWithNewModule a@1.{d}.2 {p}%", range(0, 96, 4)), 92),
    "homebrew": (t("\r{hashsp}                                {p}.{d}%"), 96),
    "curl-hash": (t("\r{hashsp}                                        {p}.{d}%"), 96),
    "apt-bar": (
        t(
            "\x1b7\x1b[24;0f\x1b[42m\x1b[30mProgress: [{p:3}%]\x1b[49m\x1b[39m [{hash}] \x1b8Setting up pkg{p} (1.{d}) ...\r\n"
        ),
        96,
    ),
    "apt-fancy-dl": (t("\r{p}% [{q} libfoo{q} {n} kB/2,000 kB {p}%]              12.{d} MB/s {leftq}s"), 96),
    "dnf": (
        "".join(
            f"({n}/45): python3-lib{n}-1.2.x86_64.rpm      1.{n % 10} MB/s | {n * 20} kB     00:00\n"
            for n in range(1, 43)
        ),
        93,
    ),
    "dnf-install": (
        "".join(f"  Installing       : pkg{n}-1.{n}-1.fc39.x86_64                {n:3}/80 \n" for n in range(1, 76)),
        94,
    ),
    "dnf5": (
        "".join(
            f"[{n:3}/120] Installing pkg{n}-0:1.2-{n % 9}.x86_6  100% |  41.{n % 10} MiB/s |   1.{n % 10} MiB |  00m00s\n"
            for n in range(1, 115)
        ),
        95,
    ),
    "zypper": (
        "".join(f"({n}/33) Installing: lib{n}-2.3-150400.1.x86_64 ................[done]\n" for n in range(1, 31)),
        91,
    ),
    "apk": ("".join(f"({n}/24) Installing musl-utils{n} (1.2.4-r{n % 9})\n" for n in range(1, 23)), 88),
    "nix": (
        "".join(
            f"\r\x1b[K[{n}/30 built, 12/12 copied (340.1/340.1 MiB), 80.2 MiB DL] building foo-{n}"
            for n in range(1, 28)
        ),
        90,
    ),
    "guix": (t("\r foo-1.{d}  45.2MiB  1.2MiB/s 00:{q:02} [{hashsp}]  {p}.0%"), 96),
    "git-svn-like": ("".join(f"Processing commit {n}/900 (rev {n})\n" for n in range(10, 860, 25)), 93),
    "git-filter-branch": (
        "".join(
            f"\rRewrite {n:040x} ({n}/900) ({n // 9} seconds passed, remaining {90 - n // 9} predicted)    "
            for n in range(10, 860, 25)
        ),
        93,
    ),
    "fsck-c": (t("\r/dev/sda1: |{eq}| {p}.{d}%   "), 96),
    "badblocks": (
        "Checking for bad blocks (read-only test): "
        + "".join(
            f"{p:6.2f}% done, 0:{p // 8:02} elapsed. (0/0/0 errors)"
            + "\b" * len(f"{p:6.2f}% done, 0:{p // 8:02} elapsed. (0/0/0 errors)")
            for p in range(0, 97, 4)
        ),
        96,
    ),
    "mdadm": (t("      [{eq}]  recovery = {p}.{d}% ({n}00/200000) finish={leftq}.5min speed=81{d}K/sec\n"), 96),
    "partclone": (t("\rElapsed: 00:00:{q:02}, Remaining: 00:00:{leftq:02}, Completed: {p}.{d}%,   4.12GB/min,"), 96),
    "ddrescue": (t("\x1b[A\x1b[Apct rescued:  {p:5}.{d}0%, read errors:        0,  remaining time: {leftq}s\n"), 96),
    "dcfldd": (
        "".join(
            f"\r[{n}% of 100Mb] {n * 32} blocks ({n}Mb) written. 00:00:{n % 60:02} remaining." for n in range(0, 97, 4)
        ),
        96,
    ),
    "pv": (t("\r {p}MiB 0:00:{q:02} [12.{d}MiB/s] [{eq}] {p:2}% ETA 0:00:{leftq:02}"), 96),
    "7z-cr": (t("\r {p:2}% {q} - dir/file{q}.bin"), 96),
    "unzip-like": ("".join(f"  extracting {n}/200: file{n}.txt\n" for n in range(1, 190, 6)), 94),
    "xz-v": (t("\r  {p}.{d} %      {p}.4 MiB / {n}.0 MiB = 0.13{d}   1.2 MiB/s   0:{q:02}   0:{leftq:02}"), 96),
    "zstd": (t("\r(L3) Buffered :  {p} MB - Consumed :  {p} MB / 100 MB - Compressed :  4 MB => 4.{d}% "), 96),
    "mksquashfs": (t("\r[{eq}] {n}/2000  {p:2}%"), 96),
    "xorriso": (t("xorriso : UPDATE :  {p}.{d}% done, estimate finish Wed Nov 25 10:0{d}:11 2026\n"), 96),
    "genisoimage": (t(" {p}.{d}3% done, estimate finish Wed Nov 25 10:00:1{d} 2026\n"), 96),
    "flac": (t("\rinput.wav: {p}% complete, ratio=0.6{d}3"), 96),
    "lame": (t("\r{n:6}/2000   ({p:2}%)|    0:0{d}/    0:0{d}|    0:0{d}/    0:0{d}|   25.{d}23x|    0:0{d} "), 96),
    "oggenc": (t("\r\t[ {p:2}.{d}%] [ 0m{leftq:02}s remaining] |"), 96),
    "handbrake": (t("\rEncoding: task 1 of 1, {p}.34 % (45.67 fps, avg 44.3{d} fps, ETA 00h03m12s)"), 96),
    "x264": (
        "".join(
            f"\r[{p}.{p % 10}%] {n}/4000 frames, 31.{p % 10} fps, 812.33 kb/s, eta 0:00:{(100 - p) // 2:02}  "
            for p in range(1, 97, 4)
            for n in (p * 40 + p % 10 * 4,)
        ),
        93,
    ),
    "ffmpeg": (
        "  Duration: 00:01:40.00, start: 0.000000, bitrate: 128 kb/s\n"
        + "".join(
            f"frame={p:5} fps= 30 q=28.0 size= {p:5}kB time=00:{p // 60:02}:{p % 60:02}.12 bitrate= 256.0kbits/s speed=2.1x    \r"
            for p in range(0, 97, 4)
        ),
        96,
    ),
    "ffpb": (t("\rin.mkv:  {p}%|{blk2}| {n}/2000 [00:{q:02}<00:{leftq:02}, 93.4{d} frames/s]"), 96),
    "sox": (t("\rIn:{p}.{d}% 00:00:{q:02}.41 [00:00:{leftq:02}.50] Out:{n}k [      |      ]        Clip:0    "), 96),
    "povray": (t("\rRendered {n} of 2000 pixels ({p}%)"), 96),
    "hashcat": (
        t(
            "Session..........: hashcat\nStatus...........: Running\nProgress.........: {n}00/200000 ({p}.{d}0%)\nRejected.........: 0/{n}00 (0.00%)\nCandidates.#1....: a -> b\nHardware.Mon.#1..: Temp: 6{d}c Fan: {e}% Util: 9{d}%\n\n",
            range(1, 97, 5),
        ),
        96,
    ),
    "masscan": (t("\rrate:  0.10-kpps, {p}.{d}0% done,   0:00:{leftq:02} remaining, found=3       "), 96),
    "gobuster": (t("\rProgress: {n} / 2000 ({p}.{d}0%)"), 96),
    "ffuf": (
        "".join(
            f"\r\x1b[2K:: Progress: [{n}/4614] :: Job [1/1] :: 40 req/sec :: Duration: [0:00:{n // 100:02}] :: Errors: 0 ::"
            for n in range(40, 4500, 150)
        ),
        95,
    ),
    "pytest-q": ("".join("." * 72 + f" [{p:3}%]\n" for p in range(7, 98, 7)), 91),
    "pytest-v": ("".join(f"tests/test_{n % 9}.py::test_case_{n} PASSED{' ' * 20}[{n:3}%]\n" for n in range(1, 96)), 95),
    "pytest-v-fail": (
        "".join(
            f"tests/test_{n % 9}.py::test_case[{n}/7] {'FAILED' if n % 5 == 0 else 'PASSED'}{' ' * 20}[{n:3}%]\n"
            for n in range(1, 96)
        ),
        95,
    ),
    "pytest-count": (
        "".join(f"tests/test_{n % 9}.py::test_case_{n} PASSED{' ' * 14}[{n:3}/200]\n" for n in range(1, 190, 3)),
        95,
    ),
    "mocha-prog": (t("\r  {p}/100 [{eqd}]"), 96),
    "cli-progress": (t("\r\x1b[0Kprogress [{eqd}] {p}% | ETA: {leftq}s | {p}/100"), 96),
    "node-progress": (t("\r  downloading [{eqd}] {p}% {leftq}.{d}s"), 96),
    "playwright": (
        "".join(
            f"\x1b[1A\x1b[2K[{n}/64] [chromium] › tests/a{n % 9}.spec.ts:{n}:5 › does thing {n}\n" for n in range(1, 61)
        ),
        94,
    ),
    "playwright-dl": (t("|{dot}| {p}% of 128.3 MiB\n", range(0, 100, 10)), 90),
    "puppeteer": (t("\rDownloading Chromium r1083080 - 141.8 Mb [{eqd}] {p}% {leftq}.{d}s "), 96),
    "electron-dl": (t("\rDownloading electron-v28.zip: [{eqd}] {p}% ETA: {leftq}.{d} seconds "), 96),
    "mysqldump-pv": (t("\r{p}.2MB 0:00:{q:02} [{d}.20MB/s] [{eq}] {p}%"), 96),
    "pg_restore-like": (
        "".join(
            f"pg_basebackup: {n * 1000}/100000 kB ({n}%), 0/1 tablespace (...{n:04}/base/13/1247)\r"
            for n in range(0, 97, 4)
        ),
        96,
    ),
    "mongorestore": (t("2026-11-25T10:00:{q:02}.123+0000\t[{hash}]  db.coll  {p}.0MB/100.0MB  ({p}.0%)\n"), 96),
    "mongodump": (t("2026-11-25T10:00:{q:02}.123+0000\t[{hash}]  test.things  {n}/2000  ({p}.0%)\n"), 96),
    "innobackup": (t("xtrabackup: Progress: {p}% done\n"), 96),
    "elastic-reindex": ("".join(f"Reindexed {n:,} of 1,000,000 documents\n" for n in range(10000, 960000, 40000)), 93),
    "import-n-of": ("".join(f"Importing row {n} of 5000...\n" for n in range(100, 4800, 150)), 95),
    "processed-out-of": ("".join(f"Processed {n} out of 5000 records\n" for n in range(100, 4800, 150)), 95),
    "converting": ("".join(f"Converting image {n}/200: IMG_{4000 + n}.jpg\n" for n in range(1, 190, 4)), 94),
    "files-paren": ("".join(f"({n} of 40) copying /data/x{n}.bin\n" for n in range(1, 38)), 93),
    "num-slash-lead": ("".join(f"{n}/40 uploading x{n}.bin ... ok\n" for n in range(1, 38)), 93),
    "num-of-tail": ("".join(f"uploading x{n}.bin ... ok ({n}/40)\n" for n in range(1, 38)), 93),
    "log-progress": (
        "".join(f"2026-11-25 10:00:{n % 60:02},{n:03} - worker - INFO - Progress: {n}%\n" for n in range(0, 97, 4)),
        96,
    ),
    "log-progress-5": ("".join(f"INFO:root:{n}% complete\n" for n in range(0, 96, 5)), 95),
    "log-processed": (
        "".join(f"2026-11-25T10:00:{n % 60:02}Z INFO Processed {n * 20}/2000 items ({n}%)\n" for n in range(0, 97, 4)),
        96,
    ),
    "log-10": ("".join(f"[INFO] {n}% done\n" for n in range(10, 100, 10)), 90),
    "echo-frac": ("".join(f"{n}/10\n" for n in range(1, 10)), 90),
    "echo-of": ("".join(f"{n} of 10\n" for n in range(1, 10)), 90),
    "stage-lines": ("".join(f"[{n}/8] Doing thing {n}\n" for n in range(1, 8)), 75),
    "stage-eq": ("".join(f"==> [{n}/8] Doing thing {n}\n" for n in range(1, 8)), 75),
    "steamcmd": (t(" Update state (0x61) downloading, progress: {p}.{d}3 ({n}000000 / 2000000000)\n"), 96),
    "adb-push": (t("\r[{p:3}%] /sdcard/big.zip"), 96),
    "fastboot-like": (t("\rWriting at 0x000{n:05}... ({p} %)"), 96),
    "esptool-lines": (t("Writing at 0x000{n:05}... ({p} %)\n"), 96),
    "avrdude": ("".join(f"\rWriting | {'#' * (p // 2):50} | {p}% {p / 30:.2f}s" for p in range(0, 97, 4)), 96),
    "openocd": (t("\rProgramming: [{eq}] {p}%"), 96),
    "fwupd": (t("\rWriting…                 [{hashsp}] {p}%"), 96),
    "vagrant": (t("\r    default: Progress: {p}% (Rate: 12.{d}M/s, Estimated time remaining: 0:00:{leftq:02})"), 96),
    "qemu-img": (t("\r    ({p}.{d}0/100%)"), 96),
    "gcloud": (t("\r- [1/1 files][{p}.0 MiB/100.0 MiB]  {p:2}% Done"), 96),
    "azcopy": (
        t(
            "\r{p}.{d} %, {p} Done, 0 Failed, {left} Pending, 0 Skipped, 100 Total, 2-sec Throughput (Mb/s): 12.{d}",
            range(1, 97, 4),
        ),
        93,
    ),
    "aws-s3": (
        "".join(f"\rCompleted {n}.0 MiB/28.6 MiB (12.{n % 10} MiB/s) with 1 file(s) remaining" for n in range(28)),
        94,
    ),
    "gsutil-like": (t("\rCopying file://x... {p}.0 MiB/100.0 MiB"), 96),
    "dvc": (t("\r\x1b[K {p}% Checkout|{blk2}|{n}/2000 [00:{q:02}<00:{leftq:02},  34.{d}file/s]"), 96),
    "kaggle": (t("\r {p}%|{blk2}| {p}.0M/100M [00:{q:02}<00:{leftq:02}, 12.{d}MB/s]", range(2, 97, 4)), 94),
    "dask-bar": (t("\r[{hashsp}] | {p}% Completed |  {q}.{d}s"), 96),
    "r-txt": (t("\r  |{eq}|  {p:2}%"), 96),
    "julia-pm": (t("\r\x1b[KProgress: {p:3}%|{blk2}|  ETA: 0:00:{leftq:02}"), 96),
    "matlab-like": (t("Completed {p} % of simulation\n"), 96),
    "pymc": (t("\r {p}.{d}% [{n}/2000 00:{q:02}<00:{leftq:02} Sampling 2 chains, 0 divergences]", range(1, 97, 4)), 93),
    "halving": (
        "".join(f"Generation {n}/60: best fitness {n * 0.3:.2f}, mean {n * 0.1:.2f}\n" for n in range(1, 57)),
        93,
    ),
    "exiftool": ("".join(f"======== img{n}.jpg [{n}/80]\n" for n in range(1, 77)), 95),
    "rsnapshot-like": ("".join(f"Backing up host{n} ({n}/20)\n" for n in range(1, 19)), 85),
    "btrfs-scrub": (t("Bytes scrubbed:   {p}.00GiB  ({p}.{d}0%)\n"), 96),
    "lvm": (t("  vg/lv: Moved: {p}.{d}0%\n"), 96),
    "lvm-cryptsetup": (t("\rProgress:  {p}.{d}%, ETA 00m{leftq:02}s, {n} MiB written, speed 120.{d} MiB/s"), 96),
    "shred": ("".join(f"shred: /tmp/x: pass 1/1 (random)...{n}MiB/100MiB {n}%\n" for n in range(4, 97, 4)), 96),
    "robocopy": (t("\r {p}.{d}%  "), 96),
    "frame": ("".join(f"Rendering frame {n} of 240\n" for n in range(1, 230, 5)), 94),
    "frame-slash": ("".join(f"frame {n}/240 rendered in 0.3{n % 10}s\n" for n in range(1, 230, 5)), 94),
    "fio": (t("\rJobs: 1 (f=1): [W(1)][{p}.{d}%][w=120MiB/s][w=30.{d}k IOPS][eta 00m:{leftq:02}s]"), 96),
    "make-percent": (t("[{p:3}%] Building CXX object src/CMakeFiles/a.dir/f{p}.cpp.o\n"), 96),
    "meson-test": ("".join(f"{n:3}/150 suite{n % 4} / test_{n}   OK   0.{n % 90:02}s\n" for n in range(1, 143, 4)), 94),
    "cabal": (
        "".join(
            f"[{n:2} of 48] Compiling Data.Mod{n} ( src/Data/Mod{n}.hs, dist/Data/Mod{n}.o )\n" for n in range(1, 45)
        ),
        92,
    ),
    "stack": ("".join(f"\rProgress {n}/60: pkg{n}" for n in range(1, 57)), 93),
    "ocaml-dune": ("".join(f"\rDone: {n * 10 // 100 * 0 + n}/1200 (jobs: 4)" for n in range(10, 1100, 40)), 91),
    "scons-like": (t("scons: [{p:3}%] Compiling x{p}.cpp\n"), 96),
    "godot": (t("[{p:3}%] \x1b[34mCompiling core/x{p}.cpp ...\x1b[0m\n"), 96),
    "unreal": ("".join(f"[{n}/320] Compile [x64] Module.Core.{n}.cpp\n" for n in range(1, 300, 7)), 92),
    "unity": ("".join(f"[{n:4}/1320  {n // 13}s] CopyFiles x{n}\n" for n in range(10, 1250, 40)), 92),
    "android-aapt": ("".join(f"\r[ {n // 10:2}% {n}/1000] //frameworks:a{n} javac" for n in range(10, 950, 30)), 94),
    "yocto": (
        "".join(f"NOTE: Running task {n} of 3400 (/poky/meta/a_{n}.bb:do_compile)\n" for n in range(50, 3200, 90)),
        92,
    ),
    "yocto-knotty": (
        "".join(
            f"\x1b[3A\rCurrently  2 running tasks ({n} of 3400)  {n * 100 // 3400}% |{'#' * (n // 200)}  |\n0: a-1.0-r0 do_compile - {n % 60}s (pid 12)\n1: b do_fetch - {n % 9}s\n"
            for n in range(50, 3200, 90)
        ),
        92,
    ),
    "freebsd-pkg": ("".join(f"[{n}/40] Fetching a{n}-1.2.pkg: .......... done\n" for n in range(1, 38)), 93),
    "opkg": ("".join(f"Upgrading {n}/40 a{n}\n" for n in range(1, 38)), 93),
    "texlive": (
        "".join(f"[{n:4}/400, time/total: 00:{n // 10:02}/10:12] install: pkg{n} [12k]\n" for n in range(10, 380, 12)),
        94,
    ),
    "gem": (t("\rFetching: rails-7.{d}.gem ({p}%)"), 96),
    "composer": (
        "".join(
            f" {n}/40 [{'=' * (n * 28 // 40)}>{'-' * (28 - n * 28 // 40)}] {n * 100 // 40:3}%\r" for n in range(38)
        ),
        92,
    ),
    "symfony": (
        "".join(
            f"\r {n:3}/200 [{'▓' * (n * 28 // 200)}{'░' * (28 - n * 28 // 200)}] {n // 2:3}%" for n in range(0, 190, 8)
        ),
        92,
    ),
    "phpunit": ("".join("." * 63 + f" {n:3} / 630 ({n * 100 // 630:3}%)\n" for n in range(63, 600, 63)), 90),
    "phpstan": (
        "".join(
            f"\r {n:3}/300 [{'▓' * (n * 28 // 300)}{'░' * (28 - n * 28 // 300)}] {n // 3:3}%" for n in range(0, 290, 20)
        ),
        93,
    ),
    "rspec-bar": (t("\r{p}/100 |{eq} {p} {eq}| ETA: 00:00:{leftq:02} "), 96),
    "minitest": (t("\r  {p}/100: [{eq}] {p}% Time: 00:00:{q:02},  ETA: 00:00:{leftq:02}"), 96),
    "stryker": (
        t(
            "\rMutation testing  [{eqd}] {p}% (elapsed: <1m, remaining: ~{q}m) {n}/2000 tested (3 survived, 0 timed out)"
        ),
        96,
    ),
    "mutmut": ("".join(f"\r⠋ {n}/200  🎉 {n - 3}  ⏰ 0  🤔 0  🙁 3  🔇 0" for n in range(4, 190, 5)), 94),
    "ocrmypdf": (t("\rOCR ━━━━━━━━━━━━━━━━━━━━━━━━ {p}% {p}/100 0:00:{leftq:02}"), 96),
    "whisper": (t("\r {p}%|{blk2}| {n}/2000 [00:{q:02}<00:{leftq:02}, 512.{d}frames/s]"), 96),
    "llama-quant": (
        "".join(
            f"[{n:4}/ 291] blk.{n // 9}.attn_k.weight - [ 4096,  1024,     1,     1], type =    f16, converting to q4_0 .. size = 8.00 MiB -> 2.25 MiB\n"
            for n in range(1, 280, 9)
        ),
        94,
    ),
    "ollama-pull": (
        "".join(
            f"\x1b[?25l\x1b[2K\x1b[1G\x1b[A\x1b[2K\x1b[1Gpulling manifest \npulling 8934d96d3f08... {p:3}% ▕{'█' * (p // 10)}{' ' * (10 - p // 10)}▏ {p}0 MB/1.0 GB  45 MB/s  {100 - p}s"
            for p in range(1, 97, 3)
        ),
        94,
    ),
    "sd-sampling": (t("\r {p}%|{blk2}| {p}/100 [00:{q:02}<00:{leftq:02},  4.{d}2it/s]", range(2, 97, 2)), 96),
    "packer": (t("==> qemu: Downloading {p}.0 MiB / 100.0 MiB [{eqd}] {p}.00% {leftq}s\n"), 96),
    "geth": (
        t(
            "INFO [11-25|10:00:{q:02}] Syncing: state download in progress synced={p}.{d}2% state=12.1GiB accounts={n}@1.1GiB eta={leftq}m\n"
        ),
        96,
    ),
    "monero": (
        "".join(
            f"2026-11-25 10:00:{n % 60:02}.123 I Synced {n}000/3000000 ({n * 100 // 3000}%, {3000 - n}000 left)\n"
            for n in range(30, 2900, 100)
        ),
        96,
    ),
    "ipfs": (t("\r {p}.00 MiB / 100.00 MiB [{eqd}]  {p}.00% {leftq}s"), 96),
    "cheggaaa-pb": (t("\r{p} / 100 [{eqd}] {p}.00% {leftq}s"), 96),
    "cheggaaa-v3": (t("\r{n} / 2000 [{eqd}] {p}.00% 100 p/s ETA {leftq}s"), 96),
    "mpb": (t("\x1b[1A\x1b[J\rname: [{eqd}] {p} %\n"), 96),
    "schollz": (t("\rdownloading  {p}% |{blk2}| ({p}/100 MB, 12.{d} MB/s) [{q}s:{leftq}s]"), 96),
    "indicatif": (t("\r\x1b[2K⠁ [00:00:{q:02}] [{hash}] {p}.00 MiB/100.00 MiB ({leftq}s)"), 96),
    "indicatif-pos": (t("\r\x1b[2K[00:00:{q:02}] {hash}     {p}/100     msg {p}"), 96),
    "kotlin-me": (t("\rProgress  {p}% [{eq}]   {p}/100 (0:00:{q:02} / 0:00:{leftq:02}) "), 96),
    "tongfei": (t("\rTest  {p}% │{blk2}│ {p}/100 (0:00:{q:02} / 0:00:{leftq:02}) "), 96),
    "term-progressbar": (t("\rPowering up:  {p}% [{eq}]"), 96),
    "perl-eta": (t("\r{p}% [{eq}]    {q}s ETA"), 96),
    "fast-progress": (t("\r█{blk2}-| {p}.{d}% [{p}/100 00:{q:02}<00:{leftq:02}]"), 96),
    "verigak": (t("\r\x1b[?25l\x1b[KProcessing |{hash}| {p}/100"), 96),
    "alive": (t("\r\x1b[K|{blk2}| ▂▄▆ {p}/100 [{p}%] in {q}s (~{leftq}s, 12.{d}/s) "), 96),
    "atpbar": (t("\r {p}.00% {blk} |      {p} /      100 |:  task 1 "), 96),
    "knobs": (t("progress: {p}/100\n"), 96),
    "kv-progress": (t('level=info msg="copy" progress={p}% file=a{p}\n'), 96),
    "json-log": (
        "".join(
            '{"ts":"2026-11-25T10:00:%02dZ","level":"info","msg":"copied","done":%d,"total":200}\n' % (n % 60, n)
            for n in range(5, 190, 7)
        ),
        93,
    ),
    "json-spaced": (
        "".join('{"current": %d, "total": 200, "status": "downloading"}\n' % n for n in range(5, 190, 7)),
        93,
    ),
    "de": (t("Fortschritt: {p} %\n"), 96),
    "winget": (t("\r  {blk2}  {p}.0 MB / 100 MB"), 96),
    "choco": (t("\rProgress: Downloading git 2.3.1... {p}%"), 96),
    "sfdx": (t("DEPLOY PROGRESS | {eqd} | {p}/100 Components\n"), 96),
    "sonar": (t("INFO: {n}/2000 source files have been analyzed\n"), 96),
    "sonar2": (t("INFO: {n}/2000 files analyzed, current file: src/a{p}.java\n"), 96),
    "trivy": (t("\r{p}.00 MiB / 100.00 MiB [{eqd}] {p}.00% 12.{d} MiB p/s {q}s"), 96),
    "semgrep": (t("\r  Scanning ━━━━━━━━━━━━━━━━━━━━╸ {p}% 0:00:{q:02}"), 96),
    "eta-lines": (
        t("{p}.{d}% ({n} of 2000) |{hashsp}| Elapsed Time: 0:00:{q:02} ETA:   0:00:{leftq:02}\n", range(1, 97, 4)),
        93,
    ),
    "gsutil-count": ("".join(f"Copied {n} of 40 objects\n" for n in range(1, 38)), 93),
    "batch": ("".join(f"Batch {n}/40 done in 3.{n % 10}s\n" for n in range(1, 38)), 93),
    "chunk": ("".join(f"uploading chunk {n}/40\n" for n in range(1, 38)), 93),
    "downloading-n": ("".join(f"Downloading {n}/40: https://example.org/a{n}.zip\n" for n in range(1, 38)), 93),
    "terraform-pl": ("".join(f"module.a: {n}/40 resources applied\n" for n in range(1, 38)), 92),
    "lerna": ("".join(f"lerna success run - built package {n}/30\n" for n in range(1, 28)), 90),
    "rustup": (t("\r {p}.1 MiB / 100.0 MiB ({p:3} %)  12.{d} MiB/s in {q}s ETA: {leftq}s"), 96),
    "deno": (t("\rDownload ⣷ [00:{q:02}] [{hash}] {p}.0KiB/100.0KiB"), 96),
    "skopeo": (t("\rCopying blob 3f4a5b6c7d8e [{eqd}] {p}.0MiB / 100.0MiB | 12.{d} MiB/s"), 96),
    "fastp-like": ("".join(f"Processed {n},000,000 reads ({n}.0%)\n" for n in range(1, 97, 4)), 93),
    "blast": ("".join(f"Query {n} of 500 done\n" for n in range(10, 480, 20)), 94),
    "sas": ("".join(f"Simulation {n}/100 completed (t={n}.2s)\n" for n in range(1, 97)), 96),
    "mc": ("".join(f"MC step {n}/10000, E=-{n}.3\n" for n in range(100, 9600, 300)), 94),
    "dl4j": ("".join(f"Iteration {n} of 300 - score {300 - n}\n" for n in range(5, 290, 15)), 92),
    "hf-generic": (t("\rMap:  {p:2}%|{blk2}| {n}/2000 [00:{q:02}<00:{leftq:02}, 512.{d} examples/s]"), 96),
    "hf-load": (
        "".join(
            f"\rLoading checkpoint shards:  {n * 100 // 14}%|{'█' * n}{' ' * (14 - n)}| {n}/14 [00:0{n}<00:0{14 - n},  1.2s/it]"
            for n in range(1, 13)
        ),
        86,
    ),
    "gimp-batch": ("".join(f"batch: image {n} of 30 saved as out{n}.png\n" for n in range(1, 28)), 90),
    "mkv": (t("#GUI#progress {p}%\n"), 96),
    "mkv2": (t("Progress: {p}%\r"), 96),
    "veeam": (t("[{d}{d}:00:{q:02}] Backup job progress {p}% speed 12{d} MB/s\n"), 96),
    "proxmox": (t("INFO:  {p}% (1.{d} GiB of 100.0 GiB) in {q}s, read: 412.{d} MiB/s, write: 400.1 MiB/s\n"), 96),
    "vmkfstools": (t("\rClone: {p}% done."), 96),
    "esxcli": (t("\rDisk progress: {p}%"), 96),
    "packer-az": ("".join(f"==> azure-arm:  -> Deployment step {n}/12\n" for n in range(1, 11)), 75),
    "minikube": (t("\r    > preloaded-images-k8s: {p}.00 MiB / 100.00 MiB  {p}.00% 12.{d} MiB p/s"), 96),
    "snap": (t('\rDownload snap "core22" (1122) from channel "stable"    {p}% 12.{d}MB/s {leftq}.0s'), 96),
    "flatpak": (t("\rInstalling 1/1… {blk} {p}%  12.{d} MB/s  00:{leftq:02}"), 96),
    "ostree": (t("\rReceiving objects: {p}% ({n}/2000) 12.{d} MB/s {n} MB"), 96),
    "eopkg": ("".join(f"[{n}/20] Fetching a{n}.eopkg\n" for n in range(1, 19)), 85),
    "xbps": (t("\ra-1.{d}_1.x86_64.xbps: [{n}kB {p}%] 12.{d}MB/s ETA: 00m{leftq:02}s"), 96),
    "sql-progress": ("".join(f"NOTICE:  processed {n * 1000} of 100000 rows\n" for n in range(2, 97, 4)), 94),
    "mysql-alter": ("".join(f"Altering `t`:  {p}% 00:{(100 - p) // 3:02} remain\n" for p in range(3, 97, 5)), 93),
    "gh-ost": (
        "".join(
            f"Copy: {n * 1000}/100000 {n}.0%; Applied: {n}; Backlog: 0/1000; Time: {n}s(total), {n}s(copy); streamer: mysql-bin.{n}; Lag: 0.0{n % 9}s, State: migrating; ETA: {100 - n}s\n"
            for n in range(3, 97, 5)
        ),
        93,
    ),
    "crawl": ("".join(f"[{n:3}/250] GET https://x.org/p{n} 200 0.{n}s\n" for n in range(1, 240, 7)), 96),
    "imgproc-log": (
        "".join(f"10:00:{n % 60:02} [worker-{n % 3}] resized {n}/300 images\n" for n in range(5, 290, 7)),
        95,
    ),
    "etl": (
        "".join(f"2026-11-25 10:00:{n % 60:02} ETL loaded batch {n} of 60 (5000 rows)\n" for n in range(1, 57)),
        93,
    ),
    "pct-prefix": (t("{p:3}% indexing documents\n"), 96),
    "pct-paren": (t("Scanning library ({p}%)\n"), 96),
    "remaining-suffix": (t("\rtransfer {p}%, {leftq}s remaining"), 96),
    "arrow": (t("-> {p}% [{n}/2000] hashing\n"), 96),
    "emoji": (t("\r🚀 {p}% uploading"), 96),
    "chunks": ("".join(f"Sent chunk {n}/80 (5.0 MB)\n" for n in range(1, 77)), 95),
    "multi-upload": ("".join(f"part {n}/25 uploaded, etag abc{n}\n" for n in range(1, 24)), 92),
    "fuzz-n": ("".join(f"Testing input {n}/400 ...\n" for n in range(5, 390, 11)), 96),
    "bench-rounds": ("".join(f"round {n}/15: 12{n}.3 ops/s\n" for n in range(1, 15)), 93),
    "backup-tape": (t("Backup: {p}.{d}% complete, {leftq} minutes to go\n"), 96),
    "pdfs": ("".join(f"Page {n}/120 rendered\n" for n in range(3, 117, 4)), 95),
    "epub": ("".join(f"Chapter {n}/24 converted\n" for n in range(1, 23)), 92),
    "cp-progress": (t("\rcp: {p}% {p}MiB/100MiB"), 96),
    "ninja-style-prefix": ("".join(f"[{n}/90 1.{n}/sec] CXX a{n}.o\n" for n in range(1, 87)), 96),
    "waf": ("".join(f"[{n:3}/150] Compiling src/a{n}.c\n" for n in range(2, 144, 5)), 95),
    "platformio": (t("Uploading .pio/build/x/firmware.bin\nWriting at 0x{n:08x}... ({p} %)\n"), 96),
    "arduino": (t("\rWriting | {hash} | {p}% 1.{d}s"), 96),
}
