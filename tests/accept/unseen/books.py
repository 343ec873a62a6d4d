#!/usr/bin/env python3
"""Writes the registration workbooks of a folder of samples anew, as other offices would lay them out, and keeps their truth.

    books.py FIELDS SAMPLES OUT [--seed S]

FIELDS is domain-fields.json (labels, variants, codes). Every book gets its own mixture of: other words for headings, units in
headings or beside values, resources a row or a column, users a row or a column, prices as blocks or as one flat table, several
sets on one sheet, notes between rows, merged titles, dates as dates, text or 和暦, codes or words, numbers with separators or
units, hidden sheets with old data. Needs openpyxl.
"""
import argparse
import datetime
import glob
import json
import os
import random
import shutil

import openpyxl
from openpyxl.styles import Border, Side
from openpyxl.utils import get_column_letter

TITLES = {
    "operator_profile": ["事業者概要データ", "様式1 事業者概要データ", "事業者概要"],
    "user_info": ["ユーザ情報", "様式2 ユーザー情報", "利用者（ユーザ）情報"],
    "resource": ["電源等データ", "様式3 電源等データ", "電源等データ登録票"],
    "unit_price": ["調整単価データ", "様式4 調整単価データ", "調整単価"],
    "customer_pattern": ["需要家リスト・パターン", "様式5 需要家リスト・パターン", "需要家リスト･パターン"],
    "screening": ["電源等審査用データ", "様式14 電源等審査用データ", "電源等審査に関わる補足情報（様式14）"],
}
DATES = {"start_date", "performance_test_date", "operation_record_from", "operation_record_to"}
MARKS = {"有": "○", "無": "×", "要": "○", "否": "×"}
THIN = Border(*[Side(style="thin")] * 4)


class Book:
    def __init__(self, rng, fields, lists):
        self.rng, self.fields, self.lists = rng, fields, lists
        self.words = rng.random() < 0.5
        self.marks = rng.random() < 0.3
        self.date = rng.choice(["date", "slash", "dash", "kanji", "wareki", "short", "serial"])
        self.number = rng.choice(["number", "comma", "text", "unit", "wide"])
        self.heading = rng.choice(["plain", "unit", "star", "spread", "break", "number"])
        self.variant = rng.random() < 0.6
        self.top = rng.choice([1, 2, 4])
        self.left = rng.choice([1, 1, 2, 3])
        self.one_sheet = rng.random() < 0.2
        self.lines = rng.random() < 0.5
        self.notes = rng.random() < 0.4
        self.users_down = rng.random() < 0.75
        self.resources_down = rng.random() < 0.5
        self.flat_prices = rng.random() < 0.35
        self.customers_flat = rng.random() < 0.35

    def label(self, doc, key, others=()):
        """A heading's words; `others` are words that would be mistaken on the same sheet."""
        field = next(f for f in self.fields[doc] if f["key"].split(".")[-1] == key)
        names = [field["label_ja"]] + [v for v in field["labels_ja_variants"] if len(v) > 1 or not self.variant]
        name = self.rng.choice(names) if self.variant else names[0]
        if name in others:
            name = names[0]
        unit = field.get("unit")
        if self.heading == "unit" and unit and "(" not in name:
            name += self.rng.choice([f"[{unit}]", f"（{unit}）", f"({unit})"])
        if self.heading == "star":
            name = self.rng.choice(["※", "*", ""]) + name + self.rng.choice(["", "（必須）", " *"])
        if self.heading == "spread" and len(name) == 2:
            name = name[0] + "　" + name[1]
        if self.heading == "break" and len(name) > 5:
            name = name[:4] + "\n" + name[4:]
        return name

    def value(self, doc, key, value):
        if value in ("", None, []):
            return None
        field = next(f for f in self.fields[doc] if f["key"].split(".")[-1] == key)
        codes = field.get("codes")
        codes = self.lists.get(codes, codes) if isinstance(codes, str) else codes
        if isinstance(value, list):
            parts = [codes[v] if codes and self.words else v for v in value]
            return self.rng.choice(["、", ","]).join(parts) if self.words else ",".join(parts)
        if key in DATES:
            return self.day(value)
        if codes and self.words:
            word = codes.get(str(value), str(value))
            return MARKS.get(word, word) if self.marks else word
        if field["type"] in ("integer", "decimal") and key not in ("user_no", "band_no", "startup_case_no", "customer_no", "pattern_no", "operation_pattern_no"):
            return self.amount(value, field)
        if field["type"] == "integer":
            return int(value)
        if key == "supply_point_number":
            return self.rng.choice([value, "-".join([value[:2]] + [value[i : i + 4] for i in range(2, 22, 4)])])
        return value

    def day(self, iso):
        y, m, d = map(int, iso.split("-"))
        return {
            "date": datetime.datetime(y, m, d),
            "slash": f"{y}/{m:02}/{d:02}",
            "dash": f"{y}-{m:02}-{d:02}",
            "kanji": f"{y}年{m}月{d}日",
            "wareki": f"令和{y - 2018}年{m}月{d}日",
            "short": f"R{y - 2018}.{m}.{d}",
            "serial": (datetime.date(y, m, d) - datetime.date(1899, 12, 30)).days,
        }[self.date]

    def amount(self, value, field):
        text = str(value)
        if self.number == "number":
            return float(text) if "." in text else int(text)
        whole, _, rest = text.partition(".")
        comma = f"{int(whole):,}" + ("." + rest if rest else "")
        unit = field.get("unit") or ""
        return {
            "comma": comma,
            "text": text,
            "unit": comma + (unit if unit in ("kW", "分", "%", "kV") else ""),
            "wide": text.translate(str.maketrans("0123456789.-", "０１２３４５６７８９．－")),
        }[self.number]

    # ---- drawing

    def put(self, ws, r, c, value, frame=True):
        cell = ws.cell(r, c, value)
        if isinstance(value, str) and value[:1].isdigit():
            cell.number_format = "@"
        if self.lines and frame:
            cell.border = THIN
        return cell

    def title(self, ws, r, doc):
        text = self.rng.choice(TITLES[doc])
        if self.heading == "number":
            text = self.rng.choice(["■{}", "【{}】", "１．{}"]).format(text)
        ws.cell(r, self.left, text)
        if self.rng.random() < 0.4:
            ws.merge_cells(start_row=r, start_column=self.left, end_row=r, end_column=self.left + 3)
        if self.notes:
            ws.cell(r + 1, self.left, "※太枠内をご記入ください。＊は必須項目です。")
        return r + (3 if self.notes else 2)

    def pairs(self, ws, r, doc, record, keys):
        """Label and value side by side, one item a row."""
        wide = self.rng.choice([0, 0, 1, 2])
        numbered = self.rng.random() < 0.3
        head = self.rng.random() < 0.5
        c = self.left
        if head:
            row = (["No."] if numbered else []) + ["項目"] + [None] * wide + ["記入欄", "備考"]
            for n, word in enumerate(row):
                self.put(ws, r, c + n, word)
            r += 1
        seen = []
        for n, key in enumerate(keys, 1):
            at = c
            if numbered:
                self.put(ws, r, at, n)
                at += 1
            label = self.label(doc, key, seen)
            seen.append(label)
            self.put(ws, r, at, label)
            if wide:
                ws.merge_cells(start_row=r, start_column=at, end_row=r, end_column=at + wide)
            self.put(ws, r, at + 1 + wide, self.value(doc, key, record.get(key)))
            if self.notes and self.rng.random() < 0.3:
                ws.cell(r, at + 2 + wide, self.rng.choice(["必須", "任意", "例：別紙参照", "半角で記入"]))
            r += 1
        return r + 1

    def table(self, ws, r, doc, records, keys):
        """One record a row."""
        c, seen = self.left, []
        for n, key in enumerate(keys):
            label = self.label(doc, key, seen)
            seen.append(label)
            self.put(ws, r, c + n, label)
        r += 1
        for record in records:
            for n, key in enumerate(keys):
                self.put(ws, r, c + n, self.value(doc, key, record.get(key)))
            r += 1
        if self.notes:
            ws.cell(r, c, "※行が不足する場合は追加してください。")
            r += 1
        return r + 1

    def columns(self, ws, r, doc, records, keys, what):
        """One record a column."""
        c, seen = self.left, []
        self.put(ws, r, c, "項目")
        for n in range(len(records)):
            self.put(ws, r, c + 1 + n, f"{what}{n + 1}")
        r += 1
        for key in keys:
            label = self.label(doc, key, seen)
            seen.append(label)
            self.put(ws, r, c, label)
            for n, record in enumerate(records):
                self.put(ws, r, c + 1 + n, self.value(doc, key, record.get(key)))
            r += 1
        return r + 1

    def prices(self, ws, r, records):
        doc = "unit_price"
        heads = ["resource_code", "valid_from", "valid_to", "operation_pattern_no"]
        bands = ["band_no", "band_lower_kw", "v1_price", "v2_price", "v4_price", "const_a", "const_b", "const_c"]
        costs = ["startup_case_no", "stop_hours", "v3_price"]
        if self.flat_prices and not any(record["startup_costs"] for record in records):
            rows = [{**record, **band} for record in records for band in record["bands"]]
            return self.table(ws, r, doc, rows, heads + bands)
        for record in records:
            seen = []
            for key in heads:
                label = self.label(doc, key, seen)
                seen.append(label)
                self.put(ws, r, self.left, label)
                self.put(ws, r, self.left + 1, self.value(doc, key, record.get(key)))
                r += 1
            r += 1
            ws.cell(r, self.left, "出力帯")
            r = self.table(ws, r + 1, doc, record["bands"], bands)
            if record["startup_costs"]:
                ws.cell(r, self.left, "起動費")
                r = self.table(ws, r + 1, doc, record["startup_costs"], costs)
        return r + 1

    def customers(self, ws, r, records):
        doc = "customer_pattern"
        heads = ["resource_code", "start_date", "pattern_no", "pattern_name", "available_kw"]
        rows = ["customer_no", "supply_point_number", "customer_name", "supply_point_name", "customer_address", "voltage_class", "customer_contract_kw", "customer_available_kw", "curtail_method"]
        for record in records:
            seen = []
            if self.customers_flat:
                for n, key in enumerate(heads):
                    self.put(ws, r, self.left + n, self.label(doc, key, seen))
                    self.put(ws, r + 1, self.left + n, self.value(doc, key, record.get(key)))
                r += 3
            else:
                for key in heads:
                    self.put(ws, r, self.left, self.label(doc, key, seen))
                    self.put(ws, r, self.left + 1, self.value(doc, key, record.get(key)))
                    r += 1
                r += 1
            r = self.table(ws, r, doc, record["customers"], rows)
        return r


def write(truth, rng, fields, lists):
    book = Book(rng, fields, lists)
    wb = openpyxl.Workbook()
    wb.remove(wb.active)
    if rng.random() < 0.5:
        ws = wb.create_sheet(rng.choice(["表紙", "はじめに", "記入要領"]))
        ws["A1"] = "需給調整市場システム 登録用データ"
        ws["A3"] = "記入方法：各シートの太枠内にご記入ください。"
    data, at = truth["data"], None
    for doc in ["operator_profile", "user_info", "resource", "unit_price", "customer_pattern", "screening"]:
        if doc not in data:
            continue
        if at is None or not book.one_sheet:
            name = "登録データ" if book.one_sheet else rng.choice(TITLES[doc]).split(" ")[-1][:28].replace("／", "")
            at = [wb.create_sheet(name), book.top]
        ws, r = at
        r = book.title(ws, r, doc)
        record = data[doc]
        keys = [f["key"].split(".")[-1] for f in fields[doc]]
        if doc == "operator_profile" or doc == "screening":
            r = book.pairs(ws, r, doc, record, keys)
        elif doc == "user_info":
            put = book.table if book.users_down else lambda *a: book.columns(*a, rng.choice(["利用者", "ユーザ"]))
            r = put(ws, r, doc, record["users"], keys)
        elif doc == "resource":
            put = book.table if book.resources_down else lambda *a: book.columns(*a, rng.choice(["電源等", "リソース"]))
            r = put(ws, r, doc, record, keys)
        elif doc == "unit_price":
            r = book.prices(ws, r, record)
        else:
            r = book.customers(ws, r, record)
        at[1] = r + 1
    if rng.random() < 0.3:
        ws = wb.create_sheet("旧データ")
        ws.sheet_state = "hidden"
        ws["A1"], ws["A2"], ws["B2"] = "事業者概要データ", "事業者名", "旧名称株式会社"
    for ws in wb:
        for c in range(1, 12):
            ws.column_dimensions[get_column_letter(c)].width = 18
    return wb


def main():
    args = argparse.ArgumentParser()
    args.add_argument("fields")
    args.add_argument("samples")
    args.add_argument("out")
    args.add_argument("--seed", type=int, default=1)
    a = args.parse_args()
    domain = json.load(open(a.fields))
    fields = {d["id"]: d["fields"] for d in domain["documents"]}
    os.makedirs(a.out, exist_ok=True)
    for path in sorted(glob.glob(os.path.join(a.samples, "book-*.truth.json"))):
        stem = os.path.basename(path)[: -len(".truth.json")]
        rng = random.Random(f"{a.seed}-{stem}")
        write(json.load(open(path)), rng, fields, domain["code_lists"]).save(os.path.join(a.out, stem + ".xlsx"))
        shutil.copy(path, a.out)


if __name__ == "__main__":
    main()
