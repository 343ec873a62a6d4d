#!/usr/bin/env python3
"""Makes unseen application forms with their truth: other layouts, fonts, hands and scanners than the shipped samples.

    make.py FAMILY OUT [--count N] [--seed S] [--blank]

FAMILY is `tune`, `wide`, `framed`, `official`, `office` or `printers` (may be looked at while the program is made) or `held-out` (only its total figures may be read).
With --blank each form as it is before anybody fills it in, on a clean scan and without a truth: what `uketsuke form learn` is given.
The held-out family shares no font, no layout and no name of a company or a person with the others (signs that a font lacks come from IPA Gothic in both). Needs Pillow and numpy, and the Debian packages
    apt-get install fonts-ipafont-gothic fonts-vlgothic fonts-takao-mincho fonts-mplus fonts-horai-umefont fonts-kiloji fonts-yusei-magic \
        fonts-sawarabi-gothic fonts-sawarabi-mincho fonts-motoya-l-cedar fonts-migmix fonts-seto fonts-klee fonts-ipaexfont-mincho fonts-konatu \
        fonts-umeplus fonts-motoya-l-maruberi fonts-ipafont-mincho fonts-yozvox-yozfont-edu fonts-noto-cjk \
        fonts-morisawa-bizud-gothic fonts-morisawa-bizud-mincho fonts-komatuna fonts-aoyagi-soseki
"""
import argparse
import json
import os
import random

import applicants
import layouts
import office
import official
import printers
import scanner
from sheet import Sheet

BASE = "/usr/share/fonts/"
FONTS = {
    "tune": {
        "print": ["truetype/vlgothic/VL-PGothic-Regular.ttf", "truetype/takao-mincho/TakaoPMincho.ttf", "opentype/mplus/Mplus1-Regular.otf", "truetype/horai-umefont/ume-tms3.ttf"],
        "hand": ["truetype/kiloji/kiloji.ttf", "truetype/yusei-magic/YuseiMagic-Regular.ttf"],
    },
    "held-out": {
        "print": ["truetype/motoya-l-cedar/MTLc3m.ttf", "truetype/sawarabi-gothic/sawarabi-gothic-medium.ttf", "truetype/migmix/migu-1p-regular.ttf", "truetype/horai-umefont/ume-hgo4.ttf"],
        "hand": ["truetype/seto/setofont.ttf", "truetype/klee/KleeOne-Regular.ttf"],
    },
}
FONTS["wide"] = {
    "print": ["opentype/ipaexfont-mincho/ipaexm.ttf", "truetype/konatu/Konatu.ttf", "opentype/noto/NotoSerifCJK-Regular.ttc", "truetype/umeplus/umeplus-p-gothic.ttf", "truetype/motoya-l-maruberi/MTLmr3m.ttf", "opentype/mplus/Mplus2-Light.otf", "opentype/noto/NotoSansCJK-Regular.ttc", "opentype/ipafont-mincho/ipam.ttf", "truetype/sawarabi-mincho/sawarabi-mincho-medium.ttf", "opentype/ipafont-gothic/ipagp.ttf", "opentype/mplus/MplusCode60-Regular.otf"],
    "hand": ["truetype/yozvox-yozfont/YOzBE_.ttf", "truetype/yozvox-yozfont/YOzREF.ttf"],
}
FONTS["framed"] = FONTS["official"] = FONTS["office"] = FONTS["wide"]
FONTS["printers"] = {
    "print": ["truetype/bizud-gothic/BIZUDGothic-Regular.ttf", "truetype/bizud-mincho/BIZUDPMincho-Regular.ttf", "truetype/migmix/migmix-2m-regular.ttf", "truetype/komatuna/komatuna-p.ttf", "truetype/bizud-gothic/BIZUDPGothic-Regular.ttf", "truetype/horai-umefont/ume-tgo5.ttf", "truetype/bizud-mincho/BIZUDMincho-Regular.ttf"],
    "hand": ["truetype/kiloji/kiloji_d.ttf", "truetype/aoyagi-soseki/aoyagi-soseki.ttf"],
}
# What is wrong with a form, and the finding that must say so.
DEFECTS = [None, None, "no_seal", None, "two_boxes", None, "no_contract", None, "page_missing", None, "mixed", None, None]
SEALS = [("round", "red"), ("square", "red"), ("round", "grey"), ("square", "grey")]
INKS = {"red": (205, 52, 48), "grey": (105, 105, 105)}


def draw(family, n, rng, applicant, named=False, blank=False):
    fields, words, chosen = applicant
    ways = {"official": official.LAYOUTS, "office": office.LAYOUTS, "printers": printers.LAYOUTS}.get(family) or layouts.LAYOUTS[family]
    layout = ways[n % len(ways)]
    hand = n % 6 == 4
    prints = FONTS[family]["print"]
    printed = prints[(n // 4 + n) % len(prints)]
    pen = FONTS[family]["hand"][n // 6 % 2] if hand else printed
    style = {
        "blank": blank, "print": BASE + printed, "pen": BASE + pen, "hand": hand, "last": BASE + "opentype/ipafont-gothic/ipag.ttf", "seal_face": BASE + FONTS[family]["print"][1],
        "ink": (25, 35, 110) if hand and n % 12 == 4 else (18, 18, 18),
        "choice": "ring" if n % 3 == 1 else "box", "behind": n % 7 == 6, "tick": ["tick", "fill", "re", "long", "cross"][n % 5], "gap": rng.choice([0.8, 1.2, 2.0]),
        "marker": rng.choice(["{}/2", "{}／2", "- {}/2 -", "{}/2頁"]), "spread": n % 5 == 2, "numbered": n % 2 == 0, "printed_in": rng.choice(["㊞", "印", ""]),
    }
    sheets = [Sheet(rng, style), Sheet(rng, style)]
    form = layouts.Form(sheets, words, chosen, applicants.labels(rng, True), style, rng)
    layout(form)
    if named and not blank:
        sheets[1].text(20, 276, f"申込者 {fields['applicant_name']}　法人番号 {fields['corporate_number']}", 3.2)
    if fields["seal_present"] == "1" and form.sealed:
        shape, colour = SEALS[n // 2 % 4]
        square = shape == "square"
        name = fields["applicant_name"].replace("株式会社", "").replace("合同会社", "").replace("・", "")
        text = name[:9] if square else name[:6]
        sheets[0].seal(form.sealed[0] + rng.uniform(-1, 4), form.sealed[1] + rng.uniform(-2, 2), text, rng.uniform(16, 20) if square else rng.uniform(12, 16), square, INKS[colour])
    return sheets, layout.__name__


def spoil(defect, fields, words, chosen, rng):
    """Plants a defect; returns the findings that must be made."""
    if defect == "no_seal":
        fields["seal_present"] = "0"
        return ["A-009"]
    if defect == "two_boxes":
        chosen["resource_kind"] = {"GEN", "DR"}
        fields["resource_kind"] = ["DR", "GEN"]
        return ["A-023"]
    if defect == "no_contract":
        chosen["contract_kind"] = set()
        del fields["contract_kind"]
        return ["A-010"]
    return []


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("family", choices=sorted(FONTS))
    ap.add_argument("out")
    ap.add_argument("--count", type=int, default=26)
    ap.add_argument("--seed", type=int, default=4701)
    ap.add_argument("--only", type=int, help="one document alone")
    ap.add_argument("--blank", action="store_true", help="before anybody fills them in")
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    looks = list(scanner.LOOKS)
    for n in range(a.count):
        rng = random.Random(f"{a.family} {a.seed} {n}")
        if a.only is not None and a.only != n:
            continue
        applicant = applicants.record(a.family, rng)
        defect = DEFECTS[n % len(DEFECTS)]
        expected = spoil(defect, *applicant, rng)
        named = defect == "mixed" or n % 4 == 0
        sheets, layout = draw(a.family, n, rng, applicant, named, a.blank)
        if a.blank:
            scanner.save([scanner.LOOKS["clean300"](sheet.img, rng) for sheet in sheets], os.path.join(a.out, f"form-{n:02}.pdf"))
            continue
        fields = applicant[0]
        truth = {"document": "application_form", "family": a.family, "layout": layout, "look": looks[(n * 5 + n // len(looks)) % len(looks)], "handwriting": n % 6 == 4, "note": defect, "fields": fields}
        if defect == "page_missing":
            sheets = sheets[:1]
            late = set(layouts.WISH + layouts.CONTACT + ["consent", "remarks"])
            truth["fields"] = {k: v for k, v in fields.items() if k not in late}
            expected = ["A-002"]
        elif defect == "mixed":
            # The second page of somebody else: whatever is said of it, it must not pass as one application.
            other = applicants.record(a.family, rng)
            others, _ = draw(a.family, n, rng, other, named)
            sheets = [sheets[0], others[1]]
            late = set(layouts.WISH + layouts.CONTACT + ["consent", "remarks"])
            truth["fields"] = {k: v for k, v in fields.items() if k not in late} | {k: v for k, v in other[0].items() if k in late}
            expected = None
            truth["must_flag"] = ["corporate_number"]
        if expected is not None:
            truth["expected_findings"] = expected
        pages = [scanner.LOOKS[truth["look"]](sheet.img, rng) for sheet in sheets]
        stem = os.path.join(a.out, f"form-{n:02}")
        scanner.save(pages, f"{stem}.{pages[0][2]}")
        with open(f"{stem}.truth.json", "w", encoding="utf-8") as out:
            json.dump(truth, out, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
