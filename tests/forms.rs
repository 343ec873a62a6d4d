//! Forms whose print is known: learnt from a page as it is drawn, found again on pages that are filled in.

use sight::form::Form;
use sight::paper::{self, Unlearnt};
use sight::port::{Ocr, Strip};
use sight::recogniser::Recogniser;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use tiff::encoder::TiffEncoder;
use tiff::encoder::colortype::Gray8;
use uketsuke::catalogue;
use uketsuke::domain::picture::Picture;
use uketsuke::domain::place::Area;
use uketsuke::domain::reading::{MarkKind, Page};
use uketsuke::drawing::canvas::Canvas;
use uketsuke::drawing::pen::Pen;
use uketsuke::reading::format::{Grey, Limits};
use uketsuke::reading::view;

const LABELS: [&str; 8] = ["申込者名", "法人番号", "所在地", "代表者氏名", "電話番号", "申込区分", "担当部署", "備考"];
const BLANK: [&str; 8] = [""; 8];
const FILLED: [&str; 8] = ["株式会社穂高嶺電力", "7999901000001", "宮城県仙台市青葉区", "見本花子", "022-000-0000", "", "需給管理課", ""];
const OTHER: [&str; 8] = ["合同会社朝凪発電", "5999902000002", "福島県いわき市平", "想像次郎", "0246-00-0000", "", "運用計画係", ""];
const OPTIONS: [&str; 3] = ["新規", "変更", "廃止"];

/// A ruled form of 150 dots an inch with one of its options ticked, all of it so much lower and to the right.
fn form(labels: &[&str], entries: &[&str], ticked: Option<usize>, shift: i32) -> Vec<u8> {
    let pen = Pen::new(catalogue::typeface()).unwrap();
    let mut page = Canvas::blank(1240, 1754, [255; 3]);
    pen.write(&mut page, "需給調整市場システム利用申込書", (340 + shift, 120 + shift), 36.0, [0; 3]);
    pen.write(&mut page, "東北例示送配電株式会社　御中", (140 + shift, 200 + shift), 36.0, [0; 3]);
    for (row, (label, entry)) in labels.iter().zip(entries).enumerate() {
        let top = 300 + 90 * row as i32 + shift;
        page.frame(&Area::new(120 + shift, top, 420 + shift, top + 93), [0; 3], 3);
        page.frame(&Area::new(417 + shift, top, 1120 + shift, top + 93), [0; 3], 3);
        pen.write(&mut page, label, (150 + shift, top + 28), 36.0, [0; 3]);
        pen.write(&mut page, entry, (450 + shift, top + 28), 36.0, [0; 3]);
        if *label == "申込区分" {
            for (n, option) in OPTIONS.iter().enumerate() {
                let left = 450 + 210 * n as i32 + shift;
                let square = Area::new(left, top + 32, left + 30, top + 62);
                page.frame(&square, [0; 3], 3);
                if ticked == Some(n) {
                    page.fill(&Area::new(left + 8, top + 40, left + 22, top + 54), [0; 3]);
                }
                pen.write(&mut page, option, (left + 44, top + 28), 36.0, [0; 3]);
            }
        }
    }
    page.png().unwrap()
}

fn overturned(png: &[u8]) -> Vec<u8> {
    Canvas::of(&picture(png)).turned(2).png().unwrap()
}

fn picture(png: &[u8]) -> Picture {
    view::page(png, 1, Limits::default(), catalogue::typeface()).unwrap().picture
}

/// A recogniser that knows forms, and counts the lines that it is asked to read.
struct Knowing<'a> {
    eye: &'a Recogniser,
    forms: Vec<Form>,
    read: AtomicUsize,
}

impl Ocr for Knowing<'_> {
    fn find(&self, page: &Grey) -> Vec<Area> {
        self.eye.find(page)
    }

    fn read(&self, line: &Grey) -> Strip {
        self.read.fetch_add(1, Ordering::Relaxed);
        self.eye.read(line)
    }

    fn forms(&self) -> &[Form] {
        &self.forms
    }
}

/// The page, and how many lines of it were read.
fn read(png: &[u8], eye: &Recogniser, forms: &[Form]) -> (Page, usize) {
    let ocr = Knowing { eye, forms: forms.to_vec(), read: AtomicUsize::new(0) };
    (paper::page(&picture(png), 1, &ocr, Limits::default().pixels), ocr.read.into_inner())
}

fn texts(page: &Page) -> Vec<String> {
    page.lines.iter().map(|line| line.text.replace(' ', "")).collect()
}

fn learn(pages: &[Vec<u8>], eye: &Recogniser) -> Result<Form, Unlearnt> {
    let pictures: Vec<Picture> = pages.iter().map(|png| picture(png)).collect();
    paper::learn(&pictures, eye, Limits::default().pixels)
}

fn words(form: &Form) -> Vec<String> {
    form.prints.iter().map(|print| print.text()).collect()
}

#[test]
fn print_that_is_known_is_not_read_and_what_differs_is() {
    let eye = Recogniser::load().unwrap();
    let known = learn(&[form(&LABELS, &BLANK, None, 0)], &eye).unwrap();
    LABELS.iter().chain(&OPTIONS).for_each(|word| assert!(words(&known).contains(&(*word).to_owned()), "{word}: {:?}", words(&known)));
    let filled = form(&LABELS, &FILLED, Some(1), 9);
    let ((plain, all), (page, some)) = (read(&filled, &eye, &[]), read(&filled, &eye, std::slice::from_ref(&known)));
    assert_eq!(texts(&page), texts(&plain));
    assert!(FILLED.iter().all(|entry| texts(&page).iter().any(|text| text.contains(entry))), "{:?}", texts(&page));
    assert!(2 * some < all + 4, "{some} lines of {all} were read");
    let boxes = |page: &Page| page.marks.iter().filter(|mark| mark.kind == MarkKind::BoxTicked).cloned().collect::<Vec<_>>();
    assert_eq!((boxes(&page).len(), boxes(&page)), (1, boxes(&plain)));
    let (head_down, _) = read(&overturned(&filled), &eye, std::slice::from_ref(&known));
    assert_eq!((head_down.turned, texts(&head_down)), (2, texts(&page)));
    // Another edition says something else in places: its words are its own.
    let other = ["申請者名", "法人名称", "住所", "代表社員", "電話番号", "申込区分", "担当部長", "通信欄"];
    let page = form(&other, &OTHER, Some(0), -7);
    let ((plain, _), (page, _)) = (read(&page, &eye, &[]), read(&page, &eye, &[known]));
    assert_eq!(texts(&page), texts(&plain));
    other.iter().for_each(|label| assert!(texts(&page).contains(&(*label).to_owned()), "{label}: {:?}", texts(&page)));
}

#[test]
fn what_two_applicants_wrote_is_no_print() {
    let eye = Recogniser::load().unwrap();
    let pages = [form(&LABELS, &FILLED, Some(0), 0), form(&LABELS, &OTHER, Some(2), 6)];
    let known = learn(&pages, &eye).unwrap();
    let words = words(&known);
    assert!(LABELS.iter().all(|label| words.contains(&(*label).to_owned())), "{words:?}");
    assert!(!FILLED.iter().chain(&OTHER).any(|entry| !entry.is_empty() && words.contains(&(*entry).to_owned())), "{words:?}");
    let loose = form(&[], &[], None, 0);
    assert_eq!(learn(std::slice::from_ref(&loose), &eye), Err(Unlearnt::Loose));
    assert_eq!(learn(&[pages[0].clone(), loose], &eye), Err(Unlearnt::Other(1)));
}

fn run(root: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_uketsuke")).args(arguments).current_dir(root).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_desk_learns_a_blank_form_and_refuses_one_that_is_filled_in() {
    let root = tempfile::tempdir().unwrap();
    let there = |name: &str, png: Vec<u8>| fs::write(root.path().join(name), png).unwrap();
    there("blank.png", form(&LABELS, &BLANK, None, 0));
    there("filled.png", form(&LABELS, &FILLED, Some(1), 5));
    let (done, said) = run(root.path(), &["form", "learn", "様式", "filled.png"]);
    assert!(!done && said.contains("is filled in"), "{said}");
    let (done, said) = run(root.path(), &["form", "learn", "様式", "filled.png", "filled.png"]);
    assert!(!done && said.contains("different applicants"), "{said}");
    assert!(!run(root.path(), &["form", "learn", "../様式", "blank.png"]).0);
    assert!(!run(root.path(), &["form", "learn", "様式", "--blank", "filled.png", "filled.png"]).0, "two forms are not blank");
    let plain = run(root.path(), &["read", "--json", "filled.png"]);
    let (done, said) = run(root.path(), &["form", "learn", "様式", "blank.png", "--blank"]);
    assert!(done && said.contains("代表者氏名"), "{said}");
    let listed: serde_json::Value = serde_json::from_str(&run(root.path(), &["form", "list", "--json"]).1).unwrap();
    assert_eq!((&listed["name"], listed["pages"].as_array().map(Vec::len)), (&"様式".into(), Some(1)));
    let known = run(root.path(), &["read", "--json", "filled.png"]);
    let values = |said: &str| -> Vec<(String, serde_json::Value)> {
        let document: serde_json::Value = serde_json::from_str(said).unwrap();
        document["fields"].as_object().unwrap().iter().map(|(key, field)| (key.clone(), field["value"].clone())).collect()
    };
    assert!(values(&plain.1).iter().any(|(key, value)| key == "applicant_name" && value == FILLED[0]), "{}", plain.1);
    assert_eq!(values(&known.1), values(&plain.1));
    let file = root.path().join("state/forms/様式.json");
    let written = fs::read_to_string(&file).unwrap();
    for wrong in
        ["{}".to_owned(), written.replacen("\"unit\":", "\"unit\":-", 1), written.replacen("ffff", "ff", 1), written[..99].to_owned()]
    {
        fs::write(&file, wrong).unwrap();
        let (done, said) = run(root.path(), &["read", "blank.png"]);
        assert!(!done && said.contains("様式.json") && said.contains("form learn"), "{said}");
    }
}

/// Pages one behind the other in one TIFF, in grey.
fn bound(pages: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let mut tiff = TiffEncoder::new(&mut file).unwrap();
    for png in pages {
        let Picture { width, height, channels, pixels, .. } = picture(png);
        let grey: Vec<u8> = pixels.chunks(channels).map(|pixel| pixel[0]).collect();
        tiff.write_image::<Gray8>(width as u32, height as u32, &grey).unwrap();
    }
    file.into_inner()
}

#[test]
fn a_page_that_differs_from_copy_to_copy_is_left_and_the_others_are_learnt() {
    let root = tempfile::tempdir().unwrap();
    let there = |name: &str, pages: &[Vec<u8>]| fs::write(root.path().join(name), bound(pages)).unwrap();
    let loose = form(&[], &[], None, 0);
    there("one.tif", &[form(&LABELS, &FILLED, Some(0), 0), form(&LABELS[..5], &FILLED, None, 0)]);
    there("two.tif", &[form(&LABELS, &OTHER, Some(2), 6), loose.clone()]);
    there("loose.tif", &[loose.clone(), loose]);
    let (done, said) = run(root.path(), &["form", "learn", "様式", "one.tif", "two.tif", "--json"]);
    let learnt: serde_json::Value = serde_json::from_str(&said).unwrap();
    let left: Vec<_> = learnt["left"].as_array().unwrap().iter().map(|left| left["page"].as_u64()).collect();
    assert!(done && left == [Some(2)] && learnt["pages"].as_array().map(Vec::len) == Some(1), "{said}");
    let (done, said) = run(root.path(), &["form", "learn", "他", "loose.tif", "--blank"]);
    assert!(!done && said.contains("page 1") && !root.path().join("state/forms/他.json").exists(), "{said}");
}
