#!/usr/bin/env python3
"""Feeds a daemon for a long while, disturbs it, and looks at the end whether anything was lost or came twice, and how its memory went.

    endure.py PROGRAM [--files N] [--minutes M] [--seed S] [--plot FILE.svg] [--root DIR]

Files come in bursts in the ways that people and scanners use: written at once, written in two halves, moved in, in a folder, under a name
that is used again, beside debris that must stay. Meanwhile the daemon is killed (SIGKILL) and started again, stopped for seconds, and its
inbox vanishes and returns. At the end every file must have been taken once, the debris must lie there, and `verify --untouched` must hold.
"""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

from kill9 import command, make

SETTINGS = """[watch]
quiet = "300ms"
quiet_without_end = "3s"
rescan = "5s"
patience = "30s"
"""
DEBRIS = ["~$form.xlsx", "scan.pdf.part", ".DS_Store"]


def resident(pid):
    """Resident bytes of a process, 0 where it is gone."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def readers(pid):
    children = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                children += file.read().split()
    except OSError:
        pass
    return sum(resident(child) for child in children)


class Daemon:
    def __init__(self, program, root):
        self.program, self.root, self.process = program, root, None
        self.log = open(f"{root}/log", "a")

    def start(self):
        self.process = subprocess.Popen(
            command(self.program, ["watch", "--config", f"{self.root}/uketsuke.toml"], self.root), stdout=subprocess.DEVNULL, stderr=self.log)

    def kill(self):
        self.process.kill()
        self.process.wait()


def drop(rng, inbox, path, wish, later):
    """Puts a file into the inbox in one of the usual ways; `later` are steps that follow. It gets its own name where the
    one that was wished for lies there still: nobody drops a file onto another one here."""
    way, own = rng.randrange(4), os.path.basename(path)
    folder = f"{inbox}/from-{rng.randrange(20)}" if way == 3 else inbox
    name = own if os.path.exists(f"{folder}/{wish}") else wish
    target = f"{folder}/{name}"
    data = open(path, "rb").read()
    if way == 0:
        with open(target, "wb") as file:
            file.write(data)
    elif way == 1:
        half = len(data) // 2
        with open(target, "wb") as file:
            file.write(data[:half])

        def rest():
            with open(target, "ab") as file:
                file.write(data[half:])
        later.append(rest)
    elif way == 2:
        shutil.copy(path, f"{inbox}/.{name}.moving")
        os.rename(f"{inbox}/.{name}.moving", target)
    else:
        os.makedirs(folder, exist_ok=True)
        shutil.copy(path, f"{folder}/.{name}.moving")
        os.rename(f"{folder}/.{name}.moving", f"{folder}/{name}")


def lying(inbox):
    return sorted(name for _, _, names in os.walk(inbox) for name in names if name not in DEBRIS)


def plot(path, samples, kills):
    """Memory over time: the daemon and its readers."""
    width, height, left, bottom = 900, 320, 60, 40
    last, most = max(s[0] for s in samples), max(s[1] + s[2] for s in samples) * 1.1
    x = lambda t: left + t / last * (width - left - 20)
    y = lambda v: height - bottom - v / most * (height - bottom - 20)
    line = lambda n, colour: f'<polyline fill="none" stroke="{colour}" points="' + " ".join(f"{x(s[0]):.1f},{y(s[n]):.1f}" for s in samples) + '"/>'
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>']
    for n in range(5):
        value = most * n / 4
        out.append(f'<line x1="{left}" x2="{width - 20}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>'
                   f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value / 2**20:.0f}</text>')
    for n in range(7):
        t = last * n / 6
        out.append(f'<text x="{x(t):.1f}" y="{height - bottom + 16}" text-anchor="middle">{t / 60:.0f}</text>')
    out += [f'<line x1="{x(t):.1f}" x2="{x(t):.1f}" y1="20" y2="{height - bottom}" stroke="#c44" stroke-dasharray="2 3"/>' for t in kills]
    out += [line(1, "#06c"), line(2, "#888"),
            f'<text x="{left}" y="14">MiB resident over minutes: the daemon (blue), its readers (grey); dashed: killed and started again</text>', "</svg>"]
    with open(path, "w") as file:
        file.write("\n".join(out) + "\n")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("program")
    ap.add_argument("--files", type=int, default=10_000)
    ap.add_argument("--minutes", type=float, default=60)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--plot")
    ap.add_argument("--root", default="/dev/shm" if os.path.isdir("/dev/shm") else "/tmp")
    a = ap.parse_args()
    rng = random.Random(a.seed)
    root = f"{a.root}/endure-{os.getpid()}"
    inbox = f"{root}/inbox"
    make(f"{root}/files", a.files)
    os.makedirs(inbox)
    for name in DEBRIS:
        open(f"{inbox}/{name}", "w").close()
    with open(f"{root}/uketsuke.toml", "w") as file:
        file.write(SETTINGS)
    waiting = sorted(os.listdir(f"{root}/files"))
    rng.shuffle(waiting)
    daemon = Daemon(a.program, root)
    daemon.start()
    begin, samples, kills, stops, absences, later, stalled = time.monotonic(), [], [], 0, 0, [], 0
    burst = max(1, round(a.files / (a.minutes * 6)))
    while waiting or lying(inbox):
        now = time.monotonic() - begin
        for name in [waiting.pop() for _ in range(min(burst, len(waiting)))]:
            # Every tenth name is used again and again.
            wish = f"scan{os.path.splitext(name)[1]}" if rng.randrange(10) == 0 else name
            drop(rng, inbox, f"{root}/files/{name}", wish, later)
        time.sleep(0.2)
        for step in later:
            step()
        later = []
        # Once all files are there the daemon is left to itself.
        fate = rng.randrange(20) if waiting else None
        if fate == 0:
            time.sleep(rng.uniform(0, 3))
            daemon.kill()
            kills.append(time.monotonic() - begin)
            daemon.start()
        elif fate == 1:
            os.kill(daemon.process.pid, signal.SIGSTOP)
            time.sleep(3)
            os.kill(daemon.process.pid, signal.SIGCONT)
            stops += 1
        elif fate == 2:
            os.rename(inbox, f"{root}/away")
            time.sleep(2)
            if os.path.isdir(inbox):
                # It was made anew meanwhile; nobody drops anything into it here.
                os.rmdir(inbox)
            os.rename(f"{root}/away", inbox)
            absences += 1
        if daemon.process.poll() is not None:
            print(f"the daemon ended by itself with {daemon.process.returncode}", flush=True)
            daemon.start()
            stalled += 1
        samples.append((now, resident(daemon.process.pid), readers(daemon.process.pid), len(waiting) + len(lying(inbox))))
        if len(samples) % 30 == 0:
            print(f"{now / 60:.1f} min: {samples[-1][1] / 2**20:.0f} MiB, readers {samples[-1][2] / 2**20:.0f} MiB, {samples[-1][3]} files to come", flush=True)
        if now > a.minutes * 60 * 4:
            break
        time.sleep(max(0, 10 - (time.monotonic() - begin - now)) if waiting else 2)
    length = time.monotonic() - begin
    daemon.process.send_signal(signal.SIGTERM)
    ended = daemon.process.wait()
    proof = json.loads(subprocess.run(command(a.program, ["verify", "--untouched", "--json"], root), capture_output=True, text=True).stdout)
    counts, left = proof["counts"], lying(inbox)
    debris = all(os.path.exists(f"{inbox}/{name}") for name in DEBRIS)
    sound = (not proof["faults"] and not left and debris and ended == 0 and stalled == 0
             and counts["dropped"] + counts["duplicates"] == a.files)
    half = [s for s in samples if s[0] > length / 2] or samples
    print(f"{a.files} files in {length / 60:.0f} minutes; killed {len(kills)} times, stopped {stops}, inbox away {absences}")
    print(f"taken {counts['dropped']} and {counts['duplicates']} that came before; left {left[:5]}; debris untouched: {debris}; ended with {ended}")
    print(f"verify: {len(proof['faults'])} faults {proof['faults'][:3]}")
    print(f"daemon: {samples[len(samples) // 4][1] / 2**20:.0f} MiB after a quarter, {half[-1][1] / 2**20:.0f} at the end, at most "
          f"{max(s[1] for s in samples) / 2**20:.0f}; readers at most {max(s[2] for s in samples) / 2**20:.0f} MiB")
    if a.plot:
        plot(a.plot, samples, kills)
    if sound:
        shutil.rmtree(root, ignore_errors=True)
    else:
        print(f"kept: {root}")
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
