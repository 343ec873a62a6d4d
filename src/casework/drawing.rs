//! The flows as people look at them: Markdown with a diagram for each, drawn from the data.
//!
//! Owns the layout of `docs/flows.md`. Says nothing that does not stand in the data.

use crate::casework::flow::{Flow, Flows, SAME, Transition};
use std::fmt::Write;

/// The whole document.
pub fn draw(flows: &Flows) -> String {
    let mut page = String::from(
        "# The three flows\n\nDrawn by `uketsuke check --flows` from `templates/mms-usage/flows/`; a test fails when this file no longer fits the data.\n\
         Marks: S = drawn in the original diagrams, A = an assumption of this desk.\n",
    );
    // Writing to a String cannot fail.
    let _ = flows.flows.values().try_for_each(|flow| one(&mut page, flow, flows));
    let _ = steps(&mut page, flows).and_then(|()| events(&mut page, flows)).and_then(|()| deadlines(&mut page, flows));
    let _ = phrases(&mut page, flows);
    page
}

fn one(page: &mut String, flow: &Flow, flows: &Flows) -> std::fmt::Result {
    writeln!(page, "\n## {} {}\n", flow.id, flow.title)?;
    writeln!(
        page,
        "- Contracts: {}{}",
        flow.contract_kinds.join(", "),
        flow.resource_kind.as_ref().map_or(String::new(), |kind| format!(" ({kind})"))
    )?;
    writeln!(page, "- Application: {}", flow.application.join(", "))?;
    writeln!(page, "- Registered in MMS: {}", flow.registered.join(", "))?;
    if !flow.screening.is_empty() {
        writeln!(page, "- For the screening: {}", flow.screening.join(", "))?;
    }
    writeln!(page, "\n```mermaid\nstateDiagram-v2")?;
    for state in &flows.states {
        writeln!(page, "  state \"{} {}\" as {}", short(&state.id), state.name, short(&state.id))?;
    }
    for transition in flows.transitions.iter().filter(|transition| transition.to != SAME && !is_from_anywhere(transition, flows)) {
        let sign = transition.note.and_then(|note| flow.sign(note)).map_or(String::new(), |sign| format!(" {sign}"));
        let label = format!("{} {}{sign}", transition.id, transition.name);
        if transition.from.is_empty() {
            writeln!(page, "  [*] --> {}: {label}", short(&transition.to))?;
        }
        for from in &transition.from {
            writeln!(page, "  {} --> {}: {label}", short(from), short(&transition.to))?;
        }
    }
    for state in flows.states.iter().filter(|state| state.last) {
        writeln!(page, "  {} --> [*]", short(&state.id))?;
    }
    writeln!(page, "```")
}

/// S10 of S10_APPLICATION_RECEIVED.
fn short(state: &str) -> &str {
    state.split('_').next().unwrap_or(state)
}

/// Left out of the diagrams: an arrow from every state says less than a line of the table.
fn is_from_anywhere(transition: &Transition, flows: &Flows) -> bool {
    transition.from.len() > 1 && flows.states.iter().filter(|state| !state.last).all(|state| transition.from.contains(&state.id))
}

fn steps(page: &mut String, flows: &Flows) -> std::fmt::Result {
    writeln!(page, "\n## Steps\n\n| step | from → to | when | letters and orders | deadlines | mark |\n|---|---|---|---|---|---|")?;
    for transition in &flows.transitions {
        let from = match (transition.from.is_empty(), is_from_anywhere(transition, flows)) {
            (true, _) => "-".to_owned(),
            (_, true) => "any".to_owned(),
            _ => transition.from.iter().map(|id| short(id)).collect::<Vec<_>>().join(", "),
        };
        let from = if transition.from.len() == flows.states.len() { "always".to_owned() } else { from };
        let order = transition.orders.iter().map(|operation| format!("mms_operation {operation}"));
        let letters: Vec<String> = transition.letters.iter().cloned().chain(order).collect();
        let starts = transition.starts.iter().map(|id| format!("{id} begins"));
        let due: Vec<String> = starts.chain(transition.ends.iter().map(|id| format!("{id} ends"))).collect();
        writeln!(
            page,
            "| {} {} | {from} → {} | {} | {} | {} | {} |",
            transition.id,
            transition.name,
            short(&transition.to),
            transition.when.join(", "),
            letters.join(", "),
            due.join(", "),
            transition.mark
        )?;
    }
    Ok(())
}

fn events(page: &mut String, flows: &Flows) -> std::fmt::Result {
    writeln!(page, "\n## What a person may record\n\n| event | in | needs | mark |\n|---|---|---|---|")?;
    for event in &flows.events {
        let open = flows.states.iter().filter(|state| !state.last).count();
        let from = match event.from.len() {
            all if all == flows.states.len() => "always".to_owned(),
            all if all == open => "any state before the end".to_owned(),
            _ => event.from.iter().map(|id| short(id)).collect::<Vec<_>>().join(", "),
        };
        let needs: Vec<&str> = event.needs.iter().map(|need| need.fact.as_str()).collect();
        writeln!(page, "| {} {} | {from} | {} | {} |", event.id, event.name, needs.join(", "), event.mark)?;
    }
    Ok(())
}

fn deadlines(page: &mut String, flows: &Flows) -> std::fmt::Result {
    writeln!(page, "\n## Deadlines\n\n| deadline | days | reminder | overdue | mark |\n|---|---|---|---|---|")?;
    for deadline in &flows.deadlines {
        let days = match deadline.calendar_days {
            Some(days) => format!("{days} days"),
            None if deadline.business_days > 0 => format!("{} business days", deadline.business_days),
            None => "-".to_owned(),
        };
        let warning = deadline.warning.as_deref().unwrap_or_default();
        let remind = match (deadline.remind_at, deadline.remind_days) {
            (Some(at), _) => format!("{at} left {warning}"),
            (None, Some(days)) => format!("{days} days before {warning}"),
            (None, None) => String::new(),
        };
        let overdue = deadline.overdue.as_deref().unwrap_or_default();
        writeln!(page, "| {} {} | {days} | {} | {overdue} | {} |", deadline.id, deadline.name, remind.trim_end(), deadline.mark)?;
    }
    Ok(())
}

fn phrases(page: &mut String, flows: &Flows) -> std::fmt::Result {
    writeln!(page, "\n## Every phrase of the original diagrams\n\n| phrase | flow | became | shown by |\n|---|---|---|---|")?;
    for phrase in &flows.phrases {
        let text = phrase.text.replace('|', "\\|");
        writeln!(page, "| {text} | {} | {} | {} |", phrase.flows, phrase.elements.join(", "), phrase.tests.join(", "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::casework::tests::{flows, root};
    use std::path::Path;

    #[test]
    fn the_document_is_what_the_data_draw() {
        let file = root().join("docs/flows.md");
        let drawn = draw(&flows());
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&file, &drawn).unwrap();
        }
        assert!(std::fs::read_to_string(&file).unwrap() == drawn, "docs/flows.md: make it with `uketsuke check --flows`");
        let mut other = flows();
        other.transitions.retain(|transition| transition.id != "T16");
        assert_ne!(draw(&other), drawn);
    }

    #[test]
    fn every_phrase_is_shown_by_a_test_that_exists() {
        let mut code = String::new();
        for folder in ["src", "tests"] {
            collect(&root().join(folder), &mut code);
        }
        let phrases = flows().phrases;
        assert!(phrases.len() > 40);
        for phrase in &phrases {
            assert!(!phrase.tests.is_empty() && !phrase.elements.is_empty(), "{}", phrase.text);
            for test in &phrase.tests {
                let known = code.contains(&format!("fn {test}(")) || root().join("tests/cases").join(test).join("story.json").exists();
                assert!(known, "{}: there is no test {test}", phrase.text);
            }
        }
    }

    fn collect(folder: &Path, code: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, code);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                *code += &std::fs::read_to_string(path).unwrap();
            }
        }
    }

    #[test]
    fn every_lane_of_the_diagrams_acts() {
        let flows = flows();
        for lane in ["desk", "applicant", "mms"] {
            assert!(flows.states.iter().any(|state| state.lane == lane), "{lane}");
        }
    }

    #[test]
    fn every_flow_asks_for_its_own_data_sets() {
        let flows = flows().flows;
        let sets = |id: &str| flows[id].registered.join(" ");
        assert_eq!(sets("I_PRIME"), "operator_profile resource unit_price");
        assert_eq!(sets("II_GEN"), "operator_profile screening resource unit_price");
        assert_eq!(sets("II_DR"), "operator_profile screening resource customer_pattern unit_price");
        for id in ["II_GEN", "II_DR"] {
            assert_eq!(
                (flows[id].contract_kinds.join(" "), flows[id].screening.join(" ")),
                ("2F 2B 2L".into(), "contract | contract_application".into())
            );
        }
    }
}
