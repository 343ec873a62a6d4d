#!/usr/bin/env python3
"""Plays the stories that story.py plays, with a `kill -9` in each step.

    story_killed.py PROGRAM STORIES_DIR [ID...] [--kills N] [--seed S]

Each `run` is started, killed after a random part of the time that it takes, N times over, and then left to end. Then the
step is looked at as story.py does, and `verify --untouched` must hold.
"""
import argparse
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import story  # noqa: E402

KILLED = 0


def killing(kills, rng):
    """subprocess.run, with the program killed before it is left to end."""
    run = subprocess.run

    def played(command, **options):
        global KILLED
        if "run" not in command:
            return run(command, **options)
        for n in range(kills):
            # The first one a moment after the start, then deeper and deeper, as far as the time of the step goes.
            pause = rng.uniform(0.02, 1.0) * 4**n
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                child.wait(timeout=pause)
                break
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                KILLED += 1
        done = run(command, **{**options, "timeout": None})
        proof = run([command[0], "verify", "--untouched", *command[2:8]], capture_output=True, text=True)
        if proof.returncode:
            done.returncode, done.stderr = 99, "verify: " + proof.stdout
        return done

    return played


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("program")
    ap.add_argument("dir")
    ap.add_argument("ids", nargs="*")
    ap.add_argument("--kills", type=int, default=3)
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    story.subprocess.run = killing(a.kills, random.Random(a.seed))
    good = bad = 0
    for sid in sorted(os.listdir(a.dir)):
        d = os.path.join(a.dir, sid)
        if not os.path.exists(os.path.join(d, "story.json")) or (a.ids and sid not in a.ids):
            continue
        told, faults = story.play(a.program, d, None, False)
        print(("FALLS SHORT " if faults else "holds       ") + f"{sid}: {told['title']}", flush=True)
        for f in faults:
            print("   ", f, flush=True)
        good, bad = good + (not faults), bad + bool(faults)
    print(f"{good} of {good + bad} stories hold, with {KILLED} kills")
    sys.exit(1 if bad or not good else 0)


if __name__ == "__main__":
    main()
