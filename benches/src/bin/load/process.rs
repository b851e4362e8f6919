//! Servers as processes: how they are built and started, and what they have used.

use std::{
    env,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::Result;

/// Builds the servers, so that those that are measured are those of the sources.
pub(crate) fn build() -> Result<()> {
    if cfg!(debug_assertions) {
        return Err("this measures optimised programs only: run it with `--release`".into());
    }
    // Cargo sets it for what it runs; whoever runs this without Cargo has built the servers already.
    let Some(cargo) = env::var_os("CARGO") else {
        return Ok(());
    };
    let built = Command::new(cargo)
        .args(["build", "--release", "--package", "mcp-benches", "--bins"])
        .status()?;
    built
        .success()
        .then_some(())
        .ok_or_else(|| "the servers do not build".into())
}

/// A process that is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) child: Child,
}

impl Process {
    /// Starts a program that stands beside this one.
    pub(crate) fn start(program: &str) -> Result<Self> {
        let child = Command::new(beside(program)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`{program}`: {error}"))?;
        Ok(Self { child })
    }

    /// The CPU time that the process has used so far, user and system, all threads.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        cpu(self.child.id())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already is just collected.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn beside(program: &str) -> Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name(program))
}

#[cfg(target_os = "linux")]
fn cpu(process: u32) -> Result<Duration> {
    use nix::{
        time::{clock_getcpuclockid, clock_gettime},
        unistd::Pid,
    };

    let process = Pid::from_raw(process.try_into()?);
    Ok(clock_gettime(clock_getcpuclockid(process)?)?.into())
}

#[cfg(not(target_os = "linux"))]
fn cpu(_process: u32) -> Result<Duration> {
    Err("the CPU time of another process is read on Linux only".into())
}
