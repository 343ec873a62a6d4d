use super::*;
use crate::domain::doubt::Doubts;
use crate::domain::fields::Rows;

fn field(row: u32, column: u32, raw: &str, value: Value) -> Field {
    let place = Place::Cell { doc: DocId::of(b"book"), sheet: "一覧".into(), row, column };
    Field { value, raw: raw.to_owned(), place, confidence: Permille::SURE, doubts: Doubts::NONE }
}

/// A list in which every sort of cell stands somewhere.
fn list(length: u32) -> Rows {
    let row = |n: u32| {
        let mut fields = Fields::from([
            ("no", field(n, 1, &n.to_string(), Value::Integer(n.into()))),
            ("name", field(n, 2, "（株） 見本", Value::Text("(株) 見本".into()))),
            ("price", field(n, 3, "45", Value::Decimal("45.00".parse().unwrap()))),
            ("from", field(n, 4, "2026-05-01", Value::Date(jiff::civil::date(2026, 5, 1)))),
            ("point", field(n, 5, "021", Value::Code("021".into()))),
        ]);
        match n % 7 {
            1 => drop(fields.remove("name")),
            2 => fields.get_mut("point").unwrap().doubts = crate::domain::doubt::Doubt::Faint.into(),
            3 => drop(fields.insert("point", field(n, 5, "2.1E+21", Value::Text("2.1E+21".into())))),
            4 => drop(fields.insert("no", field(n - 1, 1, "3", Value::Integer(3)))),
            5 => fields.get_mut("price").unwrap().confidence = Permille(700),
            _ => {}
        }
        Record { fields, ..Record::default() }
    };
    (1..=length).map(row).collect::<Vec<_>>().into()
}

#[test]
fn a_list_comes_back_as_it_went_in_either_form() {
    for length in [0, 1, 63, 64, 500] {
        let list = list(length);
        let text = serde_json::to_string(&list).unwrap();
        assert_eq!(text.starts_with('{'), length >= 64);
        assert_eq!(serde_json::from_str::<Rows>(&text).unwrap(), list);
        // As inside of a tagged event, which is held before it is understood.
        assert_eq!(serde_json::from_value::<Rows>(serde_json::from_str(&text).unwrap()).unwrap(), list);
    }
}

#[test]
fn a_list_of_a_tree_is_a_table_too() {
    let field = |n: u32, path: String, raw: &str| {
        let place = Place::Node { doc: DocId::of(b"tree"), path };
        let value = match n {
            7 => Value::Flag(true),
            8 => Value::Codes(vec!["1".to_owned(), "2".to_owned()]),
            _ => Value::Code(raw.to_owned()),
        };
        Field { value, raw: raw.to_owned(), place, confidence: Permille::SURE, doubts: Doubts::NONE }
    };
    let row = |n: u32| {
        let at = |tag: &str, nth: u32| format!("SBD-MSG/JPTRM[1]/JPM00020[1]/JPMR00020[{n}]/{tag}[{nth}]");
        let odd = match n % 9 {
            0 => "JPMR1[04]/JP2[1]".to_owned(),
            1 => "odd".to_owned(),
            _ => at("JP96209", 1),
        };
        let mut fields = Fields::from([
            ("code", field(n, at("JP96201", 1), "R0001")),
            // The second element of its tag in some records, and one that is no path of a record.
            ("name", field(n, at("JP96202", 1 + n % 5 / 4), "見本")),
            ("odd", field(n, odd, "1")),
        ]);
        if n.is_multiple_of(11) {
            fields.remove("odd");
        }
        let stamp = Value::Stamp("2026-05-31T24:00".parse().unwrap());
        fields.insert("to", Field { value: stamp, ..field(n, at("JP96203", 1), "202605312400") });
        fields.insert("flag", Field { value: Value::Flag(n.is_multiple_of(2)), ..field(n, at("JP96204", 1), "0") });
        fields.insert("list", Field { value: Value::Names(Vec::new()), ..field(n, at("JP96205", 1), "") });
        let band =
            Record { fields: Fields::from([("band_no", field(n, at("JPM00031[1]/JPMR00031[2]/JP96305", 1), "1"))]), ..Record::default() };
        let groups = if n.is_multiple_of(3) { [("bands".to_owned(), Rows::from(vec![band]))].into() } else { BTreeMap::new() };
        Record { fields, groups }
    };
    let list: Rows = (1..=200).map(row).collect::<Vec<_>>().into();
    let text = serde_json::to_string(&list).unwrap();
    assert!(text.starts_with(r#"{"columns""#) && text.contains(r#"[42,"R0001""#));
    assert_eq!(serde_json::from_str::<Rows>(&text).unwrap(), list);
    assert_eq!(serde_json::from_value::<Rows>(serde_json::from_str(&text).unwrap()).unwrap(), list);
}

#[test]
fn a_long_list_takes_a_tenth_of_the_room() {
    let list = list(6_000);
    let one_by_one: usize = list.iter().map(|record| serde_json::to_string(record).unwrap().len()).sum();
    assert!(serde_json::to_string(&list).unwrap().len() * 5 < one_by_one);
}

#[test]
fn a_table_that_does_not_hold_is_refused() {
    let column = |kind: &str| format!(r#"{{"key":"a","doc":"{}","sheet":"s","column":1,"kind":"{kind}"}}"#, DocId::of(b"x"));
    let parse = |text: String| serde_json::from_str::<Rows>(&text).is_ok();
    assert!(parse(format!(r#"{{"columns":[{}],"rows":[[1,"2"]]}}"#, column("integer"))));
    assert!(!parse(format!(r#"{{"columns":[{}],"rows":[[1,"zwei"]]}}"#, column("integer"))));
    assert!(!parse(format!(r#"{{"columns":[{}],"rows":[[1]]}}"#, column("text"))));
    assert!(!parse(format!(r#"{{"columns":[{}],"rows":[[1,"2","3"]]}}"#, column("text"))));
    assert!(!parse(r#"{"rows":[[1]],"columns":[]}"#.to_owned()));
    let long = |bytes: usize| {
        let column =
            format!(r#"{{"key":"a","doc":"{}","before":"{}","behind":"/b[1]","kind":"text"}}"#, DocId::of(b"x"), "a".repeat(bytes));
        format!(r#"{{"columns":[{column}],"rows":[{}[1,"2"]]}}"#, r#"[1,"2"],"#.repeat(99))
    };
    assert!(parse(long(1_000)) && !parse(long(1 << 20)));
}
