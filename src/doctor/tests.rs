use super::*;
use crate::catalogue;

#[test]
fn a_calendar_that_ends_is_told_before_its_end() {
    let catalogue = Catalogue::load(&catalogue::shipped()).unwrap_or_else(|faults| panic!("{faults:?}"));
    let grade = |now: &str| {
        let looks = book(Ok(&catalogue), now.parse().unwrap());
        looks.into_iter().find(|look| look.about == "calendar").unwrap().grade
    };
    assert_eq!(grade("2026-04-08T10:00:00+09:00"), Grade::Sound);
    assert_eq!(grade("2060-04-08T10:00:00+09:00"), Grade::Fault);
    let last = (2026..2060).find(|year| catalogue.calendar.is_open(jiff::civil::date(*year + 1, 6, 1)).is_err()).unwrap();
    assert_eq!(grade(&format!("{last}-04-08T10:00:00+09:00")), Grade::Note);
}

#[test]
fn a_disk_that_is_nearly_full_is_told() {
    let look = |bytes_left, files_left, inodes| folders::space("inbox", bytes_left, files_left, inodes);
    let full = look(708 << 20, 1_000_000, 2_000_000);
    assert_eq!((full.grade, full.what.as_str()), (Grade::Fault, "708 MiB are free on this disk"));
    assert_eq!(look(1 << 30, 999, 2_000_000).grade, Grade::Fault);
    assert_eq!([look(1 << 30, 1000, 2_000_000).grade, look(1 << 30, 0, 0).grade], [Grade::Sound; 2]);
}

#[test]
fn a_program_that_is_not_there_starts_no_reader() {
    let grade = |path: &str| machine::readers(Path::new(path)).grade;
    assert_eq!((grade("/proc/self/exe"), grade("/nowhere/uketsuke")), (Grade::Sound, Grade::Fault));
}

#[test]
fn the_sample_desk_is_not_yet_a_desk() {
    assert_eq!(desk(&DeskSettings::default())[0].grade, Grade::Note);
    let own = DeskSettings {
        tso: "某送配電株式会社".into(),
        address: "某市".into(),
        phone: "03-0000-0000".into(),
        email: "desk@example.org".into(),
        ..DeskSettings::default()
    };
    assert_eq!(desk(&own)[0].grade, Grade::Sound);
    let half = DeskSettings { phone: DeskSettings::default().phone, ..own };
    assert!(desk(&half)[0].what.starts_with("phone as"), "{:?}", desk(&half));
}
