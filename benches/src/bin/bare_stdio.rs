//! The limit over standard input and output: a loop on one thread, which blocks.

use std::io::{self, BufRead as _, Write as _};

fn main() -> io::Result<()> {
    let mut input = io::BufReader::with_capacity(64 * 1024, io::stdin().lock());
    let mut output = io::stdout().lock();
    let (mut line, mut answers) = (Vec::new(), Vec::new());
    while input.read_until(b'\n', &mut line)? > 0 {
        mcp_benches::bare::answer(&line, &mut answers)?;
        line.clear();
        // One write for all requests that came at once.
        if !input.buffer().contains(&b'\n') {
            output.write_all(&answers)?;
            output.flush()?;
            answers.clear();
        }
    }
    Ok(())
}
