//! The CPU time of a request.

use mcp_benches::rounds::interleaved;

use crate::{
    Result,
    client::Client,
    options::Options,
    process::Tool,
    report,
    scenario::{SCENARIOS, Scenario},
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

fn measure(options: &Options, scenario: Scenario) -> Result<()> {
    let requests = scenario.load.requests();
    let mut clients = Vec::new();
    for program in scenario.programs() {
        let mut client = report::tried(scenario.connect(program, &Tool::None));
        if let Some(client) = &mut client {
            // What is slow only once.
            client.run(scenario.load, requests)?;
        }
        clients.push(client);
    }
    let figures = interleaved(
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
    )?;
    report::row(&scenario.to_string(), &figures);
    Ok(())
}
