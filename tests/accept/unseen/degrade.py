#!/usr/bin/env python3
"""Scans the pictures of a folder of samples once more, with further noise, and keeps their truth.

    degrade.py SAMPLES OUT [--seed S] [--every N] [--kind NAME]

Every scanned file (PDF whose pages are pictures, TIFF) is drawn at its own resolution, spoilt in one of the ways of
KINDS by turns, and written anew. Files born digital are left out: they have no picture to spoil.
Needs Pillow, numpy and poppler's pdftoppm and pdfimages.
"""
import argparse
import glob
import json
import os
import random
import subprocess
import tempfile

from PIL import Image

import scanner

# name: picture in its own mode, rng -> picture
KINDS = {
    "blurred": lambda i, r: scanner.noise(scanner.soft(i, 1.0), r, 4),
    "noisy": lambda i, r: scanner.noise(i, r, 16),
    "jpeg30": lambda i, r: scanner.jpeg(i, 30),
    "askew": lambda i, r: scanner.tilted(i, r.choice([-1, 1]) * r.uniform(0.8, 2.0)),
    "darker": lambda i, r: scanner.noise(i.point(lambda v: int(255 * (v / 255) ** 1.7)), r, 3),
    "lighter": lambda i, r: scanner.noise(i.point(lambda v: int(255 * (v / 255) ** 0.55)), r, 3),
    "bilevel": lambda i, r: scanner.bilevel(scanner.noise(scanner.soft(i, 0.7), r, 8), 160),
}


def pages(path, folder):
    """The pages of a scan as pictures with their resolution; none where the file was born digital."""
    if path.endswith(".tif"):
        image = Image.open(path)
        for n in range(getattr(image, "n_frames", 1)):
            image.seek(n)
            yield image.convert("L" if image.mode in "1L" else "RGB"), tuple(float(d) for d in image.info.get("dpi", (200, 200)))
        return
    listed = subprocess.run(["pdfimages", "-list", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    if not listed:
        return
    dpi = int(listed[0].split()[12])
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", path, os.path.join(folder, "p")], check=True)
    grey = all(line.split()[5] == "gray" for line in listed)
    for name in sorted(glob.glob(os.path.join(folder, "p-*.png"))):
        yield Image.open(name).convert("L" if grey else "RGB"), (dpi, dpi)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("samples")
    ap.add_argument("out")
    ap.add_argument("--seed", type=int, default=88)
    ap.add_argument("--every", type=int, default=1, help="only every Nth file")
    ap.add_argument("--kind", choices=sorted(KINDS))
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    files = [f for f in sorted(glob.glob(os.path.join(a.samples, "*"))) if f.endswith((".pdf", ".tif"))]
    for n, path in enumerate(files[:: a.every]):
        rng = random.Random(f"{a.seed} {os.path.basename(path)}")
        kind = a.kind or list(KINDS)[n % len(KINDS)]
        stem, end = os.path.splitext(os.path.basename(path))
        with tempfile.TemporaryDirectory() as folder:
            spoilt = [(KINDS[kind](image, rng), dpi, end[1:]) for image, dpi in pages(path, folder)]
            if not spoilt:
                continue
            target = os.path.join(a.out, stem + end)
            scanner.save(spoilt, target)
        with open(os.path.join(a.samples, stem + ".truth.json"), encoding="utf-8") as truth:
            known = json.load(truth)
        known["look"] = f"{known.get('look', '')} + {kind}"
        with open(os.path.join(a.out, stem + ".truth.json"), "w", encoding="utf-8") as out:
            json.dump(known, out, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
