#!/usr/bin/env python3
"""Scores the shipped samples with score.py and holds the figures against what the program must reach.

    measure.py PROGRAM SAMPLES
"""
import json
import os
import subprocess
import sys

# folder: least share of exact fields, most silent errors
MUST = {"forms": (0.97, 0), "workbooks": (0.999, 0), "contracts": (0.98, 0), "mms": (0.999, 0), "mail": (1.0, 0)}


def main():
    program, samples = sys.argv[1:3]
    passed = failed = 0
    for folder, (exact, silent) in MUST.items():
        score = os.path.join(os.path.dirname(os.path.abspath(__file__)), "score.py")
        out = subprocess.run([sys.executable, score, program, os.path.join(samples, folder), "--json"], capture_output=True, text=True)
        if out.returncode:
            sys.exit(f"{folder}: {out.stderr[-400:]}")
        got = json.loads(out.stdout)
        good = (
            got["exact"] >= exact
            and got["silent"] <= silent
            and got["recognised"] == got["documents"]
            and got["findings_found"] == got["findings_expected"]
            and got["false_alarm_documents"] == 0
        )
        passed, failed = passed + good, failed + (not good)
        print("ok  " if good else "FAIL", folder, json.dumps(got))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
