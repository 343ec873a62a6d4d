//! Whether a draft still says what is so: a case goes on while its letters wait to be released.
//!
//! Owns the reasons why a draft may no longer leave. The facts of the step in which it was written speak; what a letter
//! says is never looked at.

use crate::casework::certificates;
use crate::casework::facts::{self, View};
use crate::casework::flow::{Flows, SAME, Tell, Transition};
use crate::casework::fold::{self, Case, Sent};
use crate::domain::language::Word;
use jiff::civil::Date;

/// A release is a person's decision, with which a case that waits for a person may go on.
const NOT_HELD: &str = "not-held";

/// The step in which a letter was written.
pub fn step_of<'f>(case: &Case, letter: &Sent, flows: &'f Flows) -> Option<&'f Transition> {
    let moved = case.moves.iter().rev().find(|moved| moved.seq < letter.seq)?;
    flows.transition(&moved.transition)
}

/// Why a draft may not leave as things stand now; `None` where it may.
pub fn why(letter: &Sent, view: &View<'_>) -> Option<Word> {
    let step = step_of(view.case, letter, view.flows);
    if fold::is_given_up(&view.case.state) && !step.is_some_and(|step| belongs_to_the_end(step, view)) {
        let [ja, en] = state_names(view);
        return Some(Word::new(
            format!("案件はすでに終了しています（現在の状態: {ja}）。この下書きは発出できません。発出しないこととしてください"),
            format!("the case was given up (it is now: {en}), and nothing that was written before leaves any more; drop the draft"),
        ));
    }
    if let Some(ended) = revoked_on(letter, view.case) {
        return Some(Word::new(
            format!("この証明書は{ended}に失効しています。鍵もパスフレーズもお渡しできません。発出しないこととしてください"),
            format!("the certificate was revoked on {ended}: neither its key nor its passphrase is handed over; drop the draft"),
        ));
    }
    let step = step?;
    // What was made or revoked stays so, whatever came after.
    if matches!(step.certificates, Some(Tell::Renewed | Tell::Revoked)) {
        return None;
    }
    if waits_for_an_answer(step, view.flows) && has_gone_on(letter, step, view) {
        let [ja, en] = state_names(view);
        return Some(Word::new(
            format!(
                "この下書きの作成後に案件が先へ進みました（現在の状態: {ja}）。発出せず、必要な文書は改めて作成されるものをお使いください"
            ),
            format!("the case has gone on since this draft was written (it is now: {en}); drop the draft, what is needed is written anew"),
        ));
    }
    let holds = |guard: &&String| *guard == NOT_HELD || facts::hold(guard, view);
    let gone = step.when.iter().find(|guard| !holds(guard))?;
    Some(Word::new(
        format!(
            "「{}」の条件（{gone}）がいまは成り立たないため、この下書きは発出できません。訂正や確認、期日の経過により内容が古くなっています",
            step.name
        ),
        format!(
            "what {} asks for ({gone}) no longer holds: values were corrected, findings settled, or a day has passed; drop the draft",
            step.id
        ),
    ))
}

/// The day from which the certificate is no longer trusted that a letter hands over.
fn revoked_on(letter: &Sent, case: &Case) -> Option<Date> {
    certificates::handed_over(case, letter)?.revoked
}

/// The letter under this key hands over a certificate that was revoked.
pub fn is_revoked(case: &Case, key: &str) -> bool {
    case.letters.iter().any(|letter| letter.key == key && revoked_on(letter, case).is_some())
}

/// What the state of the case is called in each language.
fn state_names<'f>(view: &View<'f>) -> [&'f str; 2] {
    view.flows.state(&view.case.state).map_or(["", ""], |state| [&state.name, &state.english])
}

/// The step is the ending itself, or one that is taken of an ended case too.
fn belongs_to_the_end(step: &Transition, view: &View<'_>) -> bool {
    step.to == view.case.state || step.from.contains(&view.case.state)
}

/// The letter asks for something, or is about the state in which the case is: an order or a reminder.
fn waits_for_an_answer(step: &Transition, flows: &Flows) -> bool {
    let from_letter = |id: &String| flows.deadline(id).is_some_and(|deadline| deadline.from_letter);
    step.starts.iter().any(from_letter) || step.from.contains(&step.to)
}

/// The case left the state in which that step put it.
fn has_gone_on(letter: &Sent, step: &Transition, view: &View<'_>) -> bool {
    let later = view.case.moves.iter().filter(|moved| moved.seq > letter.seq).filter_map(|moved| view.flows.transition(&moved.transition));
    later.into_iter().any(|later| later.to != SAME && later.to != step.to)
}
