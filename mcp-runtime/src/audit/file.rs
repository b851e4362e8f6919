//! [`FileSink`]: a file of JSON Lines.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use super::{
    Resume, Sink,
    chain::{Line, is_fragment},
};

/// How much of the end of a file is read at first, in bytes.
const STEP: u64 = 64 * 1024;

/// A file of JSON Lines, which only grows.
///
/// One process writes to a file at a time: a file that has grown by itself is not written to any more.
///
/// A call hands its record to the system itself, which takes some microseconds on a disk of this machine. Where that may take long, as
/// it does on a network, [`sync`](Self::sync) makes a thread of its own do it.
#[derive(Debug)]
pub struct FileSink {
    file: File,
    /// The length of what has been written to its end.
    length: u64,
    sync: bool,
    /// Whether the file ends in the middle of a line.
    open_line: bool,
    /// Whether something may stand behind that length which could not be taken away.
    dirty: bool,
}

impl FileSink {
    /// Opens a file, or makes one that only the user of this process may read.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        let length = file.metadata()?.len();
        Ok(Self {
            file,
            length,
            sync: false,
            open_line: false,
            dirty: false,
        })
    }

    /// Whether records are on the disk, and not only with the system, before they count as written: they outlive a loss of power then, and
    /// each call waits for the disk. Off unless this turns it on.
    #[must_use]
    pub fn sync(mut self, yes: bool) -> Self {
        self.sync = yes;
        self
    }

    /// Appends to a file that is as long as it should be.
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.open_line {
            self.file.write_all(b"\n")?;
        }
        self.file.write_all(lines)?;
        if self.sync {
            self.file.sync_data()?;
        }
        Ok(())
    }

    /// Takes away what was written in part.
    fn clean(&mut self) -> io::Result<()> {
        if self.dirty {
            self.file.set_len(self.length)?;
            self.dirty = false;
        }
        Ok(())
    }

    /// The last bytes of the file.
    fn end(&mut self, length: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file
            .seek(SeekFrom::Start(self.length.saturating_sub(length)))?;
        (&self.file).take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Sink for FileSink {
    /// Handing a line to the system does not wait for the disk.
    fn is_blocking(&self) -> bool {
        self.sync
    }

    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.clean()?;
        // Asking for the end costs less than asking for the metadata. Lines are written there wherever this stands.
        if self.file.seek(SeekFrom::End(0))? != self.length {
            return Err(io::Error::other("somebody else writes to the file"));
        }
        let written = self.write(lines);
        // Half of a line would be in the way of the next.
        self.dirty = written.is_err();
        if written.is_ok() {
            self.length += u64::from(self.open_line) + lines.len() as u64;
            self.open_line = false;
        } else {
            // If it fails, it is tried again before the next line.
            let _ = self.clean();
        }
        written
    }

    fn resume(&mut self) -> io::Result<Resume> {
        let mut length = STEP;
        let resume = loop {
            let bytes = self.end(length)?;
            let whole = length >= self.length;
            if let Some(resume) = resume(&bytes, whole) {
                self.open_line = !bytes.is_empty() && !bytes.ends_with(b"\n");
                break resume;
            }
            if whole {
                let problem = "the file is no audit, or its end was changed";
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            }
            length = length.saturating_mul(4);
        };
        Ok(resume)
    }
}

/// Where to go on behind the end of a file; `None` if its last record is not there, or if something else is behind it.
fn resume(bytes: &[u8], whole: bool) -> Option<Resume> {
    let mut at = bytes.len();
    let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let mut torn = Vec::new();
    for line in lines.rsplit(|byte| *byte == b'\n') {
        at = at.min(lines.len()).checked_sub(line.len())?;
        if at == 0 && !whole {
            return None;
        }
        if Line::read(line).is_some() {
            let last = Some(line.to_vec());
            return Some(Resume { last, torn });
        }
        if !is_fragment(line) && !bytes.is_empty() {
            return None;
        }
        torn = lines[at..].to_vec();
        at = at.saturating_sub(1);
    }
    Some(Resume { last: None, torn })
}
