"""Output of other trades that tells how far the whole work is, and what percentage it says at the end."""

# ruff: noqa: E501, E731  # what programs print is as wide as it is, in any characters

from __future__ import annotations

from support.outputs.draw import bar, each

g = "0" + "".join("..." + str(i) for i in range(10, 61, 10))
dd = lambda p: (
    f"     ipos:   {p * 10} MB, non-trimmed:        0 B,  current rate:  10485 kB/s\n     opos:   {p * 10} MB, non-scraped:        0 B,  average rate:  10485 kB/s\nnon-tried:  {1000 - p * 10} MB,  bad-sector:        0 B,    error rate:       0 B/s\n  rescued:   {p * 10} MB,   bad areas:        0,        run time:         {p}s\npct rescued:   {p}.00%, read errors:        0,  remaining time:         {100 - p}s\n\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A"
)
hc = lambda p: (
    f"Session..........: hashcat\nStatus...........: Running\nTime.Estimated...: Fri Nov 20 10:{p:02}:00 2026 (9 mins)\nProgress.........: {p * 10000}/1000000 ({p}.00%)\nRejected.........: 0/{p * 10000} (0.00%)\nRestore.Point....: {p * 10000}/1000000 ({p}.00%)\n\n"
)
WHOLE: dict[str, tuple[str, float]] = {
    "bazel-2": (
        "INFO: Analyzed 41 targets (112 packages loaded, 1430 targets configured).\nINFO: Found 41 targets...\n[4 / 44] [Prepa] Creating source manifest for //src:lib\n[9 / 44] Compiling src/a.cc; 1s linux-sandbox\n[12 / 44] Compiling src/b.cc; 2s linux-sandbox ... (4 actions, 2 running)\n",
        27,
    ),
    "ctest-2": (
        "Test project /home/u/build\n        Start  1: t_alloc\n 1/40 Test  #1: t_alloc ..........................   Passed    0.02 sec\n        Start  2: t_vec\n 2/40 Test  #2: t_vec ............................   Passed    0.10 sec\n"
        + "".join(
            f"        Start {i:2d}: t_x{i}\n{i:2d}/40 Test #{i:2d}: t_x{i} ............................   Passed    0.{i:02d} sec\n"
            for i in range(3, 13)
        ),
        30,
    ),
    "cmake-make": (
        "[  7%] Building CXX object CMakeFiles/app.dir/a.cpp.o\n[ 14%] Building CXX object CMakeFiles/app.dir/b.cpp.o\n[ 28%] Linking CXX static library libapp.a\n[ 28%] Built target app\n[ 42%] Building CXX object tests/CMakeFiles/t.dir/t.cpp.o\n",
        42,
    ),
    "scons-progress": (
        "scons: Reading SConscript files ...\nscons: done reading SConscript files.\nscons: Building targets ...\n[ 12%] Compiling drivers/png.cpp ...\n[ 22%] Compiling core/os.cpp ...\n[ 35%] Compiling scene/main.cpp ...\n",
        35,
    ),
    "waf-2": (
        "Waf: Entering directory `/src/build'\n[ 1/ 8] Compiling main.c\n[ 2/ 8] Compiling util.c\n[ 3/ 8] Compiling io.c\n[ 4/ 8] Compiling net.c\n",
        37,
    ),
    "gradle-rich-2": (
        "\r\x1b[1A<=========----> 12% EXECUTING [3s]\r\n> :compileJava\r\x1b[1A<============---> 31% EXECUTING [5s]\r\n> :test\r\x1b[1A\x1b[1m<\x1b[0;32;1m=====\x1b[0;39;1m-----> 45% EXECUTING [9s]\x1b[m\r\n> :test\r",
        45,
    ),
    "docker-classic-build": (
        "Sending build context to Docker daemon  3.072kB\r\r\nStep 1/7 : FROM python:3.11-slim\n ---> 5f0f2b1c2a1e\nStep 2/7 : WORKDIR /app\n ---> Running in 6e1c2b\n ---> 8d3c0e\nStep 3/7 : COPY . .\n",
        28,
    ),
    "apk-add": (
        "fetch https://dl-cdn.alpinelinux.org/alpine/v3.19/main/x86_64/APKINDEX.tar.gz\n(1/8) Installing libgcc (13.2.1_git20231014-r0)\n(2/8) Installing libstdc++ (13.2.1_git20231014-r0)\n(3/8) Installing binutils (2.41-r0)\n(4/8) Installing libgomp (13.2.1)\n(5/8) Installing gcc (13.2.1)\n",
        50,
    ),
    "apt-progress-fancy": (
        "Preparing to unpack .../libfoo_1.2_amd64.deb ...\r\nProgress: [ 11%] [######....................................................] \rUnpacking libfoo (1.2) ...\r\nProgress: [ 33%] [##################........................................] \rSetting up libfoo (1.2) ...\r\nProgress: [ 44%] [########################..................................] \r",
        44,
    ),
    "cargo-nextest-2": (
        "    Finished `test` profile [unoptimized + debuginfo] target(s) in 0.10s\n    Starting 9 tests across 3 binaries\n        PASS [   0.004s] (1/9) mycrate tests::a\n        PASS [   0.005s] (2/9) mycrate tests::b\n        PASS [   0.015s] (3/9) mycrate tests::c\n",
        33,
    ),
    "tap": (
        "TAP version 13\n1..10\nok 1 - opens the file\nok 2 - reads the header\nnot ok 3 - checks the sum\nok 4 - closes\n",
        40,
    ),
    "pgbench-init": (
        "dropping old tables...\ncreating tables...\ngenerating data (client-side)...\n100000 of 1000000 tuples (10%) done (elapsed 0.10 s, remaining 0.90 s)\n200000 of 1000000 tuples (20%) done (elapsed 0.20 s, remaining 0.80 s)\n300000 of 1000000 tuples (30%) done (elapsed 0.30 s, remaining 0.70 s)\n",
        30,
    ),
    "mongorestore-2": (
        "2026-11-20T10:00:01.000+0000\tpreparing collections to restore from\n2026-11-20T10:00:04.000+0000\t[####....................]  db.users  12.0MB/60.0MB  (20.0%)\n2026-11-20T10:00:07.000+0000\t[#########...............]  db.users  24.0MB/60.0MB  (40.0%)\n",
        40,
    ),
    "influx-or-es-reindex": (
        '{"took":12,"total":2000,"created":500,"done":500}\n{"took":30,"total":2000,"created":1100,"done":1100}\n',
        55,
    ),
    "snakemake-2": (
        "Building DAG of jobs...\nUsing shell: /usr/bin/bash\nProvided cores: 4\nJob stats:\njob      count\n-----  -------\nall          1\nmap         11\ntotal       12\n\n[Fri Nov 20 10:00:00 2026]\nrule map:\n    input: a.fq\n    jobid: 4\n[Fri Nov 20 10:00:04 2026]\nFinished job 4.\n1 of 12 steps (8%) done\n[Fri Nov 20 10:00:09 2026]\nFinished job 2.\n3 of 12 steps (25%) done\n",
        25,
    ),
    "gdal": ("Input file size is 10980, 10980\n0...10...20...30...40", 40),
    "gdal-dots": ("0...10...20.", 22),
    "grass": ("   0%\b\b\b\b\b   6%\b\b\b\b\b  24%\b\b\b\b\b  48%\b\b\b\b\b", 48),
    "matlab-parfor": ("Iteration 10 of 100\nIteration 20 of 100\nIteration 30 of 100\n", 30),
    "mkisofs": (
        " 10.21% done, estimate finish Fri Nov 20 10:00:10 2026\n 30.62% done, estimate finish Fri Nov 20 10:00:10 2026\n 61.24% done, estimate finish Fri Nov 20 10:00:10 2026\n",
        61,
    ),
    "growisofs": (
        "   1114112/4480892928 ( 0.0%) @0.2x, remaining 201:01 RBU 100.0% UBU   3.0%\n1120223232/4480892928 (25.0%) @4.1x, remaining 8:01 RBU 100.0% UBU  91.2%\n",
        25,
    ),
    "badblocks-2": (
        "Checking blocks 0 to 1048575\nChecking for bad blocks (read-only test):   2.10% done, 0:02 elapsed. (0/0/0 errors)\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b 12.31% done, 0:11 elapsed. (0/0/0 errors)\b\b\b\b\b",
        12,
    ),
    "mdadm-grow": (
        "[==>..................]  recovery =  5.1% (51200/1000000) finish=1.2min speed=10240K/sec\n[==>..................]  recovery = 12.6% (126370/1000000) finish=1.1min speed=10240K/sec\n",
        12,
    ),
    "log-step": (
        "INFO:root:step 100/2000 loss 3.12 lr 1e-4\nINFO:root:step 200/2000 loss 2.12 lr 1e-4\nINFO:root:step 300/2000 loss 1.92 lr 1e-4\n",
        15,
    ),
    "bash-proc": ("Processing 1 of 10: a.csv\nProcessing 2 of 10: b.csv\nProcessing 3 of 10: c.csv\n", 20),
    "bash-bracket": ("".join(f"[{i}/8] Converting page{i}.png\n" for i in range(1, 9)), 87),
    "json-log-2": (
        '{"level":"info","msg":"progress","processed":10,"total":100}\n{"level":"info","msg":"progress","processed":30,"total":100}\n',
        30,
    ),
    "perl-tpb": (
        "  1% [                                                  ]\r 41% [====================                              ]\r 41% [====================                              ]D 0h00m05s\r",
        41,
    ),
    "percent-only-lines": ("5%\n10%\n20%\n35%\n", 35),
    "completed-n-of-m": (
        "Completed 100 of 800 records\nCompleted 300 of 800 records\nCompleted 500 of 800 records\n",
        62,
    ),
    "rows-comma": (
        "Inserted 100,000 / 1,000,000 rows\nInserted 200,000 / 1,000,000 rows\nInserted 300,000 / 1,000,000 rows\n",
        30,
    ),
    "vmd-eta-words": (
        "25% complete, 3 min remaining\n50% complete, 2 min remaining\n75% complete, 1 min remaining\n",
        75,
    ),
    "webpack-2": (each(lambda p: f"{p}% building {p * 3}/{300} modules {p % 13} active ./src/x{p}.js\n"), 60),
    "webpack-grow": (each(lambda p: f"{p}% building {p * 3}/{p * 3 + 4} modules {p % 13} active ./src/x{p}.js\n"), 60),
    "npm-cli-progress": (
        each(lambda p: f"progress [{bar(p, 40, '=', '-')}] {p}% | ETA: {60 - p}s | {p * 2}/200\r"),
        60,
    ),
    "tap-2": ("TAP version 13\n1..50\n" + "".join(f"ok {i} - does thing {i}\n" for i in range(1, 31)), 60),
    "phpunit-2": ("".join("." * 63 + f" {i:3} / 630 ({i * 100 // 630:3}%)\n" for i in range(63, 379, 63)), 60),
    "lit": (
        "-- Testing: 200 tests, 8 workers --\n"
        + "".join(f"PASS: LLVM :: t{i}.ll ({i} of 200)\n" for i in range(1, 121)),
        60,
    ),
    "restic-old": (
        "start backup on [/home]\n"
        + each(
            lambda p: (
                f"[0:{p:02}] {p}.20%  {p * 9} files {p * 29}.100 MiB, total 900 files 2.860 GiB, 0 errors ETA 1:{60 - p:02}\n"
            )
        ),
        60,
    ),
    "restic-old-tty": (
        each(
            lambda p: (
                f"[0:{p:02}] {p}.20%  {p * 9} files {p * 29}.100 MiB, total 900 files 2.860 GiB, 0 errors ETA 1:{60 - p:02}\r"
            )
        ),
        60,
    ),
    "duplicity-2": (
        each(lambda p: f"{p}.4MB 00:00:{p:02} [1.2MB/s] [{bar(p, 40, '=')[:-1]}>] {p}% ETA 1min {60 - p}sec\n"),
        60,
    ),
    "pv-2": (
        each(lambda p: f"{p / 10:.2f}GiB 0:00:{p:02} [ 102MiB/s] [{bar(p, 20, '=')}] {p}% ETA 0:01:{60 - p:02}\r"),
        60,
    ),
    "pv-n": ("".join(f"{p}\n" for p in (1, 5, 10, 14, 19, 23, 28, 32, 37, 41, 46, 50, 55, 60)), 60),
    "mysqlsh-dump": (
        "Running data dump using 4 threads.\n"
        + each(
            lambda p: (
                f"{p}% ({p * 0.12:.2f}K rows / ~12.00K rows), 1.20K rows/s, 120.20 KB/s uncompressed, 40.00 KB/s compressed\n"
            )
        ),
        60,
    ),
    "mysqlpump": (
        "Dump progress: 0/1 tables, 250/80000 rows\n"
        + each(lambda p: f"Dump progress: {p // 5}/20 tables, {p * 800}/80000 rows\n"),
        60,
    ),
    "bcl-done": (each(lambda p: f"{p}% done\n"), 60),
    "gdal-2": ("Input file size is 10980, 10980\n" + g, 60),
    "gdal-warp": ("Creating output file that is 100P x 100L.\nProcessing in.tif [1/1] : " + g, 60),
    "gdal-dots-2": (g + ".", 62.5),
    "ogr2ogr-progress": (g, 60),
    "whitebox": (each(lambda p: f"Progress: {p}%\n"), 60),
    "saga": (each(lambda p: f"\r{p:3}%"), 60),
    "grass-2": (each(lambda p: f" {p:3}%\b\b\b\b\b"), 60),
    "julia-pm-2": (each(lambda p: f"\rProgress: {p:3}%|{bar(p, 40, '█')}|  ETA: 0:00:{60 - p:02}\x1b[K"), 60),
    "julia-pm-vals": (
        each(
            lambda p: (
                f"\r\x1b[32mProgress: {p:3}%|{bar(p, 40, '█')}|  ETA: 0:00:{60 - p:02}\x1b[39m\n\x1b[34m  iter:  {p * 10}\x1b[39m\r\x1b[A"
            )
        ),
        60,
    ),
    "r-txt-2": (each(lambda p: f"\r  |{bar(p, 70, '=')}| {p:3}%"), 60),
    "r-progress": (each(lambda p: f"\r  processing [{bar(p, 20, '=', '-')}] {p:3}% eta: {60 - p}s"), 60),
    "r-pbapply": (each(lambda p: f"\r  |{bar(p, 50, '+')}| {p}% elapsed=00s, remaining~{60 - p:02}s"), 60),
    "pymc-2": (
        each(
            lambda p: (
                f"\r Sampling 4 chains, 0 divergences {bar(p, 30, '━', '━')} {p:3}% 0:00:{60 - p:02} / 0:00:{p:02}"
            )
        ),
        60,
    ),
    "ffmpeg-2": (
        "  Duration: 00:01:40.00, start: 0.000000, bitrate: 1205 kb/s\n"
        + each(
            lambda p: (
                f"frame={p * 25:5} fps= 60 q=28.0 size={p * 20:8}kB time=00:{p // 60:02}:{p % 60:02}.00 bitrate= 209.7kbits/s speed=2.4x    \r"
            )
        ),
        60,
    ),
    "handbrake-2": (
        each(lambda p: f"\rEncoding: task 1 of 1, {p}.40 % (102.11 fps, avg 99.10 fps, ETA 00h03m{60 - p:02}s)"),
        60,
    ),
    "dvdauthor": (each(lambda p: f"STAT: fixed {p} VOBUs, {p}% done\r"), 60),
    "growisofs-2": (
        each(
            lambda p: (
                f"{p * 44808928:10}/4480892928 ({p:2}.0%) @4.1x, remaining {9 - p // 10}:01 RBU {100 - p % 3}.0% UBU  9{p % 9}.2%\n"
            )
        ),
        60,
    ),
    "mencoder": (
        each(lambda p: f"Pos: {p:3}.0s  {p * 25:5}f ({p:2}%) 60.10fps Trem:   1min  10mb  A-V:0.010 [900:128]\r"),
        60,
    ),
    "lame-2": (
        each(
            lambda p: (
                f"\r{p * 95:6}/9576   ({p:2}%)|    0:{p:02}/    1:40|    0:{p:02}/    1:40|   24.102x|    0:{99 - p:02} "
            )
        ),
        60,
    ),
    "opusenc": (
        each(lambda p: f"\r[{'|/-'[p % 3]}] {p:3}% 00:00:{p:02}.10   3{p % 9}x realtime,   9{p % 9}kbit/s"),
        60,
    ),
    "yt-dlp": (
        "[download] Destination: x.mp4\n"
        + each(lambda p: f"\r[download] {p:3}.0% of   10.00MiB at    2.10MiB/s ETA 00:{60 - p:02}"),
        60,
    ),
    "ddrescue-2": ("GNU ddrescue 1.27\n" + each(dd), 60),
    "fsck-C0": (each(lambda p: f"\r/dev/sda1: |{bar(p, 50, '=')}| {p:3}.1%  "), 60),
    "badblocks-2-2": (
        "Checking blocks 0 to 1048575\nChecking for bad blocks (read-only test): "
        + each(
            lambda p: (
                f"{p:3}.31% done, 0:{p:02} elapsed. (0/0/0 errors)"
                + "\b" * (len(f"{p:3}.31% done, 0:{p:02} elapsed. (0/0/0 errors)"))
            )
        ),
        60,
    ),
    "cryptsetup": (
        each(lambda p: f"\rProgress:  {p}.1%, ETA 00:{60 - p:02},  {p * 10} MiB written, speed  31.0 MiB/s"),
        60,
    ),
    "mdstat": (
        each(
            lambda p: (
                f"[{bar(p, 20, '=', '.')}]  recovery = {p}.6% ({p * 10000 + 6000}/1000000) finish=1.{p % 9}min speed=10240K/sec\n"
            )
        ),
        60,
    ),
    "partclone-2": (
        each(
            lambda p: (
                f"\rElapsed: 00:00:{p:02}, Remaining: 00:00:{60 - p:02}, Completed:  {p}.00%, Rate:   1.20GB/min, current block: {p * 50}, total block: 5000, Complete:  {p}.00%"
            )
        ),
        60,
    ),
    "mksquashfs-2": (each(lambda p: f"\r[{bar(p, 40, '=')}] {p * 30:4}/3000 {p:3}%"), 60),
    "hf-trainer": (
        each(
            lambda p: (
                f"\r {p:2}%|{bar(p, 10, '█')}| {p * 3}/300 [00:{p:02}<00:{60 - p:02},  3.00it/s]"
                + (
                    f"{{'loss': 2.{p}, 'grad_norm': 1.2, 'learning_rate': 4.5e-05, 'epoch': 0.{p}}}\n"
                    if p % 20 == 0
                    else ""
                )
            )
        ),
        60,
    ),
    "joblib": (
        "[Parallel(n_jobs=4)]: Using backend LokyBackend with 4 concurrent workers.\n"
        + each(
            lambda p: (
                f"[Parallel(n_jobs=4)]: Done {p * 2:3} out of 200 | elapsed:    {p}.0s remaining:    {100 - p}.5s\n"
            ),
            range(4, 61, 8),
        ),
        60,
    ),
    "log-epoch": ("".join(f"2026-11-20 10:0{i}:00 INFO epoch={i}/10 loss=0.{93 - i}\n" for i in range(1, 7)), 60),
    "rsync-p2-2": (
        each(lambda p: f"\r {p * 10000:11,} {p:3}%   12.10MB/s    0:00:{60 - p:02} (xfr#{p}, ir-chk=1020/11{p:02})"),
        60,
    ),
    "curl-bar": (each(lambda p: f"\r{bar(p, 72, '#')} {p:3}.1%"), 60),
    "mc-cp": (
        each(lambda p: f"\r...ta/a.bin:  {p / 10:.2f} GiB / 10.00 GiB ┃{bar(p, 20, '▓')}┃ {p}.00% 101.10 MiB/s"),
        60,
    ),
    "gsutil": (
        each(
            lambda p: (
                f"\r{'/-|'[p % 3]} [{p // 11}/9 files][  {p / 10:.1f} GiB/ 10.0 GiB]  {p}% Done  100.1 MiB/s ETA 00:01:{60 - p:02}"
            )
        ),
        60,
    ),
    "azcopy-2": (
        each(
            lambda p: (
                f"\r{p}.0 %, {p} Done, 0 Failed, {100 - p} Pending, 0 Skipped, 100 Total, 2-sec Throughput (Mb/s): 101.{p % 9}"
            )
        ),
        60,
    ),
    "unison": (each(lambda p: f"\r {p:3}%  00:{60 - p:02} ETA"), 60),
    "kv-done-total": (
        "".join(f'2026-11-20T10:00:{i:02}Z level=info msg="import" done={i * 5} total=200\n' for i in range(13)),
        30,
    ),
    "kv-processed": (
        "".join(f"time=10:00:{i:02} level=INFO processed={i * 50} total=2000 errors=0\n" for i in range(13)),
        30,
    ),
    "files-scanned": (each(lambda p: f"\r{p}% [{p * 3} files scanned]"), 60),
    "zone-load": (each(lambda p: f"Loaded {p}% of zone data\n"), 60),
    "perl-tpb-2": (each(lambda p: f"\r{p:3}% [{bar(p, 50, '=')}]"), 60),
    "indicatif-2": (each(lambda p: f"\r⠋ [00:00:{p:02}] [{bar(p, 40, '#', '-')}] {p}/100 ({60 - p}s)"), 60),
    "indicatif-bytes": (
        each(lambda p: f"\r⠋ [00:00:{p:02}] [{bar(p, 40, '#', '-')}] {p}.00 MiB/100.00 MiB ({60 - p}s)"),
        60,
    ),
    "go-pb": (each(lambda p: f"\r{p} / 100 [{bar(p, 40, '=', '_')}] {p}.00% 10 p/s {60 - p}s"), 60),
    "schollz-2": (
        each(lambda p: f"\rdownloading {p:3}% |{bar(p, 40, '█')}| ({p / 10:.1f}/10 MB, 1.0 MB/s) [{p}s:{100 - p}s]"),
        60,
    ),
    "py-logging": (each(lambda p: f"2026-11-20 10:00:{p:02},123 - worker - INFO - Processed {p}/100 items\n"), 60),
    "hashcat-2": (each(hc), 60),
    "btrfs": (
        each(
            lambda p: (
                f"UUID:             1111\nStatus:           running\nTime left:        0:00:{60 - p:02}\nTotal to scrub:   10.00GiB\nBytes scrubbed:   {p / 10:.2f}GiB  ({p}.31%)\nRate:             220.00MiB/s\nError summary:    no errors found\n\n"
            )
        ),
        60,
    ),
    "docker-step": (
        "".join(f"Step {i}/12 : RUN thing {i}\n ---> Running in 6e{i}c2b\n ---> 8d3{i}e\n" for i in range(1, 8)),
        50,
    ),
    "bash-doing-last": ("".join(f"[{i}/8] Converting page{i}.png\n" for i in range(1, 9)), 87.5),
    "bash-doing": ("".join(f"[{i}/8] Converting page{i}.png\n" for i in range(1, 6)), 50),
    "bash-done": ("".join(f"[{i}/8] Converting page{i}.png ... ok\n" for i in range(1, 6)), 62.5),
    "bash-done2": ("".join(f"[{i}/8] page{i}.png done\n" for i in range(1, 6)), 62.5),
    "proc-of": ("".join(f"Processing {i} of 10: f{i}.csv\n" for i in range(1, 7)), 50),
    "proc-file-of": ("".join(f"Processing file {i} of 10 (f{i}.csv)\n" for i in range(1, 7)), 50),
    "processed-of": ("".join(f"Processed {i} of 10: f{i}.csv\n" for i in range(1, 7)), 60),
    "step-colon": ("".join(f"Step {i}/6: resize images{chr(97 + i)}\n  ... working\n" for i in range(1, 5)), 50),
    "apk-2": ("".join(f"({i}/8) Installing lib{chr(96 + i)} (13.2.1)\n" for i in range(1, 6)), 50),
    "pgbench": (
        each(lambda p: f"{p * 10000} of 1000000 tuples ({p}%) done (elapsed 0.{p:02} s, remaining 0.{100 - p} s)\n"),
        60,
    ),
    "mongo": (
        each(
            lambda p: (
                f"2026-11-20T10:00:{p:02}.000+0000\t[{bar(p, 24, '#', '.')}]  db.users  {p * 0.6:.1f}MB/60.0MB  ({p}.0%)\n"
            )
        ),
        60,
    ),
    "percent-word": (each(lambda p: f"{p} percent complete\n"), 60),
    "percent-word2": (each(lambda p: f"\rDefragmenting... {p} percent"), 60),
    "prog-colon": (each(lambda p: f"[INFO] Progress: {p}.0% ({p * 5} of 500 tiles)\n"), 60),
    "tiles": (each(lambda p: f"Rendered {p * 5}/500 tiles, {p % 9} threads\n"), 60),
    "scp-2": (each(lambda p: f"\ra.iso                 {p:3}% {p * 10}MB  11.1MB/s   01:{60 - p:02} ETA"), 60),
    "flash": (each(lambda p: f"\rWriting at 0x000{p:02}000... ({p} %)"), 60),
    "dfu": (each(lambda p: f"\rDownload\t[{bar(p, 25, '=')}] {p:3}% {p * 1024:8} bytes"), 60),
    "vmware-ovf": (each(lambda p: f"\rDisk progress: {p}%"), 60),
    "qemu": (each(lambda p: f"    ({p}.00/100%)\r"), 60),
    "vbox": ("0%..." + "".join(f"{i}%..." for i in range(10, 61, 10)), 60),
    "win-dots": ("".join(f"{i}%...\n" for i in range(10, 61, 10)), 60),
    "xfs_copy": (" " + "".join(f" {i}% ..." for i in range(0, 61, 10)), 60),
    "jpegs-of": (each(lambda p: f"Image {p} of 100 written to out{p:03}.png\n"), 60),
    "rows-c": (each(lambda p: f"Inserted {p * 10000:,} / 1,000,000 rows\n"), 60),
    "csvload": (each(lambda p: f"COPY progress: {p * 1000} rows of 100000 ({p}.00%)\n"), 60),
    "wal": (each(lambda p: f"{p * 1234:8}/123400 kB ({p}%), 0/1 tablespace\r"), 60),
    "wal-n": (each(lambda p: f"{p * 1234:8}/123400 kB ({p}%), 0/1 tablespace (/var/lib/x{p % 3}.tar)\n"), 60),
    "cabal-2": (
        "".join(f"[{i:2} of 12] Compiling Data.Mod{i} ( src/Mod{i}.hs, dist/Mod{i}.o )\n" for i in range(1, 8)),
        50,
    ),
    "ghc-big": (
        "".join(f"[{i:3} of 100] Compiling Data.Mod{i} ( src/Mod{i}.hs, dist/Mod{i}.o )\n" for i in range(1, 61)),
        60,
    ),
    "mvn-reactor": (
        "".join(
            f"[INFO] Building module-{i} 1.2.{i}                                              [{i}/10]\n[INFO] --------------------------------[ jar ]---------------------------------\n"
            for i in range(1, 7)
        ),
        50,
    ),
    "ruler": (
        "0%   10   20   30   40   50   60   70   80   90   100%\n|----|----|----|----|----|----|----|----|----|----|\n"
        + "*" * 25,
        49,
    ),
    "ruler-rcpp": (
        "0%   10   20   30   40   50   60   70   80   90   100%\n[----|----|----|----|----|----|----|----|----|----|\n"
        + "*" * 25,
        49,
    ),
    "octave-waitbar": (each(lambda p: f"\rcomputing... {p:3}% |{bar(p, 30, '=')}|"), 60),
    "qgis-process": (
        "----------------\nInputs\n----------------\n\nResults\n" + each(lambda p: f"Progress: {p} %\n"),
        60,
    ),
    "fastqc": ("Started analysis of a.fq\n" + "".join(f"Approx {p}% complete for a.fq\n" for p in range(5, 61, 5)), 60),
    "povray-2": (each(lambda p: f"Rendered {p * 1000} of 100000 pixels ({p}%)\r"), 60),
    "lux-samples": (each(lambda p: f"[Lux 2026-11-20 10:00:{p:02} INFO : 0] {p}% Samples, 12.1 kSamples/s\n"), 60),
    "esptool": (
        "Compressed 300000 bytes to 200000...\n" + each(lambda p: f"\rWriting at 0x000{p:02}000... ({p} %)"),
        60,
    ),
    "fwupd-2": (each(lambda p: f"\rWriting…                  [{bar(p, 39, '*')}] {p}%"), 60),
    "apt-fancy": (
        each(
            lambda p: (
                f"\x1b7\x1b[24;0f\x1b[42m\x1b[30mProgress: [{p:3}%]\x1b[49m\x1b[39m [{bar(p, 50, '#', '.')}] \x1b8Setting up pkg{p} (1.{p}-1) ...\n"
            )
        ),
        60,
    ),
    "zypper-2": ("".join(f"({i}/12) Installing: lib{i}-1.{i}.x86_64 [....done]\n" for i in range(1, 7)), 50),
    "emerge": (
        "".join(
            f">>> Emerging ({i} of 8) dev-libs/a{i}-1.{i}::gentoo\n>>> Installing ({i} of 8) dev-libs/a{i}-1.{i}::gentoo\n"
            for i in range(1, 5)
        ),
        37.5,
    ),
    "vagrant-box": (
        "==> default: Downloading: https://x/b.box\n"
        + each(lambda p: f"\r\x1b[KProgress: {p}% (Rate: 10.1M/s, Estimated time remaining: 0:00:{60 - p:02})"),
        60,
    ),
    "virt-sparsify": (
        "[   0.0] Create overlay file\n" + each(lambda p: f"\r {p:2}% ⟦{bar(p, 30, '▒', '═')}⟧ 00:{60 - p:02}"),
        60,
    ),
    "clickhouse-local": (
        each(
            lambda p: (
                f"\r↓ Progress: {p}.00 million rows, {p * 8}.00 MB (10.00 million rows/s., 80.00 MB/s.)  {bar(p, 20, '█')}{p}%"
            )
        ),
        60,
    ),
    "duckdb": (each(lambda p: f"\r{p:3}% ▕{bar(p, 38, '█')}▏ "), 60),
    "neo4j-import": ("".join(f"{p}% [elapsed: 00:00:{p:02}]\n" for p in range(5, 61, 5)), 60),
    "neo4j-dots": (
        "".join(
            ".......... .......... .......... .......... .......... " + f"{p:3}% ∆{p * 3}ms\n" for p in range(5, 61, 5)
        ),
        60,
    ),
    "logstash-import": (
        each(
            lambda p: (
                f'{{"@timestamp":"2026-11-20T10:00:{p:02}Z","message":"import","records_done":{p * 10},"records_total":1000}}\n'
            )
        ),
        60,
    ),
    "dvc-pull": (
        each(lambda p: f"\rFetching from s3:  {p}%|{bar(p, 10, '█')}|{p}/100 [00:{p:02}<00:{60 - p:02}, 12.1file/s]"),
        60,
    ),
    "transformers-eval": (
        each(lambda p: f"\rEvaluating: {p:3}%|{bar(p, 10, '█')}| {p}/100 [00:{p:02}<00:{60 - p:02},  1.10it/s]"),
        60,
    ),
    "locale-script": ("".join(f"=== [{i}/10] host{i}: OK ===\n" for i in range(1, 7)), 60),
    "perl-loop": ("".join(f"record {i * 1000} of 12000\n" for i in range(1, 7)), 50),
    "pct-prefix-2": (each(lambda p: f"{p:3}% : converting frame{p}.tif\n"), 60),
    "awk-dots": (each(lambda p: f"\rWorking{'.' * (p // 10)} {p}%"), 60),
    "py-click-items": (each(lambda p: f"\rItems  [{bar(p, 36, '#', '-')}]  {p}%  00:00:{60 - p:02}"), 60),
    "eta-log": (each(lambda p: f"{p:5.1f}% complete, ETA 0:00:{60 - p:02}\n"), 60),
    "rust-log": (each(lambda p: f"[2026-11-20T10:00:{p:02}Z INFO  app] indexed {p * 100}/10000 documents\n"), 60),
    "java-log": (
        each(lambda p: f"10:00:{p:02}.123 [main] INFO  c.e.Importer - Imported {p * 100} of 10000 rows ({p}%)\n"),
        60,
    ),
    "gdal-tiles": ("Generating Base Tiles:\n0...10...20...30...40...50...60", 60),
    "netcat-pv-n": ("".join(f"{n}\n" for n in (2, 7, 11, 17, 22, 26, 31, 37, 41, 46, 52, 56, 61)), 61),
    "cronjob-log": (each(lambda p: f"Nov 20 10:00:{p:02} host importer[123]: imported {p * 10} of 1000 records\n"), 60),
    "migrate": (
        "".join(
            f"Migrating: 2026_11_{i:02}_create_t{i} ({i}/12)\nMigrated:  2026_11_{i:02}_create_t{i} (12.1ms)\n"
            for i in range(1, 7)
        ),
        42,
    ),
    "frames-of": (each(lambda p: f"frame {p * 3} of 300 rendered in 0.{p % 10}s\n"), 60),
    "upload-loop": ("".join(f"Uploading chunk {i}/100... done\n" for i in range(1, 61)), 60),
    "mail-merge": ("".join(f"Sent {i}/50 mails\n" for i in range(1, 31)), 60),
    "batch-colon": ("".join(f"batch {i}/50: loss 0.{i}\n" for i in range(1, 31)), 60),
    "pct-time": (each(lambda p: f"[{p:3}%] 00:00:{p:02} elapsed, 00:00:{60 - p:02} left\n"), 60),
    "ninja-tty": (each(lambda p: f"\r[{p * 2}/200] Building CXX object src/a{p}.o\x1b[K"), 60),
    "meson-test-2": (
        "".join(f" {i:3}/50 suite / test{i}        OK              0.0{i % 9}s\n" for i in range(1, 31)),
        60,
    ),
    "bats": ("1..12\n" + "".join(f"ok {i} case {i}\n" for i in range(1, 7)), 50),
    "mutmut-2": (each(lambda p: f"\r⠋ {p * 2}/200  🎉 {p} 🫥 0  ⏰ 0  🤔 0  🙁 {p}  🔇 0"), 60),
    "rdiff": (each(lambda p: f"Processed {p * 10}/1000 increments\n"), 60),
    "rclone-onelines": (
        each(
            lambda p: f"2026/11/20 10:00:{p:02} INFO  :   {p / 10:.3f} GiB / 10 GiB, {p}%, 10.1 MiB/s, ETA {60 - p}s\n"
        ),
        60,
    ),
    "aws-cp": (each(lambda p: f"Completed {p / 10:.1f} GiB/10.0 GiB (101.1 MiB/s) with 1 file(s) remaining\r"), 60),
    "gcloud-2": (each(lambda p: f"\rCopying file://a...  {p / 10:.1f} GiB/10.0 GiB  {p}% Done"), 60),
    "pip-raw-2": (each(lambda p: f"Progress {p * 1000} of 100000\n"), 60),
    "make-n": (each(lambda p: f"  [{p:2}%] CC drivers/net/a{p}.o\n"), 60),
}
