//! Exports that hold one data set each.

use super::Desk;
use crate::domain::value::Value;

fn export(desk: &mut Desk, kind: &str, at: &str, revision: i64, sets: &[&str]) {
    let fields = [
        ("info_kind", Value::Code(kind.into())),
        ("registration_no", Value::Code("2026042035".into())),
        ("registration_revision", Value::Integer(revision)),
        ("registration_status", Value::Code("1".into())),
        ("exported_at", Value::Text(at.into())),
    ];
    desk.receive("mms_export", &fields, sets);
}

fn sets(desk: &Desk) -> Vec<String> {
    desk.case.export().unwrap().received.extract.sets.keys().map(ToString::to_string).collect()
}

#[test]
fn exports_of_one_registration_in_several_files_are_one_whatever_their_order() {
    let mut desk = Desk::new();
    export(&mut desk, "M102", "2026-04-20T10:02:00", 1, &["resource"]);
    export(&mut desk, "M105", "2026-04-20T10:03:00", 1, &["unit_price"]);
    assert_eq!(sets(&desk), ["resource", "unit_price"]);
    export(&mut desk, "M101", "2026-04-20T10:01:00", 1, &["operator_profile"]);
    assert_eq!(sets(&desk), ["operator_profile", "resource", "unit_price"]);
    export(&mut desk, "M102", "2026-04-22T10:00:00", 2, &["resource"]);
    assert_eq!(sets(&desk), ["resource"], "another revision begins anew");
}

#[test]
fn what_was_taken_over_gives_way_to_what_is_newer() {
    let hours = ["13:00", "11:00", "12:00"];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut desk = Desk::new();
        for n in order {
            let (kind, set) = if n == 0 { ("M105", "unit_price") } else { ("M102", "resource") };
            export(&mut desk, kind, &format!("2026-04-20T{}:00", hours[n]), 1, &[set]);
            let paper = desk.case.papers.last_mut().unwrap();
            let named = super::record(&[("resource_name", Value::Text(hours[n].into()))]);
            paper.received.extract.sets.insert(crate::domain::document::DocumentKind::new(set), vec![named].into());
        }
        // The names above were put in behind the fold's back: it looks once more.
        crate::casework::partial::complete(&mut desk.case.papers);
        let newest = desk.case.export().unwrap();
        let resource = &newest.received.extract.sets[&crate::domain::document::DocumentKind::new("resource")];
        assert_eq!(resource[0].text("resource_name").as_deref(), Some("12:00"), "{order:?}");
    }
}

#[test]
fn a_whole_export_takes_nothing_over() {
    let mut desk = Desk::new();
    export(&mut desk, "M105", "2026-04-20T10:00:00", 1, &["unit_price"]);
    export(&mut desk, "M100", "2026-04-20T11:00:00", 1, &["operator_profile", "resource"]);
    assert_eq!(sets(&desk), ["operator_profile", "resource"], "what it lacks is not registered");
    export(&mut desk, "M101", "2026-04-20T12:00:00", 1, &["operator_profile"]);
    assert_eq!(sets(&desk), ["operator_profile", "resource"], "one set anew, beside what was whole");
}
