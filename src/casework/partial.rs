//! Exports that hold one data set each: together they are one registration.
//!
//! Owns what an export takes over from others of the same number and revision. Never changes what an export holds itself.

use crate::casework::facts;
use crate::casework::fold::Paper;

/// 情報区分 of an export that holds all there is.
const WHOLE: &str = "M100";

/// Lays beside each partial export what others show of the same registration, the newest first.
pub fn complete(papers: &mut [Paper]) {
    let Some(last) = papers.last().filter(|paper| is_export(paper)).and_then(facts::registration) else { return };
    let mut alike: Vec<usize> =
        (0..papers.len()).filter(|n| is_export(&papers[*n]) && facts::registration(&papers[*n]).as_ref() == Some(&last)).collect();
    alike.sort_by_key(|n| std::cmp::Reverse((papers[*n].received.extract.fields.text("exported_at"), papers[*n].seq)));
    for n in alike.iter().copied().filter(|n| is_partial(&papers[*n])).collect::<Vec<_>>() {
        begin_anew(&mut papers[n]);
        for other in alike.iter().copied().filter(|other| *other != n) {
            take_over(papers, n, other);
            // What a whole export lacks was not registered then.
            if !is_partial(&papers[other]) {
                break;
            }
        }
    }
}

/// What was taken over before may be older than what came since.
fn begin_anew(paper: &mut Paper) {
    let own = paper.brought.clone();
    let extract = &mut paper.received.extract;
    let taken_over = |set: &str| extract.sets.keys().any(|known| known.as_str() == set && !own.contains(known));
    extract.remarks.retain(|remark| !remark.document.as_deref().is_some_and(taken_over));
    extract.sets.retain(|set, _| own.contains(set));
}

fn take_over(papers: &mut [Paper], to: usize, from: usize) {
    let mut other = papers[from].received.extract.clone();
    other.sets.retain(|set, _| papers[from].brought.contains(set));
    let own = &mut papers[to].received.extract;
    for (set, records) in other.sets {
        if !own.sets.contains_key(&set) {
            let about = other.remarks.iter().filter(|remark| remark.document.as_deref() == Some(set.as_str()));
            own.remarks.extend(about.cloned());
            own.sets.insert(set, records);
        }
    }
}

fn is_export(paper: &Paper) -> bool {
    paper.received.extract.document.as_str() == "mms_export" && !paper.is_hearsay()
}

fn is_partial(paper: &Paper) -> bool {
    paper.received.extract.fields.text("info_kind").is_some_and(|kind| kind != WHOLE)
}
