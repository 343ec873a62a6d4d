//! Pages of papers and letters as pictures, and files as they came or will go out.

use crate::desk::console;
use crate::domain::case::CaseNo;
use crate::domain::id::DocId;
use crate::fault::Fault;
use crate::web::Console;
use crate::web::guard::Visitor;
use crate::web::rooms::{failed, not_found, off};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Bytes with what they are called and what they are.
struct Goods {
    bytes: Vec<u8>,
    name: Option<String>,
    kind: &'static str,
}

fn png(bytes: &[u8]) -> Goods {
    Goods { bytes: bytes.to_vec(), name: None, kind: "image/png" }
}

/// A stranger's file is handed to whoever asked, and never shown by the browser.
fn download(bytes: Vec<u8>, name: String) -> Goods {
    Goods { bytes, name: Some(name), kind: "application/octet-stream" }
}

pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor, Path((no, doc, page)): Path<(String, String, u32)>) -> Response {
    with_case(console, visitor, no, move |desk, ledger, look| {
        let Some(document) = look.documents.iter().find(|document| document.doc.to_string() == doc) else { return Ok(None) };
        Ok(desk.studio.page(ledger, &look.case, document.doc, page).map(|sheet| png(&sheet.png)))
    })
    .await
}

pub async fn letter(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path((no, number, page)): Path<(String, usize, u32)>,
) -> Response {
    with_case(console, visitor, no, move |desk, ledger, look| {
        let Some((_, Some(pdf))) = ledger.files_of(&look.case.no)?.into_iter().nth(number) else { return Ok(None) };
        Ok(desk.studio.letter(&pdf, page).map(|sheet| png(&sheet.png)))
    })
    .await
}

pub async fn original(State(console): State<Arc<Console>>, visitor: Visitor, Path((no, doc)): Path<(String, String)>) -> Response {
    with_case(console, visitor, no, move |desk, _, look| {
        let wanted = |document: &&console::Document| document.is_original && document.doc.to_string() == doc;
        let Some(document) = look.documents.iter().find(wanted) else { return Ok(None) };
        let id: DocId = document.doc;
        Ok(Some(download(console::original(&desk.config, id)?, document.name.clone())))
    })
    .await
}

pub async fn file(State(console): State<Arc<Console>>, visitor: Visitor, Path((no, number)): Path<(String, usize)>) -> Response {
    with_case(console, visitor, no, move |_, ledger, look| {
        let file = ledger.files_of(&look.case.no)?.into_iter().nth(number);
        Ok(file.and_then(|(path, bytes)| Some(download(bytes?, path.rsplit('/').next().unwrap_or(&path).to_owned()))))
    })
    .await
}

/// Something of a case, for somebody who is logged in; what is not the case's own is not there.
async fn with_case<W>(desk: Arc<Console>, visitor: Visitor, no: String, work: W) -> Response
where
    W: FnOnce(&Console, &crate::store::Ledger, &console::Look) -> Result<Option<Goods>, Fault> + Send + 'static,
{
    let shared = desk.clone();
    let found = off(move || {
        let ledger = shared.ledger()?;
        let look = console::look(&shared.config, &ledger, &CaseNo(no), &shared.office(), visitor.language)?;
        look.map_or(Ok(None), |look| work(&shared, &ledger, &look))
    });
    match found.await {
        Ok(Some(goods)) => handed_over(goods),
        Ok(None) => not_found(&desk, &visitor),
        Err(fault) => failed(&desk, &visitor, &fault),
    }
}

fn handed_over(goods: Goods) -> Response {
    let mut response = Body::from(goods.bytes).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(goods.kind));
    if let Some(name) = goods.name {
        let encoded: String =
            name.bytes()
                .map(|byte| {
                    if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
                        char::from(byte).to_string()
                    } else {
                        format!("%{byte:02X}")
                    }
                })
                .collect();
        if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{encoded}")) {
            response.headers_mut().insert(CONTENT_DISPOSITION, value);
        }
    }
    response
}
