"""Forms as a printer delivers them; the family may be looked at while the program is made.

A number, the item, the entry and how to fill it in side by side; parts of entries printed beforehand; coloured print; English below
the labels; the office's own box, whose labels are not the applicant's.
"""
import re

from applicants import CHOICES
from layouts import CONTACT, CONTRACT, WISH
from sheet import DPMM, font, px

HOW = {
    "application_date": "提出する日", "applicant_name": "登記上の商号", "applicant_name_kana": "全角カタカナ", "corporate_number": "13桁の数字", "postal_code": "ハイフンあり",
    "address": "登記上の本店の所在地を番地まで記入", "representative_title": "例：代表取締役", "representative_name": "記名のうえ押印", "operator_code": "5桁。広域機関が発番",
    "mms_code": "変更・追加・廃止の場合", "contract_kind": "該当する契約を選択", "resource_kind": "いずれか一つ", "market_participation": "参加予定の有無",
    "planned_areas": "複数選択可", "submitting_area": "本書の提出先", "contract_status": "調整力契約について", "contract_date": "締結済の場合に記入", "desired_start_date": "申込日の1か月後以降",
    "certificate_request": "いずれか一つ", "certificate_count": "新規発行の場合", "contact_department": "部署まで記入", "contact_name": "姓と名", "contact_phone": "日中に連絡のつく番号",
    "contact_email": "半角", "consent": "同意する場合にチェック", "remarks": "連絡事項があれば記入", "application_kind": "いずれか一つ", "addressee": "提出先の会社名",
}
ENGLISH = {
    "application_date": "Date of application", "addressee": "To", "application_kind": "Type", "applicant_name_kana": "Name in kana", "applicant_name": "Name of applicant",
    "corporate_number": "Corporate number", "postal_code": "Postal code", "address": "Address", "representative_title": "Title", "representative_name": "Representative",
    "operator_code": "Operator code", "mms_code": "MMS code", "contract_kind": "Contract", "resource_kind": "Resource", "market_participation": "Participation",
    "planned_areas": "Areas", "submitting_area": "Submitted to", "contract_status": "Contract status", "contract_date": "Contract date", "desired_start_date": "Desired start",
    "certificate_request": "Certificate", "certificate_count": "Copies", "contact_department": "Department", "contact_name": "Person in charge", "contact_phone": "Phone",
    "contact_email": "E-mail", "consent": "Consent", "remarks": "Remarks",
}
PRINTS = [(20, 110, 70), (40, 70, 150), (150, 60, 40), (90, 90, 90)]
TINTS = [(214, 236, 222), (214, 224, 244), (247, 226, 218), (228, 228, 228)]
OFFICE = ["受付番号", "受付日", "担当者", "確認印"]


def office_box(f, x, y, width=84):
    """The office's own box, empty, with a note that it is not for the applicant."""
    f.page.text(x, y, "※事務処理欄（記入しないでください）", 2.6)
    each = width / len(OFFICE)
    for n, word in enumerate(OFFICE):
        f.page.frame(x + n * each, y + 4, each, 5, 0.15)
        f.page.text(x + n * each + 1, y + 5.2, word, 2.6)
        f.page.frame(x + n * each, y + 9, each, 11, 0.15)


def height(f, key, room, size=3.5):
    if key in CHOICES:
        wide = sum(f.page.width(word, size) + size * (1.3 + f.style["gap"]) for _, word in CHOICES[key])
        return 5.2 * (len(CHOICES[key]) if key == "contract_kind" else int(wide // room) + 1) + 3.2
    return max(len(f.page.lines(f.words.get(key, ""), size, room, "pen")) * 4.8 + 3.4, 8.4)


def four_columns(f):
    """A table of number, item, entry and how to fill it in, with its heads in the first row."""
    page = f.page
    page.text(15, 9, "別記様式1　2026年4月版", 3)
    f.marker(1, 184, 9)
    f.title(16, 5.8)
    edges = [15, 24, 62, 152, 195]

    def row(y, tall, parts):
        for n, text in enumerate(parts):
            f.page.frame(edges[n], y, edges[n + 1] - edges[n], tall, 0.2, (235, 235, 235) if tall == 6 else None)
            room = edges[n + 1] - edges[n] - 3
            size = 3.3 if n < 3 else 2.5
            lines = f.page.lines(text, size, room) if text else []
            for m, line in enumerate(lines):
                f.page.text(edges[n] + 1.5, y + (tall - len(lines) * size * 1.2) / 2 + m * size * 1.2, line, size)

    def table(keys, y, start):
        row(y, 6, ["No.", "項目", "記入欄", "記入要領"])
        y += 6
        for n, key in enumerate(keys, start):
            name = f.labels[key] + ("【必須】" if f.style["numbered"] and key in ("applicant_name", "corporate_number", "address") else "")
            tall = max(height(f, key, 84), 4 + 4 * len(f.page.lines(name, 3.3, 35)))
            row(y, tall, [str(n), name, "", HOW[key]])
            f.entry(key, 64, y + 2, 84, 3.5)
            y += tall
        return y

    keys = ["application_date", "addressee", "application_kind", "applicant_name", "applicant_name_kana", "corporate_number", "postal_code", "address", "representative_title", "representative_name", "operator_code", "mms_code"]
    table(keys + CONTRACT, 27, 1)
    f.second()
    page = f.page
    page.text(15, 9, "別記様式1　2026年4月版", 3)
    f.marker(2, 184, 9)
    y = table(WISH + CONTACT + ["consent", "remarks"], 18, 18)
    office_box(f, 110, y + 8)


def parts(f, key, x, y, size=3.6):
    """An entry between parts that were printed beforehand; False where the entry does not fall into such parts."""
    page, text = f.page, f.words.get(key, "")
    if key in ("application_date", "contract_date", "desired_start_date"):
        found = re.fullmatch(r"(令和|)\s*([0-9０-９]+)\s*[年/]\s*([0-9０-９]+)\s*[月/]\s*([0-9０-９]+)日?\s*", text.replace(" ", ""))
        if text and not found:
            return False
        era, *numbers = found.groups() if found else ("令和", "", "", "")
        at = page.text(x, y, "令和" if era else "西暦", size) + 1
        for number, unit in zip(numbers, "年月日"):
            wide = page.width(number, size, "pen")
            room = 12 if len(number) > 2 else 9
            page.text(at + (room - wide) / 2, y, number, size, "pen")
            at = page.text(at + room, y, unit, size)
        return True
    if key == "contact_phone" and text.count("-") == 2:
        at = x
        for number, after in zip(text.split("-"), ["（", "）", ""] if f.style["numbered"] else ["－", "－", ""]):
            page.text(at + 3, y, number, size, "pen")
            at = page.text(at + 15, y, after, size)
        return True
    if key == "contact_email" and page.width(text.split("@")[0], size, "pen") < 40:
        user, domain = text.split("@")
        page.text(x + 1, y, user, size, "pen")
        end = page.text(max(x + 44, x + page.width(user, size, "pen") + 4), y, "＠" if f.style["numbered"] else "@", size)
        page.text(end + 2, y, domain, size, "pen")
        return True
    if key == "certificate_count":
        page.text(x + 4, y, text.rstrip("枚"), size, "pen")
        page.text(x + 14, y, "枚", size)
        return True
    return False


def prepared(f):
    """Rows on rules, without a frame; years, months and days, brackets, @ and units are printed beforehand."""
    page = f.page
    page.text(160, 9, "（2026年4月版）", 3)
    f.marker(1, 100, 286)
    f.title(18, 6.4)
    parts(f, "application_date", 136, 30) or f.entry("application_date", 136, 30, 50)
    page.text(121, 30, f.labels["application_date"][:4], 3.2)
    page.text(18, 38, f.words["addressee"] + "　殿", 4, "pen")

    def rows(keys, y):
        for key in keys:
            tall = height(f, key, 120, 3.7)
            f.page.text(18, y + 2.4, f.labels[key], 3.5)
            if key == "postal_code":
                end = f.page.text(66, y + 2.2, "〒", 3.8)
                f.entry(key, end + 1.5, y + 2.2, 40)
            elif key in CHOICES or not parts(f, key, 66, y + 2.2):
                f.entry(key, 66, y + 2.2, 124)
            y += tall + 1
            f.page.rule(18, y, 192, y, 0.15)
        return y

    y = rows(["application_kind"], 46)
    page.text(18, y + 4, "１　申込者", 4)
    y = rows(["applicant_name_kana", "applicant_name", "corporate_number", "postal_code", "address", "representative_title", "representative_name", "operator_code", "mms_code"], y + 9)
    page.text(18, y + 4, "２　調整力契約", 4)
    rows(CONTRACT, y + 9)
    f.second()
    f.page.text(160, 9, "（2026年4月版）", 3)
    f.marker(2, 100, 286)
    f.page.text(18, 20, "３　利用の内容", 4)
    y = rows(WISH, 25)
    f.page.text(18, y + 4, "４　連絡先", 4)
    y = rows(CONTACT, y + 9)
    f.page.text(18, y + 4, "５　その他", 4)
    rows(["consent", "remarks"], y + 9)


def coloured(f):
    """Rules and labels in one colour on a tint, entries in black; group heads upright at the left; a box for the office on top."""
    which = f.rng.randrange(len(PRINTS))
    ink, tint = PRINTS[which], TINTS[which]

    def words(x, y, text, size):
        page = f.page
        for part, path in page.runs(text, "print"):
            used = font(path, size)
            page.draw.text((px(x), px(y + size * 0.88)), part, font=used, fill=ink, anchor="ls")
            x += used.getlength(part) / DPMM
        return x

    def cell(x, y, w, h, shade=None):
        f.page.draw.rectangle((px(x), px(y), px(x + w), px(y + h)), fill=shade, outline=ink, width=3)

    def group(head, rows, y):
        top = y
        for keys in rows:
            width = 172 / len(keys)
            own = 36 if len(keys) == 1 else 30
            tall = max(height(f, key, width - own - 4) for key in keys)
            for n, key in enumerate(keys):
                left = 23 + n * width
                cell(left, y, own, tall, tint)
                lines = f.page.lines(f.labels[key], 3.2, own - 3)
                for m, line in enumerate(lines):
                    words(left + 1.5, y + (tall - len(lines) * 4) / 2 + m * 4, line, 3.2)
                cell(left + own, y, width - own, tall)
                f.entry(key, left + own + 2, y + 2, width - own - 4, 3.5)
            y += tall
        cell(15, top, 8, y - top, ink)
        step = min(4.6, (y - top - 2) / len(head))
        for n, c in enumerate(head):
            f.page.light(17.2, top + (y - top - step * len(head)) / 2 + n * step, c, 3.6)
        return y + 3

    words(15, 10, "様式１　2026年4月版", 3)
    f.marker(1, 184, 10)
    office_box(f, 111, 14)
    size = 5.4
    words(15, 22, "需給調整市場システム利用申込書", size)
    y = group("申込", [["application_date", "application_kind"], ["addressee"]], 40)
    y = group("申込者", [["applicant_name_kana"], ["applicant_name"], ["corporate_number", "postal_code"], ["address"], ["representative_title", "representative_name"], ["operator_code", "mms_code"]], y)
    group("契約内容", [["contract_kind"], ["resource_kind"], ["market_participation"], ["planned_areas"], ["submitting_area"]], y)
    f.second()
    words(15, 10, "様式１　2026年4月版", 3)
    f.marker(2, 184, 10)
    y = group("利用", [["contract_status", "contract_date"], ["desired_start_date"], ["certificate_request"], ["certificate_count"]], 20)
    y = group("連絡先", [["contact_department"], ["contact_name"], ["contact_phone"], ["contact_email"]], y)
    group("他", [["consent"], ["remarks"]], y)


def bilingual(f):
    """A grid with English in small type below each label, and notes at the foot that speak of the labels."""
    page = f.page
    page.text(15, 9, "Form 1（2026年4月版）", 3)
    f.marker(1, 184, 9)
    f.title(15, 5.6)
    page.text(66, 22.5, "Application for the use of the Market Management System", 2.9)

    def table(rows, y, label=36):
        for keys in rows:
            width = 180 / len(keys)
            own = label if len(keys) == 1 else 32
            tall = max([height(f, key, width - own - 4) for key in keys] + [5.6 + 4 * len(f.page.lines(f.labels[key], 3.2, own - 3)) for key in keys])
            for n, key in enumerate(keys):
                left = 15 + n * width
                f.page.frame(left, y, own, tall, 0.2)
                lines = f.page.lines(f.labels[key], 3.2, own - 3)
                for m, line in enumerate(lines):
                    f.page.text(left + 1.5, y + 1.4 + m * 3.9, line, 3.2)
                f.page.text(left + 1.5, y + 1.6 + len(lines) * 3.9, ENGLISH[key], 2.4)
                f.page.frame(left + own, y, width - own, tall, 0.2)
                f.entry(key, left + own + 2, y + 2.2, width - own - 4, 3.5)
            y += tall
        return y

    y = table([["application_date", "application_kind"], ["addressee"]], 28)
    y = table([["applicant_name"], ["applicant_name_kana"], ["corporate_number", "postal_code"], ["address"], ["representative_title", "representative_name"], ["operator_code", "mms_code"]], y + 3)
    y = table([["contract_kind"], ["resource_kind"], ["market_participation"], ["planned_areas"], ["submitting_area"]], y + 3)
    f.second()
    f.page.text(15, 9, "Form 1（2026年4月版）", 3)
    f.marker(2, 184, 9)
    y = table([["contract_status", "contract_date"], ["desired_start_date"], ["certificate_request"], ["certificate_count"]], 18)
    y = table([["contact_department"], ["contact_name"], ["contact_phone"], ["contact_email"]], y + 3)
    y = table([["consent"], ["remarks"]], y + 3)
    f.page.text(15, y + 6, "（記入上の注意）", 3.2)
    for n, note in enumerate(["法人番号は国税庁が指定した13桁の番号を記入してください。", "担当者氏名及び電話番号は、日中に連絡が取れるものを記入してください。", "代表者氏名の欄には、印鑑登録した印を押してください。", "メールアドレスは証明書の送付先となります。"], 1):
        f.page.text(17, y + 7 + n * 4.6, f"{n}．{note}", 2.8)


LAYOUTS = [four_columns, prepared, coloured, bilingual]
