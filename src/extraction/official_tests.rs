//! Forms as public offices set them: several things in one cell, heads above their entries, words of options in a row.

use crate::domain::reading::{MarkKind, Page};
use crate::extraction::sketch::{extract, grid, mark, page, said};

const TITLE: (i32, i32, &str) = (300, 40, "需給調整市場システム利用申込書");

fn checked(pages: &[Page], wanted: &[(&str, &str)]) {
    let extract = extract(pages);
    for (key, value) in wanted {
        assert_eq!(said(&extract, key).replace(' ', ""), *value, "{key}");
    }
}

fn doubted(pages: &[Page], key: &str) -> bool {
    extract(pages).fields.fields.get(key).is_some_and(|field| field.needs_review)
}

#[test]
fn the_reading_stands_small_above_the_name_and_the_postal_code_above_the_address() {
    let mut one = page(1, &[TITLE, (800, 10, "1/1")], &[]);
    grid(
        &mut one,
        50,
        100,
        &[
            &[(160, "法人番号"), (700, "2360376066429")],
            &[(160, "所在地"), (700, "〒 461-4401/愛知県名古屋市東区東新町3丁日16番7号")],
            &[(160, "代表者"), (700, "役職　　　代表取締役社長/氏名　　　髙橋 健")],
        ],
    );
    // Two cells beside one label, parted by a rule that begins behind it.
    one.cells.extend(
        [(50, 600, 210, 700), (210, 600, 910, 640), (210, 640, 910, 700)].map(|(l, t, r, b)| crate::domain::place::Area::new(l, t, r, b)),
    );
    let lines = page(1, &[(58, 640, "申込者名"), (218, 608, "フリガナ　　　トウコウセイテツ"), (218, 656, "東光製鉄合同会社")], &[]).lines;
    one.lines.extend(lines);
    checked(
        &[one],
        &[
            ("applicant_name", "東光製鉄合同会社"),
            ("applicant_name_kana", "トウコウセイテツ"),
            ("postal_code", "461-4401"),
            ("address", "愛知県名古屋市東区東新町3丁目16番7号"),
            ("representative_title", "代表取締役社長"),
            ("representative_name", "髙橋健"),
        ],
    );
}

#[test]
fn options_that_read_like_a_label_stay_the_entry_of_their_label() {
    let mut one = page(1, &[TITLE, (800, 10, "1/1")], &[]);
    let heads: &[(i32, &str)] = &[(400, "リソース区分"), (460, "市場参加の有無")];
    grid(&mut one, 50, 100, &[heads, &[(400, "発電機　DR（需要抑制）"), (460, "不参加　参加")]]);
    one.marks = vec![mark(MarkKind::Ring, 50, 142, 132, 178), mark(MarkKind::Ring, 452, 142, 532, 178)];
    checked(&[one], &[("resource_kind", "GEN"), ("market_participation", "0")]);
}

#[test]
fn a_group_named_in_front_of_its_first_label_has_no_entry() {
    let lines = &[TITLE, (100, 100, "申込者"), (260, 100, "T　　461-4401"), (260, 150, "商号　　東光製鉄合同会社")];
    checked(&[page(1, lines, &[])], &[("applicant_name", "東光製鉄合同会社"), ("postal_code", "461-4401")]);
}

#[test]
fn a_page_that_is_missing_excuses_no_blank_on_the_one_that_is_there() {
    let lines = &[
        TITLE,
        (800, 10, "1/2"),
        (50, 100, "申込日　　2026/04/06"),
        (50, 200, "法人番号　　2360376066429"),
        (50, 250, "所在地　　愛知県名古屋市東区東新町3丁目16番7号"),
        (50, 300, "リソース区分　　☑発電機　□DR"),
    ];
    let pages = [page(1, lines, &[])];
    assert!(doubted(&pages, "applicant_name"), "its label was not read");
    assert!(!extract(&pages).fields.fields.contains_key("contact_phone"), "on the page that is missing");
}

#[test]
fn an_imprint_read_as_words_is_no_missing_seal() {
    let sealed = |words: &str| {
        let mut one = page(1, &[TITLE, (800, 10, "1/1"), (50, 250, "法人番号　　2360376066429")], &[]);
        one.coloured = true;
        grid(&mut one, 50, 100, &[&[(160, "代表者氏名"), (700, "髙橋 健")]]);
        one.lines.extend(page(1, &[(600, 110, words)], &[]).lines);
        [one]
    };
    assert!(doubted(&sealed("開発風"), "seal_present"));
    assert!(!doubted(&sealed("印"), "seal_present"));
}
