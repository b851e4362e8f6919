//! [`verify`]: whether a file is as it was written.

use std::{
    error::Error,
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Seek as _},
    path::Path,
};

use super::{
    Key,
    chain::{Hex, Line, Link, Torn, is_fragment},
};

/// Checks a file of records: whether each is there, in its place, and as it was written. With a key, whether it was signed by
/// that key, too.
///
/// The last records of a file can be taken away without a trace in it: [`Verifier::head`] finds that.
///
/// ```no_run
/// use mcp_runtime::audit::{Key, verify};
///
/// let key = Key::new(std::fs::read("audit.key")?);
/// match verify("audit.jsonl", Some(&key)) {
///     Ok(report) => println!("{} records", report.records()),
///     Err(broken) => println!("line {}: {broken}", broken.line()),
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// The first thing that is wrong, or that the file cannot be read.
pub fn verify(path: impl AsRef<Path>, key: Option<&Key>) -> Result<Report, Broken> {
    let verifier = Verifier::new();
    match key {
        Some(key) => verifier.key(key.clone()),
        None => verifier,
    }
    .verify(path)
}

/// What a file of records is checked for.
#[derive(Clone, Debug, Default)]
#[must_use = "it checks nothing until `verify` is called"]
pub struct Verifier {
    key: Option<Key>,
    head: Option<(u64, String)>,
}

impl Verifier {
    /// A verifier that checks the chain alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// All records must be signed by this key.
    pub fn key(mut self, key: Key) -> Self {
        self.key = Some(key);
        self
    }

    /// The record with this number and this hash must be there: what [`Report::head`] has said earlier, kept where whoever can write to
    /// the file cannot. It proves that nothing up to it was taken away or written anew.
    pub fn head(mut self, seq: u64, hash: impl Into<String>) -> Self {
        self.head = Some((seq, hash.into()));
        self
    }

    /// Checks a file.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, or that the file cannot be read.
    pub fn verify(&self, path: impl AsRef<Path>) -> Result<Report, Broken> {
        let unreadable = |error| Broken::new(0, None, Fault::Unreadable(error));
        let file = File::open(path).map_err(unreadable)?;
        let mut walk = Walk::new(self, &file);
        let mut lines = BufReader::new(&file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = lines.read_until(b'\n', &mut line);
            if read.map_err(unreadable)? == 0 {
                return walk.end();
            }
            walk.step(&line)?;
        }
    }
}

/// A file of records in which nothing is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    records: u64,
    hash: Hex,
    signed: u64,
    torn: u64,
    lost: u64,
    unfinished: bool,
}

impl Report {
    /// How many records there are.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The number and the hash of the last record, to check by [`Verifier::head`] later.
    #[must_use]
    pub fn head(&self) -> (u64, &str) {
        (self.records, self.hash.as_str())
    }

    /// How many of the records are signed. Without a key it is not known by whom.
    #[must_use]
    pub fn signed(&self) -> u64 {
        self.signed
    }

    /// How many times a process has ended in the middle of a record, which is lost then.
    #[must_use]
    pub fn torn(&self) -> u64 {
        self.torn
    }

    /// How many records were lost because the sink had failed. The records say where.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Whether the file ends in the middle of a record: a process has ended while it wrote, or is writing.
    #[must_use]
    pub fn unfinished(&self) -> bool {
        self.unfinished
    }
}

/// The first thing that is wrong with a file of records.
#[derive(Debug)]
pub struct Broken {
    line: u64,
    seq: Option<u64>,
    fault: Fault,
}

/// What is wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// The record is not what was written.
    Altered,
    /// The record is not signed by the key.
    Forged,
    /// The record is not there.
    Missing,
    /// The record stands further down.
    Reordered,
    /// The record is one too many.
    Inserted,
    /// The record does not go on from the one before it: that one was written anew, or this one.
    Unlinked,
    /// The line is no record, or was one.
    Foreign,
    /// The records end before the one that is known to have been there.
    Truncated,
    /// The file cannot be read.
    Unreadable(io::Error),
}

impl Broken {
    fn new(line: u64, seq: Option<u64>, fault: Fault) -> Self {
        Self { line, seq, fault }
    }

    /// The line of the file, from 1 on: of what is there instead if a record is missing.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The number of the record, if it is known.
    #[must_use]
    pub fn seq(&self) -> Option<u64> {
        self.seq
    }

    /// What is wrong.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "record {seq} ")?,
            None => f.write_str("it ")?,
        }
        f.write_str(match &self.fault {
            Fault::Altered => "was altered",
            Fault::Forged => "is not signed by this key",
            Fault::Missing => "is missing",
            Fault::Reordered => "stands further down",
            Fault::Inserted => "is one too many",
            Fault::Unlinked => "does not go on from the one before it",
            Fault::Foreign => "is expected here, and something else is there",
            Fault::Truncated => "and all after it were taken away",
            Fault::Unreadable(_) => "cannot be read",
        })
    }
}

impl Error for Broken {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.fault {
            Fault::Unreadable(error) => Some(error),
            _ => None,
        }
    }
}

/// A walk through a file.
struct Walk<'a> {
    verifier: &'a Verifier,
    file: &'a File,
    line: u64,
    /// What does not end as a record, behind the last one, and the line on which it begins.
    torn: Option<(u64, Vec<u8>)>,
    report: Report,
}

impl<'a> Walk<'a> {
    fn new(verifier: &'a Verifier, file: &'a File) -> Self {
        let report = Report {
            records: 0,
            hash: Hex::zero(),
            signed: 0,
            torn: 0,
            lost: 0,
            unfinished: false,
        };
        Self {
            verifier,
            file,
            line: 0,
            torn: None,
            report,
        }
    }

    /// Goes on to a line, which still has its line feed.
    fn step(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        self.line += 1;
        let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let Some(line) = Line::read(text) else {
            let torn = self.torn.get_or_insert((self.line, Vec::new()));
            torn.1.extend(bytes);
            return Ok(());
        };
        let next = Some(self.report.records + 1);
        if !line.is_whole() {
            return self.broken(next, Fault::Altered);
        }
        let Some(place) = line.link() else {
            return self.broken(next, Fault::Foreign);
        };
        self.check_place(&place)?;
        if let Some(key) = &self.verifier.key
            && !line.is_signed_by(key)
        {
            return self.broken(next, Fault::Forged);
        }
        self.report.signed += u64::from(line.is_signed());
        self.report.lost += place.lost;
        self.report.records = place.seq;
        self.report.hash = line.hash();
        self.check_head()
    }

    /// Whether a record is the next one.
    fn check_place(&mut self, link: &Link) -> Result<(), Broken> {
        let torn = self.torn.take();
        let bytes = torn.as_ref().map_or(&[][..], |(_, bytes)| bytes);
        let attested = Torn::of(bytes.strip_suffix(b"\n").unwrap_or(bytes)) == link.torn;
        let next = self.report.records + 1;
        if let Some((line, _)) = &torn
            && !attested
        {
            return Err(Broken::new(*line, Some(next), Fault::Foreign));
        }
        if link.seq < next {
            return self.broken(Some(link.seq), Fault::Inserted);
        }
        if link.seq > next {
            let fault = if self.is_further_down(next) {
                Fault::Reordered
            } else {
                Fault::Missing
            };
            return self.broken(Some(next), fault);
        }
        if !attested {
            // What it vouches for was taken away, which harms nobody, but is not as it was written.
            return self.broken(Some(next), Fault::Missing);
        }
        if link.prev != self.report.hash {
            return self.broken(Some(next), Fault::Unlinked);
        }
        self.report.torn += u64::from(torn.is_some());
        Ok(())
    }

    fn check_head(&self) -> Result<(), Broken> {
        let (records, hash) = self.report.head();
        match &self.verifier.head {
            Some((seq, head)) if *seq == records && head != hash => {
                self.broken(Some(records), Fault::Unlinked)
            }
            _ => Ok(()),
        }
    }

    fn end(mut self) -> Result<Report, Broken> {
        if let Some((line, bytes)) = &self.torn {
            let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            for (at, text) in (*line..).zip(lines.split(|byte| *byte == b'\n')) {
                if !is_fragment(text) {
                    let next = self.report.records + 1;
                    return Err(Broken::new(at, Some(next), Fault::Foreign));
                }
            }
            self.report.unfinished = true;
        }
        if let Some((seq, _)) = self.verifier.head
            && seq > self.report.records
        {
            let next = self.report.records + 1;
            return Err(Broken::new(self.line + 1, Some(next), Fault::Truncated));
        }
        Ok(self.report)
    }

    /// Whether the record of a number is somewhere in the file.
    fn is_further_down(&self, seq: u64) -> bool {
        let mut file = self.file;
        if file.rewind().is_err() {
            return false;
        }
        let lines = BufReader::new(file).split(b'\n').map_while(Result::ok);
        let found = |line: Vec<u8>| Some(Line::read(&line)?.link()?.seq);
        lines.filter_map(found).any(|other| other == seq)
    }

    fn broken<T>(&self, seq: Option<u64>, fault: Fault) -> Result<T, Broken> {
        Err(Broken::new(self.line, seq, fault))
    }
}
