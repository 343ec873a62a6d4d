use super::Forms;
use crate::domain::document::DocumentKind;
use crate::domain::extract::{Extract, Record};
use crate::domain::id::DocId;
use crate::domain::reading::Mail;

pub fn extract(doc: DocId, _mail: &Mail, _forms: &Forms<'_>) -> Extract {
    Extract {
        doc,
        document: DocumentKind::new("inbound_mail"),
        pages: 0,
        fields: Record::default(),
        sets: Default::default(),
        remarks: Vec::new(),
    }
}
