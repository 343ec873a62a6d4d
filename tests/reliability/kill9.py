#!/usr/bin/env python3
"""Kills the program at random times over a batch, again and again, and looks whether anything was lost or came twice.

    kill9.py PROGRAM [--files N] [--rounds N] [--seed S] [--root DIR]

Each round drops the same files into a fresh inbox, kills one to three runs with SIGKILL at random times, lets the next
one end, and holds against an undisturbed run: every file taken once and gone from the inbox, the same cases, the same
bytes in the outbox (keys and passphrases are drawn anew in each state), and `verify --untouched` without a fault.
"""
import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "data", "crash")
NOW = "2026-04-08T10:00:00+09:00"


def make(folder, files):
    """Small documents of several kinds; every 25th is a copy of an earlier one under another name."""
    os.makedirs(folder)
    whole = ["form_a.pdf", "book_a.xlsx", "mail.eml", "papers.zip", "cut.pdf"]
    for name in whole:
        shutil.copy(os.path.join(DATA, name), folder)
    for n in range(files - len(whole)):
        kind, of = n % 5, n - 7 if n % 25 == 24 else n
        if kind == 0:
            name, text = f"mail-{n:04}.eml", (
                f"From: someone{of}@example.jp\r\nTo: desk@example.jp\r\nSubject: question {of}\r\nMessage-ID: <{of}@example.jp>\r\n"
                f"Date: Wed, 08 Apr 2026 09:00:00 +0900\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nquestion {of}\r\n")
        elif kind == 1:
            name, text = f"note-{n:04}.txt", f"note {of}\n"
        elif kind == 2:
            name, text = f"table-{n:04}.csv", f"a,b\n{of},1\n"
        elif kind == 3:
            name, text = f"data-{n:04}.xml", f"<?xml version='1.0'?><x><y>{of}</y></x>"
        else:
            name, text = f"page-{n:04}.pdf", f"%PDF-1.7\n{of}\n1 0 obj\n<< /Type /Cat"
        if of != n:
            name, text = f"copy-{n:04}.txt", f"note {n - n % 5 + 1 - 5}\n"
        with open(os.path.join(folder, name), "w", newline="") as file:
            file.write(text)
    for name in os.listdir(folder):
        os.utime(os.path.join(folder, name), (1_700_000_000, 1_700_000_000))


def command(program, verb, root):
    return [program, *verb, "--inbox", f"{root}/inbox", "--outbox", f"{root}/outbox", "--state", f"{root}/state", "--now", NOW]


def finish(program, root):
    done = subprocess.run(command(program, ["run", "-q"], root), capture_output=True, text=True)
    if done.returncode not in (0, 2):
        raise RuntimeError(f"run ended with {done.returncode}: {done.stderr[-400:]}")


def seen(program, root):
    proof = json.loads(subprocess.run(command(program, ["verify", "--untouched", "--json"], root), capture_output=True, text=True).stdout)
    cases = json.loads(subprocess.run(command(program, ["case", "list", "--json"], root), capture_output=True, text=True).stdout)
    outbox = {}
    for folder, _, names in os.walk(f"{root}/outbox"):
        for name in names:
            path = os.path.join(folder, name)
            inside = os.path.relpath(path, f"{root}/outbox")
            drawn = "restricted-" in inside
            outbox[inside] = "" if drawn else hashlib.sha256(open(path, "rb").read()).hexdigest()
    left = [name for _, _, names in os.walk(f"{root}/inbox") for name in names]
    return dict(faults=proof["faults"], notes=proof["notes"], counts=proof["counts"], events=proof["events"], cases=cases, outbox=outbox, left=left)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("program")
    ap.add_argument("--files", type=int, default=500)
    ap.add_argument("--rounds", type=int, default=100)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--root", default="/dev/shm" if os.path.isdir("/dev/shm") else "/tmp")
    a = ap.parse_args()
    rng = random.Random(a.seed)
    base = os.path.join(a.root, f"kill9-{os.getpid()}")
    try:
        make(f"{base}/files", a.files)
        shutil.copytree(f"{base}/files", f"{base}/calm/inbox")
        begin = time.monotonic()
        finish(a.program, f"{base}/calm")
        length = time.monotonic() - begin
        finish(a.program, f"{base}/calm")
        calm = seen(a.program, f"{base}/calm")
        counts = calm["counts"]
        print(f"undisturbed: {a.files} files in {length:.1f} s, {counts}", flush=True)
        assert not calm["faults"] and not calm["left"] and counts["dropped"] + counts["duplicates"] == a.files, calm
        kills = bad = unready = 0
        for n in range(a.rounds):
            root = f"{base}/{n}"
            shutil.copytree(f"{base}/files", f"{root}/inbox")
            for _ in range(rng.randint(1, 3)):
                child = subprocess.Popen(command(a.program, ["run", "-q"], root), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    child.wait(timeout=rng.uniform(0, length))
                    break
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
                    kills += 1
            state = f"{root}/state/ledger.sqlite"
            unready += not os.path.exists(state)
            finish(a.program, root)
            finish(a.program, root)
            now = seen(a.program, root)
            if now != calm:
                bad += 1
                for key in calm:
                    if now[key] != calm[key]:
                        print(f"round {n}: {key}: {str(now[key])[:600]}\n  undisturbed: {str(calm[key])[:600]}", flush=True)
            shutil.rmtree(root)
            if (n + 1) % 10 == 0 or n + 1 == a.rounds:
                print(f"{n + 1} rounds, {kills} kills ({unready} before there was a ledger), {n + 1 - bad} as undisturbed", flush=True)
        sys.exit(1 if bad else 0)
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
