//! The instructions of a request, as valgrind counts them: what the machine does besides changes nothing about them.

use std::{env, fs, path::Path, process::Command};

use mcp_benches::rounds::Figures;

use crate::{
    Result,
    options::Options,
    process::{Program, Tool},
    report,
    scenario::{Load, SCENARIOS, Scenario},
};

/// Counts for everything that is wanted. Each count is the difference of two runs, so that start and end are in none.
pub(crate) fn run(options: &Options) -> Result<()> {
    let valgrind = Command::new("valgrind").arg("--version").output();
    if valgrind.is_err() {
        return Err("instructions are counted by valgrind, which is not installed".into());
    }
    report::head("thousand instructions per request");
    let scenarios = SCENARIOS
        .iter()
        .filter(|one| options.wants(&one.to_string()));
    for scenario in scenarios {
        let figures = scenario.programs().map(|program| {
            let count = report::tried(count(*scenario, program));
            Figures::from(count.unwrap_or(f64::NAN))
        });
        report::row(&scenario.to_string(), &figures);
    }
    Ok(())
}

fn count(scenario: Scenario, program: Program) -> Result<f64> {
    let (few, many) = match scenario.load {
        Load::Add(_) => (200, 1_200),
        Load::List => (20, 120),
        Load::Progress | Load::Echo => (2, 12),
    };
    let less = total(scenario, program, few)?;
    let more = total(scenario, program, many)?;
    Ok((more - less) / f64::from(many - few) / 1e3)
}

/// The instructions of a whole run.
fn total(scenario: Scenario, program: Program, requests: u32) -> Result<f64> {
    let file = format!("mcp-benches-callgrind-{}", std::process::id());
    let file = env::temp_dir().join(file);
    let mut client = scenario.connect(program, &Tool::Callgrind(file.clone()))?;
    client.run(scenario.load, requests)?;
    client.end()?;
    let total = read_total(&file);
    fs::remove_file(&file)?;
    total
}

fn read_total(file: &Path) -> Result<f64> {
    let text = fs::read_to_string(file)?;
    let total = text.lines().find_map(|line| {
        line.strip_prefix("totals:")
            .or_else(|| line.strip_prefix("summary:"))
    });
    Ok(total
        .ok_or("valgrind has counted nothing")?
        .trim()
        .parse()?)
}
