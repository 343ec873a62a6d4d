"""Forms as public offices set them; the family may be looked at while the program is made.

A block at the right for whoever applies, a small reading above the name, 〒 in the cell of the address, several labels in one
cell, heads above narrow columns, dotted leaders.
"""
from applicants import CHOICES
from layouts import CONTACT, CONTRACT, SENTENCE, WISH, pairs_table


def spread(page, x, y, text, size, room):
    """A short label over the whole width of its column, as offices align them."""
    wide = page.width(text, size)
    page.text(x, y, text, size, pitch=(room - wide) / (len(text) - 1) if 1 < len(text) <= 6 and wide < room else 0)


def leaders(page, x, y, to):
    while x < to:
        page.text(x, y, "…", 2.6)
        x += 2.6


def lettered(f):
    """A letter: the office at the left, the applicant at the right below the date, 記, and numbered items with leaders."""
    page = f.page
    page.text(15, 9, "様式第１号　2026年4月版", 3)
    f.marker(1, 184, 9)
    f.entry("application_date", 145, 20, 45, 3.8)
    page.text(20, 30, f.words["addressee"] + "　御中", 4.1, "pen")
    y = 42
    page.text(78, y, "申込者", 3.6)
    for key in ["postal_code", "address", "applicant_name_kana", "applicant_name", "representative_title", "representative_name"]:
        spread(page, 95, y, f.labels[key], 3.4, 24)
        start = max(121, 95 + page.width(f.labels[key], 3.4) + 2)
        y += max(f.entry(key, start, y - 0.2, 194 - start, 3.6) + 2.8, 7.6)
    f.title(y + 6, 5.8)
    page.wrapped(20, y + 18, 170, "　" + SENTENCE, 3.5)
    page.text(103, y + 30, "記", 4)
    y += 40

    def items(keys, y, start):
        for n, key in enumerate(keys, start):
            f.page.text(20, y, f"{n}", 3.5)
            end = f.page.text(27, y, f.labels[key], 3.5)
            if f.style["numbered"]:
                leaders(f.page, end + 1.5, y + 0.6, 78)
            y += max(f.entry(key, 80, y - 0.1, 112) + 3.1, 8.2)
        return y

    items(["application_kind", "corporate_number", "operator_code", "mms_code"] + CONTRACT, y, 1)
    f.second()
    f.page.text(15, 9, "様式第１号　2026年4月版", 3)
    f.marker(2, 184, 9)
    y = items(WISH, 24, 10)
    f.page.text(20, y + 3, "（連絡先）", 3.8)
    y = items(CONTACT, y + 12, 15)
    items(["consent", "remarks"], y + 3, 19)


def columns(f):
    """Heads in small type on a shaded band above their entries, two to four to a row; long entries break in their narrow cells."""
    page = f.page
    page.text(15, 9, "2026年4月版", 3)
    f.marker(1, 182, 9)
    f.title(16, 6)

    def table(rows, y):
        for keys in rows:
            width = 180 / len(keys)
            room = width - 4
            lines = max(len(f.page.lines(f.words.get(k, ""), 3.5, room, "pen")) if k not in CHOICES else 1 for k in keys)
            tall = max([lines * 4.8 + 3.4, 8.6] + [{"contract_kind": 23, "planned_areas": 12, "remarks": 14}.get(k, 0) for k in keys] + [13 if k in CHOICES and len(keys) > 1 else 0 for k in keys])
            for n, key in enumerate(keys):
                left = 15 + n * width
                f.page.frame(left, y, width, 5, 0.2, (226, 230, 238))
                f.page.text(left + 1.5, y + 1.1, f.labels[key], 2.9)
                f.page.frame(left, y + 5, width, tall, 0.2)
                f.entry(key, left + 2, y + 7, room, 3.5)
            y += 5 + tall
        return y

    y = table([["application_date", "addressee"], ["application_kind"]], 28)
    y = table([["applicant_name_kana"], ["applicant_name", "corporate_number"], ["postal_code", "representative_title", "representative_name"], ["address"], ["operator_code", "mms_code", "submitting_area"]], y + 5)
    table([["contract_kind"], ["resource_kind", "market_participation"], ["planned_areas"]], y + 5)
    f.second()
    f.page.text(15, 9, "2026年4月版", 3)
    f.marker(2, 182, 9)
    y = table([["contract_status", "contract_date", "desired_start_date"], ["certificate_request", "certificate_count"]], 22)
    y = table([["contact_department", "contact_name", "contact_phone", "contact_email"]], y + 6)
    table([["consent"], ["remarks"]], y + 6)


def cells(f):
    """A grid whose cells hold more than one thing: the reading above the name, 〒 above the address, the contact's four lines."""
    page = f.page
    page.text(15, 10, "（様式1）2026年4月版", 3)
    f.marker(1, 180, 10)
    f.title(18, 6.2)
    page.text(135, 30, f.labels["application_date"], 3.5)
    f.entry("application_date", 135 + page.width(f.labels["application_date"], 3.5) + 3, 30, 40)
    page.text(15, 38, f.words["addressee"] + "　御中", 4, "pen")
    y, label, inner = 48, 34, 180 - 34

    def cell(y, height, words):
        f.page.frame(15, y, label, height)
        f.page.frame(15 + label, y, inner, height)
        lines = f.page.lines(words, 3.4, label - 4)
        for n, line in enumerate(lines):
            f.page.text(17, y + (height - len(lines) * 4.2) / 2 + n * 4.2, line, 3.4)
        return 15 + label + 2

    y = pairs_table(f, 15, y, [["application_kind"]], label=label)
    x = cell(y, 16, f.labels["applicant_name"])
    small = f.page.text(x, y + 1.2, f.labels["applicant_name_kana"], 2.6)
    f.entry("applicant_name_kana", max(small + 3, x + 22), y + 1.1, inner - 30, 2.9)
    f.page.rule(15 + label, y + 5.3, 195, y + 5.3, 0.15, 0.8)
    f.entry("applicant_name", x, y + 8.2, inner - 4, 4.2)
    y += 16
    y = pairs_table(f, 15, y, [["corporate_number"]], label=label, combs=("corporate_number",), apart=f.style["gap"] - 0.8)
    x = cell(y, 17, f.labels["address"])
    f.page.text(x, y + 1.8, "〒", 3.5)
    f.entry("postal_code", x + 5, y + 1.8, 40, 3.5)
    f.entry("address", x, y + 7.4, inner - 4, 3.6, 1.25)
    y += 17
    x = cell(y, 16, "代表者")
    for n, key in enumerate(["representative_title", "representative_name"]):
        f.page.text(x, y + 2 + n * 7, f.labels[key], 3)
        f.entry(key, x + 28, y + 1.8 + n * 7, inner - 34, 3.7)
    y += 16
    y = pairs_table(f, 15, y, [["operator_code", "mms_code"]], label=label)
    pairs_table(f, 15, y, [[k] for k in CONTRACT], label=label)
    f.second()
    f.page.text(15, 10, "（様式1）2026年4月版", 3)
    f.marker(2, 180, 10)
    y = pairs_table(f, 15, 22, [[k] for k in WISH], label=label)
    x = cell(y, 32, "担当者連絡先")
    for n, key in enumerate(CONTACT):
        end = f.page.text(x, y + 2.4 + n * 7.4, f.labels[key] + ("：" if f.style["numbered"] else ""), 3.2)
        f.entry(key, max(end + 2.5, x + 30), y + 2.2 + n * 7.4, inner - 34, 3.6)
    y += 32
    pairs_table(f, 15, y, [["consent"], ["remarks"]], label=label)


def narrow(f):
    """Two tables side by side, labels broken over lines in narrow cells, dashed rules between the rows."""
    page = f.page
    f.title(14, 6)
    page.text(15, 9, "2026年4月版", 3)
    f.marker(1, 184, 9)

    def column(keys, x, y, width, label):
        for key in keys:
            own = len(f.page.lines(f.labels[key], 3.1, label - 3))
            count = len(f.page.lines(f.words.get(key, ""), 3.4, width - label - 4, "pen")) if key not in CHOICES else {"contract_kind": 4, "planned_areas": 4, "application_kind": 2, "certificate_request": 3}.get(key, 2)
            tall = max(own * 3.9 + 3, count * 4.75 + 3.2, 8.4)
            for n, line in enumerate(f.page.lines(f.labels[key], 3.1, label - 3)):
                f.page.text(x + 1.5, y + (tall - own * 3.9) / 2 + n * 3.9, line, 3.1)
            f.entry(key, x + label + 2, y + (1.8 if count > 1 else (tall - 3.4) / 2), width - label - 4, 2.7 if key == "contract_kind" else 3.4, 1.35)
            f.page.rule(x, y + tall, x + width, y + tall, 0.15, None if f.style["numbered"] else 1.2)
            f.page.rule(x + label, y, x + label, y + tall, 0.15)
            y += tall
        return y

    def pair(left, right, y):
        end = max(column(left, 15, y, 89, 29), column(right, 106, y, 89, 29))
        f.page.frame(15, y, 89, end - y, 0.35)
        f.page.frame(106, y, 89, end - y, 0.35)
        return end

    y = pair(["application_date", "addressee", "application_kind"], ["operator_code", "mms_code", "submitting_area"], 26)
    f.page.text(15, y + 4, "申込者情報", 3.8)
    y = pair(["applicant_name_kana", "applicant_name", "corporate_number"], ["postal_code", "address", "representative_title", "representative_name"], y + 10)
    f.page.text(15, y + 4, "契約情報", 3.8)
    pair(["contract_kind", "resource_kind"], ["market_participation", "planned_areas"], y + 10)
    f.second()
    f.page.text(15, 9, "2026年4月版", 3)
    f.marker(2, 184, 9)
    y = pair(["contract_status", "contract_date", "desired_start_date"], ["certificate_request", "certificate_count"], 20)
    f.page.text(15, y + 4, "連絡先情報", 3.8)
    y = pair(["contact_department", "contact_name"], ["contact_phone", "contact_email"], y + 10)
    pair(["consent"], ["remarks"], y + 8)


LAYOUTS = [lettered, columns, cells, narrow]
