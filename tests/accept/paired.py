#!/usr/bin/env python3
"""CPU seconds of two programs on the same files, turn by turn, so that a busy machine is unfair to neither.

usage: paired.py ONE OTHER ROUNDS FILE...

Each round runs `read --jobs 1 --json FILE...` with both; what they print must be the same. Processor time is that of the
program and of everything that it starts, in user space and in the kernel.
"""
import resource
import statistics
import subprocess
import sys
import time


def run(program, files):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    output = subprocess.run([program, "read", "--jobs", "1", "--json", *files], capture_output=True, check=False).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime), time.monotonic() - start, output


def main():
    one, other, rounds, *files = sys.argv[1:]
    ratios, spent = [], ([], [])
    for n in range(int(rounds)):
        pair = [None, None]
        for k in (0, 1) if n % 2 == 0 else (1, 0):
            pair[k] = run((one, other)[k], files)
            spent[k].append(pair[k])
        if pair[0][2] != pair[1][2]:
            print("the two say different things", file=sys.stderr)
        ratios.append(pair[1][0] / pair[0][0])
    for name, runs in zip((one, other), spent):
        print(f"{name}: {statistics.median(cpu for cpu, _, _ in runs):.3f} CPU s, {statistics.median(wall for _, wall, _ in runs):.3f} s")
    print(f"{len(files)} file(s), {rounds} rounds: other/one {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


if __name__ == "__main__":
    main()
