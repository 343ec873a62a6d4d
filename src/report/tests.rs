use super::*;
use crate::domain::case::{Correction, Received, Target};
use crate::domain::date::Moment;
use crate::domain::document::DocumentKind;
use crate::domain::doubt::Doubt;
use crate::domain::extract::{Extract, Field, Record};
use crate::domain::finding::Code;
use crate::domain::id::{DocId, Permille};
use crate::domain::place::Place;
use crate::domain::value::Value;

/// Events of one case, numbered as they are told.
struct Story(Vec<Event>);

impl Story {
    fn tell(mut self, at: &str, body: Body) -> Self {
        let at: Moment = format!("{at}T12:00:00+09:00").parse().unwrap();
        self.0.push(Event { case: CaseNo("TH-2026-0001".into()), seq: self.0.len() as u32 + 1, at, by: "somebody".into(), body });
        self
    }

    fn moved(self, at: &str, from: &str, to: &str) -> Self {
        self.tell(at, Body::Moved { transition: "t".into(), from: from.into(), to: to.into() })
    }

    fn wrote(self, at: &str, notice: &str) -> Self {
        self.tell(at, Body::Wrote { key: "k".into(), notice: notice.into(), operation: None, files: Vec::new(), subject: "s".into() })
    }

    fn found(self, at: &str, code: &str, severity: Severity) -> Self {
        let finding = Finding {
            code: Code(code.into()),
            severity,
            document: "application_form".into(),
            field: None,
            label: None,
            message: format!("{code} の文"),
            internal: false,
            place: None,
            record: None,
        };
        self.tell(at, Body::Found { open: vec![finding.clone(), finding], held: false })
    }

    fn did(self, at: &str, what: &str) -> Self {
        self.tell(at, Body::Recorded { what: what.into(), set: BTreeMap::new(), note: None })
    }

    fn figures(&self, month: &str, until: &str) -> Figures {
        figures(month.parse().unwrap(), &self.0, until.parse().unwrap())
    }
}

fn story() -> Story {
    Story(Vec::new()).tell("2026-04-01", Body::Opened { flow: "I_PRIME".into(), applicant_name: None, corporate_number: None })
}

fn field(text: &str, doubtful: bool) -> Field {
    let place = Place::Whole { doc: DocId::of(b"form") };
    Field { value: Value::Text(text.into()), raw: text.into(), place, confidence: Permille::SURE, doubts: Doubt::Faint.when(doubtful) }
}

fn form() -> Received {
    let fields =
        [("name", field("渡辺", true)), ("phone", field("022", false)), ("email", field("a@b", false)), ("post", field("980", true))];
    let extract = Extract {
        doc: DocId::of(b"form"),
        document: DocumentKind::new("application_form"),
        pages: 1,
        turned: BTreeMap::new(),
        fields: Record { fields: fields.map(|(key, field)| (key.to_owned(), field)).into(), ..Record::default() },
        sets: BTreeMap::new(),
        remarks: Vec::new(),
    };
    Received { doc: extract.doc, name: "form.pdf".into(), parent: None, mailed: false, landed: None, extract }
}

fn correct(key: &str, to: Option<&str>) -> Body {
    let target = Target { doc: DocId::of(b"form"), set: None, record: 0, row: None, key: key.into() };
    Body::Corrected { corrections: vec![Correction { target, field: to.map(|text| field(text, false)) }], note: None }
}

#[test]
fn months_are_read_written_and_counted_back() {
    let month: Month = "2026-01".parse().unwrap();
    assert_eq!((month.to_string().as_str(), month.before().unwrap().to_string().as_str()), ("2026-01", "2025-12"));
    assert_eq!(month.last().to_string(), "2026-01-31");
    for wrong in ["2026-13", "2026", "2026-04-01", "四月"] {
        assert!(wrong.parse::<Month>().is_err(), "{wrong}");
    }
}

#[test]
fn what_came_counts_in_its_month_and_on_its_day() {
    let again = Body::Again { doc: DocId::of(b"form"), name: "form.pdf".into(), first: jiff::civil::date(2026, 4, 2), own: true };
    let story = story().tell("2026-04-30", Body::Received(Box::new(form()))).tell("2026-05-01", again);
    let april = story.figures("2026-04", "2026-05-10");
    assert_eq!(april.opened["I_PRIME"], 1);
    assert_eq!(april.came["application_form"], Came { first: 1, again: 0 });
    assert_eq!((april.by_day.len(), april.by_day[29], april.by_day.iter().sum::<u32>()), (30, 1, 1));
    let may = story.figures("2026-05", "2026-05-10");
    assert_eq!(may.came["application_form"], Came { first: 0, again: 1 });
    assert!(may.opened.is_empty());
}

#[test]
fn a_reason_counts_once_a_letter_and_only_what_is_asked() {
    let story = story()
        .found("2026-04-02", "A-007", Severity::Ask)
        .wrote("2026-04-02", "deficiency_notice")
        .wrote("2026-04-09", "deficiency_notice")
        .found("2026-04-10", "A-022", Severity::Warn)
        .wrote("2026-04-10", "additional_request");
    let april = story.figures("2026-04", "2026-04-30");
    assert_eq!(april.reasons, [Reason { code: "A-007".into(), example: "A-007 の文".into(), letters: 2 }]);
    assert_eq!(april.letters["deficiency_notice"], 2);
}

#[test]
fn straight_through_means_that_nobody_touched_it_and_nothing_went_back() {
    let approved = |story: Story| story.wrote("2026-04-20", "approval_notice").figures("2026-04", "2026-04-30").through;
    assert_eq!(approved(story()), Through { approved: 1, untouched: 1, unreturned: 1, straight: 1 });
    assert_eq!(approved(story().did("2026-04-10", "note")).straight, 1, "a note is no work on the case");
    assert_eq!(approved(story().did("2026-04-10", "finding-settled")), Through { approved: 1, untouched: 0, unreturned: 1, straight: 0 });
    assert_eq!(
        approved(story().wrote("2026-03-31", "deficiency_notice")),
        Through { approved: 1, untouched: 1, unreturned: 0, straight: 0 }
    );
    assert_eq!(story().wrote("2026-03-20", "approval_notice").figures("2026-04", "2026-04-30").through, Through::default());
}

#[test]
fn stays_are_measured_from_step_to_step() {
    let story = story()
        .moved("2026-03-30", "", "S10")
        .moved("2026-04-02", "S10", "S11")
        .moved("2026-04-02", "S11", "S11")
        .moved("2026-04-12", "S11", "S10")
        .moved("2026-04-13", "S10", "S20")
        .moved("2026-05-02", "S20", "S30");
    let april = story.figures("2026-04", "2026-05-10").stays;
    let of = |state: &str| april.iter().find(|stay| stay.state == state).cloned().unwrap();
    assert_eq!(of("S10"), Stay { state: "S10".into(), left: 2, median: 20, mean: 20, longest: 30, still: 0 });
    assert_eq!(of("S11").longest, 100);
    assert_eq!(of("S20"), Stay { state: "S20".into(), still: 1, ..Stay::default() });
    assert!(april.iter().all(|stay| stay.state != "S30"));
}

#[test]
fn what_staff_change_was_read_wrongly_and_what_they_confirm_was_not() {
    let story = story()
        .tell("2026-04-02", Body::Received(Box::new(form())))
        .tell("2026-04-03", correct("name", Some("渡邉")))
        .tell("2026-04-03", correct("name", Some("渡邊")))
        .tell("2026-04-03", correct("post", Some("980")))
        .tell("2026-05-07", correct("phone", None))
        .tell("2026-05-07", correct("fax", Some("023")));
    let april = story.figures("2026-04", "2026-05-10").reading;
    let expected = Reading { document: "application_form".into(), documents: 1, values: 4, doubted: 2, corrected: 3, unwarned: 2 };
    assert_eq!(april, std::slice::from_ref(&expected));
    assert_eq!(expected.right(), Some(250));
    assert!(story.figures("2026-05", "2026-05-10").reading.is_empty(), "it counts in the month in which the paper came");
}

#[test]
fn a_draft_counts_when_it_leaves_and_with_what_was_done_until_then() {
    let of = |what: &str| Body::Recorded { what: what.into(), set: [(deed::LETTER.to_owned(), "k".to_owned())].into(), note: None };
    let draft = |notice: &str| story().wrote("2026-04-30", notice).tell("2026-04-30", Body::Drafted { key: "k".into() });
    let april = |story: &Story| story.figures("2026-04", "2026-05-10");
    let may = |story: &Story| story.figures("2026-05", "2026-05-10");

    let released = draft("approval_notice").tell("2026-05-07", of(deed::LETTER_RELEASED));
    assert!(april(&released).letters.is_empty() && april(&released).through == Through::default());
    assert_eq!(may(&released).letters["approval_notice"], 1);
    assert_eq!(may(&released).through, Through { approved: 1, untouched: 1, unreturned: 1, straight: 1 });

    let corrected =
        draft("approval_notice").tell("2026-05-01", correct("name", Some("渡邉"))).tell("2026-05-07", of(deed::LETTER_RELEASED));
    assert_eq!(may(&corrected).through, Through { approved: 1, untouched: 0, unreturned: 1, straight: 0 });

    let dropped = draft("approval_notice").tell("2026-05-07", of(deed::LETTER_DROPPED));
    for figures in [april(&dropped), may(&dropped)] {
        assert!(figures.letters.is_empty() && figures.through == Through::default());
    }
}

#[test]
fn a_question_that_never_left_sent_nothing_back() {
    let of = |what: &str| Body::Recorded { what: what.into(), set: [(deed::LETTER.to_owned(), "q".to_owned())].into(), note: None };
    let question =
        Body::Wrote { key: "q".into(), notice: "deficiency_notice".into(), operation: None, files: Vec::new(), subject: "s".into() };
    let asked = |what: &str| {
        story()
            .found("2026-04-02", "A-007", Severity::Ask)
            .tell("2026-04-02", question.clone())
            .tell("2026-04-02", Body::Drafted { key: "q".into() })
            .tell("2026-04-03", of(what))
            .wrote("2026-04-20", "approval_notice")
            .figures("2026-04", "2026-04-30")
    };
    let dropped = asked(deed::LETTER_DROPPED);
    assert!(dropped.reasons.is_empty() && dropped.through.unreturned == 1);
    let released = asked(deed::LETTER_RELEASED);
    assert_eq!((released.reasons.len(), released.letters["deficiency_notice"], released.through.unreturned), (1, 1, 0));
}
