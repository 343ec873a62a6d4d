#!/usr/bin/env python3
"""Writes the contracts of a folder of samples anew, as other legal departments would word and set them, and keeps their truth.

    contracts.py SAMPLES OUT [--seed S]

Other preambles (also as a list of parties), clause titles, ways to write dates, powers and prices, order of clauses, tables of
the appendix ruled or not, one entry a row or label by label, signature blocks side by side, horizontal or vertical names of
the parties, a cover page, page numbers, headers. Needs reportlab, whose Japanese fonts are not embedded.
"""
import argparse
import glob
import json
import os
import random
import shutil

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

TITLES = {
    "1P": ["電源Ⅰ’厳気象対応調整力契約書", "電源Ⅰ´厳気象対応調整力契約書", "電源Ⅰ′ 厳気象対応調整力契約書（標準契約書）"],
    "2F": ["電源Ⅱ周波数調整力契約書"],
    "2B": ["電源Ⅱ需給バランス調整力契約書", "電源Ⅱ 需給バランス調整力契約書"],
    "2L": ["電源Ⅱb低速需給バランス調整力契約書", "電源Ⅱ´低速需給バランス調整力契約書", "電源Ⅱ低速需給バランス調整力契約書"],
}
KANJI = "〇一二三四五六七八九"


def wide(text):
    return str(text).translate(str.maketrans("0123456789.,", "０１２３４５６７８９．，"))


class Set:
    """Lines of text on pages."""

    def __init__(self, path, rng, font):
        self.c, self.rng, self.font = canvas.Canvas(path, pagesize=A4), rng, font
        self.left = rng.choice([60, 71, 85])
        self.size = rng.choice([10, 10.5, 11])
        self.lead = self.size * rng.choice([1.5, 1.75, 2])
        self.numbers = rng.choice([None, "- {} -", "{}", "{}頁"])
        self.header = rng.choice([None, None, "（写）", "契約書原本"])
        self.page = 1
        self.top()

    def top(self):
        self.y = A4[1] - 70
        if self.header:
            self.text(self.left, A4[1] - 40, self.header, 8)

    def text(self, x, y, text, size=None):
        self.c.setFont(self.font, size or self.size)
        self.c.drawString(x, y, text)

    def width(self, text, size=None):
        return pdfmetrics.stringWidth(text, self.font, size or self.size)

    def turn(self):
        if self.numbers:
            text = self.numbers.format(self.page)
            self.text((A4[0] - self.width(text, 9)) / 2, 30, text, 9)
        self.c.showPage()
        self.page += 1
        self.top()

    def need(self, height):
        if self.y - height < 60:
            self.turn()

    def line(self, text, indent=0, size=None):
        self.need(self.lead)
        self.text(self.left + indent, self.y, text, size)
        self.y -= self.lead

    def centre(self, text, size):
        self.need(self.lead * 2)
        self.text((A4[0] - self.width(text, size)) / 2, self.y, text, size)
        self.y -= self.lead * 1.6

    def body(self, text, indent=0):
        room = A4[0] - 2 * self.left - indent
        line = ""
        for ch in text:
            if self.width(line + ch) > room:
                self.line(line, indent)
                line = ""
            line += ch
        if line:
            self.line(line, indent)

    def save(self):
        self.turn()
        self.c.save()


class Words:
    def __init__(self, rng):
        self.rng = rng
        self.date_style = rng.choice(["ad", "wareki", "slash", "wide", "wareki_wide"])
        self.power = rng.choice(["kW", "kW_comma", "MW", "man", "wide", "kiro"])

    def date(self, iso):
        y, m, d = map(int, iso.split("-"))
        return {
            "ad": f"{y}年{m}月{d}日",
            "wareki": f"令和{y - 2018}年{m}月{d}日",
            "slash": f"{y}年{m:02}月{d:02}日",
            "wide": wide(f"{y}年{m}月{d}日"),
            "wareki_wide": wide(f"令和{y - 2018}年{m}月{d}日"),
        }[self.date_style]

    def kw(self, n):
        n = int(n)
        return {
            "kW": f"{n}kW",
            "kW_comma": f"{n:,} kW",
            "MW": f"{n / 1000:g}MW",
            "man": f"{n / 10000:g}万kW",
            "wide": wide(f"{n:,}") + "ｋＷ",
            "kiro": f"{n:,}キロワット",
        }[self.power]


def equipment_table(page, rng, words, rows):
    generators = any("equipment_rated_kw" in row for row in rows)
    if generators:
        unit_in_head = rng.random() < 0.5
        keys = ["equipment_name", "equipment_address", "equipment_rated_kw", "equipment_min_kw", "equipment_ramp_rate"]
        heads = [rng.choice(["契約設備名", "発電所名", "契約設備", "発電所名称"]), rng.choice(["所在地", "設置場所", "住所"]), rng.choice(["定格出力", "認可出力", "定格容量"]),
                 rng.choice(["最低出力", "最低負荷"]), rng.choice(["出力変化速度", "変化速度"])]
        if unit_in_head:
            heads = heads[:2] + [h + u for h, u in zip(heads[2:], ["(kW)", "(kW)", "(kW/分)"])]
        widths = [120, 150, 75, 70, 80]
    else:
        keys = ["equipment_name", "equipment_address", "supply_point_number"]
        heads = [rng.choice(["需要家名", "契約電源等名称", "需要家"]), rng.choice(["需要場所", "所在地", "住所"]), rng.choice(["供給地点特定番号", "供給地点番号"])]
        widths = [180, 170, 140]

    def show(key, value):
        if key == "equipment_ramp_rate":
            return f"{int(value):,}" if unit_in_head else f"{int(value):,}kW/分"
        if key.endswith("_kw"):
            return f"{int(value):,}" if unit_in_head else words.kw(value)
        return str(value)

    numbered = rng.random() < 0.5
    if numbered:
        heads, widths = ["No."] + heads, [25] + widths
    style = rng.choice(["ruled", "ruled", "bare"])
    if rng.random() < 0.25 and len(rows) <= 2:
        # Label by label, one entry below the other.
        for n, row in enumerate(rows, 1):
            page.line(f"（{n}）")
            for head, key in zip(heads[numbered:], keys):
                if row.get(key) not in (None, ""):
                    page.line(f"{head}：{show(key, row[key])}", 15)
        return
    size = 7.5
    left = (A4[0] - sum(widths)) / 2
    table = [heads] + [([str(n)] if numbered else []) + [show(k, row[k]) if row.get(k) not in (None, "") else "" for k in keys] for n, row in enumerate(rows, 1)]
    for cells in table:
        split = []
        for text, width in zip(cells, widths):
            lines, line = [], ""
            for ch in text:
                if page.width(line + ch, size) > width - 8:
                    lines.append(line)
                    line = ""
                line += ch
            split.append(lines + [line])
        height = 12 * max(len(s) for s in split) + 6
        page.need(height)
        x = left
        for lines, width in zip(split, widths):
            if style == "ruled":
                page.c.rect(x, page.y - height + 10, width, height)
            for k, line in enumerate(lines):
                page.text(x + 4, page.y - 12 * k, line, size)
            x += width
        page.y -= height
    page.y -= 10


def write(path, truth, rng):
    f = truth["fields"]
    words = Words(rng)
    font = rng.choice(["HeiseiMin-W3", "HeiseiKakuGo-W5"])
    page = Set(path, rng, font)
    title = rng.choice(TITLES[f["contract_kind"]])
    number = f["contract_number"]
    if rng.random() < 0.3:
        page.y -= 150
        page.centre(title, 18)
        page.y -= 60
        page.centre(f["party_a"], 13)
        page.centre(f["party_b"], 13)
        page.turn()
    label = rng.choice(["契約番号　{}", "契約番号：{}", "契約書番号 {}", "（契約番号 {}）"])
    if rng.random() < 0.5:
        page.text(A4[0] - page.left - page.width(label.format(number)), page.y, label.format(number))
        page.y -= page.lead
        page.centre(title, 15)
    else:
        page.centre(title, 15)
        page.line(label.format(number))
    a, b = f["party_a"], f["party_b"]
    preamble = rng.choice([
        f"　{a}（以下「甲」という。）と{b}（以下「乙」という。）とは、電源等の調整力に関し、次のとおり契約（以下「本契約」という。）を締結する。",
        f"　{a}（以下、「甲」という）と、{b}（以下、「乙」という）は、甲が乙に調整力を提供することについて、以下のとおり契約する。",
        f"　調整力提供者 {a}（以下「甲」という。）および一般送配電事業者 {b}（以下「乙」という。）は、2025年9月1日に乙が公表した2026年度調整力募集要綱を承認のうえ、次のとおり契約を締結する。",
    ])
    page.body(preamble)
    page.y -= page.lead / 2
    period = rng.choice([
        "提供期間は、{0}から{1}までとする。",
        "本契約にもとづく調整力の提供期間は{0}より{1}までとする。",
        "契約期間は次のとおりとする。\n　自　{0}\n　至　{1}",
        "本契約の有効期間は、{0}から{1}までの1年間とする。",
    ]).format(words.date(f["period_from"]), words.date(f["period_to"]))
    clauses = [("目的", "甲は、別紙1に記載する契約設備を用いて、乙の指令に応じ調整力を提供するものとする。"), ("期間", period)]
    if f.get("contract_kw"):
        clauses.append(("契約電力", rng.choice(["契約電力は、{}とする。", "契約電力（契約容量をいう。以下同じ。）は、{}とする。", "本契約における契約電力は{}とする。"]).format(words.kw(f["contract_kw"]))))
    price = []
    if f.get("capacity_price"):
        p = f"{int(float(f['capacity_price'])):,}"
        price.append(rng.choice([f"容量料金は、契約電力1キロワットあたり年間{p}円とする。", f"基本料金は、契約電力1kWにつき1年あたり{p}円とする。"]))
    if f.get("energy_price_cap"):
        p = f["energy_price_cap"]
        price.append(rng.choice([f"上限電力量単価は、1kWhあたり{p}円とする。", f"電力量料金の上限単価は、1キロワット時につき{p}円とする。", f"電力量料金に適用する単価の上限は、{p}円/kWhとする。"]))
    if price:
        clauses.append(("料金", "".join(price)))
    clauses += [("登録", "甲は、申出単価その他必要な事項を、乙が指定する期日までに需給調整市場システムに登録する。"), ("秘密保持", "甲および乙は、本契約の履行に関して知り得た相手方の情報を第三者に開示してはならない。"),
                ("損害賠償", "甲または乙が本契約に違反し、相手方に損害を与えたときは、これを賠償する。"), ("協議", "本契約に定めのない事項については、甲乙誠意をもって協議する。")]
    if rng.random() < 0.5:
        clauses.insert(1, ("法令等の遵守", "甲および乙は、電気事業法その他関係法令を遵守する。"))
    style = rng.choice(["above", "behind", "kanji"])
    for n, (head, text) in enumerate(clauses, 1):
        no = KANJI[n] if style == "kanji" and n < 10 else n
        if style == "behind":
            page.line(f"第{no}条（{head}）")
        else:
            page.line(f"（{head}）")
        lines = text.split("\n")
        if style != "behind":
            lines[0] = f"第{no}条　" + lines[0]
        for line in lines:
            page.body(line)
        page.y -= page.lead / 3
    page.need(page.lead * 14)
    page.body("　" + rng.choice(["本契約締結の証として、本書2通を作成し、甲乙記名押印のうえ、各自1通を保有する。", "以上、本契約の成立を証するため、本書を2通作成し、甲乙それぞれ記名押印のうえ各1通を保有する。"]))
    page.y -= page.lead / 2
    if f.get("contract_date"):
        page.line(rng.choice(["", "　　", "締結日："]) + words.date(f["contract_date"]))
    title_a, _, name_a = f["representative_a"].replace("　", " ").partition(" ")
    blocks = [("甲", f["address_a"], a, title_a, name_a, f.get("signature_a")), ("乙", "宮城県仙台市青葉区例示町一丁目1番1号", b, "代表取締役社長", "例示 次郎", f.get("signature_b"))]
    for who, address, name, post, person, signed in blocks:
        page.y -= page.lead / 2
        page.line(f"{who}　{address}" if rng.random() < 0.6 else f"（{who}） {address}")
        page.line(name, 20)
        page.line(f"{post}　{person}" + ("　㊞" if signed else ""), 20)
    page.turn()
    page.line(rng.choice(["別紙1", "別紙１", "（別紙1）"]))
    page.centre(rng.choice(["契約設備一覧表", "契約設備一覧", "契約電源等一覧表"]), 13)
    equipment_table(page, rng, words, f["equipment"])
    page.save()


def main():
    args = argparse.ArgumentParser()
    args.add_argument("samples")
    args.add_argument("out")
    args.add_argument("--seed", type=int, default=1)
    a = args.parse_args()
    for name in ("HeiseiMin-W3", "HeiseiKakuGo-W5"):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    os.makedirs(a.out, exist_ok=True)
    for path in sorted(glob.glob(os.path.join(a.samples, "contract-*.truth.json"))):
        stem = os.path.basename(path)[: -len(".truth.json")]
        write(os.path.join(a.out, stem + ".pdf"), json.load(open(path)), random.Random(f"{a.seed}-{stem}"))
        shutil.copy(path, a.out)


if __name__ == "__main__":
    main()
