//! What clients cost that are there and say nothing.

use mcp_benches::rounds::interleaved;

use crate::{
    Result,
    http::{Connection, Site},
    options::Options,
    process::{Process, Program, Tool},
    report,
    scenario::{Load, Mode, Scenario, Way},
};

/// So many, in which way, by what name.
const IDLE: [(usize, Mode, &str); 2] = [
    (
        1_000,
        Mode::Session,
        "1,000 idle sessions of http 2025-11-25, a connection each",
    ),
    (
        10_000,
        Mode::Modern,
        "10,000 idle connections of http 2026-07-28",
    ),
];

/// Measures it if it is wanted.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut wanted = IDLE
        .iter()
        .filter(|(.., name)| options.wants(name))
        .peekable();
    if wanted.peek().is_some() {
        report::head("memory in KiB, for each of");
    }
    for (count, mode, name) in wanted {
        let way = Way::Http(*mode);
        let load = Load::Add(1);
        let mut programs = Scenario { load, way }.programs();
        let rounds = options.rounds.min(3);
        let figures = interleaved(rounds, &mut programs, |program| -> Result<f64> {
            let memory = memory(*program, *mode, *count);
            Ok(report::tried(memory).unwrap_or(f64::NAN))
        })?;
        report::row(name, &figures);
    }
    Ok(())
}

fn memory(program: Program, mode: Mode, count: usize) -> Result<f64> {
    let mut process = Process::start(program, &Tool::None)?;
    let site = Site::of(&mut process)?;
    // What is there only once.
    let first = (0..16).map(|_| Connection::open(&site, mode));
    let _first = first.collect::<Result<Vec<_>>>()?;
    let before = process.memory()?;
    let idle = (0..count).map(|_| Connection::open(&site, mode));
    let _idle = idle.collect::<Result<Vec<_>>>()?;
    let used = process.memory()?.saturating_sub(before);
    let (used, count) = (u32::try_from(used)?, u32::try_from(count)?);
    Ok(f64::from(used) / f64::from(count))
}
