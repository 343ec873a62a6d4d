#!/usr/bin/env python3
"""Reads folders of foreign files with `uketsuke read` and tells what became of each: nothing may stop the desk.

usage: corpora.py PROGRAM [--jobs N] FOLDER...

One row a folder. A file is read (whatever it says), refused with a code of the defect catalogue, or set aside because its
reader died; `desk` counts runs of the program itself that ended otherwise than it promises. Time is on the clock, for one
file; memory is the most that any reader held, which may have read others before. Names of files that killed their reader follow.
"""
import collections
import hashlib
import json
import os
import re
import subprocess
import sys

CODES = {"M-001": "damaged", "M-002": "locked", "M-003": "no known format", "M-005": "program", "M-007": "too large"}
COLUMNS = ["files", "read", *CODES.values(), "reader died", "desk crashed", "longest s", "most MiB"]
CHUNK = 40
ANSWER = re.compile(r'what="(\w+)" milliseconds=(\d+) most_memory_kib=(\d+)')
FAULT = re.compile(r"^error: ([0-9a-f]{12}): (.*)$")


def names(folder):
    paths = (os.path.join(root, name) for root, _, files in os.walk(folder) for name in files)
    return sorted(path for path in paths if os.path.isfile(path) and os.path.getsize(path) > 0)


def fate(document):
    codes = {finding["code"] for finding in document["findings"]}
    if document["document"] == "unknown":
        for code in CODES:
            # M-008 is said of what was read and is of no kind that the desk knows; a page of it may be damaged, or a macro be refused.
            if code in codes and (code == "M-005" or "M-008" not in codes):
                return CODES[code]
    return "read"


def read(program, jobs, paths, row, died):
    known = {}
    for path in paths:
        with open(path, "rb") as file:
            known[hashlib.sha256(file.read()).hexdigest()] = path
    row["files"] += len(known)
    run = subprocess.run(
        [program, "read", "--json", "-vv", "--jobs", str(jobs), *known.values()],
        capture_output=True, env={**os.environ, "NO_COLOR": "1"}, check=False)
    if run.returncode not in (0, 1):
        row["desk crashed"] += 1
        died.append((", ".join(known.values()), f"the desk ended with {run.returncode}"))
        return
    fates = {}
    for line in run.stdout.decode("utf-8", "replace").splitlines():
        document = json.loads(line)
        if document["sha256"] in known:
            fates.setdefault(document["sha256"], fate(document))
    for line in run.stderr.decode("utf-8", "replace").splitlines():
        if match := ANSWER.search(line):
            row["longest s"] = max(row["longest s"], int(match[2]) / 1000)
            row["most MiB"] = max(row["most MiB"], int(match[3]) // 1024)
        elif match := FAULT.match(line):
            whole = next((sha for sha in known if sha.startswith(match[1])), match[1])
            fates[whole] = "reader died"
            died.append((os.path.basename(known.get(whole, whole)), match[2]))
        elif line.startswith("error: "):
            died.append(("", line))
    row.update(collections.Counter(fates.values()))
    lost = [path for sha, path in known.items() if sha not in fates]
    if lost:
        row["desk crashed"] += 1
        died.append((", ".join(lost), "no word about it"))


def main():
    program, *rest = sys.argv[1:]
    jobs = 1
    if rest[0] == "--jobs":
        jobs, rest = int(rest[1]), rest[2:]
    print("| files of | " + " | ".join(COLUMNS) + " |")
    print("|---|" + "---|" * len(COLUMNS))
    failed, died = False, []
    for folder in rest:
        row = collections.Counter({column: 0 for column in COLUMNS})
        paths = names(folder)
        for n in range(0, len(paths), CHUNK):
            read(program, jobs, paths[n:n + CHUNK], row, died)
        failed |= row["desk crashed"] > 0
        cells = [f"{row[column]:.1f}" if column == "longest s" else str(row[column]) for column in COLUMNS]
        print(f"| {os.path.basename(folder.rstrip('/'))} | " + " | ".join(cells) + " |", flush=True)
    for name, why in died:
        print(f"\n- `{name}`: {why}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
