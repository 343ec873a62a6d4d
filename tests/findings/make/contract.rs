//! A contract as a PDF, from its values: body, signatures, 別紙1; and an application for one.

use super::form::Spots;
use super::pdf::{self, Page};
use super::{spec, written};
use serde_json::Value as Json;
use uketsuke::catalogue::Catalogue;
use uketsuke::domain::document::FieldSpec;
use uketsuke::domain::place::Area;

/// Lines of a page with their x; a bar stands before the value that a line states.
struct Setter {
    page: Page,
    number: u32,
    y: i32,
    spots: Spots,
}

impl Setter {
    fn line(&mut self, x: i32, text: &str, key: &str) {
        let before = text.split_once('|').map_or(0, |(before, _)| before.chars().count() as i32);
        self.page.text(x, self.y, &text.replace('|', ""));
        if !key.is_empty() {
            self.spots.entry(key.to_owned()).or_insert((self.number, spot((x + 10 * before) * 10 + 50, self.y * 10 + 50)));
        }
        self.y += 22;
    }
}

/// `lost`: pages left out, by their printed number. `extra`: sentences put into the body.
pub fn make(catalogue: &Catalogue, values: &Json, lost: &[u32], extra: &[&str]) -> (Vec<u8>, Spots) {
    let text = |key: &str| written(&values[key]);
    let kind = &catalogue.lists["CONTRACT"].iter().find(|entry| entry.code == text("contract_kind")).unwrap().words[0];
    let mut set = Setter { page: Page::default(), number: 1, y: 60, spots: Spots::new() };
    set.line(180, &format!("{kind}書{}", text("draft")), "contract_kind");
    set.line(60, &format!("契約番号：{}", text("contract_number")), "contract_number");
    let preamble = |bars: [&str; 2]| {
        format!("{}{}（以下「甲」という。）と{}{}（以下「乙」という。）とは、", bars[0], text("party_a"), bars[1], text("party_b"))
    };
    let place = preamble(["", "|"]).split('|').next().unwrap_or_default().chars().count() as i32;
    set.spots.insert("party_b".to_owned(), (1, spot((60 + 10 * place) * 10 + 50, set.y * 10 + 50)));
    set.line(60, &preamble(["", ""]), "party_a");
    set.line(60, "次のとおり契約を締結する。", "");
    set.line(60, "第１条　甲は、別紙１に記載する契約設備等を用いる。", "");
    set.line(60, &format!("第２条　提供期間は、|{}から{}までとする。", day(&text("period_from")), day(&text("period_to"))), "period_from");
    if !text("contract_kw").is_empty() {
        set.line(60, &format!("第３条　契約電力は、|{}kWとする。", text("contract_kw")), "contract_kw");
    }
    if !text("energy_price_cap").is_empty() {
        set.line(60, &format!("第４条　上限電力量単価は、|{}円／kWhとする。", text("energy_price_cap")), "energy_price_cap");
    }
    for sentence in extra {
        set.line(60, sentence, "");
    }
    set.page.text(290, 810, "- 1 -");
    let mut pages = vec![(1, set.page)];
    let mut set = Setter { page: Page::default(), number: 2, y: 60, spots: set.spots };
    set.line(60, "本契約締結の証として、本書２通を作成し、甲乙記名押印のうえ各自１通を保有する。", "");
    if !text("contract_date").is_empty() {
        set.line(60, &day(&text("contract_date")), "contract_date");
    }
    for (sign, name, signed) in [("甲", "party_a", "signature_a"), ("乙", "party_b", "signature_b")] {
        set.line(60, sign, signed);
        set.line(90, &text(name), "");
        let seal = if values[signed] == Json::Bool(false) { "" } else { "　　㊞" };
        set.line(90, &format!("代表取締役　例示 太郎{seal}"), "");
    }
    set.page.text(290, 810, "- 2 -");
    pages.push((2, set.page));
    let mut set = Setter { page: Page::default(), number: 3, y: 60, spots: set.spots };
    if values["no_appendix"] != Json::Bool(true) {
        set.line(60, "別紙１　契約設備一覧表", "");
        let form = spec(catalogue, "contract");
        let rows = values["equipment"].as_array().cloned().unwrap_or_default();
        let used = |key: &str| rows.iter().any(|row| !written(&row[key]).is_empty());
        let fields: Vec<_> = form.fields.iter().filter(|field| field.group.is_some() && used(&field.key)).collect();
        const WIDEST: usize = 20;
        let longest = |field: &FieldSpec| rows.iter().map(|row| written(&row[&field.key]).chars().count()).max().unwrap_or(0);
        let mut left = 25;
        let mut columns = Vec::new();
        for field in fields {
            let chars = longest(field).min(WIDEST + 2).max(field.label.chars().count());
            let right = left + 10 * chars as i32 + 6;
            set.page.cell(left, set.y, right, set.y + 20);
            set.page.text(left + 3, set.y + 5, &field.label);
            columns.push((field, left, right));
            left = right;
        }
        for (n, row) in rows.iter().enumerate() {
            set.y += 20;
            for (field, left, right) in &columns {
                set.page.cell(*left, set.y, *right, set.y + 20);
                set.page.text(left + 3, set.y + 5, &written(&row[&field.key]));
                set.spots.insert(format!("equipment/{n}/{}", field.key), (3, spot(left * 10 + 80, set.y * 10 + 100)));
            }
        }
        set.y += 40;
        if !text("annex").is_empty() {
            set.line(60, &text("annex"), "annex");
        }
        set.page.text(290, 810, "- 3 -");
        pages.push((3, set.page));
    }
    let kept: Vec<Page> = pages.into_iter().filter(|(n, _)| !lost.contains(n)).map(|(_, page)| page).collect();
    (pdf::save(&kept), set.spots)
}

/// 契約申込書: labels and values.
pub fn application(catalogue: &Catalogue, values: &Json) -> Vec<u8> {
    let mut page = Page::default();
    page.text(220, 40, "調整力契約申込書");
    for (n, field) in
        spec(catalogue, "contract_application").fields.iter().filter(|field| !written(&values[&field.key]).is_empty()).enumerate()
    {
        let top = 80 + 30 * n as i32;
        page.cell(40, top, 180, top + 30);
        page.cell(180, top, 555, top + 30);
        page.text(46, top + 10, &field.label);
        page.text(190, top + 10, &written(&values[&field.key]));
    }
    pdf::save(&[page])
}

fn spot(x: i32, y: i32) -> Area {
    Area::new(x, y, x + 2, y + 2)
}

fn day(iso: &str) -> String {
    iso.parse::<jiff::civil::Date>().map_or_else(|_| iso.to_owned(), |day| format!("{}年{}月{}日", day.year(), day.month(), day.day()))
}
