//! What happens next: the first transition of the flow whose facts hold.

use crate::casework::certificates;
use crate::casework::facts::{self, View};
use crate::casework::flow::{Once, Transition};
use crate::casework::fold::Case;

/// A step that is due, with the key under which its letters are unique.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step<'a> {
    pub transition: &'a Transition,
    pub key: String,
}

/// The next step of a case; `None` when it must wait.
pub fn next<'a>(view: &View<'a>) -> Option<Step<'a>> {
    let case = view.case;
    view.flows
        .transitions
        .iter()
        .filter(|transition| match case.state.as_str() {
            "" => transition.from.is_empty(),
            state => transition.from.iter().any(|from| from == state),
        })
        .filter(|transition| transition.when.iter().all(|guard| facts::hold(guard, view)))
        .map(|transition| Step { transition, key: key(case, transition) })
        .find(|step| step.transition.once.is_none() || !was_written(case, &step.key))
}

/// Whether a step wrote letters on the occasion that its key names.
pub fn was_written(case: &Case, key: &str) -> bool {
    case.letters.iter().any(|letter| letter.key.strip_prefix(key).is_some_and(|kind| kind.starts_with('/')))
}

/// The key of a step on an occasion.
pub fn key_of(case: &Case, transition: &Transition, occasion: &str) -> String {
    format!("{}/{}/{occasion}", case.no, transition.id)
}

/// Case, transition, and what makes this occasion different from the last.
fn key(case: &Case, transition: &Transition) -> String {
    let occasion = match transition.once {
        Some(Once::Registration) => case.registration().unwrap_or_else(|| "0".to_owned()),
        Some(Once::Request) => {
            let asked = case.moves.iter().filter(|moved| matches!(moved.transition.as_str(), "T03" | "T14")).count();
            format!("request-{asked}")
        }
        Some(Once::Certificate) => case.deadlines.get(certificates::DEADLINE).map_or_else(|| "0".to_owned(), ToString::to_string),
        Some(Once::Case) => "1".to_owned(),
        None => (1 + case.moves.iter().filter(|moved| moved.transition == transition.id).count()).to_string(),
    };
    key_of(case, transition, &occasion)
}
