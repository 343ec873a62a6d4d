//! A form in a zip that needs a password, and the password in a mail of its own, as people send them.

use std::fs;
use std::io::{Cursor, Write};
use zip::{AesMode, ZipWriter, write::SimpleFileOptions};

/// The form, in a mail with further lines of its head.
pub fn locked(head: &str) -> Vec<u8> {
    locked_with(head, "form.pdf", "tests/accept/samples/forms/form-22.pdf")
}

/// The same with any file.
pub fn locked_with(head: &str, name: &str, path: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, SimpleFileOptions::default().with_aes_encryption(AesMode::Aes256, "Geheim-1")).unwrap();
    writer.write_all(&fs::read(path).unwrap()).unwrap();
    let zip = writer.finish().unwrap().into_inner();
    let first = format!("From: Taro@example.jp\r\nMessage-ID: <x@example.jp>\r\n{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    let part = "--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: binary\r\n\r\n";
    [first.as_bytes(), part.as_bytes(), &zip, b"\r\n--b--\r\n"].concat()
}

pub fn password(sender: &str) -> Vec<u8> {
    format!("From: {sender}\r\nSubject: y\r\nMessage-ID: <{sender}>\r\n\r\n先ほどのパスワードは Geheim-1 です。\r\n").into_bytes()
}
