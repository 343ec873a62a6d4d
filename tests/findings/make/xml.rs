//! An export of MMS from a model, with the tags of the catalogue.

use super::book::escaped;
use super::{spec, written};
use serde_json::Value as Json;
use uketsuke::catalogue::Catalogue;
use uketsuke::domain::document::{DocumentSpec, FieldSpec, FieldType};

pub fn make(catalogue: &Catalogue, header: &Json, data: &Json) -> Vec<u8> {
    let head = items(spec(catalogue, "mms_export"), None, header);
    let mut sets = String::new();
    for (id, value) in data.as_object().unwrap() {
        let form = spec(catalogue, id);
        let (Some(group), Some(record)) = (&form.xml_group, &form.xml_record) else { continue };
        let records: Vec<&Json> = match value {
            Json::Array(list) => list.iter().collect(),
            Json::Null => continue,
            one => vec![one],
        };
        let inside: String = records.into_iter().map(|one| format!("<{record}>{}</{record}>", members(form, one))).collect();
        sets += &format!("<{group}>{inside}</{group}>\n");
    }
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SBD-MSG><JPMGRP><JPTRM>{head}\n{sets}</JPTRM></JPMGRP></SBD-MSG>\n").into_bytes()
}

fn members(form: &DocumentSpec, record: &Json) -> String {
    let mut text = items(form, None, record);
    for (group, tag) in &form.xml_subgroups {
        let member = tag.replacen("JPM", "JPMR", 1);
        let rows = record[group].as_array().into_iter().flatten();
        let rows: String = rows.map(|row| format!("<{member}>{}</{member}>", items(form, Some(group), row))).collect();
        text += &format!("<{tag}>{rows}</{tag}>");
    }
    text
}

fn items(form: &DocumentSpec, group: Option<&String>, record: &Json) -> String {
    let own = form.fields.iter().filter(|field| field.group.as_ref() == group);
    own.filter_map(|field| Some((field, field.xml_tag.as_ref()?)))
        .map(|(field, tag)| (value(field, &record[&field.key]), tag))
        .filter(|(value, _)| !value.is_empty())
        .map(|(value, tag)| format!("<{tag}>{}</{tag}>", escaped(&value)))
        .collect()
}

/// Days and moments without separators.
fn value(field: &FieldSpec, json: &Json) -> String {
    let text = written(json);
    match field.kind {
        FieldType::Date | FieldType::Datetime => text.chars().filter(char::is_ascii_digit).collect(),
        _ => text,
    }
}
