"""Output of other trades in parts: at its end nothing is known of the whole."""

# ruff: noqa: E501, E731  # what programs print is as wide as it is, in any characters

from __future__ import annotations

from support.outputs.draw import bar, each

g = "0" + "".join("..." + str(i) for i in range(10, 61, 10))
hdr = "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n"
cu = lambda p: (
    f"\r {p:2}  100M  {p:2} {p:4}M    0     0  10.1M      0  0:00:09  0:00:0{p // 12}  0:00:0{9 - p // 12} 10.1M"
)
wg = lambda p, n: f"\r{n}            {p:3}%[{bar(p, 20, '=')}] {p}.00M  1.00MB/s    eta {60 - p}s"
ap = lambda p: f"\r[#a1b2c3 {p}.0MiB/100MiB({p}%) CN:1 DL:10MiB ETA:{60 - p}s]"
PARTS: dict[str, str] = {
    "gdal-two": "Processing a.tif [1/2] : 0...10...20...30...40...50...60...70...80...90...100 - done.\nProcessing b.tif [2/2] : "
    + g,
    "gdal-two-nolabel": "0...10...20...30...40...50...60...70...80...90...100 - done.\n" + g,
    "handbrake-two": each(
        lambda p: f"\rEncoding: task 1 of 2, {p}.40 % (102.11 fps, avg 99.10 fps, ETA 00h03m{60 - p:02}s)",
        range(0, 101, 5),
    )
    + each(lambda p: f"\rEncoding: task 2 of 2, {p}.40 % (102.11 fps, avg 99.10 fps, ETA 00h03m{60 - p:02}s)"),
    "yt-dlp-playlist": "[download] Downloading item 1 of 3\n"
    + each(lambda p: f"\r[download] {p:3}.0% of   10.00MiB at    2.10MiB/s ETA 00:{60 - p:02}", range(0, 101, 5))
    + "\n[download] Downloading item 2 of 3\n"
    + each(lambda p: f"\r[download] {p:3}.0% of   10.00MiB at    2.10MiB/s ETA 00:{60 - p:02}"),
    "yt-dlp-video-audio": "[download] Destination: x.f137.mp4\n"
    + each(lambda p: f"\r[download] {p:3}.0% of   10.00MiB at    2.10MiB/s ETA 00:{60 - p:02}", range(0, 101, 5))
    + "\n[download] Destination: x.f140.m4a\n"
    + each(lambda p: f"\r[download] {p:3}.0% of   1.00MiB at    2.10MiB/s ETA 00:{60 - p:02}"),
    "two-curls": each(lambda p: f"\r{bar(p, 72, '#')} {p:3}.0%", range(0, 101, 4))
    + "\n"
    + each(lambda p: f"\r{bar(p, 72, '#')} {p:3}.1%"),
    "two-curls-table": hdr
    + each(cu, range(0, 100, 4))
    + "\r100  100M  100  100M    0     0  10.1M      0  0:00:09  0:00:09 --:--:-- 10.1M\n"
    + hdr
    + each(cu),
    "two-wgets": each(lambda p: wg(p, "a.iso"), range(0, 101, 4))
    + "\n\n2026-11-20 (1.0 MB/s) - 'a.iso' saved [100/100]\n\n"
    + each(lambda p: wg(p, "b.iso")),
    "two-aria": each(ap, range(0, 101, 4))
    + "\n"
    + each(lambda p: f"\r[#d4e5f6 {p}.0MiB/100MiB({p}%) CN:1 DL:10MiB ETA:{60 - p}s]"),
    "pip-two": "".join(
        f"Downloading {n}.whl (1.0 MB)\n"
        + each(
            lambda p: f"\r\x1b[2K   {bar(p, 40, '━', '━')} {p / 100:.1f}/1.0 MB 10.1 MB/s eta 0:00:0{9 - p // 12}",
            range(0, 101, 10),
        )
        + "\n"
        for n in ("a", "b")
    )
    + "Downloading c.whl (1.0 MB)\n"
    + each(lambda p: f"\r\x1b[2K   {bar(p, 40, '━', '━')} {p / 100:.1f}/1.0 MB 10.1 MB/s eta 0:00:0{9 - p // 12}"),
    "hf-two-files": each(
        lambda p: f"\rconfig.json: {p:3}%|{bar(p, 10, '█')}| {p * 6}/600 [00:00<00:00, 1.2MB/s]", range(0, 101, 20)
    )
    + "\n"
    + each(
        lambda p: f"\rmodel.safetensors: {p:3}%|{bar(p, 10, '█')}| {p * 10}M/1.00G [00:{p:02}<00:{60 - p:02}, 45MB/s]"
    ),
    "kubectl-rollout": "".join(
        f'Waiting for deployment "web" rollout to finish: {i} out of 10 new replicas have been updated...\n'
        for i in range(7)
    ),
    "blender-anim": "".join(
        f"Fra:{f} Mem:41.12M (Peak 51.10M) | Time:00:01.10 | Remaining:00:03.10 | Mem:1.1M, Peak:1.2M | Scene, ViewLayer | Sample {s}/64\n"
        for f in (1, 2, 3)
        for s in range(0, 65, 16)
    ),
    "blender-still": "".join(
        f"Fra:1 Mem:41.12M (Peak 51.10M) | Time:00:0{s // 16}.10 | Remaining:00:0{4 - s // 16}.10 | Mem:1.1M, Peak:1.2M | Scene, ViewLayer | Sample {s}/64\n"
        for s in range(0, 33, 2)
    ),
    "memtester-2": "".join(
        f"Loop {i}/9:\n  Stuck Address       : ok\n  Random Value        : ok\n" for i in range(1, 6)
    ),
    "stan1": "".join(
        f"Chain 1: Iteration: {i:4} / 2000 [{i // 20:3}%]  ({'Warmup' if i < 1000 else 'Sampling'})\n"
        for i in range(100, 1201, 100)
    ),
    "stan4": "".join(
        f"Chain {c}: Iteration: {i:4} / 2000 [{i // 20:3}%]  ({'Warmup' if i < 1000 else 'Sampling'})\n"
        for c in (1, 2)
        for i in range(100, 2001, 100)
    ),
    "mongo-two": each(
        lambda p: (
            f"2026-11-20T10:00:{p:02}.000+0000\t[{bar(p, 24, '#', '.')}]  db.users  {p * 0.6:.1f}MB/60.0MB  ({p}.0%)\n2026-11-20T10:00:{p:02}.000+0000\t[{bar(p // 2, 24, '#', '.')}]  db.orders  {p * 0.3:.1f}MB/60.0MB  ({p // 2}.0%)\n\n"
        )
    ),
    "chkdsk-like": "Stage 1: Examining basic file system structure ...\n"
    + each(lambda p: f"\r{p} percent complete.", range(0, 101, 5))
    + "\nStage 2: Examining file name linkage ...\n"
    + each(lambda p: f"\r{p} percent complete."),
    "lerna-2": "".join(f"lerna success run ({i}/10) pkg-{i}\n" for i in range(1, 7)),
    "conan": "\rDownloading conan_package.tgz: [                ]\r[====    ] 50%\n",
    "mafft": each(lambda p: f"\r Progressive alignment 1/2... \nSTEP {p * 2:5} / 200 (thread    1) h"),
    "ansible-pull-git": "\rReceiving objects:  41% (410/1000)\rReceiving objects:  42% (420/1000)\r",
    "paddle": "".join(
        f"[2026/11/20 10:00:{i:02}] ppcls INFO: [Train][Epoch 1/1][Iter: {i * 10}/100]lr: 0.01, top1: 0.2, loss: 2.{i}\n"
        for i in range(7)
    ),
    "mmdet-2": "".join(
        f"2026-11-20 10:00:{i:02},123 - mmdet - INFO - Epoch [1][{i * 50}/1000]\tlr: 1.978e-02, eta: 1:02:03, time: 0.5, loss: 1.1\n"
        for i in range(1, 9)
    ),
}
