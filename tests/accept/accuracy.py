#!/usr/bin/env python3
"""Writes docs/accuracy.md: how exactly forms are read, by field group and by scanner look, and what the threshold trades.

    accuracy.py PROGRAM [--out FILE] NAME=FOLDER ...

Each FOLDER holds samples with their truth beside them (see score.py); NAME is how the page calls it. A name that begins
with `*` was used in tuning. What the program says of a folder is kept in FOLDER.read.jsonl when --keep is given, and
used from there when it is newer than PROGRAM.
"""
import argparse
import collections
import glob
import json
import os
import platform
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from score import SKIP, norm, value_of

GROUPS = {
    "names and words": ["addressee", "applicant_name", "representative_title", "representative_name", "contact_department", "contact_name", "remarks"],
    "name in kana": ["applicant_name_kana"],
    "addresses": ["address"],
    "numbers and codes": ["corporate_number", "postal_code", "operator_code", "mms_code", "certificate_count", "contact_phone", "form_edition"],
    "mail address": ["contact_email"],
    "dates": ["application_date", "contract_date", "desired_start_date"],
    "boxes and rings": ["application_kind", "contract_kind", "resource_kind", "market_participation", "planned_areas", "submitting_area", "contract_status", "certificate_request", "consent"],
    "seal": ["seal_present"],
}
GROUP_OF = {key: group for group, keys in GROUPS.items() for key in keys}
MARKED = set(GROUPS["boxes and rings"])
STEPS = [0, 500, 600, 700, 750, 800, 850, 900, 925, 950, 975, 990, 1001]


def samples(folder):
    for path in sorted(glob.glob(os.path.join(folder, "*.truth.json"))):
        stem = path[: -len(".truth.json")]
        found = [f for f in glob.glob(glob.escape(stem) + ".*") if not f.endswith(".truth.json")]
        with open(path, encoding="utf-8") as truth:
            known = json.load(truth)
        if found and known["document"] == "application_form":
            yield found[0], known


def read(program, folder, keep):
    known = dict(samples(folder))
    kept = folder.rstrip("/") + ".read.jsonl"
    if keep and os.path.exists(kept) and os.path.getmtime(kept) > os.path.getmtime(program):
        with open(kept, encoding="utf-8") as lines:
            out = lines.read()
    else:
        run = subprocess.run([program, "read", *known, "--json", "--now", "2026-04-20T10:00:00+09:00"], capture_output=True, text=True)
        out = run.stdout
        if keep:
            with open(kept, "w", encoding="utf-8") as lines:
                lines.write(out)
    said = {os.path.basename(o["file"]): o for o in map(json.loads, out.splitlines())}
    return [(truth, said.get(os.path.basename(path), {})) for path, truth in known.items()]


def judged(pairs):
    """One row a field: truth, group, right, flagged, confidence."""
    for truth, said in pairs:
        fields = said.get("fields") or {}
        for key in [k for k in [*truth["fields"], *sorted(set(fields) - set(truth["fields"]))] if k not in SKIP]:
            want, (value, flagged) = truth["fields"].get(key, ""), value_of(fields, key)
            want_n, got_n = norm(want, key), norm(value, key)
            if isinstance(want_n, tuple) != isinstance(got_n, tuple):
                want_n, got_n = (want_n if isinstance(want_n, tuple) else (want_n,)), (got_n if isinstance(got_n, tuple) else (got_n,))
            if key not in truth["fields"] and got_n in ("", ()):
                continue
            field = fields.get(key)
            sure = round(1000 * field["confidence"]) if isinstance(field, dict) and "confidence" in field else None
            yield truth, key, want_n == got_n, flagged, sure


def percent(part, whole):
    return f"{100 * part / whole:.1f}" if whole else "–"


def table(rows, head):
    """Fields, exact, silent, flagged though right, by the first column."""
    out = [f"| {head} | fields | exact % | silent | right but flagged % |", "|---|---|---|---|---|"]
    for name, all_of in rows:
        right = sum(r for _, _, r, _, _ in all_of)
        silent = sum(not r and not f for _, _, r, f, _ in all_of)
        needless = sum(r and f for _, _, r, f, _ in all_of)
        out.append(f"| {name} | {len(all_of)} | {percent(right, len(all_of))} | {silent} | {percent(needless, len(all_of))} |")
    return out


def by(rows, key):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return sorted(groups.items())


def curve(rows, marked):
    """What another threshold would flag, and what would slip through; other reasons to doubt stay as they are."""
    known = [(right, flagged, sure) for _, key, right, flagged, sure in rows if sure is not None and (key in MARKED) == marked]
    now = 650 if marked else 850
    # Flags with a confidence above the threshold in force have another reason and stay.
    other = [flagged and sure >= now for _, flagged, sure in known]
    out = ["| threshold | flagged % | wrong and not flagged | right but flagged % |", "|---|---|---|---|"]
    for step in STEPS:
        flags = [o or sure < step for o, (_, _, sure) in zip(other, known)]
        silent = sum(not right and not flag for flag, (right, _, _) in zip(flags, known))
        needless = sum(right and flag for flag, (right, _, _) in zip(flags, known))
        mark = " (in force)" if step == now else ""
        out.append(f"| {step / 1000:.3f}{mark} | {percent(sum(flags), len(flags))} | {silent} of {len(known)} | {percent(needless, len(known))} |")
    return out


def machine():
    kind = platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            kind = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), kind)
    return f"{os.cpu_count()} cores, {kind}"


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("program")
    ap.add_argument("sets", nargs="+", metavar="NAME=FOLDER")
    ap.add_argument("--out")
    ap.add_argument("--keep", action="store_true")
    a = ap.parse_args()
    page = [
        "# How exactly application forms are read",
        "",
        "Made by `tests/accept/accuracy.py PROGRAM --out docs/accuracy.md NAME=FOLDER ...`; the unseen forms by `tests/accept/unseen/make.py`, the scans scanned once more by `tests/accept/unseen/degrade.py`. Not written by hand.",
        "",
        "exact: the value equals the truth. silent: wrong, and the program did not say that it doubts it. A blank where something stands is wrong too.",
        "",
        f"Machine: {machine()}.",
        "",
        "## Sets",
        "",
        "| set | used in tuning | documents | recognised | read through | fields | exact % | silent | silent % | right but flagged % |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    everything, details = [], []
    for one in a.sets:
        name, folder = one.split("=", 1)
        tuned, name = name.startswith("*"), name.lstrip("*")
        pairs = read(a.program, folder, a.keep)
        if not pairs:
            sys.exit(f"{folder}: no application forms with truth")
        rows = list(judged(pairs))
        everything += rows
        right, silent = sum(r[2] for r in rows), sum(not r[2] and not r[3] for r in rows)
        needless = sum(r[2] and r[3] for r in rows)
        clean = sum(all(r[2] and not r[3] for r in judged([pair])) for pair in pairs)
        known = sum(said.get("document") == truth["document"] for truth, said in pairs)
        page.append(f"| {name} | {'yes' if tuned else 'no'} | {len(pairs)} | {known} | {clean} | {len(rows)} | {percent(right, len(rows))} | {silent} | {100 * silent / len(rows):.2f} | {percent(needless, len(rows))} |")
        details += ["", f"## {name}", "", *table(by(rows, lambda r: GROUP_OF.get(r[1], "other")), "field group"), "", *table(by(rows, lambda r: r[0].get("look", "")), "scanner look")]
        must = [(said.get("fields") or {}).get(key) for truth, said in pairs for key in truth.get("must_flag", [])]
        if must:
            seen = sum(bool(isinstance(field, dict) and field.get("needs_review")) for field in must)
            details += ["", f"Pages of two applicants in one file: {seen} of {len(must)} flagged."]
        hands = [r for r in rows if r[0].get("handwriting")]
        if hands:
            details += ["", *table([("hand-like", hands), ("printed", [r for r in rows if not r[0].get("handwriting")])], "entries")]
    page += details
    page += ["", "## The threshold", "", "`BET` in `src/extraction/decode.rs`: below it a value is flagged. The curve says what another threshold would have done on all sets above, from the confidences that `read --json` prints; flags that have another reason stay.", "", "Text, numbers, dates (`BET`):", "", *curve(everything, False), "", "Boxes and rings (`BET_MARK`):", "", *curve(everything, True), ""]
    text = "\n".join(page)
    if a.out:
        with open(a.out, "w", encoding="utf-8") as out:
            out.write(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
