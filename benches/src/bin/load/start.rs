//! How long a server takes from its start to its first answer.

use std::time::Instant;

use mcp_benches::{era::Era, rounds::interleaved};

use crate::{
    Result,
    options::Options,
    process::Tool,
    report,
    scenario::{Load, Mode, Scenario, Way},
};

/// Measures it if it is wanted.
pub(crate) fn run(options: &Options) -> Result<()> {
    let ways = [
        ("start to first answer, stdio", Way::Stdio(Era::Legacy)),
        ("start to first answer, http", Way::Http(Mode::Modern)),
    ];
    let mut wanted = ways
        .iter()
        .filter(|(name, _)| options.wants(name))
        .peekable();
    if wanted.peek().is_some() {
        report::head("milliseconds on the clock");
    }
    for (name, way) in wanted {
        let load = Load::Add(1);
        let scenario = Scenario { load, way: *way };
        let mut programs = scenario.programs();
        let figures = interleaved(
            options.rounds * 5,
            &mut programs,
            |program| -> Result<f64> {
                let begun = Instant::now();
                // The server ends when the client is dropped, which is not part of its start.
                let client = scenario.connect(*program, &Tool::None)?;
                let taken = begun.elapsed();
                drop(client);
                Ok(taken.as_secs_f64() * 1e3)
            },
        )?;
        report::row(name, &figures);
    }
    Ok(())
}
