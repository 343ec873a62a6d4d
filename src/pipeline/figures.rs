//! The cut-out pictures of a letter: what a defect looked like on the scan, for the one who sent that scan.
//!
//! Owns which places may be shown to an applicant. Never decodes a picture: the desk has the originals.

use crate::casework::fold::{Case, Paper};
use crate::domain::extract::Record;
use crate::domain::finding::Finding;
use crate::domain::place::{Area, Place};
use crate::drawing::crop::Crop;
use crate::pipeline::Office;

/// Who can show a place of a paper of the case.
pub trait Pictures {
    /// The place cut out of its page; `None` for what is on no page, or cannot be drawn.
    fn crop(&self, place: &Place) -> Option<Crop>;
}

/// Shows nothing: for a story that is told without its papers.
pub struct NoPictures;

impl Pictures for NoPictures {
    fn crop(&self, _: &Place) -> Option<Crop> {
        None
    }
}

/// Letters that ask for something on a paper to be mended.
const WITH_FIGURES: &[&str] = &["deficiency_notice", "additional_request"];
/// Pictures in one letter.
const MOST: usize = 8;

pub struct Figure {
    place: Place,
    pub png: Vec<u8>,
}

/// The pictures of a letter about these findings, in their order; one place is shown once.
pub fn of(kind: &str, findings: &[&Finding], case: &Case, office: &Office<'_>, pictures: &dyn Pictures) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    if !WITH_FIGURES.contains(&kind) {
        return figures;
    }
    for finding in findings {
        let (Some(place), Some(paper)) = (&finding.place, paper_to_show(finding, case)) else { continue };
        if figures.len() == MOST || figures.iter().any(|figure| figure.place == *place) {
            continue;
        }
        if let Some(crop) = pictures.crop(place)
            && may_leave(kind, place, &crop.shown, paper, office)
        {
            figures.push(Figure { place: place.clone(), png: crop.png });
        }
    }
    figures
}

/// The name of a place's picture in the letter, such as 図1.
pub fn name(figures: &[Figure], place: Option<&Place>) -> Option<String> {
    let n = figures.iter().position(|figure| Some(&figure.place) == place)?;
    Some(format!("図{}", n + 1))
}

/// The paper that a finding is about, if the recipient of the case's letters is the one who wrote it.
fn paper_to_show<'c>(finding: &Finding, case: &'c Case) -> Option<&'c Paper> {
    let Some(Place::Page { doc, .. }) = &finding.place else { return None };
    let paper = case.papers.iter().find(|paper| paper.received.doc == *doc && !paper.duplicate)?;
    let extract = &paper.received.extract;
    // A paper in another's name may lie in the wrong envelope.
    let agrees = |key: &str| match (extract.fields.value(key), case.form(key)) {
        (Some(own), Some(form)) => own == form,
        _ => true,
    };
    let own = extract.document.as_str() == finding.document && agrees("corporate_number") && agrees("applicant_name");
    (!finding.internal && own).then_some(paper)
}

/// Nothing shows beside the place that a letter must not say.
fn may_leave(kind: &str, place: &Place, shown: &Area, paper: &Paper, office: &Office<'_>) -> bool {
    let Place::Page { page, .. } = place else { return false };
    all_fields(&paper.received.extract.fields).iter().all(|(key, field)| match &field.place {
        Place::Page { page: other, area, .. } if other == page && area.intersection(shown).is_some() => {
            office.catalogue.notices().is_ok_and(|book| book.may_show(kind, key, &field.raw))
        }
        _ => true,
    })
}

fn all_fields(record: &Record) -> Vec<(&str, &crate::domain::extract::Field)> {
    let mut all: Vec<_> = record.fields.iter().map(|(key, field)| (key.as_str(), field)).collect();
    record.groups.values().flatten().for_each(|inner| all.extend(all_fields(inner)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{self, Catalogue};
    use crate::config::DeskSettings;
    use crate::domain::case::{Body, CaseNo, Event, Received};
    use crate::domain::document::DocumentKind;
    use crate::domain::extract::{Extract, Field};
    use crate::domain::finding::Remark;
    use crate::domain::id::{DocId, Permille};
    use crate::domain::value::Value;

    /// Shows every place with a margin of a hundred units.
    struct All;

    impl Pictures for All {
        fn crop(&self, place: &Place) -> Option<Crop> {
            let Place::Page { area, .. } = place else { return None };
            Some(Crop { png: format!("{area:?}").into_bytes(), shown: area.grown(100, 100) })
        }
    }

    fn at(doc: DocId, top: i32) -> Place {
        Place::Page { doc, page: 1, area: Area::new(500, top, 900, top + 40) }
    }

    fn field(words: &str, place: Place) -> Field {
        Field {
            value: Value::Text(words.into()),
            raw: words.into(),
            place,
            confidence: Permille::SURE,
            doubts: crate::domain::doubt::Doubts::NONE,
        }
    }

    /// Its kind, and key, words and upper edge of each field.
    type Sheet<'a> = (&'a str, &'a [(&'a str, &'a str, i32)]);

    fn case(papers: &[Sheet<'_>]) -> Case {
        let at_noon = "2026-04-08T12:00:00+09:00".parse().unwrap();
        let mut case = Case::begin(CaseNo("TH-2026-0001".into()), at_noon);
        for (n, (kind, fields)) in papers.iter().enumerate() {
            let doc = DocId::of(kind.as_bytes());
            let fields = fields.iter().map(|(key, words, top)| ((*key).to_owned(), field(words, at(doc, *top)))).collect();
            let extract = Extract {
                doc,
                document: DocumentKind::new(kind),
                pages: 1,
                turned: Default::default(),
                fields: Record { fields, ..Record::default() },
                sets: Default::default(),
                remarks: Vec::new(),
            };
            let body =
                Body::Received(Box::new(Received { doc, name: format!("{kind}.pdf"), parent: None, mailed: false, landed: None, extract }));
            case.apply(&Event { case: case.no.clone(), seq: n as u32 + 1, at: at_noon, by: "test".into(), body });
        }
        case
    }

    fn shown(kind: &str, findings: &[Finding], case: &Case) -> Vec<String> {
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
        let settings = DeskSettings::default();
        let office = Office::new(&catalogue, &settings, "2026-04-08T12:00:00+09:00".parse().unwrap());
        let findings: Vec<&Finding> = findings.iter().collect();
        let figures = of(kind, &findings, case, &office, &All);
        findings.iter().map(|finding| name(&figures, finding.place.as_ref()).unwrap_or_default()).collect()
    }

    fn finding(code: &str, document: &str, place: Place) -> Finding {
        let catalogue = Catalogue::load(&catalogue::shipped()).unwrap();
        catalogue.finding(&Remark::new(code).at(place), document)
    }

    #[test]
    fn each_place_on_a_scan_is_shown_once_and_never_more_than_eight() {
        let case = case(&[("application_form", &[("corporate_number", "7999901000002", 1000)])]);
        let doc = DocId::of(b"application_form");
        let of = |top: i32| finding("A-007", "application_form", at(doc, top));
        let node = finding("A-007", "application_form", Place::Whole { doc });
        assert_eq!(shown("deficiency_notice", &[of(1000), node, of(1000), of(2000)], &case), ["図1", "", "図1", "図2"]);
        assert_eq!(shown("deadline_reminder", &[of(1000)], &case), [""]);
        let many: Vec<Finding> = (0..10).map(|n| of(1000 * n)).collect();
        assert_eq!(shown("deficiency_notice", &many, &case)[6..], ["図7", "図8", "", ""]);
    }

    #[test]
    fn nobody_is_shown_anothers_paper() {
        let form: Sheet<'_> = ("application_form", &[("corporate_number", "7999901000001", 1000)]);
        let contract: Sheet<'_> = ("contract", &[("corporate_number", "9999901000009", 1000)]);
        let doc = DocId::of(b"contract");
        let about = |document: &str| finding("D-016", document, at(doc, 1000));
        assert_eq!(shown("additional_request", &[about("contract")], &case(&[form, contract])), [""]);
        assert_eq!(shown("additional_request", &[about("contract")], &case(&[form, ("contract", &[])])), ["図1"]);
        // A comparison of two papers shows neither.
        assert_eq!(shown("additional_request", &[about("resource")], &case(&[form, ("contract", &[])])), [""]);
        // A paper of no case.
        assert_eq!(shown("additional_request", &[about("contract")], &case(&[form])), [""]);
        let mut internal = about("contract");
        internal.internal = true;
        assert_eq!(shown("additional_request", &[internal], &case(&[form, ("contract", &[])])), [""]);
    }

    #[test]
    fn a_secret_beside_a_defect_is_not_shown() {
        let doc = DocId::of(b"application_form");
        for (key, words) in [("remarks", "パスワード：hunter2"), ("account_number", "1234567")] {
            for (top, expected) in [(1120, ""), (1300, "図1")] {
                let case = case(&[("application_form", &[(key, words, top)])]);
                let findings = [finding("A-007", "application_form", at(doc, 1000))];
                assert_eq!(shown("deficiency_notice", &findings, &case), [expected], "{key} {top}");
            }
        }
    }
}
