use super::Forms;
use crate::domain::extract::Extract;
use crate::domain::id::DocId;
use crate::domain::reading::Page;

pub fn extract(_doc: DocId, _pages: &[Page], _forms: &Forms<'_>) -> Option<Extract> {
    None
}
