"""Fictional applicants and what they wish: every record is drawn from a seed, with no name shared between the held-out family and the others."""
import random

import wide

STEMS = {
    "tune": [("みなと野", "ミナトノ"), ("白樺台", "シラカバダイ"), ("三和丘", "ミワガオカ"), ("エコ・ロッカ", "エコロッカ"), ("八千代川", "ヤチヨガワ"), ("ツナグ山形", "ツナグヤマガタ"), ("樫ノ木", "カシノキ"), ("青嶺", "アオミネ"), ("カナタ", "カナタ"), ("二ツ森", "フタツモリ"), ("北国ソーラー", "キタグニソーラー"), ("夕凪", "ユウナギ")],
    "held-out": [("深雪沢", "ミユキザワ"), ("オオルリ", "オオルリ"), ("四季彩", "シキサイ"), ("千鳥浜", "チドリハマ"), ("ハヤテ", "ハヤテ"), ("口和谷", "クチワダニ"), ("ミライト工房", "ミライトコウボウ"), ("瑞穂原", "ミズホバラ"), ("ネクスト・タウン", "ネクストタウン"), ("才ヶ峰", "サイガミネ"), ("若草", "ワカクサ"), ("一ノ瀬川", "イチノセガワ")],
}
TRADES = {
    "tune": [("発電", "ハツデン"), ("グリーンパワー", "グリーンパワー"), ("電力小売", "デンリョクコウリ"), ("エナジーファーム", "エナジーファーム"), ("地熱開発", "チネツカイハツ"), ("アグリゲート", "アグリゲート")],
    "held-out": [("水力", "スイリョク"), ("バイオマス電源", "バイオマスデンゲン"), ("パワーリンク", "パワーリンク"), ("需給サービス", "ジュキュウサービス"), ("ウインドファーム", "ウインドファーム"), ("蓄電所", "チクデンショ")],
}
FORMS = [("株式会社", "カブシキガイシャ"), ("合同会社", "ゴウドウガイシャ")]
PEOPLE = {
    "tune": [("大井", "誠"), ("三田村", "千夏"), ("木戸", "一平"), ("小野寺", "力"), ("長谷部", "佳織"), ("渡会", "二郎"), ("八木沼", "さくら"), ("高梨", "洋介"), ("工藤", "エリ"), ("菅原", "正人")],
    "held-out": [("今野", "直美"), ("千田", "八重"), ("片桐", "カズオ"), ("佐久間", "圭"), ("入江", "三郎"), ("及川", "まゆみ"), ("髙田", "健太"), ("本間", "工"), ("夕部", "俊介"), ("門脇", "理沙")],
}
TITLES = {"tune": ["代表取締役", "代表取締役社長", "業務執行社員", "執行役員"], "held-out": ["代表取締役会長", "代表社員", "職務執行者", "取締役社長"]}
DEPARTMENTS = {
    "tune": ["電源運用部 計画課", "エネルギー本部", "市場業務グループ", "総務部 契約担当", "経営企画室", "需給センター 第二係"],
    "held-out": ["運用統括部 需給チーム", "電力カスタマー課", "管理本部", "発電事業部 東北事務所", "ＤＲ推進室", "取引管理部 第一グループ"],
}
PLACES = {
    "tune": [("98", "宮城県仙台市太白区長町"), ("03", "青森県弘前市大字土手町"), ("99", "山形県鶴岡市馬場町"), ("96", "福島県郡山市中町"), ("15", "東京都渋谷区道玄坂"), ("95", "新潟県新潟市中央区東大通")],
    "held-out": [("02", "岩手県盛岡市菜園"), ("01", "秋田県横手市平城町"), ("97", "福島県南相馬市原町区本陣前"), ("10", "東京都港区芝浦"), ("53", "大阪府大阪市北区堂島浜"), ("98", "宮城県石巻市千石町")],
}
BUILDINGS = {"tune": ["カメイビル8階", "駅前プラザ3F", "第二ロイヤル棟201"], "held-out": ["合同庁舎別館5階", "ニューコアビル10F", "八幡マンション305号室"]}
USERS = ["info", "denryoku", "k.shinsei", "mms-tanto", "apply01", "y_ueda"]
DOMAINS = {"tune": ["minatono", "aomine-power", "kanata-grid", "yunagi8"], "held-out": ["miyukizawa", "hayate-wind", "shikisai-el", "wakakusa1"]}
for table, words in [(STEMS, wide.STEMS), (TRADES, wide.TRADES), (TITLES, wide.TITLES), (DEPARTMENTS, wide.DEPARTMENTS), (PLACES, wide.PLACES), (BUILDINGS, wide.BUILDINGS), (DOMAINS, wide.DOMAINS), (PEOPLE, wide.PEOPLE)]:
    table["wide"] = table["framed"] = table["official"] = table["office"] = table["printers"] = words
USERS = {"tune": USERS, "held-out": USERS, "wide": USERS + wide.USERS, "framed": USERS + wide.USERS, "official": USERS + wide.USERS, "office": USERS + wide.USERS, "printers": USERS + wide.USERS}
AREAS = [("01", "北海道"), ("02", "東北"), ("03", "東京"), ("04", "中部"), ("05", "北陸"), ("06", "関西"), ("07", "中国"), ("08", "四国"), ("09", "九州"), ("10", "沖縄")]
CHOICES = {
    "application_kind": [("1", "新規"), ("2", "変更"), ("3", "追加"), ("4", "廃止")],
    "contract_kind": [("1P", "電源Ⅰ’厳気象対応調整力契約"), ("2F", "電源Ⅱ周波数調整力契約"), ("2B", "電源Ⅱ需給バランス調整力契約"), ("2L", "電源Ⅱb低速需給バランス調整力契約")],
    "resource_kind": [("GEN", "発電機"), ("DR", "ＤＲ（需要抑制）")],
    "market_participation": [("0", "不参加"), ("1", "参加")],
    "planned_areas": AREAS,
    "contract_status": [("1", "締結済"), ("0", "未締結（申込中）")],
    "certificate_request": [("1", "新規発行"), ("2", "既存証明書を利用"), ("0", "不要")],
    "consent": [("1", "同意する")],
}
TSO = "東北例示送配電株式会社"


def corporate_number(rng):
    base = [rng.randint(1, 9)] + [rng.randint(0, 9) for _ in range(11)]
    weighed = sum(d * (1 if n % 2 else 2) for n, d in enumerate(reversed(base), 1))
    return str(9 - weighed % 9) + "".join(map(str, base))


def date_words(rng, iso, manner):
    y, m, d = map(int, iso.split("-"))
    text = [f"{y}年{m}月{d}日", f"令和{y - 2018}年{m}月{d}日", f"{y}/{m:02}/{d:02}", f"令和 {y - 2018} 年 {m} 月 {d} 日"][manner]
    return text


def wide(text):
    return text.translate({ord(a): ord(b) for a, b in zip("0123456789-", "０１２３４５６７８９－")})


def record(family, rng):
    """The truth of one form, and the words in which it is written."""
    stem, kana = rng.choice(STEMS[family])
    trade, trade_kana = rng.choice(TRADES[family])
    form, form_kana = rng.choice(FORMS)
    front = rng.random() < 0.5
    person = lambda: " ".join(rng.choice(PEOPLE[family]))
    zone, place = rng.choice(PLACES[family])
    postal = zone + str(rng.randint(0, 9)) + "-" + f"{rng.randint(0, 9999):04}"
    house = rng.choice([f"{rng.randint(1, 5)}丁目{rng.randint(1, 20)}番{rng.randint(1, 30)}号", f"{rng.randint(1, 9)}-{rng.randint(1, 30)}-{rng.randint(1, 20)}", f"{rng.randint(1, 900)}番地"])
    building = " " + rng.choice(BUILDINGS[family]) if rng.random() < 0.4 else ""
    signed = rng.random() < 0.5
    request = rng.choice(["1", "1", "2", "0"])
    areas = sorted({"02"} | set(rng.sample([a for a, _ in AREAS], rng.choice([0, 0, 1, 2]))))
    kind = rng.choice(["1", "1", "1", "2"])
    fields = {
        "form_edition": "2026年4月版",
        "application_date": f"2026-04-{rng.randint(1, 17):02}",
        "addressee": TSO,
        "application_kind": kind,
        "applicant_name": form + stem + trade if front else stem + trade + form,
        "applicant_name_kana": form_kana + " " + kana + trade_kana if front else kana + trade_kana + " " + form_kana,
        "corporate_number": corporate_number(rng),
        "representative_title": rng.choice(TITLES[family]),
        "representative_name": person(),
        "postal_code": postal,
        "address": place + house + building,
        "operator_code": f"{rng.randint(10000, 99999)}",
        "contract_kind": [rng.choice(["1P", "2F", "2B", "2L"])],
        "resource_kind": rng.choice(["GEN", "DR"]),
        "market_participation": "0",
        "planned_areas": areas,
        "submitting_area": "02",
        "contract_status": "1" if signed else "0",
        "desired_start_date": f"2026-{rng.randint(6, 9):02}-{rng.randint(1, 28):02}",
        "certificate_request": request,
        "contact_department": rng.choice(DEPARTMENTS[family]),
        "contact_name": person(),
        "contact_phone": rng.choice(["022-{}-{}", "03-{}-{}", "0246-{}-{}", "080-{}-{}"]),
        "contact_email": f"{rng.choice(USERS[family])}@{rng.choice(DOMAINS[family])}.example.{rng.choice(['jp', 'co.jp', 'com'])}",
        "consent": "1",
        "seal_present": "1",
    }
    local = {"022": 3, "03-": 4, "024": 2, "080": 4}[fields["contact_phone"][:3]]
    fields["contact_phone"] = fields["contact_phone"].format(rng.randint(10 ** (local - 1), 10**local - 1), f"{rng.randint(0, 9999):04}")
    if kind != "1":
        fields["mms_code"] = rng.choice("ABCDEFGHJKMNPRTUVWXY") + str(rng.randint(100, 999))
    if signed:
        fields["contract_date"] = f"2026-{rng.randint(1, 3):02}-{rng.randint(1, 28):02}"
    if request == "1":
        fields["certificate_count"] = rng.randint(1, 9)
    if rng.random() < 0.25:
        fields["remarks"] = rng.choice(["連絡は午後にお願いします。", "添付書類は別送", "旧社名での登録あり"])
    manner = rng.randrange(4)
    words = {k: v for k, v in fields.items() if isinstance(v, str) and k not in CHOICES}
    for key in ("application_date", "contract_date", "desired_start_date"):
        if key in fields:
            words[key] = date_words(rng, fields[key], manner)
    words["submitting_area"] = "東北"
    words["postal_code"] = postal
    if "certificate_count" in fields:
        words["certificate_count"] = rng.choice(["{}枚", "{}"]).format(fields["certificate_count"])
    if rng.random() < 0.2:
        for key in ("contact_phone", "application_date", "contract_date", "desired_start_date"):
            if key in words:
                words[key] = wide(words[key])
    chosen = {k: set(fields[k] if isinstance(fields[k], list) else [fields[k]]) for k in CHOICES}
    return fields, words, chosen


LABELS = {
    "application_date": ["申込日", "申込年月日", "申請日", "提出日"],
    "addressee": ["宛先", "提出先", "一般送配電事業者名"],
    "application_kind": ["申込区分", "申請区分", "手続区分", "~区分"],
    "applicant_name": ["申込者名", "事業者名", "事業者名称", "会社名", "法人名", "商号", "~名称"],
    "applicant_name_kana": ["申込者名（フリガナ）", "フリガナ", "ふりがな", "~カナ"],
    "corporate_number": ["法人番号", "法人番号（13桁）", "会社法人等番号"],
    "representative_title": ["代表者役職", "~役職", "~肩書", "~職名"],
    "representative_name": ["代表者氏名", "代表者名", "~氏名"],
    "postal_code": ["郵便番号", "〒"],
    "address": ["所在地", "住所", "本社所在地", "本店所在地"],
    "operator_code": ["事業者コード", "広域機関事業者コード", "事業者ｺｰﾄﾞ"],
    "mms_code": ["MMSコード", "ＭＭＳコード"],
    "contract_kind": ["契約種別", "調整力契約の種別", "契約区分", "対象契約"],
    "resource_kind": ["リソース区分", "電源等区分", "設備区分", "発電機・DRの別"],
    "market_participation": ["需給調整市場への参加予定", "市場参加の有無", "市場参加"],
    "planned_areas": ["供出予定エリア", "調整力供出予定エリア", "対象エリア"],
    "submitting_area": ["提出先エリア", "申込先エリア", "提出エリア"],
    "contract_status": ["契約締結状況", "契約の有無", "締結状況"],
    "contract_date": ["契約締結日", "契約日", "締結年月日"],
    "desired_start_date": ["利用開始希望日", "利用希望日", "システム利用開始希望日"],
    "certificate_request": ["クライアント証明書の発行", "クライアント証明書", "証明書発行要否", "電子証明書"],
    "certificate_count": ["発行枚数", "証明書枚数", "希望枚数"],
    "contact_department": ["担当部署", "連絡先部署", "ご担当部署", "~所属"],
    "contact_name": ["担当者氏名", "担当者名", "ご担当者", "連絡担当者"],
    "contact_phone": ["電話番号", "TEL", "連絡先電話番号", "ＴＥＬ"],
    "contact_email": ["メールアドレス", "E-mail", "Eメール", "電子メール"],
    "consent": ["利用規約等への同意", "同意", "取引規程等への同意"],
    "remarks": ["備考", "その他", "通信欄"],
}


def labels(rng, sections):
    """One label a field; those that mean nothing without their section only where there are sections."""
    return {k: rng.choice([v.lstrip("~") for v in vs if sections or not v.startswith("~")]) for k, vs in LABELS.items()}


if __name__ == "__main__":
    print(record("tune", random.Random(1)))
