use super::Forms;
use crate::domain::extract::Extract;
use crate::domain::id::DocId;
use crate::domain::reading::Sheet;

pub fn extract(_doc: DocId, _sheets: &[Sheet], _forms: &Forms<'_>) -> Option<Extract> {
    None
}
