//! Tables of equipment: columns under known labels, rows by ruled cells or by height.
//!
//! Owns the geometry of tables. Knows labels only through the catalogue.

use crate::domain::document::{DocumentSpec, FieldSpec, FieldType};
use crate::domain::doubt::Doubt;
use crate::domain::extract::{Field, Record};
use crate::domain::id::{DocId, Permille};
use crate::domain::place::{Area, Place};
use crate::domain::reading::{Glyph, Line, Page, PageSource};
use crate::domain::text;
use crate::domain::units;
use crate::extraction::contract::flow::SURE_ENOUGH;
use crate::extraction::typed::{self, Lists};

/// Columns that tables have and no field needs: they end the columns beside them.
const OTHERS: &[&str] =
    &["号機", "ユニット", "No", "番号", "項番", "受電電圧", "備考", "摘要", "契約電力", "供出電力", "供出可能量", "電圧", "燃料", "種別"];
const NUMBERS: &[&str] = &["no", "番号", "項番"];
const UNIT: &[&str] = &["号機", "ユニット"];
const TOTALS: &[&str] = &["合計", "計", "小計", "総計"];

/// A table as found: records, and sums that stand under the columns.
#[derive(Default)]
pub struct Table {
    pub records: Vec<Record>,
    /// Columns whose printed sum is not the sum of their rows, with both.
    pub wrong_sums: Vec<(String, i64, i64)>,
}

struct Column<'a> {
    /// The label as compared.
    label: String,
    /// The words of the head, with the unit that they may name.
    head: String,
    field: Option<&'a FieldSpec>,
    left: i32,
    right: i32,
}

struct Head<'a> {
    columns: Vec<Column<'a>>,
    /// Units that a note above gives for the whole table: （単位：MW）.
    noted: Vec<String>,
    bottom: i32,
}

/// The records of one group on all pages.
pub fn read(spec: &DocumentSpec, lists: &Lists, doc: DocId, pages: &[Page], group: &str) -> Table {
    let fields: Vec<&FieldSpec> = spec.fields.iter().filter(|field| field.group.as_deref() == Some(group)).collect();
    let mut table = Table::default();
    let mut open: Option<Head<'_>> = None;
    for page in pages {
        open = match head(page, &fields) {
            Some(head) => Some(head),
            // A table goes on over the page where its columns go on, or the numbers in one of them.
            None => open.filter(|head| continues(head, page)).map(|head| Head { bottom: 0, ..head }),
        };
        if let Some(head) = &open {
            rows(head, page, lists, doc, &mut table);
        }
    }
    table
}

/// Words that may be a label: the lines of a small ruled cell together, or a line alone.
#[derive(Clone)]
struct Words {
    text: String,
    area: Area,
    ruled: Option<Area>,
}

fn words(page: &Page, fields: &[&FieldSpec]) -> Vec<Words> {
    const MOST_LINES: usize = 4;
    const LONGEST: usize = 24;
    let mut found: Vec<Words> = Vec::new();
    for line in &page.lines {
        let ruled = cell(page, line.area.centre()).copied();
        let alone = Words { text: line.text.clone(), area: line.area, ruled };
        let Some(cell) = ruled else {
            // `No. 契約設備名`: narrow columns without a rule between them come as one line.
            let parts = if label(&line.text, fields).is_none() { at_spaces(line, |_| true) } else { Vec::new() };
            if parts.len() > 1 && parts.iter().all(|part| label(&part.text, fields).is_some()) {
                found.extend(parts.into_iter().map(|part| Words { text: part.text, area: part.area, ruled }));
            } else {
                found.push(alone);
            }
            continue;
        };
        let inside: Vec<&Line> = page.lines.iter().filter(|line| cell.contains(line.area.centre())).collect();
        let text: String = inside.iter().map(|line| line.text.as_str()).collect();
        if inside.len() > MOST_LINES || text.chars().count() > LONGEST {
            found.push(alone);
        } else if !found.iter().any(|words| words.ruled == ruled) {
            found.push(Words { text, area: cell, ruled });
        }
    }
    found
}

/// A line cut at those of its spaces that `here` chooses by their left and right edge.
fn at_spaces(line: &Line, here: impl Fn((i32, i32)) -> bool) -> Vec<Line> {
    let runs = line.glyphs.split(|glyph| glyph.char == ' ' && here((glyph.start, glyph.end)));
    let part = |glyphs: &[Glyph]| {
        let (first, last) = (glyphs.first()?, glyphs.last()?);
        let area = Area { left: first.start, right: last.end, ..line.area };
        Some(Line {
            area,
            text: glyphs.iter().map(|glyph| glyph.char).collect(),
            confidence: line.confidence,
            glyphs: glyphs.to_vec(),
            hand: line.hand,
            frayed: line.frayed,
        })
    };
    runs.filter_map(part).collect()
}

/// Words with the field that they name.
type Labelled<'a> = (Words, Option<&'a FieldSpec>);

/// The row of labels: at least two known ones at one height.
fn head<'a>(page: &Page, fields: &[&'a FieldSpec]) -> Option<Head<'a>> {
    let known: Vec<Labelled<'a>> =
        words(page, fields).into_iter().filter_map(|words| label(&words.text, fields).map(|field| (words, field))).collect();
    let best = known.iter().map(|(anchor, _)| {
        let row: Vec<Labelled<'a>> = known.iter().filter(|(words, _)| words.area.row_overlap(&anchor.area) > 300).cloned().collect();
        (row.iter().filter(|(_, field)| field.is_some()).count(), row)
    });
    let (count, mut row) = best.max_by_key(|(count, _)| *count)?;
    if count < 2 {
        return None;
    }
    // Without rules a column that nobody knows still ends those beside it.
    let others = asides(page, fields, &row);
    row.extend(others);
    row.sort_by_key(|(words, _)| words.area.left);
    let bottom = row.iter().map(|(words, _)| words.area.bottom).max()?;
    let mut columns: Vec<Column<'a>> = row
        .iter()
        .map(|(words, field)| {
            let extent = words.ruled.unwrap_or(words.area);
            Column { label: text::label_key(&words.text), head: words.text.clone(), field: *field, left: extent.left, right: extent.right }
        })
        .collect();
    // Without ruled lines a column reaches to the next.
    let bounds: Vec<(i32, i32)> = columns.iter().map(|column| (column.left, column.right)).collect();
    for (n, column) in columns.iter_mut().enumerate() {
        if row.get(n).is_some_and(|(words, _)| words.ruled.is_some()) {
            continue;
        }
        column.left = if n == 0 { 0 } else { bounds.get(n - 1).map_or(0, |before| (before.1 + column.left) / 2) };
        column.right = bounds.get(n + 1).map_or(page.width, |next| (column.right + next.0) / 2);
    }
    let notes = page.lines.iter().filter(|line| line.area.top < bottom && line.text.contains("単位"));
    let noted = notes.flat_map(|line| units::in_brackets(&line.text).into_iter().chain(units::named(&line.text))).collect();
    Some(Head { columns, noted, bottom })
}

/// What else heads a column of a table without rules: labels nobody knows, and those set in two lines beside others in one.
fn asides<'a>(page: &Page, fields: &[&'a FieldSpec], row: &[Labelled<'a>]) -> Vec<Labelled<'a>> {
    let Some((first, _)) = row.first().filter(|_| row.iter().all(|(words, _)| words.ruled.is_none())) else { return Vec::new() };
    let (height, em) = (first.area.centre().1, first.area.height());
    let over = |one: &Area, other: &Area| one.left < other.right && other.left < one.right;
    let mut found: Vec<Labelled<'a>> = Vec::new();
    for words in words(page, fields) {
        let near = words.ruled.is_none() && (words.area.centre().1 - height).abs() <= em;
        if !near || row.iter().any(|(known, _)| over(&known.area, &words.area)) {
            continue;
        }
        match found.iter_mut().find(|(known, _)| over(&known.area, &words.area)) {
            Some((known, _)) => {
                known.area = known.area.union(&words.area);
                known.text.push_str(&words.text);
            }
            None => {
                let field = label(&words.text, fields).flatten();
                found.push((words, field));
            }
        }
    }
    found
}

/// The field that a label names; `Some(None)` for a label of a column that is not needed.
pub fn label<'a>(written: &str, fields: &[&'a FieldSpec]) -> Option<Option<&'a FieldSpec>> {
    let key = text::label_key(written);
    if key.is_empty() || key.chars().count() > 16 {
        return None;
    }
    let same = |word: &str| key_of(word) == without_unit(&key);
    let near = |word: &str| {
        let word = key_of(word);
        word.chars().count() >= 4 && text::distance(&word, &without_unit(&key), 1) <= 1
    };
    let find = |fits: &dyn Fn(&str) -> bool| {
        fields.iter().find(|field| fits(&field.label) || field.variants.iter().any(|word| fits(word))).copied()
    };
    find(&same).or_else(|| find(&near)).map(Some).or_else(|| OTHERS.iter().any(|word| same(word)).then_some(None))
}

fn key_of(word: &str) -> String {
    text::label_key(word)
}

/// A label without the unit that `label_key` leaves when brackets go: `定格出力kw`.
fn without_unit(key: &str) -> String {
    const UNITS: &[&str] = &["kw/分", "kw/min", "mw/分", "万kw", "mw", "kw", "kv", "円/kwh", "円/kw"];
    UNITS.iter().find_map(|unit| key.strip_suffix(unit)).unwrap_or(key).to_owned()
}

/// The smallest ruled cell around a point.
pub fn cell(page: &Page, point: (i32, i32)) -> Option<&Area> {
    page.cells.iter().filter(|cell| cell.contains(point)).min_by_key(|cell| i64::from(cell.width()) * i64::from(cell.height()))
}

/// Whether a page without labels has ruled cells under the columns of the page before.
fn continues(head: &Head<'_>, page: &Page) -> bool {
    let near = page.width / 50;
    let first = page.cells.iter().map(|cell| cell.top).min().unwrap_or(page.height);
    let shared = head
        .columns
        .iter()
        .filter(|column| page.cells.iter().any(|cell| (cell.left - column.left).abs() < near && (cell.right - column.right).abs() < near))
        .count();
    let numbers = |column: &Column<'_>| {
        let number = |line: &Line| column.field.is_some_and(|spec| is_number_of(spec, &line.text)) && in_column(column, line);
        page.lines.iter().any(number)
    };
    shared >= 2 && first < page.height / 3 || page.cells.is_empty() && head.columns.iter().any(numbers)
}

/// A number that a field asks for digit by digit, as that of a supply point.
fn is_number_of(spec: &FieldSpec, text: &str) -> bool {
    spec.kind == FieldType::Code && spec.pattern.is_some() && matches_pattern(spec, &text::digits(text))
}

/// Height bands of the rows below the head.
fn bands(head: &Head<'_>, page: &Page, body: &[&Line]) -> Vec<(i32, i32)> {
    let mut ruled: Vec<(i32, i32)> =
        body.iter().filter_map(|line| cell(page, line.area.centre())).map(|cell| (cell.top, cell.bottom)).collect();
    ruled.sort();
    // On a scan the cells of one row differ by some pixels.
    ruled.dedup_by(|next, row| {
        let same = (next.0 - row.0).abs().max((next.1 - row.1).abs()) * 5 < (row.1 - row.0);
        if same {
            row.1 = row.1.max(next.1);
        }
        same
    });
    // Where one band holds others, the rows are those that more columns show: joined cells are fewer than the rows
    // beside them, and so are cells that a recogniser split. A band that begins above the head frames an open table.
    let columns = |band: &(i32, i32)| {
        let near = (band.1 - band.0) / 5;
        page.cells.iter().filter(|cell| (cell.top - band.0).abs() <= near && (cell.bottom - band.1).abs() <= near).count()
    };
    let holds = |outer: &(i32, i32), inner: &(i32, i32)| {
        inner != outer && inner.0 >= outer.0 - 5 && inner.1 <= outer.1 + 5 && inner.1 - inner.0 < outer.1 - outer.0 - 5
    };
    let real = |band: &(i32, i32)| {
        ruled
            .iter()
            .all(|other| !(holds(band, other) && columns(other) >= columns(band) || holds(other, band) && columns(other) > columns(band)))
    };
    let rows: Vec<(i32, i32)> = ruled.iter().filter(|band| band.0 >= head.bottom - 10 && real(band)).copied().collect();
    if !rows.is_empty() && !stacked(head, &rows, body) {
        return rows;
    }
    let mut rows = anchored(head, body).unwrap_or_default();
    let end = rows.last().map_or(i32::MIN, |row| row.1);
    rows.extend(heights(body.iter().copied().filter(|line| line.area.centre().1 > end)));
    rows
}

/// Lines at one height, and what overlaps with them.
fn heights<'l>(lines: impl Iterator<Item = &'l Line>) -> Vec<(i32, i32)> {
    let mut heights: Vec<(i32, i32)> = Vec::new();
    for line in lines {
        let (top, bottom) = (line.area.top, line.area.bottom);
        match heights.last_mut() {
            Some(row) if top < (row.0 + row.1) / 2 => row.1 = row.1.max(bottom),
            _ => heights.push((top, bottom)),
        }
    }
    heights
}

/// The rows of a table without rules in which some entries take several lines: each has one number, of its own or of a supply point.
fn anchored(head: &Head<'_>, body: &[&Line]) -> Option<Vec<(i32, i32)>> {
    let lines = |column: &Column<'_>| body.iter().copied().filter(|line| in_column(column, line)).collect::<Vec<&Line>>();
    let counts = |column: &Column<'_>, line: &Line| match column.field {
        Some(spec) => is_number_of(spec, &line.text),
        None => {
            NUMBERS.contains(&column.label.as_str()) && !line.text.is_empty() && text::tidy(&line.text).chars().all(|c| c.is_ascii_digit())
        }
    };
    let numbered = head.columns.iter().map(|column| {
        let mut own = lines(column);
        own.retain(|line| counts(column, line));
        own
    });
    let anchors = numbered.max_by_key(Vec::len).filter(|anchors| anchors.len() >= 2)?;
    let first = anchors.first()?;
    let em = first.area.height();
    if head.columns.iter().all(|column| lines(column).len() <= anchors.len()) {
        return None;
    }
    // The number stands in the middle of its row where something stands above the first one, else at its top.
    let middle = body.iter().any(|line| line.area.bottom < first.area.bottom - em / 3);
    let centres: Vec<i32> = anchors.iter().map(|line| line.area.centre().1).collect();
    let starts: Vec<i32> = match middle {
        true => centres.windows(2).map(|pair| (pair[0] + pair[1]) / 2).collect(),
        false => anchors.iter().skip(1).map(|line| line.area.top - em / 3).collect(),
    };
    let step = centres.windows(2).map(|pair| pair[1] - pair[0]).max()?;
    let (before, after) = if middle { (step / 2, step / 2) } else { (em, step - em) };
    let from = [centres.first()? - before].into_iter().chain(starts.iter().copied());
    let to = starts.iter().copied().chain([centres.last()? + after]);
    Some(from.zip(to).collect())
}

/// Whether a band holds several rows: every column that has anything there has several lines.
fn stacked(head: &Head<'_>, rows: &[(i32, i32)], body: &[&Line]) -> bool {
    rows.iter().any(|(top, bottom)| {
        let counts: Vec<usize> = head
            .columns
            .iter()
            .map(|column| body.iter().filter(|line| in_column(column, line) && (*top..*bottom).contains(&line.area.centre().1)).count())
            .filter(|count| *count > 0)
            .collect();
        counts.len() > 1 && counts.iter().all(|count| *count > 1)
    })
}

fn in_column(column: &Column<'_>, line: &Line) -> bool {
    (column.left..column.right).contains(&line.area.centre().0)
}

fn rows(head: &Head<'_>, page: &Page, lists: &Lists, doc: DocId, table: &mut Table) {
    // Entries of two columns that come as one line part where the columns do.
    let bounds: Vec<i32> = head.columns.iter().map(|column| column.right).collect();
    let parted: Vec<Line> =
        page.lines.iter().flat_map(|line| at_spaces(line, |(from, to)| bounds.iter().any(|bound| (from..=to).contains(bound)))).collect();
    let mut body: Vec<&Line> = parted
        .iter()
        .filter(|line| line.area.top >= head.bottom - 5 && head.columns.iter().any(|column| in_column(column, line)))
        .collect();
    body.sort_by_key(|line| line.area.top);
    // What stands outside the ruled table is no row of it.
    if let Some(end) = page.cells.iter().map(|cell| cell.bottom).max().filter(|_| head.bottom > 0) {
        let ruled = page.cells.iter().any(|cell| cell.bottom > head.bottom);
        body.retain(|line| !ruled || line.area.centre().1 < end);
    }
    let first = table.records.len();
    let mut totals: Option<Vec<String>> = None;
    let mut values: Vec<Vec<String>> = Vec::new();
    for (top, bottom) in bands(head, page, &body) {
        let within = |column: &Column<'_>| -> Vec<&Line> {
            let height = (top + bottom) / 2;
            // A joined cell belongs to every row beside it.
            let joined = cell(page, ((column.left + column.right) / 2, height)).filter(|cell| cell.top > head.bottom - 10);
            let (top, bottom) = joined.map_or((top, bottom), |cell| (cell.top.min(top), cell.bottom.max(bottom)));
            body.iter().filter(|line| in_column(column, line) && (top..=bottom).contains(&line.area.centre().1)).copied().collect()
        };
        let cells: Vec<Vec<&Line>> = head.columns.iter().map(within).collect();
        let words: Vec<String> = cells.iter().map(|lines| joined(lines)).collect();
        if body
            .iter()
            .filter(|line| (top..=bottom).contains(&line.area.centre().1))
            .any(|line| TOTALS.contains(&text::label_key(&line.text).as_str()))
        {
            totals = Some(words);
            continue;
        }
        if is_note(&words) {
            break;
        }
        let record = record(head, page, lists, doc, &cells);
        if record.fields.len() >= 2 {
            table.records.push(record);
            values.push(words);
        }
    }
    if let Some(totals) = totals.filter(|_| table.records.len() > first) {
        table.wrong_sums.extend(wrong_sums(head, &totals, &values));
    }
}

/// Lines under the table: notes, the next heading, the end.
fn is_note(words: &[String]) -> bool {
    words.iter().filter(|word| !word.is_empty()).count() <= 1
        && words.iter().any(|word| ["※", "注", "以上", "別紙", "(注"].iter().any(|sign| text::tidy(word).starts_with(sign)))
}

fn joined(lines: &[&Line]) -> String {
    lines.iter().map(|line| line.text.as_str()).collect()
}

fn record(head: &Head<'_>, page: &Page, lists: &Lists, doc: DocId, cells: &[Vec<&Line>]) -> Record {
    let mut record = Record::default();
    for (column, lines) in head.columns.iter().zip(cells) {
        let Some(spec) = column.field else { continue };
        let mut raw = joined(lines);
        if spec.key.ends_with("_name")
            && let Some(unit) = head.columns.iter().position(|column| UNIT.contains(&column.label.as_str())).and_then(|n| cells.get(n))
        {
            raw.push_str(&numbered(&joined(unit)));
        }
        let other = |unit: &&String| {
            let factor = spec.unit.as_deref().and_then(|own| units::factor(unit, own));
            factor.is_some_and(|factor| !factor.is_one()) && units::in_brackets(&column.head).is_empty()
        };
        let noted = head.noted.iter().find(other);
        let words = noted.map_or_else(|| column.head.clone(), |unit| format!("{}({unit})", column.head));
        let Some(mut field) = field(spec, &words, &raw, lines, page, lists, doc) else { continue };
        // How far a note reaches is a guess.
        field.doubts |= Doubt::Ambiguous.when(noted.is_some());
        record.fields.insert(spec.key.clone(), field);
    }
    record
}

/// What the lines of an entry say under a head, which may name the unit.
pub fn field(spec: &FieldSpec, head: &str, raw: &str, lines: &[&Line], page: &Page, lists: &Lists, doc: DocId) -> Option<Field> {
    let area = lines.iter().map(|line| line.area).reduce(|all, area| all.union(&area))?;
    let value = typed::value(spec, lists, &with_unit(raw, head, spec))?;
    // A text layer knows of each letter by itself whether it is sure; a recogniser also judges the whole line.
    let of_line = |line: &&Line| (page.source == PageSource::Recognised || line.glyphs.is_empty()).then_some(line.confidence);
    let confidence =
        lines.iter().flat_map(|line| line.glyphs.iter().map(|glyph| glyph.confidence).chain(of_line(line))).min().unwrap_or(Permille::SURE);
    let unfit = !typed::fits(spec, &value) || !matches_pattern(spec, &value.to_string());
    let doubts = Doubt::Malformed.when(unfit) | Doubt::Faint.when(confidence < SURE_ENOUGH);
    Some(Field { value, raw: raw.to_owned(), place: Place::Page { doc, page: page.number, area }, confidence, doubts })
}

/// Whether a label is that of the unit of a power station.
pub fn is_unit(label: &str) -> bool {
    UNIT.iter().any(|word| text::label_key(label).ends_with(word))
}

/// `1` in a column of unit numbers means 1号機.
pub fn numbered(unit: &str) -> String {
    let tidy = text::tidy(unit);
    if !tidy.is_empty() && tidy.chars().all(|c| c.is_ascii_digit()) { format!("{tidy}号機") } else { tidy }
}

/// The unit of the head where the cell has none.
fn with_unit(raw: &str, head: &str, spec: &FieldSpec) -> String {
    let tidy = crate::extraction::contract::clauses::units(&text::tidy(raw));
    let bare = !tidy.is_empty() && tidy.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | ' '));
    if spec.unit.is_none() || !bare {
        return tidy;
    }
    // A unit that is another one is left to whoever reads the number; what a scan has made of a unit is none.
    if let Some(unit) = units::in_brackets(head).into_iter().find(|unit| units::is_unit(unit)) {
        return format!("{tidy}{unit}");
    }
    let head = text::tidy(head).to_lowercase();
    match () {
        _ if head.contains("万kw") => format!("{tidy}万kW"),
        _ if head.contains("mw") => format!("{tidy}MW"),
        _ => tidy,
    }
}

fn matches_pattern(spec: &FieldSpec, value: &str) -> bool {
    spec.pattern.as_deref().and_then(crate::domain::pattern::compiled).is_none_or(|pattern| pattern.is_match(value))
}

/// Columns of power whose printed sum is another than that of their rows.
fn wrong_sums(head: &Head<'_>, totals: &[String], rows: &[Vec<String>]) -> Vec<(String, i64, i64)> {
    let number = |word: &String| -> Option<i64> {
        let number = typed::decimal(&text::tidy(word))?;
        number.fract().is_zero().then(|| i64::try_from(number.trunc()).ok())?
    };
    head.columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.label.contains("電力") || column.label.contains("出力") || column.label.contains("供出"))
        .filter_map(|(n, column)| {
            let printed = number(totals.get(n)?)?;
            let sum: i64 = rows.iter().map(|row| number(row.get(n)?)).sum::<Option<i64>>()?;
            (printed != sum).then(|| (column.head.clone(), printed, sum))
        })
        .collect()
}
