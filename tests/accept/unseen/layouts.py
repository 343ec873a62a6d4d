"""Ways offices set the same form. The tune family may be looked at while the program is made; the held-out family may not.

A layout is a function of a `Form` and draws its two sheets.
"""
from applicants import CHOICES

SENTENCE = "需給調整市場システムの利用について、取引規程等に同意のうえ、下記のとおり申し込みます。"
TITLE = "需給調整市場システム利用申込書"


class Form:
    """What is written (words, choices), how it is labelled, and where a seal goes."""

    def __init__(self, sheets, words, chosen, labels, style, rng):
        self.sheets, self.words, self.chosen, self.labels, self.style, self.rng = sheets, words, chosen, labels, style, rng
        self.page = sheets[0]
        self.sealed = None

    def entry(self, key, x, y, room, size=3.7, leading=1.35):
        """The entry at x, y; returns the height that it took."""
        page = self.page
        if key in CHOICES:
            return self.options(key, x, y, room, size, leading)
        text = self.words.get(key, "")
        if key == "representative_name":
            end = page.text(x, y, text, size, "pen")
            mark = max(end + 8, x + min(room * 0.6, 42))
            if self.style["printed_in"]:
                page.text(mark, y, self.style["printed_in"], size * 0.85)
            self.sealed = (mark + 3, y + size / 2)
            return size * leading
        if key == "consent_note":
            return size
        if not text:
            return size * leading
        return page.wrapped(x, y, room, text, size, "pen", leading) - y

    def options(self, key, x, y, room, size=3.7, leading=1.35):
        page, chosen = self.page, self.chosen[key]
        ringed = self.style["choice"] == "ring" and key not in ("contract_kind", "planned_areas", "consent")
        at, top = x, y
        for code, word in CHOICES[key]:
            wide = page.width(word, size) + (0 if ringed else size * 1.15)
            if (at + wide > x + room or key == "contract_kind") and at > x:
                at, top = x, top + size * leading
            if ringed:
                page.text(at, top, word, size)
                if code in chosen:
                    page.ring(at, top + 0.1, page.width(word, size), size)
            elif self.style["behind"]:
                end = page.text(at, top, word, size)
                page.check_box(end + 0.3, top, size, code in chosen)
            else:
                page.check_box(at, top, size, code in chosen)
                page.text(at + size * 1.15, top, word, size)
            at += wide + size * self.style["gap"]
        return top - y + size * leading

    def comb(self, key, x, y, room, height, apart=0.0):
        """One character a box."""
        text = [c for c in self.words.get(key, "") if c not in "-－"]
        count = {"corporate_number": 13, "postal_code": 7, "contact_phone": 11, "operator_code": 5, "mms_code": 4}[key]
        cell = min((room - apart * count) / count, height * 0.95)
        for n in range(count):
            gap = 1.5 if key == "postal_code" and n >= 3 and apart else 0
            left = x + n * (cell + apart) + gap
            self.page.frame(left, y, cell, height, 0.2)
            if n < len(text):
                size = min(height * 0.68, 4.2)
                self.page.text(left + (cell - self.page.width(text[n], size, "pen")) / 2, y + (height - size) / 2 - 0.2, text[n], size, "pen")
        return height

    def label(self, key, x, y, room, size=3.3, spread=False):
        text = self.labels[key]
        if spread and len(text) <= 6 and self.page.width(text, size) < room * 0.7:
            pitch = (room - self.page.width(text, size)) / max(len(text) - 1, 1)
            self.page.text(x, y, text, size, pitch=pitch)
            return
        self.page.wrapped(x, y, room, text, size, leading=1.2)

    def marker(self, number, x=180, y=12):
        text = self.style["marker"].format(number)
        self.page.text(x, y, text, 3)

    def title(self, y, size=6):
        page = self.page
        page.text((210 - page.width(TITLE, size)) / 2, y, TITLE, size)

    def second(self):
        self.page = self.sheets[1]


TALL = {"contract_kind": 22, "planned_areas": 13, "address": 12, "remarks": 16, "certificate_request": 8}


def pairs_table(f, x, y, rows, label=30, total=180, shade=None, combs=(), height=9, pen=0.25, apart=0.0):
    """A ruled grid: each row holds one or several label-entry pairs of equal width."""
    for keys in rows:
        width = total / len(keys)
        h = max(max(TALL.get(k, height) for k in keys), height)
        own = min(label, width * 0.36)
        narrow = [k for k in keys if k in CHOICES and len(keys) > 1 and k != "consent"]
        h = max(h, 13) if narrow else h
        for n, key in enumerate(keys):
            left = x + n * width
            f.page.frame(left, y, own, h, pen, shade)
            f.page.frame(left + own, y, width - own, h, pen)
            lines = len(f.page.lines(f.labels[key], 3.3, own - 3))
            f.label(key, left + 1.6, y + (h - lines * 3.96) / 2, own - 3, spread=f.style["spread"])
            inner = left + own + 2
            if key in combs:
                f.comb(key, inner, y + 1.2, width - own - 4, h - 2.4, apart)
            else:
                text = f.words.get(key, "")
                count = len(f.page.lines(text, 3.7, width - own - 4, "pen")) if text and key not in CHOICES else 1
                top = y + 1.8 if h > 2 * height or key in CHOICES and h > height or count > 1 else y + (h - 3.7) / 2
                f.entry(key, inner, top, width - own - 4, 3.7 if count < 3 else 3.0)
        y += h
    return y


APPLICANT = ["applicant_name_kana", "applicant_name", "corporate_number", "postal_code", "address", "representative_title", "representative_name", "operator_code", "mms_code"]
CONTRACT = ["contract_kind", "resource_kind", "market_participation", "planned_areas", "submitting_area"]
WISH = ["contract_status", "contract_date", "desired_start_date", "certificate_request", "certificate_count"]
CONTACT = ["contact_department", "contact_name", "contact_phone", "contact_email"]


# ---- tune ----

def tune_grid_with_combs(f):
    """A full grid with group headings set upright, one digit a box."""
    f.page.text(15, 12, "様式第1号（2026年4月版）", 3)
    f.marker(1)
    f.title(22)
    f.entry("addressee", 20, 36, 100)
    f.page.text(22 + f.page.width(f.words["addressee"], 4.2, "pen") * 0.9 + 8, 36, "御中", 3.7)
    f.page.text(125, 45, f.labels["application_date"] + "：", 3.5)
    f.entry("application_date", 125 + f.page.width(f.labels["application_date"] + "：", 3.5) + 2, 45, 50)
    y = pairs_table(f, 15, 55, [["application_kind"]], label=36)
    for heading, rows in (("申込者", [["applicant_name_kana"], ["applicant_name"], ["corporate_number"], ["postal_code"], ["address"], ["representative_title", "representative_name"], ["operator_code", "mms_code"]]), ("契約", [[k] for k in CONTRACT])):
        top = y
        y = pairs_table(f, 24, y, rows, label=32, total=171, combs=("corporate_number", "postal_code", "operator_code"))
        f.page.frame(15, top, 9, y - top)
        f.page.vertical(17.5, top + (y - top) / 2 - len(heading) * 3, heading, 4, 1.5)
    f.second()
    f.page.text(15, 12, "様式第1号（2026年4月版）", 3)
    f.marker(2)
    y = pairs_table(f, 15, 22, [[k] for k in WISH], label=42)
    y = pairs_table(f, 24, y + 6, [[k] for k in CONTACT], label=32, total=171, combs=("contact_phone",))
    f.page.frame(15, y - 36, 9, 36)
    f.page.vertical(17.5, y - 27, "連絡先", 4, 1.5)
    pairs_table(f, 15, y + 6, [["consent"], ["remarks"]], label=42)


def tune_underlined(f):
    """No grid: labels on the left, entries on underlines."""
    f.page.text(150, 10, "様式第１号　2026年4月版", 2.9)
    f.title(20, 6.5)
    f.marker(1, 186, 15)

    def row(keys, y, left=22, label=44, step=9.5):
        width = 170 / len(keys)
        for n, key in enumerate(keys):
            at = left + n * width
            own = label if len(keys) == 1 else max(label * 0.62, f.page.width(f.labels[key], 3.5) + 3)
            f.page.text(at, y, f.labels[key], 3.5)
            taken = f.entry(key, at + own, y - 0.2, width - own - 3)
            if key not in CHOICES:
                lines = max(1, round(taken / 5))
                for m in range(lines):
                    f.page.rule(at + own - 1, y + 4.4 + m * 5, at + width - 3, y + 4.4 + m * 5, 0.2)
            step = max(step, taken + 5)
        return y + step

    y = row(["application_date"], 36, left=110, label=30) if False else 36
    f.page.text(118, y, f.labels["application_date"], 3.5)
    f.entry("application_date", 145, y, 45)
    f.page.rule(144, y + 4.5, 188, y + 4.5, 0.2)
    f.page.text(22, 46, f.words["addressee"] + "　御中", 4.0, "pen")
    f.page.text(22, 56, SENTENCE, 3.2)
    y = 66
    for keys in [["application_kind"], ["applicant_name_kana"], ["applicant_name"], ["corporate_number"], ["postal_code"], ["address"], ["representative_title"], ["representative_name"], ["operator_code", "mms_code"]]:
        y = row(keys, y)
    for key in CONTRACT:
        y = row([key], y)
    f.second()
    f.page.text(150, 10, "様式第１号　2026年4月版", 2.9)
    f.marker(2, 186, 15)
    y = 30
    for keys in [["contract_status"], ["contract_date"], ["desired_start_date"], ["certificate_request"], ["certificate_count"], ["contact_department"], ["contact_name"], ["contact_phone"], ["contact_email"], ["consent"], ["remarks"]]:
        y = row(keys, y)


def tune_inline(f):
    """Label, colon and entry on one line under bracketed headings; no rule anywhere."""
    f.page.text(16, 11, "2026年4月版", 3)
    f.marker(1, 100, 285)
    f.title(18, 5.6)

    def lines(keys, y, start=1):
        for n, key in enumerate(keys, start):
            head = f"{n}．{f.labels[key]}：" if f.style["numbered"] else f"{f.labels[key]}："
            end = f.page.text(25, y, head, 3.6)
            y += max(f.entry(key, end + 1.5, y, 185 - end) + 3.4, 8.4)
        return y

    y = lines(["application_date", "addressee", "application_kind"], 32)
    f.page.text(20, y + 1, "【申込者】", 4)
    y = lines(APPLICANT, y + 9)
    f.page.text(20, y + 1, "【契約に関する事項】", 4)
    lines(CONTRACT, y + 9)
    f.second()
    f.page.text(16, 11, "2026年4月版", 3)
    f.marker(2, 100, 285)
    y = lines(WISH, 24)
    f.page.text(20, y + 1, "【連絡先】", 4)
    y = lines(CONTACT, y + 9)
    f.page.text(20, y + 1, "【同意事項・その他】", 4)
    lines(["consent", "remarks"], y + 9)


def tune_open_sides(f):
    """Horizontal rules alone, two pairs a row, shaded head rows for the groups."""
    f.page.text(15, 10, "様式番号 1　（2026年4月版）", 3)
    f.marker(1, 182, 10)
    f.title(18)
    y = 34
    for heading, rows in (
        ("１　申込みについて", [["addressee", "application_date"], ["application_kind"]]),
        ("２　申込者", [["applicant_name_kana"], ["applicant_name"], ["corporate_number", "postal_code"], ["address"], ["representative_title", "representative_name"], ["operator_code", "mms_code"]]),
        ("３　契約等", [["contract_kind"], ["resource_kind", "market_participation"], ["planned_areas"], ["submitting_area"]]),
    ):
        y = open_block(f, heading, rows, y)
    f.second()
    f.page.text(15, 10, "様式番号 1　（2026年4月版）", 3)
    f.marker(2, 182, 10)
    y = 24
    for heading, rows in (("４　利用", [["contract_status", "contract_date"], ["desired_start_date"], ["certificate_request"], ["certificate_count"]]), ("５　連絡先", [["contact_department", "contact_name"], ["contact_phone"], ["contact_email"]]), ("６　その他", [["consent"], ["remarks"]])):
        y = open_block(f, heading, rows, y)


def open_block(f, heading, rows, y):
    f.page.text(15, y, heading, 3.9)
    y += 6
    f.page.rule(15, y, 195, y, 0.45)
    for keys in rows:
        width, taken = 180 / len(keys), 4.0
        for n, key in enumerate(keys):
            left, own = 16 + n * width, 42 if len(keys) == 1 else 31
            f.label(key, left, y + 2.2, own - 3, 3.2)
            taken = max(taken, f.entry(key, left + own, y + 2.2, width - own - 3), len(f.page.lines(f.labels[key], 3.2, own - 3)) * 3.9)
        y += taken + 4
        f.page.rule(15, y, 195, y, 0.15)
    return y + 5


# ---- held out ----

def held_separate_boxes(f):
    """Three-column grid, labels broken over two lines, digits in boxes that stand apart."""
    f.page.text(160, 8, "（2026年4月版）", 3)
    f.marker(1, 15, 8)
    f.title(15, 6.2)
    y = pairs_table(f, 14, 30, [["addressee", "application_date"], ["application_kind"]], label=24, total=182, height=10)
    f.page.text(14, y + 4, "■申込者に関する事項", 3.6)
    y = pairs_table(f, 14, y + 10, [["applicant_name"], ["applicant_name_kana"], ["corporate_number"], ["representative_title", "representative_name"], ["postal_code"], ["address"], ["operator_code", "mms_code"]], label=27, total=182, height=10, combs=("corporate_number", "postal_code", "mms_code"), apart=0.9, shade=(235, 235, 235))
    pairs_table(f, 14, y + 5, [["contract_kind"], ["planned_areas"], ["resource_kind", "market_participation"], ["submitting_area"]], label=27, total=182, height=10, shade=(235, 235, 235))
    f.second()
    f.page.text(160, 8, "（2026年4月版）", 3)
    f.marker(2, 15, 8)
    y = pairs_table(f, 14, 20, [["contract_status", "contract_date"], ["desired_start_date"], ["certificate_request"], ["certificate_count"]], label=30, total=182, height=10)
    f.page.text(14, y + 4, "■連絡先", 3.6)
    y = pairs_table(f, 14, y + 10, [["contact_department", "contact_name"], ["contact_phone"], ["contact_email"]], label=30, total=182, height=10)
    pairs_table(f, 14, y + 5, [["consent"], ["remarks"]], label=30, total=182, height=10)


def held_spread_labels(f):
    """Labels spread to one width and followed by dotted underlines, applicant at the upper right."""
    f.marker(1, 186, 284)
    f.page.text(20, 284, "様式第1号 2026年4月版", 2.8)
    f.page.text(130, 16, f.words["application_date"], 3.8, "pen")
    f.page.text(22, 26, f.words["addressee"] + " 御中", 4.2, "pen")
    y = 40
    for key in ["postal_code", "address", "applicant_name_kana", "applicant_name", "representative_title", "representative_name"]:
        f.label(key, 78, y, 28, 3.4, spread=True)
        used = f.entry(key, 112, y, 80, 3.6)
        f.page.rule(111, y + used + 0.1, 192, y + used + 0.1, 0.15, dash=0.8)
        y += used + 4
    f.title(y + 6, 6)
    f.page.text(22, y + 18, SENTENCE, 3.1)
    y += 28
    for key in ["application_kind", "corporate_number", "operator_code", "mms_code"] + CONTRACT:
        f.label(key, 22, y, 36, 3.4, spread=True)
        used = f.entry(key, 64, y, 125)
        if key not in CHOICES:
            f.page.rule(63, y + used + 0.1, 150, y + used + 0.1, 0.15, dash=0.8)
        y += used + 3.6
    f.second()
    f.marker(2, 186, 284)
    f.page.text(20, 284, "様式第1号 2026年4月版", 2.8)
    y = 26
    for keys in (WISH, CONTACT, ["consent", "remarks"]):
        if keys is CONTACT:
            f.page.text(20, y, "連絡先", 3.8)
            y += 8
        for key in keys:
            f.label(key, 22, y, 40, 3.4, spread=True)
            used = f.entry(key, 68, y, 120)
            if key not in CHOICES:
                f.page.rule(67, y + used + 0.1, 170, y + used + 0.1, 0.15, dash=0.8)
            y += used + 4.4
        y += 6


def held_heads_above(f):
    """Cells with the label above the entry, several a row."""
    f.title(14, 5.8)
    f.page.text(15, 8, "2026年4月版", 3)
    f.marker(1, 170, 8)

    def stacked(rows, y, heading=None):
        if heading:
            f.page.text(15, y, heading, 3.9)
            y += 6.5
        for keys in rows:
            width = 180 / len(keys)
            h = max(TALL.get(k, 8.5) for k in keys) + 1
            h = max(h, 13) if len(keys) > 1 and any(k in CHOICES for k in keys) else h
            for n, key in enumerate(keys):
                f.page.frame(15 + n * width, y, width, 6, 0.2, (228, 228, 228))
                f.page.frame(15 + n * width, y + 6, width, h, 0.2)
                f.page.text(15 + n * width + 2, y + 1.3, f.labels[key], 3.2)
                f.entry(key, 15 + n * width + 2.5, y + 7.8, width - 5)
            y += 6 + h
        return y

    y = stacked([["addressee", "application_date"], ["application_kind"]], 26)
    y = stacked([["applicant_name_kana"], ["applicant_name"], ["corporate_number", "postal_code"], ["address"], ["representative_title", "representative_name"], ["operator_code", "mms_code"]], y + 4, "申込者")
    stacked([["contract_kind"], ["resource_kind", "market_participation"], ["planned_areas", "submitting_area"]], y + 3, "契約")
    f.second()
    f.page.text(15, 8, "2026年4月版", 3)
    f.marker(2, 170, 8)
    y = stacked([["contract_status", "contract_date"], ["desired_start_date", "certificate_count"], ["certificate_request"]], 22)
    y = stacked([["contact_department", "contact_name"], ["contact_phone", "contact_email"]], y + 4, "連絡先")
    stacked([["consent"], ["remarks"]], y + 6)


def held_grouped(f):
    """Merged heading cells on the left, lying type, thick outer frame, seal in a cell of its own."""
    f.page.text(16, 9, "様式第1号(2026年4月版)", 3)
    f.marker(1, 185, 9)
    f.title(17, 6)
    f.page.text(18, 30, f.words["addressee"], 4, "pen")
    f.page.text(18 + f.page.width(f.words["addressee"], 4, "pen") + 14, 30, "御中", 4)
    y = pairs_table(f, 18, 38, [["application_date"], ["application_kind"]], label=38, total=176, height=8.5)
    for heading, rows in (("申込者", [["applicant_name"], ["applicant_name_kana"], ["postal_code"], ["address"], ["corporate_number"], ["operator_code", "mms_code"]]), ("代表者", [["representative_title"], ["representative_name"]]), ("契約等", [["contract_kind"], ["resource_kind"], ["market_participation"], ["planned_areas"], ["submitting_area"]])):
        top = y
        y = pairs_table(f, 36, y, rows, label=34, total=158, height=8.5)
        f.page.frame(18, top, 18, y - top)
        f.page.text(20, top + (y - top) / 2 - 2, heading, 3.6)
    f.page.frame(18, 38, 176, y - 38, 0.7)
    f.second()
    f.page.text(16, 9, "様式第1号(2026年4月版)", 3)
    f.marker(2, 185, 9)
    y = top = 22
    for heading, rows in (("利用", [[k] for k in WISH]), ("連絡先", [["contact_department"], ["contact_name"], ["contact_phone", "contact_email"]]), ("その他", [["consent"], ["remarks"]])):
        start = y
        y = pairs_table(f, 36, y, rows, label=38, total=158, height=9)
        f.page.frame(18, start, 18, y - start)
        f.page.text(20, start + (y - start) / 2 - 2, heading, 3.6)
    f.page.frame(18, top, 176, y - top, 0.7)


# ---- framed ----


def small_heads(f, x, y, rows, total=180, height=12.5):
    """A full grid without label cells: a small label in the corner of each cell, its entry below it."""
    for keys in rows:
        width = total / len(keys)
        taken = [cell_height(f, key, width - 5, height) for key in keys]
        for n, key in enumerate(keys):
            left = x + n * width
            f.page.frame(left, y, width, max(taken), 0.22)
            f.page.text(left + 1.2, y + 0.9, f.labels[key], 2.7)
            f.entry(key, left + 3, y + 5.4, width - 5)
        y += max(taken)
    return y


def cell_height(f, key, room, least):
    """The height that a cell of `small_heads` needs."""
    if key in CHOICES:
        wide = sum(f.page.width(word, 3.7) + 3.7 * (1.3 + f.style["gap"]) for _, word in CHOICES[key])
        lines = len(CHOICES[key]) if key == "contract_kind" else int(wide // room) + 1
    else:
        lines = len(f.page.lines(f.words.get(key, ""), 3.7, room, "pen")) or 1
    return max(least, 7 + 5 * lines)


def framed_small_heads(f):
    """Small labels within the cells, tables with room between them."""
    f.page.text(160, 10, "2026年4月版", 3)
    f.marker(1, 100, 287)
    f.title(16, 6.2)
    f.page.text(20, 30, f.words["addressee"] + "　御中", 4.0, "pen")
    y = small_heads(f, 15, 40, [["application_date", "application_kind"]])
    y = small_heads(f, 15, y + 3, [["applicant_name_kana"], ["applicant_name"], ["corporate_number", "postal_code"], ["address"], ["representative_title", "representative_name"], ["operator_code", "mms_code"]])
    small_heads(f, 15, y + 3, [["contract_kind"], ["resource_kind", "market_participation"], ["planned_areas"], ["submitting_area"]])
    f.second()
    f.marker(2, 100, 287)
    y = small_heads(f, 15, 20, [["contract_status", "contract_date"], ["desired_start_date", "certificate_count"], ["certificate_request"]])
    f.page.text(15, y + 4, "連絡先", 3.8)
    y = small_heads(f, 15, y + 10, [["contact_department", "contact_name"], ["contact_phone", "contact_email"]])
    small_heads(f, 15, y + 4, [["consent"], ["remarks"]])


def framed_brackets(f):
    """Entries in brackets of a fixed width behind their labels, under headings with a square; thin rules between the groups."""
    f.page.text(15, 9, "（2026年4月版）", 3)
    f.title(20, 6)
    f.marker(1, 180, 9)

    def rows(keys, y, left=24, own=46, room=112):
        for key in keys:
            f.page.text(left, y, f.labels[key], 3.5)
            if key in CHOICES:
                y += max(f.entry(key, left + own, y, room) + 3, 9)
                continue
            f.page.text(left + own - 4, y, "（", 3.7)
            taken = f.entry(key, left + own, y, room - 4)
            f.page.text(left + own + room, y, "）", 3.7)
            y += max(taken + 3.6, 9)
        return y

    def group(heading, keys, y):
        f.page.rule(15, y, 195, y, 0.18)
        f.page.text(17, y + 3, heading, 3.9)
        return rows(keys, y + 11) + 1

    y = rows(["application_date", "addressee", "application_kind"], 36)
    y = group("■申込者に関する事項", APPLICANT, y)
    group("■契約に関する事項", CONTRACT, y)
    f.second()
    f.page.text(15, 9, "（2026年4月版）", 3)
    f.marker(2, 180, 9)
    y = group("■利用に関する事項", WISH, 20)
    y = group("■担当者連絡先", CONTACT, y)
    group("■その他", ["consent", "remarks"], y)


LAYOUTS = {
    "tune": [tune_grid_with_combs, tune_underlined, tune_inline, tune_open_sides],
    "held-out": [held_separate_boxes, held_spread_labels, held_heads_above, held_grouped],
    "framed": [framed_small_heads, framed_brackets],
}
LAYOUTS["wide"] = LAYOUTS["tune"]
