#!/usr/bin/env python3
"""Drops one mail box of any size into the inbox, and looks how much memory it takes and whether every mail was taken.

    box.py PROGRAM [--megabytes N] [--mail KILOBYTES] [--root DIR]

Each mail has an attachment of random bytes that nobody can read, so that all of it is kept, set aside and told of.
"""
import argparse
import base64
import json
import os
import random
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MEASURE = os.path.join(HERE, "..", "..", "benches", "measure_one.py")
NOW = "2026-04-08T10:00:00+09:00"


def write(path, megabytes, kilobytes):
    rng, mails = random.Random(1), 0
    with open(path, "wb") as file:
        while file.tell() < megabytes * 10**6:
            head = (f"From a{mails}@example.jp Wed Apr  8 09:00:00 2026\nFrom: a{mails}@example.jp\nTo: desk@example.jp\nSubject: {mails}\n"
                    f"Message-ID: <{mails}@example.jp>\nContent-Type: application/octet-stream; name=a{mails}.bin\n"
                    f"Content-Transfer-Encoding: base64\n\n")
            file.write(head.encode() + base64.encodebytes(b"\0" + rng.randbytes(kilobytes * 1000 * 3 // 4)) + b"\n")
            mails += 1
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return mails


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("program")
    ap.add_argument("--megabytes", type=int, default=2000, help="below 64 the box is one document")
    ap.add_argument("--mail", type=int, default=500)
    ap.add_argument("--root", default="/tmp")
    a = ap.parse_args()
    root = f"{a.root}/box-{os.getpid()}"
    os.makedirs(f"{root}/inbox")
    try:
        mails = write(f"{root}/inbox/all.mbox", a.megabytes, a.mail)
        size = os.path.getsize(f"{root}/inbox/all.mbox")
        desk = [word for name in ("inbox", "outbox", "state") for word in (f"--{name}", f"{root}/{name}")]
        subprocess.run([sys.executable, MEASURE, f"{root}/measured", a.program, "run", "-q", "--now", NOW, *desk], check=True)
        cpu, clock, kib, ended = open(f"{root}/measured").read().split()
        proof = json.loads(subprocess.run([a.program, "verify", "--untouched", "--json", *desk], capture_output=True, text=True).stdout)
        counts, left, aside = proof["counts"], os.listdir(f"{root}/inbox"), len(os.listdir(f"{root}/state/quarantine"))
        print(f"a box of {size / 10**9:.2f} GB, {mails} mails: taken {counts['dropped']}, attachments set aside {aside}, left {left}; ended with {ended}")
        print(f"verify: {len(proof['faults'])} faults; {float(clock):.0f} s, {float(cpu):.0f} CPU s; no process held more than {int(kib) / 1024:.0f} MiB")
        sys.exit(0 if not proof["faults"] and not left and counts["dropped"] == aside == mails else 1)
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
