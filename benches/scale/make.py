"""Makes applications that open cases, mails about them, and mails about nothing: as many as wanted, each with its own company."""
import os

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

FONT = "HeiseiKakuGo-W5"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def corporate_number(n):
    """A 法人番号 with its check digit."""
    base = f"{n:012}"
    total = sum(int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(base)))
    return f"{9 - total % 9}{base}"


def company(n):
    return f"株式会社第{n}試験電力"


def lines(n):
    return [
        ("申請日", "2026/04/06"), ("申請区分", "■新規 □変更 □追加 □廃止"), ("事業者名", company(n)),
        ("フリガナ", "カブシキガイシャシケンデンリョク"), ("法人番号", corporate_number(n)), ("郵便番号", "980-0811"),
        ("本社所在地", f"宮城県仙台市青葉区一番町{n % 90 + 1}丁目1番1号"), ("代表者役職", "代表取締役社長"), ("代表者名", "試田 一郎"),
        ("調整力契約の種別", "■電源Ⅰ’厳気象対応調整力契約 □電源Ⅱ周波数調整力契約"), ("設備区分", "■発電機 □ＤＲ（需要抑制）"),
        ("市場参加の有無", "■不参加 □参加"), ("担当者名", "試田 次郎"), ("電話番号", f"022-{n // 10000 % 1000:03}-{n % 10000:04}"),
        ("E-mail", f"desk{n}@example.co.jp"),
    ]


def form(path, n):
    page = canvas.Canvas(path, invariant=1)
    page.setFont(FONT, 14)
    page.drawCentredString(297, 790, "需給調整市場システム利用申込書")
    page.setFont(FONT, 10)
    page.drawString(60, 760, "宛先　東北例示送配電株式会社　御中")
    for row, (label, value) in enumerate(lines(n)):
        y = 730 - 24 * row
        page.drawString(60, y, label)
        page.drawString(200, y, value)
        page.line(60, y - 6, 540, y - 6)
    page.save()


def mail(path, n, sender, text):
    with open(path, "w", newline="") as file:
        file.write(
            f"From: {sender}\r\nTo: desk@example.jp\r\nSubject: {text}\r\nMessage-ID: <{n}.{sender}>\r\n"
            f"Date: Wed, 08 Apr 2026 09:00:00 +0900\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n")


def batch(folder, first, forms, about, strangers, label=None):
    """So many forms of new companies, mails of companies that applied before, and mails of nobody that is known; `label` tells these mails
    from those of other batches."""
    label = label or f"{first:06}"
    os.makedirs(folder, exist_ok=True)
    for n in range(first, first + forms):
        form(f"{folder}/form-{n:06}.pdf", n)
    for n in range(about):
        of = first - 1 - n if first > n + 1 else 1
        mail(f"{folder}/mail-{label}-{n:04}.eml", f"{label}-{n}", f"desk{of}@example.co.jp", f"ご質問 {label} {n}")
    for n in range(strangers):
        mail(f"{folder}/stranger-{label}-{n:04}.eml", f"{label}-{n}", f"nobody{label}-{n}@example.org", f"広告 {label} {n}")
