"""Output of which nobody reads how far the work is, however much some of it looks like that."""

# ruff: noqa: E501, UP031  # what programs print is as wide as it is, in any characters, and full of braces

from __future__ import annotations

from support.outputs.draw import t

NOTHING: dict[str, str] = {
    "wfuzz-hydra": t("[STATUS] {n}.00 tries/min, {n} tries in 00:0{d}h, {left} to do in 00:1{d}h, 16 active\n"),
    "ab": "".join(f"Completed {n} requests\n" for n in range(100, 1000, 100)),
    "hyperfine": t("\r⠹ Current estimate: 101.{d} ms      {blk2} ETA 00:00:{leftq:02}"),
    "terraform": "".join(f"aws_instance.a[{n % 3}]: Still creating... [{n}0s elapsed]\n" for n in range(1, 30)),
    "terraform-plan": "Plan: 3 to add, 0 to change, 1 to destroy.\n",
    "helm": t("\rpods ready {q}/12"),
    "django-loaddata": t("\rProcessed {n} object(s)."),
    "alembic": "INFO  [alembic.runtime.migration] Running upgrade 1a2 -> 3b4, add\n" * 9,
    "ansible": "\nTASK [Gathering Facts] *********\nok: [host1]\n" * 5,
    "kpartx-dd": t("\r{n}123456 bytes (123 MB, 118 MiB) copied, {p} s, 123 MB/s"),
    "gromacs": "".join(
        f"\rstep {n}, remaining wall clock time: {500 - n // 100} s          " for n in range(0, 50000, 1000)
    ),
    "namd-like": "".join(
        f"TIMING: {n}  CPU: {n / 10}, 0.1/step  Wall: {n / 10}, 0.1/step, 0.{n % 10} hours remaining, 123.4 MB of memory in use.\n"
        for n in range(0, 5000, 100)
    ),
    "openfoam": "".join(f"Time = 0.{n:03}\nCourant Number mean: 0.1{n % 10} max: 0.8\n" for n in range(0, 100, 4)),
    "osm2pgsql-like": t("Processing: Node({n}k 12.{d}k/s) Way(0k 0.00k/s)\n"),
    "marks-without-beginning": "...30...40...50",
    "marks-uneven": "0...1...2...10...100",
    "version-dots": "0..10..11..13\n1..2..3\n",
    "nvidia-smi": t("| N/A   4{d}C    P0    28W /  70W |   {n}MiB / 15109MiB |     {p}%      Default |\n"),
    "tex": "".join(f"[{n}]\n" for n in range(1, 30)),
    "latexmk-like": "[1] [2] [3/4]\n",
    "clamscan": "".join(f"/data/f{n}: OK\n" for n in range(30)),
    "rkhunter": "".join(f"  Checking for x{n} [ None found ]\n" for n in range(30)),
    "smartctl": t("Self-test execution status: {left}% of test remaining.\n"),
    "sha-check": "".join(f"file{n}: OK\n" for n in range(40)),
    "locust": t(" GET /hello    {n}   0(0.00%) |   4{d}     {e}    120   41 |   12.{d}0        0.00\n"),
    "jmeter": t(
        "summary +   {n} in 00:00:{q:02} =   80.{d}/s Avg:    10 Min:     8 Max:    3{d} Err:     0 (0.00%) Active: 5\n"
    ),
    "stress-ng": t("stress-ng: info:  [123] {q} secs remaining\n"),
    "memtester": "  Stuck Address       : " + "".join(f"setting {n:3}" + "\b" * 11 for n in range(40)),
    "sysbench": t(
        "[ {q}s ] thds: 4 tps: 12{d}.3 qps: 2400.{d} (r/w/o: 1700/500/200) lat (ms,95%): 4{d}.10 err/s: 0.00 reconn/s: 0.00\n"
    ),
    "iperf": t("[  5]   {q}.00-{q}.99   sec   112 MBytes   94{d} Mbits/sec    0   3{d}0 KBytes\n"),
    "kbuild-like": "".join(f"  CC      drivers/a{n}.o\n" for n in range(40)),
    "openwrt-like": "make[3] -C package/a compile\n" * 9,
    "cpanm": "--> Working on A::B\nFetching http://x ... OK\n" * 8,
    "bundler": "Fetching a 1.2\nInstalling a 1.2\n" * 8,
    "behat": "".join("." * 70 + f" {n}\n" for n in range(70, 700, 70)),
    "atheris": "".join(
        f"#{n}\tNEW    cov: {n} ft: 12 corp: 3/4b lim: 4 exec/s: 0 rss: 30Mb L: {n % 9}/4 MS: 1\n"
        for n in range(10, 900, 40)
    ),
    "pyright": "No configuration file found.\n0 errors, 0 warnings\n",
    "npm-ci": t("\r(#########⠂⠂⠂⠂⠂⠂⠂⠂) ⠼ reify:lodash: timing reifyNode:node_modules/a{p} Completed in {n}ms"),
    "openssl-gen": "Generating RSA private key, 4096 bit long modulus\n....+++\n.......+++\n",
    "bwa": "".join(f"[M::process] read {n * 1000} sequences (10000122 bp)...\n" for n in range(1, 30)),
    "samtools-sort": "[bam_sort_core] merging from 12 files and 4 in-memory blocks...\n",
    "picard": "".join(
        f"INFO\t2026-11-25 10:00:{n:02}\tMarkDuplicates\tRead {n},000,000 records.  Elapsed time: 00:00:{n:02}s.  Time for last 1,000,000:    1s.\n"
        for n in range(1, 40)
    ),
    "gatk": "".join(
        f"10:00:{n:02}.123 INFO  ProgressMeter -           chr1:{n}00000              0.{n}              {n}0000          120{n}.1\n"
        for n in range(1, 40)
    ),
    "lammps": "Step Temp E_pair\n" + "".join(f"{n} 1.44 -6.{n}\n" for n in range(0, 9600, 100)),
    "ep-avg": "".join(f"Episode: {n}, avg reward {n % 20}.0 ({n % 13}%)\n" for n in range(5, 480, 20)),
    "catboost": "".join(
        f"{n}:\tlearn: 0.{900 - n}\ttest: 0.9\tbest: 0.9 ({n})\ttotal: {n}ms\tremaining: {300 - n}ms\n"
        for n in range(5, 290, 15)
    ),
    "spacy": "E    #       LOSS TOK2VEC  LOSS NER  ENTS_F\n---  ------  ------------  --------  ------\n"
    + "".join(f"  {n}      {n * 200}        {90 - n}.2     {50 - n}.1   {n}.{n}\n" for n in range(40)),
    "rook": t("    progress:\n      Global Recovery Event ({q}s)\n        [{eq}] (remaining: {leftq}s)\n"),
    "kubeadm": "[preflight] Running pre-flight checks\n[certs] Generating a\n" * 9,
    "kind": " ✓ Ensuring node image (kindest/node:v1.27.3)\n" * 4,
    "gsplit": "".join(f"creating file 'x{n:02}'\n" for n in range(30)),
    "redis-rdb": "[offset 0] Checking RDB file dump.rdb\n" * 3,
    "kafka": "Reassignment of partition a-0 is still in progress.\n" * 5,
    "scrapy": "".join(
        f"2026-11-25 10:0{n % 10}:00 [scrapy.extensions.logstats] INFO: Crawled {n * 10} pages (at {n} pages/min), scraped {n} items (at {n} items/min)\n"
        for n in range(1, 30)
    ),
    "go-test2json": "".join(
        '{"Time":"x","Action":"pass","Test":"T%d","Elapsed":0.%d}\n' % (n, n) for n in range(1, 30)
    ),
    "busy": t("busy {q}/12\n"),
    "busy-8": "".join(f"busy {n}/8\n" for n in range(1, 8)),
    "ratio-prose": "".join(f"The ratio is {n}/10 for sample {n}\n" for n in range(1, 10)),
    "ratio-prose-of": "".join(f"sample {n}: ratio {n} of 10\n" for n in range(1, 10)),
    "fan": t("\rfan {p}%"),
    "fan-lines": t("fan {p}%\n"),
    "fan-speed": t("\rFan speed: {p}%  temp {e}C"),
    "hist-rise": "".join(f"{n:5}-{n + 10:5} {'#' * (n // 2)} {n}%\n" for n in range(0, 90, 10)),
    "hist-ms": "".join(f"  {n} ms | {'█' * n} {n * 2}%\n" for n in range(1, 40, 3)),
    "hist-cum": "".join(f"{2**n:6} us: {'=' * n * 3} {n * 10}.{n}%\n" for n in range(1, 10)),
    "hist-letters": "".join(f"{c}: {'*' * n * 2} ({n * 7}%)\n" for n, c in enumerate("abcdefghijk", 1)),
    "percentiles-ab": "Percentage of the requests served within a certain time (ms)\n"
    + "".join(
        f"  {p}%    {v}\n"
        for p, v in ((50, 12), (66, 14), (75, 15), (80, 16), (90, 20), (95, 25), (98, 31), (99, 40), (100, 91))
    ),
    "percentiles-wrk": "  Latency Distribution\n     50%  635.91us\n     75%  712.34us\n     90%    1.04ms\n     99%    2.87ms\n",
    "percentiles-hey": "Latency distribution:\n"
    + "".join(f"  {p}% in 0.0{p}12 secs\n" for p in (10, 25, 50, 75, 90, 95, 99)),
    "percentiles-p": "".join(f"p{p} = {p}.1ms\n" for p in (50, 90, 95, 99)),
    "hey-hist": "Response time histogram:\n" + "".join(f"  0.{n:03} [{n * 3}]\t|{'■' * n}\n" for n in range(1, 12)),
    "fio-percentiles": "    clat percentiles (usec):\n     |  1.00th=[    4],  5.00th=[    5], 10.00th=[    5], 20.00th=[    6],\n"
    * 4
    + "  lat (usec)   : 2=0.01%, 4=1.2%, 10=80.1%\n  cpu          : usr=12.1%, sys=33.0%, ctx=123, majf=0, minf=10\n",
    "df": "Filesystem      Size  Used Avail Use% Mounted on\n"
    + "".join(
        f"/dev/sd{c}1       100G   {10 * n}G   {100 - 10 * n}G  {10 * n}% /mnt/{c}\n"
        for n, c in enumerate("abcdefgh", 1)
    ),
    "df-redrawn": "".join(
        f"\x1b[H\x1b[2JFilesystem      Size  Used Avail Use% Mounted on\n/dev/sda1       100G   {n}G   {100 - n}G  {n}% /\n"
        for n in range(10, 60, 3)
    ),
    "watch-du": t("\x1b[H\x1b[2JEvery 2.0s: du -sh   host: Wed Nov 25 10:00:{q:02} 2026\n\n{n}M\t/data\n"),
    "top": "".join(
        f"\x1b[Htop - 10:00:{n:02} up 3 days,  1:0{n % 6},  2 users,  load average: 0.{n:02}, 0.10, 0.05\nTasks: 120 total,   {n % 3} running, 118 sleeping\n%Cpu(s): {n}.{n % 10} us,  3.{n % 10} sy,  0.0 ni, {90 - n}.1 id,  0.0 wa\nMiB Mem :   7900.1 total,   1200.{n} free\n  {1000 + n} root 20 0 10 5 3 R  {n}.0  {n % 9}.1   0:0{n % 10}.10 python\n"
        for n in range(1, 40, 3)
    ),
    "htop-bars": "".join(
        f"\x1b[H  0[{'|' * n}{' ' * (30 - n)} {n * 3}.1%]\n  Mem[{'|' * n}{' ' * (30 - n)}{n}.1G/31.3G]\n"
        for n in range(1, 30, 2)
    ),
    "vmstat": "procs -----------memory----------\n"
    + "".join(
        f" {n % 3}  0      0 {100000 + n} 12345 67890    0    0     {n}     {n}   1{n}   2{n}  {n}  2 {95 - n}  0  0\n"
        for n in range(1, 40, 2)
    ),
    "iostat": "".join(
        f"avg-cpu:  %user   %nice %system %iowait  %steal   %idle\n          {n}.12    0.00    1.03    0.{n:02}    0.00   {95 - n}.30\n"
        for n in range(1, 40, 2)
    ),
    "mpstat": "".join(
        f"10:00:{n:02} AM  all    {n}.12    0.00    1.03    0.{n:02}    0.00   {95 - n}.30\n" for n in range(1, 40, 2)
    ),
    "docker-stats": "".join(
        f"\x1b[H\x1b[2JCONTAINER ID   NAME   CPU %   MEM USAGE / LIMIT     MEM %   NET I/O\n3f4a   web    {n}.12%   {n * 10}MiB / 2GiB     {n}.1%   1.2kB / 3.4kB\n"
        for n in range(1, 60, 3)
    ),
    "docker-stats-one": "".join(f"web  {n * 20}MiB / 2GiB\n" for n in range(1, 60, 3)),
    "mem-log": t("[{q}s] RSS {n}MB / 4096MB\n"),
    "heap": t("[GC] heap {n}M/2048M pause 3.{d}ms\n"),
    "gc-java": t("[{q}.{d}23s][info][gc] GC({p}) Pause Young (Normal) {n}M->{q}M(2048M) 3.{d}ms\n"),
    "gc-go": t("gc {p} @{q}.{d}s {p}%: 0.018+1.3+0.076 ms clock, 4->4->3 MB, 5 MB goal, 4 P\n"),
    "battery-log": t("10:00:{q:02} battery charging {p}%\n"),
    "volume": t("\rVolume: {p}%"),
    "brightness": t("\rbacklight at {p}%\n"),
    "humidity": t("2026-11-25 10:00 temp={e}.1 C humidity={p}%\n"),
    "pressure": t("soil moisture sensor A: {p}%\n"),
    "zoom": t("\rzoom {p}%"),
    "opacity": t("\ropacity {p}%  "),
    "signal": t("\rwlan0 link quality {p}/100 signal -{e} dBm"),
    "wifi": t("Link Quality={p}/100  Signal level=-{e} dBm\n"),
    "cov": "".join(f"src/pkg/mod{n}.py          {100 + n}     {100 - n}    {n}%   12-{n}\n" for n in range(5, 95, 5)),
    "cov-go": "".join(
        f"ok  \texample.org/pkg{n}\t0.{n:03}s\tcoverage: {n}.{n % 10}% of statements\n" for n in range(5, 95, 5)
    ),
    "cov-go-func": "".join(f"example.org/pkg/a.go:{n}:\t\tFunc{n}\t\t{n}.0%\n" for n in range(5, 95, 5)),
    "cov-jest": "File      | % Stmts | % Branch | % Funcs | % Lines | Uncovered Line #s\n"
    + "".join(f" a{n}.js    |   {n}.1 |    {n}.2 |   {n} |   {n}.1 | {n}-{n + 3}\n" for n in range(5, 95, 5)),
    "cov-lcov": "".join(f"  lines......: {n}.{n % 10}% ({n * 10} of 1000 lines)\n" for n in (40, 50, 60)),
    "gcov": "".join(f"File 'src/a{n}.c'\nLines executed:{n}.00% of 200\n\n" for n in range(5, 95, 5)),
    "llvm-cov": "".join(
        f"src/a{n}.c    200    {200 - 2 * n}    {n}.00%    20    {20 - n // 5}  {n}.00%\n" for n in range(5, 95, 5)
    ),
    "gprof": "  %   cumulative   self              self     total\n time   seconds   seconds    calls\n"
    + "".join(f" {40 - n:.2f}      {n * 0.1:.2f}     0.1{n}   {n}00     0.00     0.00  f{n}\n" for n in range(1, 20)),
    "perf-report": "".join(f"     {30 - n}.{n:02}%  prog  libc.so.6   [.] f{n}\n" for n in range(1, 25)),
    "perf-rev": "".join(f"     {n}.{n:02}%  prog  libc.so.6   [.] f{n}\n" for n in range(1, 25)),
    "git-diffstat": "".join(f" src/a{n}.py | {n * 3} {'+' * n}{'-' * (n // 2)}\n" for n in range(1, 30)),
    "git-dirstat": "".join(f"   {n}.{n % 10}% src/a{n}/\n" for n in range(3, 40, 3)),
    "git-rename": "".join(f" rename a/{{b{n} => c{n}}}.py ({n}%)\n" for n in range(51, 99, 4)),
    "git-similarity": "".join(f"similarity index {n}%\nrename from a{n}\nrename to b{n}\n" for n in range(51, 99, 4)),
    "git-bisect": "".join(
        f"Bisecting: {2 ** (7 - n)} revisions left to test after this (roughly {7 - n} steps)\n" for n in range(1, 7)
    ),
    "compress-ratio": "".join(f"  adding: a{n}.txt (deflated {n}%)\n" for n in range(10, 90, 4)),
    "gzip-v": "".join(f"a{n}.txt:\t {n}.{n % 10}% -- replaced with a{n}.txt.gz\n" for n in range(10, 90, 4)),
    "zstd-ratio": "".join(
        f"a{n}.txt             : {n}.10%   (  1.0 MiB =>    {n} KiB, a{n}.txt.zst)\n" for n in range(10, 90, 4)
    ),
    "optipng": "".join(
        f"** Processing: a{n}.png\nOutput file size = {n}123 bytes ({n} bytes = {n}.10% decrease)\n"
        for n in range(10, 60, 4)
    ),
    "jpegoptim": "".join(
        f"a{n}.jpg 4000x3000 24bit N Exif  [OK] {n * 100} --> {n * 90} bytes ({n}.10%), optimized.\n"
        for n in range(10, 60, 4)
    ),
    "upx": "".join(f"   {n}0000 ->    {n}000   {n}.48%   linux/amd64   a{n}\n" for n in range(10, 60, 4)),
    "sizes-webpack": "".join(f"asset a{n}.js {n} KiB [emitted] [minimized] {n}%\n" for n in range(10, 60, 4)),
    "accuracy-lines": t("epoch done, val_acc {p}.{d}%\n"),
    "accuracy-cr": t("\reval top-1 {p}.{d}% top-5 9{d}.1%"),
    "test-acc": "".join(
        f"Test set: Average loss: 0.{99 - n}, Accuracy: {9000 + n * 10}/10000 ({90 + n // 10}%)\n"
        for n in range(1, 90, 7)
    ),
    "correct": "".join(f"correct: {n * 10}/1000\n" for n in range(10, 90, 4)),
    "win-rate": t("[selfplay] wins {p} of 100 games so far vs baseline, elo +{q}\n", range(10, 60, 4)),
    "win-frac": "".join(f"wins {n}/100\n" for n in range(10, 60, 4)),
    "solved": "".join(f"seed {n}: solved {n % 10 + n // 8}/50 puzzles\n" for n in range(1, 60, 5)),
    "passed": "".join(f"suite{n}: {n}/40 passed\n" for n in range(1, 40, 3)),
    "passed-rising": "".join(f"{n} passed, {40 - n} failed ({n}/40)\n" for n in range(30, 40)),
    "score": "".join(f"score {n}/100 for {n}\n" for n in range(10, 90, 5)),
    "grades": "".join(f"student{n}: {n}/20\n" for n in range(5, 20)),
    "lighthouse": "".join(
        f"  {w}: {n}/100\n"
        for w, n in (("Performance", 70), ("Accessibility", 80), ("Best Practices", 92), ("SEO", 95))
    ),
    "pylint": "".join(
        f"Your code has been rated at {n}.00/10 (previous run: {n - 1}.00/10, +1.00)\n" for n in range(3, 9)
    ),
    "reviews": "".join(f"Item {n}: rated {n} of 10 by 34 users\n" for n in range(3, 9)),
    "stars": "".join(f"★ {n}/5 hotel {n}\n" for n in range(1, 6)),
    "dice": "".join(f"you rolled {n}/20\n" for n in (3, 7, 12, 15, 18)),
    "hp": t("HP {p}/100 MP {e}/90\n"),
    "hp-redrawn": t("\rHP {p}/100  gold {n}"),
    "level": t("level {q}/12 xp {n}/5000\n"),
    "chess": "".join(f"{n}. e4 e5 {n}/40\n" for n in range(1, 30)),
    "music": "".join(f"time signature {n}/8\n" for n in (3, 5, 6, 7)),
    "dates-slash": "".join(f"2024/10/{n:02} meeting {n}\n" for n in range(1, 30)),
    "dates-us": "".join(f"10/{n:02}/2024: {n} visits\n" for n in range(1, 30)),
    "dates-short": "".join(f"{n}/10 rain\n" for n in range(1, 10)),
    "dates-short-12": "".join(f"sales {n}/12: {n * 1000} EUR\n" for n in range(1, 12)),
    "apache-dates": "".join(
        f'1.2.3.4 - - [{n:02}/Nov/2026:10:00:{n:02} +0000] "GET /a/{n}/30 HTTP/1.1" 200 {n}12 "-" "curl/7.{n}"\n'
        for n in range(1, 30)
    ),
    "http-range": "".join(f"Content-Range: bytes {n}-{n + 9}/1000\n" for n in range(0, 900, 10)),
    "versions-34": "".join(f"python 3/4.{n} is ok\n" for n in range(1, 20)),
    "py-matrix": "".join(f"py3.{n}/3.14 ok\n" for n in range(8, 14)),
    "page-prose": "see page 1/3 for more, page 2/3 for less and page 3/3 for none.\n" * 3
    + "It happens in 3 of 10 cases; 5 of 10 otherwise; 9 of 10 with luck.\n",
    "page-links": "".join(f"<a href='/list?page={n}/9'>next</a> page {n}/9\n" for n in range(1, 1)),
    "prose-pct": "".join(f"In {2000 + n} about {n}% of tests were flaky.\n" for n in range(3, 30)),
    "prose-pct-2": "".join(
        f"Chapter {n}. {n * 4}% of the population lived in cities by {1800 + n * 9}.\n" for n in range(1, 20)
    ),
    "prose-of": "".join(f"Chapter {n} of the book says {n} of 30 monks were there.\n" for n in range(1, 20)),
    "inflation": "".join(f"{2000 + n},{n}.5%\n" for n in range(1, 20)),
    "csv-pct": "".join(f"row{n};{n}%;x\n" for n in range(1, 40, 2)),
    "tsv-pct": "".join(f"row{n}\t{n}%\n" for n in range(1, 40, 2)),
    "tbl-pct": "".join(f"| item{n} | {n}% |\n" for n in range(1, 40, 2)),
    "tbl-frac": "".join(f"| node{n} | {n}/40 |\n" for n in range(1, 40, 2)),
    "tbl-cum": "".join(
        f"{w:12} {n:3} {n * 5:6.1f}%\n"
        for n, w in enumerate(
            ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"], 1
        )
    ),
    "tbl-cum-bar": "".join(
        f"{w:12} {'█' * n} {n * 5}%\n"
        for n, w in enumerate(
            ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"], 1
        )
    ),
    "poll": "".join(
        f"{w:12} [{'#' * n}{' ' * (20 - n)}] {n * 5}%\n"
        for n, w in enumerate(["yes", "no", "maybe", "never", "always", "often", "seldom"], 3)
    ),
    "poll-one": "".join(f"candidate {n} [{'#' * n}{' ' * (20 - n)}] {n * 5}%\n" for n in range(1, 9)),
    "lang-stats": "".join(
        f"{w:10} {n}.{n}%\n" for n, w in enumerate(["C", "C++", "Python", "Shell", "Perl", "Awk", "Rust", "Go"], 4)
    ),
    "fdisk": "".join(f"/dev/sda{n} {n}00G {n * 10}%\n" for n in range(1, 9)),
    "mount-q": "".join(f"quota user{n}: {n}00M/1000M\n" for n in range(1, 9)),
    "netstat": "".join(f"10.0.{n}.0/24 via 10.0.0.{n} dev eth0\n" for n in range(1, 24)),
    "ip-addr": "".join(f"    inet 10.0.0.{n}/24 brd 10.0.0.255 scope global eth{n}\n" for n in range(1, 24)),
    "ports": "".join(f"{n * 100}/tcp open  svc{n}\n" for n in range(1, 24)),
    "ports-2": "".join(f"Discovered open port {n}/tcp on 10.0.0.1\n" for n in range(21, 64)),
    "ping": "".join(f"64 bytes from 1.1.1.1: icmp_seq={n} ttl=57 time=1{n % 10}.3 ms\n" for n in range(1, 30))
    + "30 packets transmitted, 30 received, 0% packet loss, time 29040ms\nrtt min/avg/max/mdev = 10.1/11.2/19.9/0.4 ms\n",
    "mtr": "".join(
        f"  {n}.|-- 10.0.{n}.1          {n * 2}.0%    10    0.{n}   0.{n}   0.2   0.{n}   0.1\n" for n in range(1, 20)
    ),
    "pods": "".join(f"web-{n:x}a3f   {n % 3}/3     Running   {n}     {n}m\n" for n in range(1, 30)),
    "pods-rising": "".join(f"web-0   {n}/5     Running   0     {n}m\n" for n in range(5)),
    "deploy-ready": "".join(f"waiting: {n} of 5 updated replicas are available...\n" for n in range(5)),
    "rollout": "".join(
        f'Waiting for deployment "web" rollout to finish: {n} of 10 updated replicas are available...\n'
        for n in range(10)
    ),
    "conn": "".join(f"pool size {n}/20\n" for n in range(1, 19)),
    "conn2": "".join(f"[pool] in use: {n}/20, waiting: 0\n" for n in range(1, 19)),
    "queue-depth": "".join(f"\rqueue {n}/1000" for n in range(1, 900, 40)),
    "buffer": "".join(f"\rbuffer {n}%  bitrate 3.{n % 10}Mb/s" for n in range(1, 90, 4)),
    "cache-occ": "".join(f"cache occupancy {n}/1000 entries\n" for n in range(1, 900, 40)),
    "slots": "".join(f"slots in use {n}/64\n" for n in range(1, 60, 4)),
    "token-budget": "".join(f"tokens: {n * 100}/8192\n" for n in range(1, 60, 4)),
    "rate-limit": "".join(f"rate limit: {n}/5000 requests used\n" for n in range(1, 4000, 140)),
    "seats": "".join(f"flight {n}: {n}/180 seats sold\n" for n in range(1, 170, 7)),
    "players": "".join(f"server: {n}/32 players online\n" for n in range(1, 30)),
    "vote": "".join(f"term {n}: votes {n % 4 + 1}/5\n" for n in range(1, 30)),
    "quorum": "".join(f"acks {n}/5\n" for n in range(1, 5)),
    "retry-backoff": "".join(f"Retrying ({n}/5) after connection broken\n" for n in range(1, 5)),
    "attempt": "".join(f"Attempt {n}/10 failed: timeout\n" for n in range(1, 10)),
    "attempt-w": "".join(f"waiting for database ({n}/30)\n" for n in range(1, 20)),
    "health": "".join(f"health check {n}/3 failed\n" for n in range(1, 4)),
    "warning-n": "".join(f"warning {n} of 9: unused x{n}\n" for n in range(1, 9)),
    "err-n": "".join(f"[error {n}/9] bad thing {n}\n" for n in range(1, 9)),
    "cc-warnings": "".join(f"src/a.c:{n}:{n}: warning: unused variable 'x{n}' [-Wunused]\n" for n in range(1, 30)),
    "source-code": "".join(f"    x = {n} / 100  # {n}% of it\n" for n in range(1, 30)),
    "source-c": "".join(f'  printf("%d%% done\\n", {n}); /* {n}/30 */\n' for n in range(1, 30)),
    "css": "".join(f".w-{n} {{ width: {n}%; }}\n" for n in range(5, 100, 5)),
    "css-kf": "".join(f"  {n}% {{ opacity: .{n:02} }}\n" for n in range(0, 100, 5)),
    "svg": "".join(f'<stop offset="{n}%" stop-color="#{n:06}"/>\n' for n in range(0, 100, 5)),
    "math": "".join(f"{n}/10 = 0.{n}\n" for n in range(1, 10)),
    "fractions": "".join(f"{n}/10 + 1/10 = {n + 1}/10\n" for n in range(1, 10)),
    "seq-frac": "".join(f"{n}/12\n" if n % 2 else f"{n // 2}/6\n" for n in range(1, 12)),
    "numbers": "".join(f"{n}\n" for n in range(101)),
    "shares": t("share of cpu: user {p}.{d}%\n"),
    "load-bars": "".join(f"\rload [{'#' * (n // 5)}{' ' * (20 - n // 5)}] {n}%" for n in range(1, 90, 4)),
    "cpu-bar": "".join(f"\rCPU [{'|' * (n // 5)}{' ' * (20 - n // 5)}] {n}%" for n in range(1, 90, 4)),
    "temp-bar": "".join(f"\rcore0 {'█' * (n // 5)} {n}C/100C" for n in range(1, 90, 4)),
    "vu-meter": "".join(
        f"\r[{'=' * (n // 5)}{' ' * (20 - n // 5)}] {n}% peak" for n in (10, 40, 20, 60, 30, 70, 20, 80, 10, 90) * 3
    ),
    "gauge-wander": "".join(
        f"\r{n}%" for n in (10, 20, 30, 40, 35, 30, 25, 40, 50, 60, 55, 40, 30, 45, 20, 10, 30) * 2
    ),
    "gauge-rise-slow": "".join(f"\r{n}%" for n in (40, 41, 41, 42, 41, 40, 39, 40, 41, 42, 43, 41, 40, 42)),
    "dmesg": "".join(
        f"[{n:5}.{n:06}] usb 1-{n}: new high-speed USB device number {n} using xhci_hcd\n[{n:5}.{n:06}] CPU{n}/{n + 1} topology {n}% ok\n"
        for n in range(1, 20)
    ),
    "dmesg-real": "[    0.004] smpboot: Total of 2 processors activated (9600.00 BogoMIPS)\n[    0.3] pci 0000:00:1f.2: BAR 4: [io 0xc040-0xc05f]\n[    0.4] thermal: 1/2 trips\n"
    * 5,
    "apt-log": "".join(
        f"Get:{n} http://deb.x.org/debian bookworm/main amd64 lib{n} amd64 1.2-{n} [{n}4.{n % 10} kB]\n"
        for n in range(1, 40)
    )
    + "Fetched 12.3 MB in 2s (6,120 kB/s)\nReading package lists... 0%\nReading package lists... Done\n",
    "apt-unpack": "".join(
        f"Selecting previously unselected package lib{n}.\nPreparing to unpack .../{n:02}-lib{n}_1.2-{n}_amd64.deb ...\nUnpacking lib{n} (1.2-{n}) ...\n"
        for n in range(40)
    ),
    "needrestart": "".join(f"Processing triggers for man-db (2.11.{n}-{n}/{n + 3}) ...\n" for n in range(1, 9)),
    "pip-v": "".join(
        f"Collecting pkg{n}==1.{n}\n  Downloading pkg{n}-1.{n}-py3-none-any.whl ({n} kB)\n  Link requires a different Python (3.11.7 not in: '>=3.{n}/3.9')\n"
        for n in range(1, 20)
    ),
    "ps-aux": "USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND\n"
    + "".join(
        f"root  {n}  {n}.{n}  {n}.1 1234{n} 567{n} pts/{n} Ss 10:{n:02} 0:0{n % 10} /usr/bin/x{n} {n}/50\n"
        for n in range(1, 40)
    ),
    "kernel-irq": "".join(f"kworker/{n}:1 kworker/{n}:2H ksoftirqd/{n}\n" for n in range(1, 40)),
    "pts": "".join(f"user{n} pts/{n} 10.0.0.{n} 10:{n:02} {n}.00s\n" for n in range(1, 30)),
    "crontab": "".join(f"*/{n} * * * * /usr/bin/job{n}\n" for n in range(1, 30)),
    "mime": "".join(f"text/plain {n}/3 q=0.{n}\n" for n in range(1, 3)),
    "paths": "".join(f"/data/{n}/100/x.bin ok\n{n}/100/y.bin ok\n" for n in range(1, 90, 4)),
    "urls": "".join(f"GET https://x.org/api/v1/items/{n}/100 -> 200\n" for n in range(1, 90, 4)),
    "test-ids": "".join(f"test_case[{n}/100-a] ok\ntest_pct[{n}%] ok\n" for n in range(1, 90, 4)),
    "url-enc": "".join(f"GET /a%20b%{n}c?x={n}%25 200\n" for n in range(10, 90, 4)),
    "sql-like": "".join(f"SELECT * FROM t WHERE a LIKE '%{n}%' -- {n} rows\n" for n in range(1, 40)),
    "strftime": "".join(f"fmt %d/%m/{n}% ok\n" for n in range(1, 40)),
    "tcpdump": "".join(
        f"10:00:{n:02}.123 IP a.1 > b.2: Flags [P.], seq {n}:{n + 9}, ack {n}/90, win 501, length 9\n"
        for n in range(1, 50, 3)
    ),
    "dns": "".join(f"10:00:{n:02} {n}/2/0 A 1.2.3.{n}\n" for n in range(1, 3)),
    "tcpdump-dns": "".join(f"IP 8.8.8.8.53 > h.{n}: {n} {n % 4}/0/1 A 1.2.3.4 (53)\n" for n in range(1, 50, 3)),
    "strace-c": "% time     seconds  usecs/call     calls    errors syscall\n"
    + "".join(f" {40 - n}.10    0.00{n}          {n}       1{n}           read{n}\n" for n in range(1, 30)),
    "valgrind": "==123== HEAP SUMMARY:\n==123==     in use at exit: 0 bytes in 0 blocks\n"
    + "".join(f"==123== {n} bytes in 1 blocks are definitely lost in loss record {n} of 30\n" for n in range(1, 29)),
    "valgrind-of": "".join(
        f"==77== 8 bytes in 1 blocks are still reachable in loss record {n} of 40\n==77==    at 0x48{n}: malloc\n"
        for n in range(1, 39, 2)
    ),
    "stack-trace": "".join(f'  File "/a/b{n}.py", line {n}, in f{n}\n    return {n}/30\n' for n in range(1, 29)),
    "disassembly": "".join(f"  {n:4x}:\t48 89 e5 \tmov %rsp,%rbp # {n}%rax\n" for n in range(1, 40)),
    "asm-regs": "".join(f"  add ${n}, %eax ; {n} % 7\n" for n in range(1, 40)),
    "modulo": "".join(f"{n} % 7 = {n % 7}\n" for n in range(1, 60)),
    "discounts": "".join(f"SAVE {n}% today\n" for n in range(5, 60, 5)),
    "interest": "".join(f"year {n}: rate {n}.5%\n" for n in range(1, 20)),
    "profit": "".join(f"{n} Nov +{n}.2%\n" for n in range(1, 28)),
    "stocks": "".join(f"AAPL 19{n % 10}.12 {n}.5%\n" for n in range(1, 28)),
    "sensors": "".join(f"fan{n}: {n * 10}%  (pwm {n * 25}/255)\n" for n in range(1, 10)),
    "pwm": t("\rpwm {n}/2550"),
    "servo": t("\rangle {p}/180"),
    "gps": "".join(f"\rsatellites {n}/24 fix 3D" for n in range(3, 20)),
    "satellites": "".join(f"satellites {n} of 24\n" for n in range(3, 20)),
    "thread-n": "".join(f"[thread {n}/16] started\n" for n in range(1, 16)),
    "worker-n": "".join(f"worker {n} of 16 started\n" for n in range(1, 16)),
    "gpu-n": "".join(f"rank {n}/16 initialised\nGPU {n}/16 ok\n" for n in range(1, 16)),
    "initialized": "".join(f"Initializing distributed: GLOBAL_RANK: {n}, MEMBER: {n + 1}/16\n" for n in range(16)),
    "spinner-of": "".join(f"\r{c} Waiting for 3 of 10 shards" for c in "|/-\\" * 9),
    "speed-only": t("\r{n} KiB  12.{d} MiB/s  0:00:{q:02}"),
    "dd": t("\r{n}23456789 bytes (1.2 GB, 1.1 GiB) copied, {q} s, 1{d}3 MB/s"),
    "tqdm-nototal": t("\r{n}it [00:{q:02}, 34.{d}it/s]"),
    "npm-audit": "".join(f"found {n} vulnerabilities ({n} low) in {n}00 scanned packages\n" for n in range(1, 9)),
    "npm-wa": "npm WARN deprecated a@1.2.3: use b@2/3\n" * 9,
    "eslint": "✖ 12 problems (3 errors, 9 warnings)\n" * 3,
    "jest": "".join(f"PASS src/a{n}.test.js\n  ✓ thing {n} ({n} ms)\n" for n in range(1, 30))
    + "Tests:       30 passed, 30 total\n",
    "gotest": "".join(f"--- PASS: TestA/{n}/30 (0.0{n % 10}s)\n" for n in range(1, 30)),
    "junit": "".join(
        f"Tests run: {n}, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.{n} s\n" for n in range(1, 30)
    ),
    "ansible-recap": "".join(f"host{n} : ok={n} changed={n % 3} unreachable=0 failed=0\n" for n in range(1, 30)),
    "make-j": "".join(f"make[{n % 3}]: Entering directory '/x/{n}/40'\n" for n in range(1, 40)),
    "ls-l": "".join(
        f"-rw-r--r-- 1 root root {n}00 Nov {n % 28 + 1} 10:{n % 60:02} {n}% done.txt\n" for n in range(1, 60, 3)
    ),
    "ls-names": "".join(f"{n}%.txt\nreport-{n}%.pdf\n" for n in range(1, 60, 3)),
    "email": "".join(f"Subject: [PATCH {n}/9] fix thing {n}\nDate: Wed, {n} Nov 2026\n" for n in range(1, 9)),
    "patch-apply": "".join(
        f"checking file a{n}.c\nHunk #{n} succeeded at {n}0 (offset {n} lines).\n" for n in range(1, 20)
    ),
    "yaml": "".join(f"  maxSurge: {n}%\n  replicas: {n}/30\n" for n in range(1, 29)),
    "json-cfg": "".join('{"id": %d, "cpu_percent": %d, "total": 100}\n' % (n, n) for n in range(1, 60, 3)),
    "json-metrics": "".join('{"ts": %d, "percent": %d, "metric": "cpu"}\n' % (n, n) for n in range(1, 60, 3)),
    "json-shard": "".join(
        '{"index": %d, "hits": {"total": %d}, "progress_note": "x"}\n' % (n, n * 3) for n in range(1, 60, 3)
    ),
    "kv-usage": t("level=info cpu={p}% mem={e}%\n"),
    "kv-util": t("ts=1 msg=stats util={p}%\n"),
    "influx": t("cpu,host=a usage_user={p}.{d},usage=3% 176{n}\n"),
    "statsd": t("disk.used.pct:{p}%|g\n"),
    "alarm": "".join(f"ALERT: disk /data is {n}% full\n" for n in range(80, 99)),
    "inode": "".join(f"inode usage on /data at {n}%\n" for n in range(40, 99, 3)),
    "table-full": "".join(f"table hash {n}% full\n" for n in range(10, 90, 4)),
    "nginx-st": "".join(
        f"Active connections: {n} \nserver accepts handled requests\n {n} {n} {n * 2}\nReading: 0 Writing: {n} Waiting: 1\n"
        for n in range(1, 30)
    ),
    "postgres-log": "".join(
        f"2026-11-25 10:00:{n:02} UTC [12] LOG:  checkpoint complete: wrote {n} buffers ({n}.{n % 10}%); 0 WAL file(s) added\n"
        for n in range(1, 50, 3)
    ),
    "redis": "".join(
        f"12:M 25 Nov 2026 10:00:{n:02}.1 * {n} changes in 60 seconds. Saving...\n12:C RDB: {n} MB of memory used by copy-on-write\n"
        for n in range(1, 50, 3)
    ),
    "es-watermark": "".join(
        f"[WARN ] low disk watermark [85%] exceeded on [x{n}][/data] free: {90 - n}.1gb[{30 - n % 20}%]\n"
        for n in range(1, 50, 3)
    ),
    "spark-mem": "".join(
        f"INFO BlockManagerInfo: Added rdd_{n}_0 in memory on h:1 (size: {n} MB, free: {900 - n} MB)\n"
        for n in range(1, 50, 3)
    ),
    "llm-eval": "".join(f"question {n}: model answered B, gold B, running accuracy {n}%\n" for n in range(40, 70)),
    "running-acc": "".join(f"running score: {n}/{n + 3}\n" for n in range(4, 70)),
    "so-far": "".join(f"{n} of {n + 7} checks were good\n" for n in range(4, 70)),
    "growing-cur": "".join(f"[{n}/{n + 2}] queued\n" for n in range(4, 70)),
    "solver": "".join(f" {n * 100:6} {90 - n:5}  {n * 3:9}  gap {99 - n}.{n % 10}%  {n}s\n" for n in range(1, 90, 4)),
    "solver-gap-up": "".join(
        f"H {n:5} {n:5}     {n}.0000  {n + 3}.0  {n}.{n % 10}%     -    {n}s\n" for n in range(1, 60, 4)
    ),
    "residual": "".join(f"iter {n}: residual 1e-{n}, improvement {n}%\n" for n in range(1, 30)),
    "memory-leak": "".join(f"memory in use: {n}%\n" for n in range(10, 90, 4)),
    "swap-in": "".join(f"\rSwap: {n}% used" for n in range(10, 90, 4)),
    "gc-pct": "".join(f"GOGC overhead now {n}% of wall\n" for n in range(1, 30)),
    "dup-rate": "".join(f"dedup saved {n}% so far\n" for n in range(10, 90, 4)),
    "match": "".join(f"match {n}%: a{n}.txt b{n}.txt\n" for n in range(10, 90, 4)),
    "identity": "".join(f" Identities = {n}/100 ({n}%), Gaps = 0/100 (0%)\n" for n in range(10, 90, 4)),
    "mapq": "".join(f"sample{n}: {n}.12% (properly paired : {n}.0%)\n" for n in range(10, 90, 4)),
    "flagstat": "".join(f"{n * 100} + 0 mapped ({n}.00% : N/A)\n" for n in range(10, 90, 4)),
    "alignment": "".join(f"{n}.5% overall alignment rate\n" for n in range(10, 90, 4)),
    "kmers": "".join(f"kmer {n}: unique {n}.5%\n" for n in range(21, 90, 4)),
    "lottery": "".join(f"draw {n}: odds 1/{n * 100}\n" for n in range(1, 30)),
    "odds": "".join(f"odds {n}/30\n" for n in range(1, 30)),
    "scale": "".join(f"scale 1/{n}\n" for n in range(1, 30)),
    "shutter": "".join(f"IMG_{n} f/2.8 {n}/250s ISO {n}00\n" for n in range(1, 30)),
    "inches": "".join(f"bolt {n}/16 in\n" for n in range(1, 16)),
    "fps": "".join(f"\rfps {n}/60" for n in range(1, 60, 3)),
    "tps": t("\r{n} tps  {p}% abort"),
    "latency": t("p99 over budget in {p}% of windows\n"),
    "slo": t("slo burn: error budget {p}% consumed\n"),
    "typing": t("\rWPM {e}  accuracy {p}%"),
    "exam": "".join(f"Question {n}/20: correct\n" for n in range(1, 19)),
    "lyrics": "99 bottles of beer on the wall, 98 of 99 left.\n" * 4,
    "countdown-of": "".join(f"{n} of 50 remaining\n" for n in range(50, 1, -1)),
    "countdown-pct": "".join(f"\r{n}% left" for n in range(99, 1, -3)),
    "left-rise": "".join(f"{n}% left\n" for n in range(1, 99, 3)),
    "to-chk": "".join(f"to-chk={50 - n}/51\n" for n in range(1, 50)),
    "sample-n": "".join(f"sample {n}: {n}/100 reads kept\n" for n in range(5, 90, 5)),
    "kept": "".join(f"kept {n}/100 of chunk\n" for n in range(5, 90, 5)),
    "filters": "".join(
        f"filter {w}: {n}/1000 rows matched\n" for n, w in ((10, "a"), (200, "b"), (300, "c"), (700, "d"), (900, "e"))
    ),
    "found-of": "".join(f"found {n} of 40 keys\n" for n in range(1, 40, 2)),
    "inprose-of": "".join(f"We saw {n} of 40 birds on day {n}.\n" for n in range(1, 40, 2)),
    "bmi": "".join(f"day {n}: water 3/8, fat {n}%\n" for n in range(10, 30)),
    "recipe": "1/4 cup milk\n1/2 cup sugar\n3/4 cup flour\n2/3 tsp salt\n" * 3,
    "blood": "".join(f"BP {100 + n}/{180 + n} pulse {n}\n" for n in range(1, 30)),
    "tz": "".join(f"Etc/GMT+{n} UTC-{n}/30\n" for n in range(1, 12)),
    "license": "Licensed under Apache-2.0 OR MIT 1/2, see clause 3 of 4.\n" * 5,
    "sys-usage": t("\r\x1b[KUsage: {p}% of 16 cores, {e}% of RAM"),
    "uptime-pct": "".join(f"uptime 99.{n:02}%\n" for n in range(1, 99, 4)),
    "hit-ratio": "".join(f"\rhits/misses: {n}/{n * 3} ({n}%)" for n in range(1, 90, 4)),
    "speedup": "".join(f"threads={n} efficiency {100 - n}%\nthreads={n} parallel part {n}%\n" for n in range(1, 30)),
    "contrib": "".join(f"{n}%  Author{n} <a{n}@x.org>\n" for n in range(1, 30)),
    "blame": "".join(f"  {n}.5%  {n * 3} src/x{n}.c\n" for n in range(1, 30)),
    "ncdu": "".join(f"  {n}.1 GiB [{'#' * (n % 10)}{' ' * (10 - n % 10)}] {n}% /dir{n}\n" for n in range(1, 30)),
    "du-bars": "".join(f"{n}M ┌── dir{n} │{'█' * n}│ {n}%\n" for n in range(1, 30)),
    "dust": "".join(f" {n * 10}M   ┌── d{n}│{'█' * n:>40}│ {n * 3}%\n" for n in range(1, 30)),
    "cloc": "".join(f"Lang{n}   {n}   {n * 10}  {n}.{n}%\n" for n in range(1, 30)),
    "tokei": "".join(f" src/a{n}.rs        {n}      {n}     {n}%\n" for n in range(1, 30)),
    "ticks-load": t("\r[{hash}] {p}% load"),
    "motor": t("\rmotor torque {p}%"),
    "throttle": t("\rthrottle {p}% rpm {n}"),
    "door": t("\rvalve open {p}%"),
    "sky": t("\rcloud cover {p}%, wind {q} kn"),
    "mix": t("\rdry/wet {p}% gain -{q} dB"),
    "duty": t("duty cycle {p}%\n"),
    "idle": t("idle {p}%\n"),
    "stage-done-once": "[1/1] Building x\n" * 3,
    "two-lines": "10%\n20%\n",
    "one": "45%\n",
    "heading-pcts": "25%\nsome text\nmore text here\n50%\nmuch more text\nand so\n75%\nend\n",
    "survey": "".join(f"Q{n}. Do you agree?\n  yes {n * 6}%\n  no {100 - n * 6}%\n" for n in range(1, 12)),
    "survey-yes": "".join(f"Q{n}\nyes: {n * 6}%\n" for n in range(1, 12)),
    "bin-pct": "".join(f"bin {n}: {n * 3}%\n" for n in range(1, 12)),
    "cdf": "".join(f"<= {n * 10} ms: {n * 8}.0%\n" for n in range(1, 12)),
    "cdf-2": "".join(f"{n * 8}.0% <= {n * 10} ms (cumulative count {n * 100})\n" for n in range(1, 12)),
    "redis-bench": "".join(
        f"{100 - 50 / 2**n:.3f}% <= 0.{n}03 milliseconds (cumulative count {n * 9000})\n" for n in range(10)
    ),
    "quantile-bar": "".join(f" {n * 10:3}% {'#' * n} {n * 13}\n" for n in range(1, 11)),
    "feature-imp": "".join(f"feature{n} {'█' * (12 - n)} {24 - 2 * n}%\n" for n in range(1, 12)),
    "feature-up": "".join(
        f"feature_{w} {'█' * n} {n * 6}%\n" for n, w in enumerate(["age", "sex", "income", "zip", "color", "size"], 1)
    ),
    "dice-hist": "".join(f"{n}: {'#' * n * 2} {n * 4}%\n" for n in range(1, 13)),
    "dice-hist2": "".join(f"{n} | {'#' * n * 2:40} | {n * 4}\n" for n in range(1, 13)),
    "hist-frac": "".join(f"{n}: {'#' * n} {n}/50\n" for n in range(1, 20)),
    "gauges-multi": "".join(
        f"\x1b[3A\rcpu0 [{'#' * (n % 10)}] {n}%\ncpu1 [{'#' * (n % 7)}] {n * 3 % 100}%\nmem [{'#' * 5}] 50%\n"
        for n in range(1, 60, 3)
    ),
    "sensor2": t("pump 3 at {p}% duty\n"),
    "led": t("\rled ring {p}%"),
    "conv-rate": t("conversion {p}% for campaign {q}\n"),
    "open-rate": t("open {p}% click 3%\n"),
    "occupancy": "".join(f"room {n}: {n}/40 seats\n" for n in range(1, 39)),
    "tickets": "".join(f"tickets closed {n}/40\n" for n in range(1, 39)),
    "league": "".join(f"{n}. Team{n}  W {n}/38  {n * 2}%\n" for n in range(1, 20)),
    "pass-rate": "".join(f"run {n}: pass rate {n * 2}%\n" for n in range(1, 40)),
    "flaky": "".join(f"test_a flaked {n}/100 times\n" for n in range(1, 40)),
    "shots": "".join(f"shots on target {n}/20\n" for n in range(1, 19)),
    "elect": "".join(f"county {n}: turnout {n}.5%\n" for n in range(1, 60)),
    "grade-hist": "".join(f"{n * 10:3}-{n * 10 + 9:3} | {'*' * n} ({n * 3}%)\n" for n in range(1, 10)),
    "cron-exp": "".join(f"{n}/15 * * * * root run-{n}\n" for n in range(1, 14)),
    "net-rx": t("\reth0 rx {n} KiB/s tx 3 KiB/s {p}% util"),
    "cpu-freq": t("\rcore 2 at {n} MHz ({p}% of max)"),
    "mem-of": t("resident {n} MB of 4000 MB\n"),
    "mem-of2": t("Memory usage: {n} MB / 4000 MB ({p}%)\n"),
    "gpu-util": t("GPU-Util {p}%, {n}MiB / 15109MiB\n"),
    "disk-full2": t("/var is at {p}% ({n}M of 2000M)\n"),
    "quota-mail": t("mailbox {n} MB of 2000 MB used ({p}%)\n"),
    "swap2": t("\rSwp[||||||   {n}M/2048M]"),
    "jvm": t("Eden: {n}.0M(2000.0M)->0.0B(2000.0M) {p}%\n"),
    "cachehit": t("lookup {n}/2000 hit\n"),
    "bloom": t("filter load {p}% false positive 0.{d}%\n"),
    "compr2": "".join(f"a{n}.txt -> a{n}.gz {n}%\n" for n in range(10, 90, 3)),
    "savings": "".join(f"{n}.png saved 12 kB ({n}%)\n" for n in range(10, 90, 3)),
    "img-opt": "".join(f"img{n}.png: 100 KB → {100 - n} KB ({n}% smaller)\n" for n in range(10, 90, 3)),
    "diff-cov": "".join(f"a{n}.py ({n}.0%): Missing lines 3-4\n" for n in range(10, 90, 3)),
    "mutation-score": t("Mutation score {p}%\n"),
    "lint-score": "".join(f"score {n / 10:.1f}/10\n" for n in range(10, 90, 3)),
    "ci-matrix": "".join(f"job {n} (3.{n}/4.0)\n" for n in range(1, 30)),
    "fw-rules": "".join(f"rule {n}: allow tcp {n}/24 any\n" for n in range(1, 24)),
    "cidr": "".join(f"192.168.{n}.0/24 {n}%\n" for n in range(1, 60)),
    "subnets": "".join(f"/{n} {n}/32 bits\n" for n in range(8, 30)),
    "sound": t("\r[Master] volume {p}% [on]"),
    "alsa": "".join(f"  Front Left: Playback {n * 600} [{n}%] [-{30 - n / 4:.2f}dB] [on]\n" for n in range(1, 90, 4)),
    "acpi": "".join(f"Battery 0: Charging, {n}%, 00:{60 - n // 2:02}:00 until charged\n" for n in range(1, 90, 4)),
    "upower": "".join(f"    percentage:          {n}%\n" for n in range(1, 90, 4)),
    "ipmi": "".join(f"FAN{n} | {n * 100} RPM | {n * 3}% | ok\n" for n in range(1, 30)),
    "zfs-list": "".join(f"tank{n}  10T  {n}T  -  -  {n}%  {n * 3}%  1.00x  ONLINE\n" for n in range(1, 30)),
    "pvs": "".join(f"  /dev/sd{c} vg{n} lvm2 a-- 100g {n}g {n * 2}%\n" for n, c in enumerate("abcdefghij", 1)),
    "lvs": "".join(f"  lv{n} vg -wi-ao---- 10g pool {n * 3}.00\n" for n in range(1, 30)),
    "thinpool": t("WARNING: thin pool data {p}.{d}% full\n"),
    "pg-bloat": t("index bloat {p}.{d}% on idx_{q}\n"),
    "vacuum-log": t("pages: 0 removed, {n} remain, {q} scanned ({p}.{d}0% of total)\n"),
    "explain": "".join(f"Seq Scan on t{n}  (cost=0.00..{n}.5 rows={n} width={n}) loops={n}/30\n" for n in range(1, 30)),
    "locks": "".join(f"lock {n} waits {n}/30 holders\n" for n in range(1, 30)),
    "msg-x-of-y": "".join(f"message {n} in thread ({n} of many)\n" for n in range(1, 30)),
    "rfc": "".join(f"RFC {n}, section {n} of 40, says so\n" for n in range(1, 39)),
    "law": "".join(f"§ {n}: {n}/40 EC applies\n" for n in range(1, 39)),
    "bible": "".join(f"{n}:3 verse of 40\n" for n in range(1, 39)),
    "guitar": "".join(f"bar {n}: {n % 4 + 1}/4 chord\n" for n in range(1, 39)),
    "tempo": "".join(f"tempo {n} bpm {n}/120\n" for n in range(1, 110, 4)),
    "bowling": "".join(f"frame {n}: {n}/10 pins\n" for n in range(1, 10)),
    "poker": "".join(f"hand {n}: equity {n * 2}.1%\n" for n in range(1, 40)),
    "loan": "".join(f"month {n}/360 interest {n}.1 principal {n}\n" for n in range(1, 40)),
    "weather": "".join(f"{n:02}:00  {n}°C  rain {n * 4}%  wind {n}/30\n" for n in range(1, 24)),
    "alloc": "".join(f"allocated {n}/128 pages to pid {n}\n" for n in range(1, 120, 5)),
    "fds": "".join(f"open files {n}/1024\n" for n in range(1, 900, 40)),
    "threads-run": "".join(f"threads running {n}/64\n" for n in range(1, 60, 4)),
    "pids": "".join(f"pids.current {n}/4096\n" for n in range(1, 900, 40)),
    "partitions": "".join(f"broker leads {n}/50 partitions\n" for n in range(1, 49, 2)),
    "pods2": "".join(f"{n}/10 nodes are available: insufficient cpu\n" for n in range(10)),
    "svc-repl": "".join(f"abc{n}   web{n}   replicated   {n}/30   nginx:1.{n}\n" for n in range(1, 30)),
    "raid": "".join(f"md{n} : active raid1 sda{n}[0] sdb{n}[1] [2/2] [UU] {n}/30 pages\n" for n in range(1, 30)),
    "smart": "".join(f"{n:3} Attr{n} 0x0032 {n} {n} 000 Old_age - {n}/100\n" for n in range(1, 60, 3)),
    "trace-pct": "".join(f"| + {n}.{n:02}% (0.{n}s) func{n}\n" for n in range(1, 60, 3)),
    "flame": "".join(f"func{n} ({n * 3} samples, {n}.02%)\n" for n in range(1, 60, 3)),
    "py-spy": "".join(
        f"\x1b[H\x1b[2JTotal Samples {n * 100}\nGIL: {n}.00%, Active: {n + 3}.00%, Threads: 3\n {n}.00%  {n}.00%    1.0s     1.0s   main (a.py:3)\n"
        for n in range(1, 60, 3)
    ),
    "importtime": "".join(f"import time: {n} | {n * 10} | mod{n}/{n}\n" for n in range(1, 60, 3)),
    "nettop": "".join(f"\rdown {n} KB/s up 3 KB/s" for n in range(1, 60, 3)),
    "speedtest-ping": "Ping: 12 ms\nDownload: 93.12 Mbit/s\nUpload: 40 Mbit/s\n",
    "stun": "".join(f"loss {n}/100 packets\n" for n in range(1, 60, 3)),
    "http-codes": "".join(f"200 OK {n}/50 /a/{n}\n" for n in range(1, 49, 3)),
    "semver": "".join(f"upgrading a{n} 1.{n} -> 2.{n} (3/4.{n})\n" for n in range(1, 49, 3)),
    "tests-table": "".join(f"module{n}  {n} / 60  {n}%  ok\n" for n in range(5, 60, 3)),
    "agree": "".join(f"annotators agree on {n}/60 items\n" for n in range(5, 60, 3)),
    "dup": "".join(f"{n} of 60 lines are duplicates\n" for n in range(5, 60, 3)),
    "opt": "".join(f"opt level {n}/3\n" for n in range(4)),
    "rank2": "".join(f"[rank{n}/16] hello\n" for n in range(16)),
    "pe": "".join(f"[{n}] processor {n} of 16\n" for n in range(16)),
    "mpi": "".join(f"Hello world from processor node1, rank {n} out of 16 processors\n" for n in range(16)),
    "mpi2": "".join(f"Process {n} of 16 is on host node{n}\n" for n in range(16)),
    "omp": "".join(f"Thread {n} of 16 says hi\n" for n in range(16)),
    "shards": "".join(f"shard {n}/16 primary on node{n}\n" for n in range(16)),
    "dealer": "".join(f"card {n}/52: K♠\n" for n in range(1, 50)),
    "slides": "".join(f"Slide {n} / 30\n" for n in range(1, 3)),
    "todo": "".join(f"[ ] task {n}\n[x] {n}% of plan\n" for n in range(1, 30)),
    "markdown": "".join(f"## {n}. Step {n} of the plan\n- {n}/10 people\n" for n in range(1, 10)),
}
