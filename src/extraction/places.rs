//! Places as they stand in the file.
//!
//! Owns the step from the upright page, on which values are searched, to the page that people see when they open the file.

use crate::domain::extract::{Extract, Record};
use crate::domain::place::Place;
use crate::domain::reading::Page;

/// Moves every place of an extract from the upright pages into the file, and notes which pages lie turned.
pub fn into_file(extract: &mut Extract, pages: &[Page]) {
    extract.turned = pages.iter().filter(|page| page.turned > 0).map(|page| (page.number, page.turned)).collect();
    record(&mut extract.fields, pages);
    extract.sets.values_mut().flatten().for_each(|set| record(set, pages));
    extract.remarks.iter_mut().filter_map(|remark| remark.place.as_mut()).for_each(|place| settle(place, pages));
}

fn record(of: &mut Record, pages: &[Page]) {
    of.fields.values_mut().for_each(|field| settle(&mut field.place, pages));
    of.groups.values_mut().flatten().for_each(|inner| record(inner, pages));
}

fn settle(place: &mut Place, pages: &[Page]) {
    if let Place::Page { page: number, area, .. } = place
        && let Some(page) = pages.iter().find(|page| page.number == *number)
    {
        *area = page.frame.area(area);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::DocumentKind;
    use crate::domain::extract::Field;
    use crate::domain::finding::Remark;
    use crate::domain::id::{DocId, Permille};
    use crate::domain::place::{Area, Frame};
    use crate::domain::value::Value;

    #[test]
    fn fields_rows_and_remarks_are_told_where_they_stand_in_the_file() {
        let doc = DocId::of(b"scan");
        let turned = Page { number: 2, width: 100, height: 50, turned: 2, frame: Frame::turned_back(2, (100.0, 50.0)), ..Page::default() };
        let at = |page: u32| Place::Page { doc, page, area: Area::new(10, 10, 20, 15) };
        let field = |page: u32| Field {
            value: Value::Text("x".into()),
            raw: "x".into(),
            place: at(page),
            confidence: Permille::SURE,
            doubts: crate::domain::doubt::Doubts::NONE,
        };
        let row = Record { fields: [("b".to_owned(), field(2))].into(), ..Record::default() };
        let fields = Record { fields: [("a".to_owned(), field(1))].into(), groups: [("rows".to_owned(), vec![row].into())].into() };
        let mut extract = Extract {
            doc,
            document: DocumentKind::new("contract"),
            pages: 2,
            turned: Default::default(),
            fields,
            sets: Default::default(),
            remarks: vec![Remark::new("C-001").at(at(2)), Remark::new("M-001").at(Place::Whole { doc })],
        };
        into_file(&mut extract, &[Page { number: 1, ..Page::default() }, turned]);
        let there = Place::Page { doc, page: 2, area: Area::new(80, 35, 90, 40) };
        assert_eq!(extract.fields.fields["a"].place, at(1));
        assert_eq!(extract.fields.groups["rows"][0].fields["b"].place, there);
        assert_eq!(extract.remarks[0].place, Some(there));
        assert_eq!(extract.remarks[1].place, Some(Place::Whole { doc }));
        assert_eq!(extract.turned, [(2, 2)].into());
    }
}
