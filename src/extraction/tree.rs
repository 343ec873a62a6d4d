use super::Forms;
use crate::domain::extract::Extract;
use crate::domain::id::DocId;
use crate::domain::reading::Node;

pub fn extract(_doc: DocId, _root: &Node, _forms: &Forms<'_>) -> Option<Extract> {
    None
}
