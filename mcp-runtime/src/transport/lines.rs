//! Cuts a stream of bytes into lines.

use std::{io::BufRead as _, ops::Range};

/// How much is read at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// A buffer that has grown beyond this is given back when it is empty. One that has held a message of 1 MiB stays: to get the
/// memory anew for each such message costs as much as to read it.
const KEPT: usize = 2 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The bytes that have been read and not yet been cut into lines.
#[derive(Debug)]
pub(super) struct Lines {
    buffer: Vec<u8>,
    /// Where the next line starts.
    start: usize,
    /// Up to where the buffer is known to hold no end of a line.
    scanned: usize,
    limit: usize,
    /// The line is too long: its rest is dropped.
    skipping: bool,
    /// Nothing has been cut yet.
    fresh: bool,
}

/// A line that is not empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Message(&'a [u8]),
    /// A line over the limit, reported once, as soon as it is over.
    TooLong,
}

impl Lines {
    /// Lines of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            scanned: 0,
            limit,
            skipping: false,
            fresh: true,
        }
    }

    /// The next line, if it has been read to its end.
    pub(super) fn next(&mut self) -> Option<Line<'_>> {
        while let Some(line) = self.cut() {
            let fresh = std::mem::take(&mut self.fresh);
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            if line.len() > self.limit {
                return Some(Line::TooLong);
            }
            let line = self.trimmed(line, fresh);
            if !line.is_empty() {
                return Some(Line::Message(&self.buffer[line]));
            }
        }
        if self.skipping {
            self.drop_rest();
        } else if self.buffer.len() - self.start > self.limit {
            self.drop_rest();
            self.skipping = true;
            return Some(Line::TooLong);
        }
        None
    }

    /// Room for more bytes behind those that are there.
    pub(super) fn room(&mut self) -> &mut Vec<u8> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.scanned -= self.start;
            self.start = 0;
        }
        if self.buffer.is_empty() && self.buffer.capacity() > KEPT {
            self.buffer = Vec::new();
        }
        self.buffer.reserve(CHUNK);
        &mut self.buffer
    }

    /// The next line without its end.
    fn cut(&mut self) -> Option<Range<usize>> {
        let mut rest = &self.buffer[self.scanned..];
        // Skipping in a slice cannot fail, and is the standard library's fast search for a byte.
        self.scanned += rest.skip_until(b'\n').unwrap_or(rest.len());
        if self.scanned == self.start || self.buffer[self.scanned - 1] != b'\n' {
            return None;
        }
        let line = self.start..self.scanned - 1;
        self.start = self.scanned;
        Some(line)
    }

    fn trimmed(&self, line: Range<usize>, fresh: bool) -> Range<usize> {
        let mut bytes = &self.buffer[line.clone()];
        if fresh {
            bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        }
        let start = line.end - bytes.trim_ascii_start().len();
        start..start + bytes.trim_ascii().len()
    }

    fn drop_rest(&mut self) {
        self.buffer.clear();
        self.start = 0;
        self.scanned = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out if `chunks` come in one after the other.
    fn cut(limit: usize, chunks: &[&[u8]]) -> Vec<Option<String>> {
        let mut lines = Lines::new(limit);
        let mut cut = Vec::new();
        for chunk in chunks {
            lines.room().extend_from_slice(chunk);
            while let Some(line) = lines.next() {
                cut.push(match line {
                    Line::Message(line) => Some(String::from_utf8_lossy(line).into_owned()),
                    Line::TooLong => None,
                });
            }
        }
        cut
    }

    fn some(lines: &[&str]) -> Vec<Option<String>> {
        lines.iter().map(|line| Some((*line).to_owned())).collect()
    }

    #[test]
    fn lines_are_the_same_wherever_the_stream_is_cut() {
        let text = b"\xef\xbb\xbfone\r\n\n \t\r\ntwo three\n{\"a\": 1} \nhalf";
        let whole = some(&["one", "two three", "{\"a\": 1}"]);
        assert_eq!(cut(100, &[text]), whole);
        for at in 0..text.len() {
            assert_eq!(cut(100, &[&text[..at], &text[at..]]), whole, "{at}");
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(cut(100, &bytes), whole);
    }

    #[test]
    fn a_byte_order_mark_is_tolerated_at_the_very_start_only() {
        assert_eq!(
            cut(100, &[b"\xef\xbb\xbf\n\xef\xbb\xbfx\n"]),
            some(&["\u{feff}x"])
        );
    }

    #[test]
    fn a_line_over_the_limit_is_reported_once_and_dropped() {
        let expected = [some(&["ab"]), vec![None], some(&["cd"])].concat();
        assert_eq!(cut(4, &[b"ab\n123456789\ncd\n"]), expected);
        assert_eq!(
            cut(4, &[b"ab\n12345", b"6789", b"0", b"1\nc", b"d\n"]),
            expected
        );
        assert_eq!(cut(4, &[b"1234\n"]), some(&["1234"]));
    }

    #[test]
    fn a_long_line_is_not_kept_in_memory() {
        let mut lines = Lines::new(10 * CHUNK);
        let chunk = vec![b'x'; CHUNK];
        let mut reported = 0;
        for _ in 0..1000 {
            lines.room().extend_from_slice(&chunk);
            reported += usize::from(lines.next().is_some());
            assert!(lines.buffer.capacity() <= 32 * CHUNK);
        }
        assert_eq!(reported, 1);
        lines.room().extend_from_slice(b"\nnext\n");
        assert_eq!(lines.next(), Some(Line::Message(b"next")));
    }
}
