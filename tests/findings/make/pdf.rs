//! A small writer of PDF pages with Japanese text, ruled cells, lines and a seal.

use lopdf::{Document, Object, Stream, dictionary};

pub const WIDTH: i32 = 595;
pub const HEIGHT: i32 = 842;

/// A page; places are points from the upper left corner.
#[derive(Clone, Default)]
pub struct Page(String);

impl Page {
    /// Text of ten points, its upper left corner given.
    pub fn text(&mut self, x: i32, y: i32, text: &str) {
        let hex: String = text.encode_utf16().map(|unit| format!("{unit:04x}")).collect();
        self.0 += &format!("BT /F 10 Tf {x} {} Td <{hex}> Tj ET\n", HEIGHT - y - 10);
    }

    pub fn cell(&mut self, left: i32, top: i32, right: i32, bottom: i32) {
        self.0 += &format!("0.8 w {left} {} {} {} re S\n", HEIGHT - bottom, right - left, bottom - top);
    }

    /// A line as a pen draws it.
    pub fn line(&mut self, left: i32, from: i32, right: i32, to: i32) {
        self.0 += &format!("1 w {left} {} m {right} {} l S\n", HEIGHT - from, HEIGHT - to);
    }

    /// A red ring of forty points.
    pub fn seal(&mut self, x: i32, y: i32) {
        let (x, y, r) = (f64::from(x) + 20.0, f64::from(HEIGHT - y) - 20.0, 20.0);
        let k = 0.5523 * r;
        let curves = [(r, k, k, r, 0.0, r), (-k, r, -r, k, -r, 0.0), (-r, -k, -k, -r, 0.0, -r), (k, -r, r, -k, r, 0.0)];
        self.0 += &format!("q 1 0 0 RG {} {y} m ", x + r);
        for (a, b, c, d, e, f) in curves {
            self.0 += &format!("{} {} {} {} {} {} c ", x + a, y + b, x + c, y + d, x + e, y + f);
        }
        self.0 += "h S Q\n";
    }
}

pub fn save(pages: &[Page]) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let root = document.new_object_id();
    let descendant = dictionary! {
        "Type" => "Font", "Subtype" => "CIDFontType0", "BaseFont" => "Ryumin-Light",
        "CIDSystemInfo" => dictionary! {
            "Registry" => Object::string_literal("Adobe"), "Ordering" => Object::string_literal("Japan1"), "Supplement" => 6
        },
    };
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type0", "BaseFont" => "Ryumin-Light", "Encoding" => "UniJIS-UTF16-H",
        "DescendantFonts" => vec![Object::Dictionary(descendant)],
    });
    let kids: Vec<Object> = pages
        .iter()
        .map(|page| {
            let contents = document.add_object(Stream::new(dictionary! {}, page.0.clone().into_bytes()));
            let resources = dictionary! { "Font" => dictionary! { "F" => font } };
            let media: Vec<Object> = vec![0.into(), 0.into(), WIDTH.into(), HEIGHT.into()];
            let page = dictionary! {
                "Type" => "Page", "Parent" => root, "MediaBox" => media, "Contents" => contents, "Resources" => resources,
            };
            document.add_object(page).into()
        })
        .collect();
    let count = kids.len() as i64;
    document.objects.insert(root, dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => root });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}
