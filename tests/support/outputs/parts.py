"""Output of work in parts, each with a fraction of its own: at its end nothing is known of the whole."""

# ruff: noqa: E501, UP031  # what programs print is as wide as it is, in any characters, and full of braces

from __future__ import annotations

from support.outputs.draw import bar

PARTS: dict[str, str] = {
    "git-clone": "".join(
        f"remote: {w}: {p:3}% ({p}/100)        \r"
        for w in ("Counting objects", "Compressing objects")
        for p in range(0, 101, 5)
    )
    + "".join(
        f"{w}: {p:3}% ({p}/100), 1.20 MiB | 2.40 MiB/s\r"
        for w in ("Receiving objects", "Resolving deltas")
        for p in range(0, 101, 5)
    ),
    "wget-3": "".join(
        f"Saving to: 'a{k}'\n"
        + "".join(
            f"\ra{k}      {p:3}%[{bar(p, full='=', empty=' ')}] {p}K  1.2MB/s    eta {k}s" for p in range(0, 101, 5)
        )
        + "\n"
        for k in range(3)
    ),
    "scp-3": "".join(
        "".join(f"\rfile{k}.bin      {p:3}% {p}KB   1.2MB/s   00:0{k} ETA" for p in range(0, 101, 5)) + "\n"
        for k in range(3)
    ),
    "rsync-progress": "".join(
        f"dir/file{k}\n"
        + "".join(f"\r  {p * 1000:12,} {p:3}%   12.0MB/s    0:00:0{k}" for p in range(0, 101, 10))
        + f" (xfr#{k + 1}, to-chk={5 - k}/6)\n"
        for k in range(5)
    ),
    "keras": "".join(
        f"Epoch {e}/5\n"
        + "".join(
            f"\r{p:3}/100 [{bar(p, full='=', empty='.')}] - ETA: {9 - p // 12}s - loss: 0.{p:02}"
            for p in range(1, 101, 5)
        )
        + "\n"
        for e in range(1, 4)
    ),
    "keras3": "".join(
        f"Epoch {e}/5\n"
        + "".join(
            f"\r\x1b[1m{p:3}/100\x1b[0m \x1b[32m{'━' * (p // 5)}\x1b[0m\x1b[37m{'━' * (20 - p // 5)}\x1b[0m \x1b[1m{9 - p // 12}s\x1b[0m 12ms/step - accuracy: 0.{p:02} - loss: 0.{p:02}"
            for p in range(1, 101, 5)
        )
        + "\n"
        for e in range(1, 4)
    ),
    "lightning": "".join(
        "".join(
            f"\rEpoch {e}: {p:3}%|{'█' * (p // 10)}{' ' * (10 - p // 10)}| {p}/100 [00:0{p // 20}<00:09,  8.21it/s, loss=0.{p:02}, v_num=1]"
            for p in range(0, 101, 5)
        )
        + "\n"
        for e in range(3)
    ),
    "torch-example": "".join(
        "".join(f"Train Epoch: {e} [{p * 600}/60000 ({p}%)]\tLoss: 0.{p:02}1\n" for p in range(0, 100, 10))
        + f"\nTest set: Average loss: 0.0{e}, Accuracy: 98{e}2/10000 (98%)\n\n"
        for e in range(1, 4)
    ),
    "imagenet": "".join(
        "".join(
            f"Epoch: [{e}][{p * 50:4}/5005]\tTime  0.1{p % 9} ( 0.12)\tLoss 6.{p:02}e+00 (6.9e+00)\tAcc@1   0.{p:02} (  0.1)\n"
            for p in range(0, 100, 10)
        )
        for e in range(3)
    ),
    "detectron-ish": "".join(
        "".join(
            f"Epoch(train) [{e}][{p * 50}/5000]  lr: 1e-2 eta: 1:0{e}:11 loss: 0.{p:02}\n" for p in range(1, 100, 10)
        )
        for e in range(1, 4)
    ),
    "hf-many": "".join(
        "".join(
            f"\r{f}: {p:3}%|{'█' * (p // 10)}{' ' * (10 - p // 10)}| {p}.0M/100M [00:01<00:02, 45.1MB/s]"
            for p in range(0, 101, 10)
        )
        + "\n"
        for f in ("config.json", "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors")
    ),
    "pip-many": "".join(
        f"Collecting a{k}\n  Downloading a{k}-1.{k}-py3-none-any.whl (1{k}.0 MB)\n"
        + "".join(
            f"\r     ━━━━━━━━━━━━━━━━━━━ {p / 10:.1f}/1{k}.0 MB 12.3 MB/s eta 0:00:0{k}"
            for p in range(0, 10 * (10 + k), 9)
        )
        + "\n"
        for k in range(3)
    ),
    "apt-phases": "".join(f"\rReading package lists... {p}%" for p in range(0, 101, 10))
    + "\n"
    + "".join(f"\rBuilding dependency tree... {p}%" for p in range(0, 101, 25))
    + "\n",
    "dpkg-db": "".join(f"(Reading database ... {p}%\r" for p in range(5, 101, 5))
    + "(Reading database ... 104213 files and directories currently installed.)\n",
    "dpkg-db-running": "".join(f"(Reading database ... {p}%\r" for p in range(5, 71, 5)),
    "apt-phase-1": "".join(f"\rReading package lists... {p}%" for p in range(0, 71, 5)),
    "fsck": "".join(
        f"Pass {k}: x\n" + "".join(f"\rPass {k}: {bar(p)} {p}.0%" for p in range(0, 101, 5)) for k in range(1, 5)
    ),
    "svt-2pass": "".join(
        "".join(f"\r[{p}.0%] {p * 10}/1000 frames, 31.2 fps, 812 kb/s, eta 0:00:{99 - p:02}" for p in range(1, 100, 7))
        + "\nencoded 1000 frames\n"
        for _ in range(2)
    ),
    "blender": "".join(
        f"Fra:1 Mem:123.45M (Peak 200.10M) | Time:00:0{n % 10}.23 | Remaining:00:1{n % 10}.43 | Mem:100.10M, Peak:150.00M | Scene, ViewLayer | Rendered {n}/510 Tiles\n"
        for n in range(10, 500, 20)
    ),
    "stan": "".join(
        f"Chain 1: Iteration: {n:4} / 2000 [{n // 20:3}%]  ({'Warmup' if n <= 1000 else 'Sampling'})\n"
        for n in range(100, 2000, 100)
    ),
    "docker-multi": "".join(
        f"\x1b[3A\r{h}: Downloading [{bar(p, full='=', empty=' ', tip='>')}] {p}MB/100MB\n\x1b[1B"
        for p in range(0, 101, 5)
        for h in ("3f4a5b", "7c8d9e", "aabbcc")
    ),
    "aria-2": "".join(
        f"\r[DL:1.2MiB][#2089b0 {p}MiB/100MiB({p}%)][#77aa0c {p // 2}MiB/100MiB({p // 2}%)]" for p in range(0, 101, 5)
    ),
    "cargo-dl-then-build": "".join(
        f"\r Downloading [{bar(p, full='=', empty=' ', tip='>')}] {p}/100 a{p}" for p in range(0, 101, 5)
    )
    + "\r\x1b[K"
    + "".join(f"\r    Building [{bar(p, full='=', empty=' ', tip='>')}] {p * 2}/200: x{p}" for p in range(0, 81, 5)),
    "cmake-then-make": "".join(f"[{p:3}%] Building C object a{p}.o\n" for p in range(0, 101, 5))
    + "".join(f"[{p:3}%] Building C object b{p}.o\n" for p in range(0, 61, 5)),
    "ninja-twice": "".join(f"[{n}/40] CC a{n}.o\n" for n in range(1, 41))
    + "".join(f"[{n}/90] CC b{n}.o\n" for n in range(1, 41)),
    "esptool-3": "".join(
        "".join(f"\rWriting at 0x0001{p:04}... ({p} %)" for p in range(3, 101, 9)) + "\nWrote 12345 bytes\n"
        for _ in range(3)
    ),
    "7z-many": "".join(
        f"Extracting a{k}.7z\n" + "".join(f"\b\b\b\b{p:3}%" for p in range(0, 101, 7)) + "\n" for k in range(3)
    ),
    "hyperparam": "".join(
        f"Trial {k}/3\n" + "".join(f"Epoch {e}/10 loss 0.{e}\n" for e in range(1, 11)) for k in range(1, 3)
    ),
    "ansible-loop": "".join(f"FAILED - RETRYING: wait for x ({n} retries left).\n" for n in range(30, 1, -1)),
    "resize2fs": "".join(
        "Begin pass %d (max = 33)\nRelocating blocks             %s"
        % (k, "".join("\b" * 40 + "X" * (p * 40 // 100) + "-" * (40 - p * 40 // 100) for p in range(0, 101, 5)))
        for k in (2, 3)
    ),
    "mkfs": "Allocating group tables: "
    + "".join(f"{n}/32" + "\b" * 5 for n in range(32))
    + "done\nWriting inode tables: "
    + "".join(f"{n}/32" + "\b" * 5 for n in range(32))
    + "done\n",
    "sphinx": "".join(
        f"\r\x1b[K{w}... [{p:3}%] mod{p}" for w in ("reading sources", "writing output") for p in range(2, 101, 4)
    ),
    "sphinx-first": "".join(f"\r\x1b[Kreading sources... [{p:3}%] mod{p}" for p in range(2, 81, 4)),
    "gradle-multi-dl": "".join(
        f"Downloading https://x/gradle-8.{k}.zip\n" + "".join(f"{'.' * 9}{p}%" for p in range(10, 101, 10)) + "\n"
        for k in range(2)
    ),
}
