//! What the desk and its readers say to each other: frames over pipes, bounded before they are believed.
//!
//! A frame is a head in JSON and any number of pieces of plain bytes: two lengths of four bytes (head, number of pieces),
//! eight bytes for the length of each piece, all little-endian; then the head; then the pieces.

use crate::config::DeskSettings;
use crate::domain::date::Moment;
use crate::domain::id::DocId;
use crate::pipeline::{Digest, Inside};
use crate::worker::fence::Fences;
use crate::worker::form::Learnt;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

/// Bytes of one head.
const LONGEST_HEAD: usize = 64 << 20;
/// Values in one head: in memory each takes many times the few bytes that it may have on its way.
const MOST_VALUES: usize = 4 << 20;
const MOST_PIECES: usize = 4_096;
/// Bytes of all pieces of a frame: a whole archive of unreadable parts and its own bytes, or a page of the most pixels.
const LARGEST: u64 = 512 << 20;

/// What the desk asks for.
#[derive(Clone, Serialize, Deserialize)]
pub enum Order {
    /// The first order: how this desk works. The files of its catalogue by path, whose contents are the first pieces; `None` for
    /// the shipped catalogue, which the program carries. The pieces behind them are forms that are known.
    Begin { files: Option<Vec<String>>, desk: Box<DeskSettings> },
    /// The passwords that all orders from here on may use, by sender.
    Keys(Vec<(String, Vec<String>)>),
    /// To read a document, which is the only piece, on so many threads.
    Digest { name: String, inside: Inside, now: Moment, threads: usize },
    /// To look for passwords in a mail or a box of mails, which is the only piece.
    Learn,
    /// To draw a page of the last document of the path, which lies in the only piece.
    View { path: Vec<DocId>, page: u32 },
    /// To learn the form whose pages the documents are, which are the pieces: one that is blank, or several that are filled in.
    LearnForm,
}

impl Order {
    /// The same without threads beside one another, whose memory adds up.
    pub fn on_one_thread(self) -> Order {
        match self {
            Order::Digest { name, inside, now, .. } => Order::Digest { name, inside, now, threads: 1 },
            other => other,
        }
    }
}

/// What a reader says.
#[derive(Serialize, Deserialize)]
pub enum Answer {
    /// To `Begin`: the version of its rules, and what fences it in.
    Ready {
        basis: String,
        fences: Fences,
    },
    /// To `Keys`.
    Done,
    /// Not an answer yet: the work goes on.
    Busy,
    /// The document, and which of it and its parts, counted from the outside in, have their bytes among the pieces.
    Digest {
        digest: Box<Digest>,
        kept: Vec<usize>,
    },
    Learned(Vec<(String, Vec<String>)>),
    /// A page; its pixels are the only piece.
    View(Option<Sizes>),
    Form(Learnt),
    /// The order failed inside the program, at a line of the source or for want of something.
    Failed(String),
    /// What there is to say is longer than a frame may be.
    TooLong,
}

/// The measures of a [`crate::domain::picture::View`].
#[derive(Serialize, Deserialize)]
pub struct Sizes {
    pub width: i32,
    pub height: i32,
    pub columns: usize,
    pub rows: usize,
    pub channels: usize,
    pub dpi: Option<u32>,
}

pub struct Frame {
    pub head: Vec<u8>,
    pub pieces: Vec<Vec<u8>>,
}

impl Frame {
    pub fn parse<T: for<'de> Deserialize<'de>>(&self) -> io::Result<T> {
        if most_values(&self.head) > MOST_VALUES {
            return Err(beyond("values"));
        }
        serde_json::from_slice(&self.head).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

/// There are no more values than commas, but for the one behind them and the first of each list.
fn most_values(head: &[u8]) -> usize {
    /// So many that their count fits a byte: then many are counted at a time.
    const FEW: usize = 255;
    head.chunks(FEW).map(|bytes| usize::from(bytes.iter().map(|byte| u8::from(matches!(byte, b',' | b'[' | b'{'))).sum::<u8>())).sum()
}

fn beyond(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{what} beyond the bounds of a frame"))
}

/// Writes one frame; `InvalidData`, and nothing written, where it would be too long.
pub fn send(to: &mut impl Write, head: &impl Serialize, pieces: &[&[u8]]) -> io::Result<()> {
    let head = serde_json::to_vec(head).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let total: u64 = pieces.iter().map(|piece| piece.len() as u64).sum();
    if head.len() > LONGEST_HEAD || pieces.len() > MOST_PIECES || total > LARGEST {
        return Err(beyond("an answer"));
    }
    let mut start = Vec::with_capacity(8 + 8 * pieces.len() + head.len());
    start.extend((head.len() as u32).to_le_bytes());
    start.extend((pieces.len() as u32).to_le_bytes());
    pieces.iter().for_each(|piece| start.extend((piece.len() as u64).to_le_bytes()));
    start.extend(head);
    to.write_all(&start)?;
    pieces.iter().try_for_each(|piece| to.write_all(piece))?;
    to.flush()
}

/// Reads one frame; `None` where nothing comes any more, `InvalidData` where it is too long.
pub fn receive(from: &mut impl Read) -> io::Result<Option<Frame>> {
    let mut start = [0u8; 8];
    if read_up_to(from, &mut start)? == 0 {
        return Ok(None);
    }
    let [a, b, c, d, e, f, g, h] = start;
    let (head, pieces) = (u32::from_le_bytes([a, b, c, d]) as usize, u32::from_le_bytes([e, f, g, h]) as usize);
    if head > LONGEST_HEAD || pieces > MOST_PIECES {
        return Err(beyond("a head"));
    }
    let mut lengths = Vec::with_capacity(pieces);
    for _ in 0..pieces {
        let mut length = [0u8; 8];
        from.read_exact(&mut length)?;
        lengths.push(u64::from_le_bytes(length));
    }
    if lengths.iter().try_fold(0u64, |sum, length| sum.checked_add(*length)).is_none_or(|sum| sum > LARGEST) {
        return Err(beyond("pieces"));
    }
    let head = exactly(from, head as u64)?;
    let pieces = lengths.into_iter().map(|length| exactly(from, length)).collect::<io::Result<_>>()?;
    Ok(Some(Frame { head, pieces }))
}

/// Grows with what comes: a length is a claim.
fn exactly(from: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(length.min(1 << 20) as usize);
    from.by_ref().take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// Fills the buffer, unless nothing at all comes any more.
fn read_up_to(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let first = loop {
        match from.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    if first > 0 {
        from.read_exact(&mut buffer[first..])?;
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_comes_as_it_went() {
        let mut pipe = Vec::new();
        send(&mut pipe, &Order::Keys(vec![("a@example.jp".into(), vec!["x".into()])]), &[b"", b"\0abc"]).unwrap();
        send(&mut pipe, &Order::Learn, &[]).unwrap();
        let mut from = pipe.as_slice();
        let frame = receive(&mut from).unwrap().unwrap();
        assert_eq!(frame.pieces, [b"".to_vec(), b"\0abc".to_vec()]);
        assert!(matches!(frame.parse().unwrap(), Order::Keys(keys) if keys[0].0 == "a@example.jp"));
        assert!(matches!(receive(&mut from).unwrap().unwrap().parse().unwrap(), Order::Learn));
        assert!(receive(&mut from).unwrap().is_none());
    }

    #[test]
    fn lengths_that_lie_are_refused_before_anything_is_allocated() {
        let claims = |head: u32, pieces: &[u64]| {
            let mut bytes = [head.to_le_bytes(), (pieces.len() as u32).to_le_bytes()].concat();
            pieces.iter().for_each(|length| bytes.extend(length.to_le_bytes()));
            receive(&mut bytes.as_slice()).err().map(|error| error.kind())
        };
        assert_eq!(claims(u32::MAX, &[]), Some(io::ErrorKind::InvalidData));
        assert_eq!(claims(2, &[u64::MAX, 2]), Some(io::ErrorKind::InvalidData));
        assert_eq!(claims(2, &[LARGEST, 1]), Some(io::ErrorKind::InvalidData));
        assert_eq!(claims(2, &[LARGEST]), Some(io::ErrorKind::UnexpectedEof));
        assert_eq!(receive(&mut [1u8, 2, 3].as_slice()).err().map(|error| error.kind()), Some(io::ErrorKind::UnexpectedEof));
        let many = [2u32.to_le_bytes(), u32::MAX.to_le_bytes()].concat();
        assert_eq!(receive(&mut many.as_slice()).err().map(|error| error.kind()), Some(io::ErrorKind::InvalidData));
    }

    #[test]
    fn few_bytes_that_would_fill_the_memory_are_refused() {
        let head = |values: usize| Frame { head: format!("[{}0]", "0,".repeat(values)).into_bytes(), pieces: Vec::new() };
        assert!(head(1_000).parse::<Vec<u8>>().is_ok());
        assert_eq!(most_values(&head(1_000).head), 1_001);
        assert_eq!(head(MOST_VALUES).parse::<Vec<u8>>().err().map(|error| error.kind()), Some(io::ErrorKind::InvalidData));
    }

    #[test]
    fn what_is_too_long_is_not_sent_in_part() {
        let mut pipe = Vec::new();
        let text = "x".repeat(LONGEST_HEAD);
        assert!(send(&mut pipe, &text, &[]).is_err() && pipe.is_empty());
    }
}
