"""The work that the program and its peers are given: files, and the words that stand in them.

Scans, workbooks and exports are the shipped samples; where there are too few, more are made from them.
"""
import datetime
import glob
import json
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# A date, with or without its hour: a program writes it in a form of its own.
DATE = re.compile(r"\d{4}[-/]\d\d[-/]\d\d")
SAMPLES = os.path.join(ROOT, "tests/accept/samples")
sys.path.insert(0, os.path.join(ROOT, "benches/scale"))
sys.path.insert(0, os.path.join(ROOT, "tests/accept"))


def samples(kind, *endings):
    files = [file for file in sorted(glob.glob(os.path.join(SAMPLES, kind, "*"))) if file.endswith(endings)]
    return [(file, json.load(open(os.path.splitext(file)[0] + ".truth.json"))) for file in files]


def words_of(truth):
    """Values that stand on the paper as they are: names, numbers, addresses; no codes of boxes, no dates in other dress."""
    from score import SKIP

    if isinstance(truth, list):
        for one in truth:
            yield from words_of(one)
    elif isinstance(truth, dict):
        for key, value in truth.items():
            if isinstance(value, (dict, list)):
                yield from words_of(value)
            elif key not in SKIP and isinstance(value, str) and len(value) >= 4 and not DATE.match(value):
                yield value


def forms(folder, count):
    """Applications as PDFs with their text, each of another company; and the words in each."""
    import make

    os.makedirs(folder, exist_ok=True)
    made = []
    for n in range(1, count + 1):
        path = os.path.join(folder, f"form-{n:04}.pdf")
        make.form(path, n)
        told = dict(make.lines(n))
        made.append((path, [told[key] for key in ("事業者名", "法人番号", "本社所在地", "担当者名", "E-mail")]))
    return made


def export(path, resources):
    """An export of MMS with so many resources, made by repeating that of a sample."""
    text = open(os.path.join(SAMPLES, "mms/MMSREG_K135_2026042067_01_20260420101504.xml"), encoding="utf-8").read()
    begin, end = text.index("<JPMR00020>"), text.index("</JPMR00020>") + len("</JPMR00020>")
    one = text[begin:end]
    rows = "".join(one.replace("R6100", f"R{n:04}") for n in range(resources))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text[:begin] + rows + text[end:])


def customers(path, count):
    """A workbook with a list of so many customers."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("需要家リスト・パターン")
    head = [
        ("需要家リスト・パターン",), (), ("電源等コード", "D7205"), ("開始日", datetime.datetime(2026, 5, 1)), ("需要家リスト・パターン番号", 1),
        ("需要家リスト・パターン名称", "標準パターン"), ("供出可能量", 942 * count), (),
        ("No.", "供給地点特定番号", "需要家名", "供給地点名称", "需要家所在地", "受電電圧", "契約電力", "供出可能量（需要家別）", "抑制方法"),
    ]
    for row in head:
        sheet.append(row)
    for n in range(1, count + 1):
        sheet.append((
            n, f"02{n * 7919 * 104729 % 10**20:020}", f"株式会社第{n}例示電力", f"第{n}例示工場", f"宮城県白石市例示{n % 97 + 1}丁目{n}番地",
            ("高圧", "特別高圧", "低圧")[n % 3], 1884 + n % 50, 942, ("自家発増出力", "空調抑制", "生産設備停止")[n % 3],
        ))
    book.save(path)
