//! Reads pictures of pages and prints lines, cells and marks; with `--picture DIR` draws them onto copies.
//!
//! `cargo run --example page -- [--picture DIR] FILE...`

use image::{Rgb, RgbImage};
use sight::recogniser::Recogniser;
use std::path::{Path, PathBuf};
use uketsuke::domain::id::DocId;
use uketsuke::domain::place::Area;
use uketsuke::domain::reading::{Content, Page};
use uketsuke::reading::format::{Limits, Source, Tools};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let folder = (files.first().is_some_and(|f| f == Path::new("--picture"))).then(|| files.drain(..2).nth(1)).flatten();
    let ocr = Recogniser::load()?;
    let tools = Tools { ocr: &ocr, limits: Limits::default() };
    for file in files {
        let bytes = std::fs::read(&file)?;
        let name = file.to_string_lossy();
        let reading = uketsuke::reading::read(&Source { doc: DocId::of(&bytes), name: &name, bytes: &bytes }, &tools);
        println!("== {name} {} {:?}", reading.format, reading.remarks.iter().map(|r| r.code.to_string()).collect::<Vec<_>>());
        let Content::Paper { pages, .. } = &reading.content else { continue };
        for page in pages {
            print(page);
        }
        if let (Some(folder), [page]) = (&folder, &pages[..]) {
            let name = file.file_name().map(PathBuf::from).unwrap_or_default().with_extension("png");
            drawn(page, &bytes)?.save(folder.join(name))?;
        }
    }
    Ok(())
}

fn print(page: &Page) {
    println!("-- page {} {}x{} turned {} {:?}", page.number, page.width, page.height, page.turned, page.source);
    for line in &page.lines {
        println!("line {} {:4} {}", corners(&line.area), line.confidence.0, line.text);
    }
    page.cells.iter().for_each(|cell| println!("cell {}", corners(cell)));
    page.marks.iter().for_each(|mark| println!("mark {} {:?} {}", corners(&mark.area), mark.kind, mark.confidence.0));
}

fn corners(area: &Area) -> String {
    format!("{},{},{},{}", area.left, area.top, area.right, area.bottom)
}

/// The upright picture with cells in green, lines in blue, marks in red.
fn drawn(page: &Page, bytes: &[u8]) -> Result<RgbImage, image::ImageError> {
    let image = image::load_from_memory(bytes)?;
    let image = match page.turned {
        1 => image.rotate90(),
        2 => image.rotate180(),
        3 => image.rotate270(),
        _ => image,
    };
    let mut canvas = image.into_rgb8();
    page.cells.iter().for_each(|cell| frame(&mut canvas, cell, Rgb([0, 160, 0])));
    page.lines.iter().for_each(|line| frame(&mut canvas, &line.area, Rgb([0, 0, 255])));
    page.marks.iter().for_each(|mark| frame(&mut canvas, &mark.area, Rgb([255, 0, 0])));
    Ok(canvas)
}

fn frame(canvas: &mut RgbImage, area: &Area, colour: Rgb<u8>) {
    let mut dot = |x: i32, y: i32| {
        if x >= 0 && y >= 0 && (x as u32) < canvas.width() && (y as u32) < canvas.height() {
            canvas.put_pixel(x as u32, y as u32, colour);
        }
    };
    for thick in 0..2 {
        (area.left..area.right).for_each(|x| [area.top + thick, area.bottom - thick].iter().for_each(|y| dot(x, *y)));
        (area.top..area.bottom).for_each(|y| [area.left + thick, area.right - thick].iter().for_each(|x| dot(*x, y)));
    }
}
