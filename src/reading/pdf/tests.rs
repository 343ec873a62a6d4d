//! Small PDFs made here, each with one difficulty.

use crate::domain::finding::Remark;
use crate::domain::id::DocId;
use crate::domain::place::Area;
use crate::domain::reading::{Content, MarkKind, Page, PageSource};
use crate::reading::format::{Blind, Limits, Source, Tools};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

pub(super) struct Made {
    pub(super) document: Document,
    pages: ObjectId,
    kids: Vec<Object>,
}

impl Made {
    pub(super) fn new() -> Self {
        let mut document = Document::with_version("1.7");
        let pages = document.new_object_id();
        Made { document, pages, kids: Vec::new() }
    }

    pub(super) fn page(&mut self, content: &str, fonts: Dictionary, more: Dictionary) -> ObjectId {
        self.raw_page(content.as_bytes(), fonts, more)
    }

    fn raw_page(&mut self, content: &[u8], fonts: Dictionary, more: Dictionary) -> ObjectId {
        let contents = self.document.add_object(Stream::new(dictionary! {}, content.to_vec()));
        let mut page = dictionary! {
            "Type" => "Page", "Parent" => self.pages, "MediaBox" => vec![0.into(), 0.into(), 600.into(), 800.into()],
            "Contents" => contents, "Resources" => dictionary! { "Font" => fonts },
        };
        page.extend(&more);
        let id = self.document.add_object(page);
        self.kids.push(id.into());
        id
    }

    fn finish(mut self) -> Document {
        let count = self.kids.len() as i64;
        self.document.objects.insert(self.pages, dictionary! { "Type" => "Pages", "Kids" => self.kids, "Count" => count }.into());
        let catalog = self.document.add_object(dictionary! { "Type" => "Catalog", "Pages" => self.pages });
        self.document.trailer.set("Root", catalog);
        self.document
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        save(self.finish())
    }
}

fn save(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

pub(super) fn font(subtype: &str, name: &str, encoding: &str) -> Dictionary {
    let mut font = dictionary! { "Type" => "Font", "Subtype" => subtype, "BaseFont" => name, "Encoding" => encoding };
    if subtype == "Type0" {
        let descendant = dictionary! {
            "Type" => "Font", "Subtype" => "CIDFontType0", "BaseFont" => name,
            "CIDSystemInfo" => dictionary! {
                "Registry" => Object::string_literal("Adobe"), "Ordering" => Object::string_literal("Japan1"), "Supplement" => 2
            },
        };
        font.set("DescendantFonts", vec![Object::Dictionary(descendant)]);
    }
    font
}

pub(super) fn fonts(font: Dictionary) -> Dictionary {
    dictionary! { "F" => font }
}

fn hex(bytes: &[u8]) -> String {
    format!("<{}>", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

pub(super) fn utf16(text: &str) -> String {
    hex(&text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>())
}

fn read_within(bytes: &[u8], limits: Limits) -> (Content, Vec<Remark>) {
    let outcome = super::read(&Source { doc: DocId::of(bytes), name: "x.pdf", bytes }, &Tools { ocr: &Blind, limits });
    (outcome.content, outcome.remarks)
}

pub(super) fn pages(bytes: &[u8]) -> Vec<Page> {
    match read_within(bytes, Limits::default()) {
        (Content::Paper { pages, .. }, remarks) => {
            assert_eq!(remarks, []);
            pages
        }
        (other, remarks) => panic!("{other:?} {remarks:?}"),
    }
}

pub(super) fn texts(page: &Page) -> Vec<&str> {
    page.lines.iter().map(|line| line.text.as_str()).collect()
}

pub(super) fn one(content: &str, font: Dictionary, more: Dictionary) -> Page {
    let mut made = Made::new();
    made.page(content, fonts(font), more);
    pages(&made.bytes()).remove(0)
}

fn code(bytes: &[u8]) -> (&'static str, String) {
    match read_within(bytes, Limits::default()) {
        (Content::Unreadable, remarks) if remarks.len() == 1 => {
            assert_eq!(remarks[0].words["file"], "x.pdf");
            ("unreadable", remarks[0].code.to_string())
        }
        (_, remarks) => ("read", remarks.iter().map(|remark| remark.code.to_string()).collect()),
    }
}

#[test]
fn every_predefined_encoding_is_read() {
    let words = "受付番号";
    let cases = [
        ("UniJIS-UCS2-H", utf16(words)),
        ("UniJIS-UTF16-H", utf16(words)),
        ("90ms-RKSJ-H", hex(&encoding_rs::SHIFT_JIS.encode(words).0)),
        ("EUC-H", hex(&encoding_rs::EUC_JP.encode(words).0)),
    ];
    for (encoding, string) in cases {
        let page = one(&format!("BT /F 10 Tf 50 700 Td {string} Tj ET"), font("Type0", "HeiseiKakuGo-W5", encoding), dictionary! {});
        assert_eq!(texts(&page), [words], "{encoding}");
        let line = &page.lines[0];
        assert_eq!(line.area, Area::new(500, 912, 900, 1012), "{encoding}");
        assert_eq!((line.glyphs[1].start, line.glyphs[1].end), (600, 700), "{encoding}");
    }
}

#[test]
fn character_ids_are_read_through_their_collection() {
    let map = super::codes::predefined(b"UniJIS-UTF16-H").unwrap();
    let ids: Vec<u8> = "受付".chars().flat_map(|c| (map.lookup_cid_code(c as u32, 2).unwrap() as u16).to_be_bytes()).collect();
    let page = one(&format!("BT /F 10 Tf 50 700 Td {} Tj ET", hex(&ids)), font("Type0", "X", "Identity-H"), dictionary! {});
    assert_eq!(texts(&page), ["受付"]);
}

#[test]
fn a_map_of_the_file_goes_before_all_others() {
    let mut made = Made::new();
    let map = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange \
                2 beginbfchar <0001> <845BDB40DD00> <0002> <57CE> endbfchar endcmap";
    let map = made.document.add_object(Stream::new(dictionary! {}, map.to_vec()));
    let mut font = font("Type0", "X", "Identity-H");
    font.set("ToUnicode", map);
    made.page("BT /F 10 Tf 50 700 Td <00010002> Tj ET", fonts(font), dictionary! {});
    // 葛 with a variation selector, which nobody types.
    assert_eq!(texts(&pages(&made.bytes())[0]), ["葛城"]);
}

#[test]
fn latin_letters_of_standard_fonts_have_their_widths() {
    let page = one("BT /F 10 Tf 50 700 Td (TK-2026) Tj ET", font("Type1", "Helvetica", "WinAnsiEncoding"), dictionary! {});
    assert_eq!(texts(&page), ["TK-2026"]);
    assert_eq!(page.lines[0].area.width(), 384);
    let tick = one(
        "BT /F 10 Tf 50 700 Td (4) Tj ET",
        dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "ZapfDingbats" },
        dictionary! {},
    );
    assert_eq!(texts(&tick), ["✓"]);
}

#[test]
fn a_page_stands_upright_however_it_is_turned() {
    let font = || font("Type0", "X", "UniJIS-UCS2-H");
    let words = utf16("申込者");
    // Turned by the page, by the matrix, and by both against each other; a crop box shifts the origin.
    let by_page = one(&format!("BT /F 10 Tf 0 1 -1 0 100 50 Tm {words} Tj ET"), font(), dictionary! { "Rotate" => 90 });
    assert_eq!((by_page.width, by_page.height, by_page.turned), (8000, 6000, 0));
    assert_eq!(by_page.lines[0].area, Area::new(500, 912, 800, 1012));
    let by_matrix = one(&format!("BT /F 10 Tf 0 1 -1 0 100 50 Tm {words} Tj ET"), font(), dictionary! {});
    assert_eq!((by_matrix.width, by_matrix.height, by_matrix.turned), (8000, 6000, 1));
    assert_eq!(by_matrix.lines[0].area, Area::new(500, 912, 800, 1012));
    let upside_down = one(&format!("BT /F 10 Tf -1 0 0 -1 550 100 Tm {words} Tj ET"), font(), dictionary! {});
    assert_eq!((upside_down.turned, upside_down.lines[0].area), (2, Area::new(500, 912, 800, 1012)));
    let crop = dictionary! { "CropBox" => vec![40.into(), 0.into(), 600.into(), 710.into()] };
    let cropped = one(&format!("BT /F 10 Tf 50 700 Td {words} Tj ET"), font(), crop);
    assert_eq!(cropped.lines[0].area, Area::new(100, 12, 400, 112));
    for page in [by_page, by_matrix, upside_down, cropped] {
        assert_eq!(texts(&page), ["申込者"]);
    }
}

#[test]
fn vertical_writing_runs_down() {
    let content = format!("BT /F 10 Tf 500 700 Td {} Tj ET BT /F 10 Tf 480 700 Td {} Tj ET", utf16("契約書"), utf16("甲乙"));
    let page = one(&content, font("Type0", "X", "UniJIS-UCS2-V"), dictionary! {});
    assert_eq!(page.turned, 0);
    let mut lines = page.lines.clone();
    lines.sort_by_key(|line| -line.area.left);
    assert_eq!(lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["契約書", "甲乙"]);
    assert_eq!(lines[0].area, Area::new(4950, 1000, 5050, 1300));
    assert_eq!((lines[0].glyphs[2].start, lines[0].glyphs[2].end), (1200, 1300));
}

#[test]
fn strokes_and_slivers_make_cells_and_part_words() {
    let content = format!("1 w 50 600 300 100 re S 200 600 0.8 100 re f BT /F 10 Tf 180 640 Td {} Tj ET", utf16("氏名山田"));
    let page = one(&content, font("Type0", "X", "UniJIS-UCS2-H"), dictionary! {});
    assert_eq!(page.cells, [Area::new(500, 1000, 2004, 2000), Area::new(2004, 1000, 3500, 2000)]);
    assert_eq!(texts(&page), ["氏名", "山田"]);
}

#[test]
fn a_ring_a_seal_and_boxes_are_marks() {
    let circle = |x: f64, y: f64, r: f64| {
        let k = 0.5523 * r;
        format!(
            "{} {y} m {} {} {} {} {x} {} c {} {} {} {} {} {y} c {} {} {} {} {x} {} c {} {} {} {} {} {y} c h S ",
            x + r,
            x + r,
            y + k,
            x + k,
            y + r,
            y + r,
            x - k,
            y + r,
            x - r,
            y + k,
            x - r,
            x - r,
            y - k,
            x - k,
            y - r,
            y - r,
            x + k,
            y - r,
            x + r,
            y - k,
            x + r
        )
    };
    let content = format!(
        "{}1 0 0 RG {}0 G 50 500 10 10 re S 100 500 10 10 re S 101 501 m 109 509 l S BT /F 10 Tf 95 696 Td {} Tj ET",
        circle(100.0, 700.0, 12.0),
        circle(400.0, 300.0, 25.0),
        utf16("有")
    );
    let page = one(&content, font("Type0", "X", "UniJIS-UCS2-H"), dictionary! {});
    let kinds: Vec<MarkKind> = page.marks.iter().map(|mark| mark.kind).collect();
    assert_eq!(kinds, [MarkKind::Ring, MarkKind::Seal, MarkKind::BoxEmpty, MarkKind::BoxTicked]);
}

#[test]
fn a_filled_field_without_appearance_is_read() {
    let mut made = Made::new();
    let field = dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Tx", "Rect" => vec![100.into(), 600.into(), 300.into(), 620.into()],
        "V" => lopdf::text_string("株式会社例示"), "DA" => Object::string_literal("/F 10 Tf 0 g"),
    };
    let annotations = vec![Object::Dictionary(field)];
    made.page(
        &format!("BT /F 10 Tf 40 606 Td {} Tj ET", utf16("申込者")),
        fonts(font("Type0", "X", "UniJIS-UCS2-H")),
        dictionary! { "Annots" => annotations },
    );
    let page = pages(&made.bytes()).remove(0);
    assert_eq!(texts(&page), ["申込者", "株式会社例示"]);
    assert!(page.lines[0].area.row_overlap(&page.lines[1].area) > 700);
}

#[test]
fn object_streams_are_opened() {
    let mut made = Made::new();
    made.page("BT /F 10 Tf 50 700 Td (modern) Tj ET", fonts(font("Type1", "Helvetica", "WinAnsiEncoding")), dictionary! {});
    let mut document = made.finish();
    let mut bytes = Vec::new();
    document.save_modern(&mut bytes).unwrap();
    assert_eq!(texts(&pages(&bytes)[0]), ["modern"]);
}

fn encrypted(user: &str) -> Vec<u8> {
    let mut made = Made::new();
    made.page("BT /F 10 Tf 50 700 Td (secret) Tj ET", fonts(font("Type1", "Helvetica", "WinAnsiEncoding")), dictionary! {});
    let mut document = made.finish();
    document.trailer.set("ID", vec![Object::string_literal("0123456789abcdef"), Object::string_literal("0123456789abcdef")]);
    let version = lopdf::EncryptionVersion::V2 {
        document: &document,
        owner_password: "owner",
        user_password: user,
        key_length: 128,
        permissions: lopdf::Permissions::all(),
    };
    let state = lopdf::EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    save(document)
}

#[test]
fn an_empty_password_opens_and_another_is_asked_for() {
    assert_eq!(texts(&pages(&encrypted(""))[0]), ["secret"]);
    assert_eq!(code(&encrypted("user")), ("unreadable", "M-002".to_owned()));
}

#[test]
fn a_bomb_is_refused_and_the_other_pages_are_read() {
    let mut made = Made::new();
    let helvetica = || fonts(font("Type1", "Helvetica", "WinAnsiEncoding"));
    made.page("BT /F 10 Tf 50 700 Td (good) Tj ET", helvetica(), dictionary! {});
    let id = made.page("", helvetica(), dictionary! {});
    let mut bomb = Stream::new(dictionary! {}, vec![b' '; 80 << 20]);
    bomb.compress().unwrap();
    let bomb = made.document.add_object(bomb);
    made.document.get_dictionary_mut(id).unwrap().set("Contents", bomb);
    let (content, remarks) = read_within(&made.bytes(), Limits::default());
    let Content::Paper { pages, .. } = content else { panic!() };
    assert_eq!((pages.len(), texts(&pages[0]), pages[1].source), (2, vec!["good"], PageSource::Blank));
    assert_eq!((remarks.len(), remarks[0].code.0.as_str(), remarks[0].words["page"].as_str()), (1, "M-001", "2"));
}

#[test]
fn pages_over_the_bound_are_said_to_be_missing() {
    let mut made = Made::new();
    for _ in 0..3 {
        made.page("BT /F 10 Tf 50 700 Td (p) Tj ET", fonts(font("Type1", "Helvetica", "WinAnsiEncoding")), dictionary! {});
    }
    let (content, remarks) = read_within(&made.bytes(), Limits { pages: 2, ..Limits::default() });
    assert!(matches!(content, Content::Paper { pages, .. } if pages.len() == 2));
    assert_eq!(remarks[0].words["page"], "3");
}

#[test]
fn forms_that_draw_themselves_come_to_an_end() {
    let mut made = Made::new();
    let form = made.document.new_object_id();
    let resources = dictionary! { "XObject" => dictionary! { "X" => form } };
    let stream = Stream::new(
        dictionary! { "Type" => "XObject", "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 9.into(), 9.into()], "Resources" => resources.clone() },
        b"/X Do /X Do".to_vec(),
    );
    made.document.objects.insert(form, stream.into());
    let mut all = resources;
    all.set("Font", fonts(font("Type1", "Helvetica", "WinAnsiEncoding")));
    made.page("BT /F 10 Tf 50 700 Td (end) Tj ET /X Do", dictionary! {}, dictionary! { "Resources" => all });
    assert_eq!(texts(&pages(&made.bytes())[0]), ["end"]);
}

#[test]
fn noise_truncation_and_circles_are_damage() {
    let mut made = Made::new();
    made.page("BT /F 10 Tf 50 700 Td (whole) Tj ET", fonts(font("Type1", "Helvetica", "WinAnsiEncoding")), dictionary! {});
    let whole = made.bytes();
    assert_eq!(code(&whole).0, "read");
    for cut in [whole.len() / 3, whole.len() / 2, whole.len() * 9 / 10] {
        assert_eq!(code(&whole[..cut]), ("unreadable", "M-001".to_owned()), "{cut}");
    }
    assert_eq!(code(b"%PDF-1.7\n\xff\x00\x12 noise").1, "M-001");
    let mut made = Made::new();
    made.kids.push(made.pages.into());
    assert_eq!(code(&made.bytes()), ("unreadable", "M-001".to_owned()));
}

#[test]
fn a_page_without_anything_is_blank() {
    let mut made = Made::new();
    made.page("", dictionary! {}, dictionary! {});
    assert_eq!(pages(&made.bytes())[0].source, PageSource::Blank);
}

#[test]
fn a_scan_goes_to_the_recogniser_turned_as_it_lies() {
    let mut made = Made::new();
    let mut jpeg = Vec::new();
    let grey = image::GrayImage::from_pixel(60, 80, image::Luma([200]));
    grey.write_to(&mut std::io::Cursor::new(&mut jpeg), image::ImageFormat::Jpeg).unwrap();
    let picture = made.document.add_object(Stream::new(
        dictionary! {
            "Type" => "XObject", "Subtype" => "Image", "Width" => 60, "Height" => 80, "ColorSpace" => "DeviceGray",
            "BitsPerComponent" => 8, "Filter" => "DCTDecode",
        },
        jpeg,
    ));
    let resources = dictionary! { "XObject" => dictionary! { "I" => picture } };
    made.page("q 600 0 0 800 0 0 cm /I Do Q", dictionary! {}, dictionary! { "Resources" => resources.clone() });
    made.page("q 600 0 0 800 0 0 cm /I Do Q", dictionary! {}, dictionary! { "Resources" => resources, "Rotate" => 90 });
    let pages = pages(&made.bytes());
    assert_eq!((pages[0].source, pages[0].width, pages[0].height), (PageSource::Blank, 60, 80));
    assert_eq!((pages[1].width, pages[1].height), (80, 60));
}

/// A stream with a name, as a catalogue of files and a pin have it.
fn specification(document: &mut Document, name: Object, bytes: &[u8]) -> Dictionary {
    let stream = document.add_object(Stream::new(dictionary! { "Type" => "EmbeddedFile" }, bytes.to_vec()));
    dictionary! { "Type" => "Filespec", "UF" => name, "EF" => dictionary! { "F" => stream } }
}

fn with_files(limits: Limits) -> (Vec<(String, Vec<u8>)>, Vec<String>) {
    let mut made = Made::new();
    let wide: Vec<u8> = [0xFE, 0xFF].into_iter().chain("登録データ.xlsx".encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let book = specification(&mut made.document, Object::string_literal(wide), b"book");
    let book = made.document.add_object(book);
    let (name, _, _) = encoding_rs::SHIFT_JIS.encode("../表能.csv");
    let list = specification(&mut made.document, Object::string_literal(name.into_owned()), b"a,b");
    let pinned = dictionary! { "Subtype" => "FileAttachment", "FS" => list, "Rect" => vec![0.into(); 4] };
    // What is attached may be pinned to a page as well.
    let again = dictionary! { "Subtype" => "FileAttachment", "FS" => book, "Rect" => vec![0.into(); 4] };
    made.page("BT /F 12 Tf 100 700 Td (A) Tj ET", dictionary! {}, dictionary! { "Annots" => vec![pinned.into(), again.into()] });
    let leaf = made.document.new_object_id();
    // A tree that comes back to itself.
    let names = dictionary! { "Names" => vec![Object::string_literal("book"), book.into()], "Kids" => vec![leaf.into()] };
    made.document.objects.insert(leaf, names.into());
    let mut document = made.finish();
    document.catalog_mut().unwrap().set("Names", dictionary! { "EmbeddedFiles" => leaf });
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    let (content, remarks) = read_within(&bytes, limits);
    let parts = content.into_parts().into_iter().map(|part| (part.name, part.bytes)).collect();
    (parts, remarks.iter().map(|remark| format!("{} {}", remark.code, remark.words["file"])).collect())
}

#[test]
fn files_that_lie_in_a_pdf_are_taken_out() {
    let (parts, remarks) = with_files(Limits::default());
    assert_eq!(parts, [("登録データ.xlsx".to_owned(), b"book".to_vec()), ("表能.csv".to_owned(), b"a,b".to_vec())]);
    assert_eq!(remarks, [""; 0]);
    let (parts, remarks) = with_files(Limits { parts: 1, ..Limits::default() });
    assert_eq!((parts.len(), remarks), (1, vec!["M-007 表能.csv".to_owned()]), "what is left out is told of");
}

#[test]
fn every_file_that_cannot_be_unpacked_is_named() {
    let mut made = Made::new();
    made.page("BT /F 12 Tf 100 700 Td (A) Tj ET", dictionary! {}, dictionary! {});
    let mut names = Vec::new();
    for name in ["a.csv", "b.csv"] {
        // What it names is no stream.
        let nothing = made.document.add_object(7);
        let file = dictionary! { "F" => Object::string_literal(name), "EF" => dictionary! { "F" => nothing } };
        names.extend([Object::string_literal(name), file.into()]);
    }
    let mut document = made.finish();
    document.catalog_mut().unwrap().set("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } });
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    let (_, remarks) = read_within(&bytes, Limits::default());
    assert_eq!(
        remarks.iter().map(|remark| format!("{} {}", remark.code, remark.words["file"])).collect::<Vec<_>>(),
        ["M-001 a.csv", "M-001 b.csv"]
    );
}
