//! Mails with attachments.

/// A mail; attachments are sent as they are, in base64.
pub fn make(from: &str, subject: &str, body: &str, attached: &[(&str, &[u8])]) -> Vec<u8> {
    let mut text = format!(
        "From: <{from}>\r\nTo: <mms-uketsuke@tso.example.jp>\r\nSubject: {subject}\r\nMessage-ID: <{}@example.jp>\r\nDate: Wed, 8 Apr 2026 09:30:00 +0900\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n",
        body.len() + attached.len()
    );
    for (name, bytes) in attached {
        text += &format!(
            "--b\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            base64(bytes)
        );
    }
    (text + "--b--\r\n").into_bytes()
}

pub fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (n, part) in bytes.chunks(3).enumerate() {
        if n > 0 && n % 19 == 0 {
            text += "\r\n";
        }
        let word = (u32::from(part[0]) << 16) | (u32::from(*part.get(1).unwrap_or(&0)) << 8) | u32::from(*part.get(2).unwrap_or(&0));
        for place in 0..4 {
            text.push(if place > part.len() { '=' } else { char::from(SIGNS[(word >> (18 - 6 * place) & 63) as usize]) });
        }
    }
    text
}
