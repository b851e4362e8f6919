//! The CPU time of a request.

use mcp_benches::rounds::{Figures, interleaved};

use crate::{
    Result,
    client::Client,
    options::Options,
    process::{Program, Tool},
    report,
    scenario::{Load, Mode, SCENARIOS, Scenario, Way},
};

/// Measures everything that is wanted.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut scenarios = SCENARIOS
        .iter()
        .filter(|one| options.wants(&one.to_string()));
    let Some(first) = scenarios.next() else {
        return Ok(());
    };
    report::head("CPU µs per request");
    std::iter::once(first)
        .chain(scenarios)
        .try_for_each(|scenario| measure(options, *scenario))
}

/// Measures what all guards cost together.
pub(crate) fn run_guarded(options: &Options) -> Result<()> {
    let scenario = Scenario {
        load: Load::Add(16),
        way: Way::Http(Mode::Modern),
    };
    let name = format!("guarded {scenario}");
    if options.wants(&name) {
        report::head_of_guards();
        let programs = ["ours_http", "guarded_http"].map(Program::new);
        let figures = figures(options, scenario, programs.into())?;
        report::row_of_guards(&name, &figures);
    }
    Ok(())
}

fn measure(options: &Options, scenario: Scenario) -> Result<()> {
    let figures = figures(options, scenario, scenario.programs().into())?;
    report::row(&scenario.to_string(), &figures);
    Ok(())
}

fn figures(options: &Options, scenario: Scenario, programs: Vec<Program>) -> Result<Vec<Figures>> {
    let requests = scenario.load.requests();
    // One that answers over pipes has one loop, and runs in turns with its client.
    let tool = match scenario.way {
        Way::Stdio(_) => Tool::Core,
        Way::Http(_) => Tool::None,
    };
    let mut clients = Vec::new();
    for program in programs {
        let mut client = report::tried(scenario.connect(program, &tool));
        if let Some(client) = &mut client {
            // What is slow only once.
            client.run(scenario.load, requests)?;
        }
        clients.push(client);
    }
    interleaved(
        options.rounds,
        &mut clients,
        |client: &mut Option<Box<dyn Client>>| -> Result<f64> {
            let Some(client) = client else {
                return Ok(f64::NAN);
            };
            let before = client.process().cpu()?;
            client.run(scenario.load, requests)?;
            let used = client.process().cpu()?.saturating_sub(before);
            Ok(used.as_secs_f64() * 1e6 / f64::from(requests))
        },
    )
}
