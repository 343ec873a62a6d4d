"""Forms as offices type them; the family may be looked at while the program is made.

White labels on dark cells, boxes typed as signs, notes below entries, labels above entries without a grid, several labels on one
line, numbers or brackets to mark, days and telephone numbers spaced as they are dictated.
"""
import re

from applicants import CHOICES
from layouts import CONTACT, CONTRACT, WISH

DARK = (52, 73, 118)
PALE = (232, 238, 247)
NOTES = {
    "applicant_name": "※登記簿に記載の商号をご記入ください。",
    "corporate_number": "※国税庁が指定した13桁の番号",
    "address": "（注）登記簿上の所在地をご記入ください。",
    "contact_email": "※携帯電話のアドレスは不可",
    "desired_start_date": "※申込日から１か月以上先の日をご記入ください。",
}


def dictated(f):
    """Days with room between their parts, telephone numbers with the area in brackets."""
    for key in ("application_date", "contract_date", "desired_start_date"):
        if key in f.words and "年" in f.words[key]:
            f.words[key] = re.sub(r"([年月])", r" \1 ", f.words[key])
    phone = f.words["contact_phone"]
    if phone.count("-") == 2:
        area, office, own = phone.split("-")
        f.words["contact_phone"] = f.rng.choice([f"({area}){office}-{own}", f"{area}({office}){own}", f"{area} - {office} - {own}"])


def marked(f, key, x, y, room, way, size=3.6):
    """Options in one of the ways that need no drawn box; returns the height that they took."""
    page, at, top = f.page, x, y
    for n, (code, word) in enumerate(CHOICES[key], 1):
        on = code in f.chosen[key] and not page.blank
        text = {"typed": ("■" if on else "□") + word, "bracket": ("（○）" if on else "（　）") + word, "number": f"{n}．{word}"}[way]
        wide = page.width(text, size)
        if (at + wide > x + room or key == "contract_kind") and at > x:
            at, top = x, top + size * 1.45
        page.text(at, top, text, size)
        if way == "number" and on:
            page.ring(at, top, page.width(f"{n}", size), size)
        at += wide + size * 1.1
    return top - y + size * 1.45


def reversed_labels(f):
    """White labels on dark cells, signs for boxes, a small note below some entries."""
    page = f.page
    page.text(15, 9, "2026年4月版", 3)
    f.marker(1, 182, 9)
    f.title(16, 6)
    label, inner = 40, 140

    def rows(keys, y):
        for key in keys:
            note = NOTES.get(key)
            count = len(f.page.lines(f.words.get(key, ""), 3.6, inner - 5, "pen")) if key not in CHOICES else {"contract_kind": 4, "planned_areas": 2}.get(key, 1)
            tall = max(count * 5.2 + 3.4, 8.6) + (3.6 if note else 0)
            f.page.frame(15, y, label, tall, 0.2, DARK)
            lines = f.page.lines(f.labels[key], 3.3, label - 4)
            for n, line in enumerate(lines):
                f.page.light(17, y + (tall - len(lines) * 4.1) / 2 + n * 4.1, line, 3.3)
            f.page.frame(15 + label, y, inner, tall, 0.2)
            if key in CHOICES:
                marked(f, key, 57, y + 2.2, inner - 5, "typed")
            else:
                f.entry(key, 57, y + 2.3, inner - 5, 3.6)
            if note:
                f.page.text(57, y + tall - 3.7, note, 2.5)
            y += tall
        return y

    y = rows(["application_date", "addressee", "application_kind", "applicant_name_kana", "applicant_name", "corporate_number", "postal_code", "address", "representative_title", "representative_name", "operator_code", "mms_code"], 28)
    rows(CONTRACT, y + 4)
    f.second()
    f.page.text(15, 9, "2026年4月版", 3)
    f.marker(2, 182, 9)
    y = rows(WISH, 20)
    y = rows(CONTACT, y + 4)
    rows(["consent", "remarks"], y + 4)


def stacked(f):
    """No grid: a label, and below it its entry on a pale field; two to a row."""
    page = f.page
    dictated(f)
    f.title(14, 5.8)
    page.text(15, 24, "2026年4月版", 3)
    f.marker(1, 184, 24)

    def fields(rows, y):
        for keys in rows:
            width = 180 / len(keys)
            room = width - 8
            heights = [4.0]
            for n, key in enumerate(keys):
                left = 15 + n * width
                f.page.text(left, y, f.labels[key], 3.0)
                if key in CHOICES:
                    heights.append(marked(f, key, left + 2, y + 6, room, "bracket"))
                    continue
                count = len(f.page.lines(f.words.get(key, ""), 3.6, room, "pen"))
                f.page.fill(left, y + 4.6, width - 4, count * 4.9 + 2.6, PALE)
                f.entry(key, left + 2, y + 6, room, 3.6)
                heights.append(count * 4.9 + 1)
            y += max(heights) + 8.6
        return y

    y = fields([["application_date", "addressee"], ["application_kind"], ["applicant_name_kana"], ["applicant_name"], ["corporate_number", "postal_code"], ["address"], ["representative_title", "representative_name"], ["operator_code", "mms_code"]], 32)
    fields([["contract_kind"], ["resource_kind", "market_participation"], ["planned_areas"], ["submitting_area"]], y)
    f.second()
    f.page.text(15, 12, "2026年4月版", 3)
    f.marker(2, 184, 12)
    y = fields([["contract_status", "contract_date"], ["desired_start_date"], ["certificate_request"], ["certificate_count"], ["contact_department", "contact_name"], ["contact_phone", "contact_email"]], 22)
    fields([["consent"], ["remarks"]], y)


def several_on_a_line(f):
    """A grid with several labels in one cell, one behind the other, and numbers to put a ring around."""
    page = f.page
    dictated(f)
    page.text(15, 9, "様式１（2026年4月版）", 3)
    f.marker(1, 180, 9)
    f.title(17, 6)
    page.text(15, 30, f.words["addressee"] + "　御中", 4, "pen")
    page.text(130, 30, f.labels["application_date"] + "　", 3.4)
    f.entry("application_date", 132 + page.width(f.labels["application_date"] + "　", 3.4), 30, 50, 3.5)

    def row(y, head, parts, tall):
        """`parts`: keys at (x, y) within the cell, each behind its own label if it has one there."""
        f.page.frame(15, y, 32, tall)
        f.page.frame(47, y, 148, tall)
        lines = f.page.lines(head, 3.3, 29)
        for n, line in enumerate(lines):
            f.page.text(16.5, y + (tall - len(lines) * 4.1) / 2 + n * 4.1, line, 3.3)
        for key, x, down, room, own in parts:
            at = 49 + x
            if own:
                at = f.page.text(at, y + down + 0.2, f.labels[key] + own, 3.1) + 1.8
            if key in CHOICES:
                marked(f, key, at, y + down, room, "number")
            else:
                f.entry(key, at, y + down, room, 3.5)
        return y + tall

    y = row(40, f.labels["application_kind"], [("application_kind", 0, 2.6, 140, "")], 9)
    y = row(y, f.labels["applicant_name_kana"], [("applicant_name_kana", 0, 2, 140, "")], 7.5)
    y = row(y, f.labels["applicant_name"], [("applicant_name", 0, 2.6, 140, "")], 9)
    y = row(y, f.labels["corporate_number"], [("corporate_number", 0, 2.4, 60, "")], 8.5)
    y = row(y, f.labels["address"], [("postal_code", 0, 2, 40, "　" if f.labels["postal_code"] == "〒" else "："), ("address", 0, 7.4, 142, "")], 17)
    y = row(y, "代表者", [("representative_title", 0, 2.8, 40, "："), ("representative_name", 62, 2.8, 50, "：")], 9.5)
    y = row(y, "コード", [("operator_code", 0, 2.6, 30, "："), ("mms_code", 78, 2.6, 30, "：")], 9)
    y = row(y, f.labels["contract_kind"], [("contract_kind", 0, 2.4, 140, "")], 24)
    y = row(y, f.labels["resource_kind"], [("resource_kind", 0, 2.6, 140, "")], 9)
    y = row(y, f.labels["market_participation"], [("market_participation", 0, 2.6, 140, "")], 9)
    y = row(y, f.labels["planned_areas"], [("planned_areas", 0, 2.4, 140, "")], 14)
    row(y, f.labels["submitting_area"], [("submitting_area", 0, 2.6, 100, "")], 9) if "submitting_area" not in CHOICES else None
    f.second()
    f.page.text(15, 9, "様式１（2026年4月版）", 3)
    f.marker(2, 180, 9)
    y = row(20, f.labels["contract_status"], [("contract_status", 0, 2.6, 70, ""), ("contract_date", 82, 2.6, 40, "：")], 9)
    y = row(y, f.labels["desired_start_date"], [("desired_start_date", 0, 2.6, 70, "")], 9)
    y = row(y, f.labels["certificate_request"], [("certificate_request", 0, 2.6, 140, "")], 9)
    y = row(y, f.labels["certificate_count"], [("certificate_count", 0, 2.6, 40, "")], 9)
    y = row(y, "連絡先", [("contact_department", 0, 2.4, 100, "："), ("contact_name", 0, 9, 60, "："), ("contact_phone", 0, 15.6, 40, "："), ("contact_email", 0, 22.2, 100, "：")], 30)
    y = row(y, f.labels["consent"], [("consent", 0, 2.6, 100, "")], 9)
    row(y, f.labels["remarks"], [("remarks", 0, 2.6, 130, "")], 14)


LAYOUTS = [reversed_labels, stacked, several_on_a_line]
