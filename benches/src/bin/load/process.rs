//! Servers as processes: how they are built and started, and what they have used.

use std::{
    env,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{Result, cores};

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

/// A program that stands beside this one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    name: &'static str,
    argument: Option<&'static str>,
}

impl Program {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            argument: None,
        }
    }

    pub(crate) fn with(self, argument: &'static str) -> Self {
        Self {
            argument: Some(argument),
            ..self
        }
    }
}

/// What a server runs under.
#[derive(Clone, Debug)]
pub(crate) enum Tool {
    None,
    /// A core of its own.
    Core,
    /// Valgrind, which writes its counts to a file.
    Callgrind(PathBuf),
}

/// A process that is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) child: Child,
}

impl Process {
    /// Starts a program.
    pub(crate) fn start(program: Program, tool: &Tool) -> Result<Self> {
        let Program { name, argument } = program;
        let path = env::current_exe()?.with_file_name(name);
        let mut command = match tool {
            Tool::None | Tool::Core => Command::new(path),
            Tool::Callgrind(file) => {
                let mut command = Command::new("valgrind");
                let mut option = std::ffi::OsString::from("--callgrind-out-file=");
                option.push(file);
                command
                    .args(["-q", "--tool=callgrind"])
                    .arg(option)
                    .arg(path);
                command
            }
        };
        command
            .args(argument)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let child = match tool {
            Tool::Core => cores::apart(|| command.spawn()),
            Tool::None | Tool::Callgrind(_) => cores::anywhere().and_then(|()| command.spawn()),
        };
        let child = child.map_err(|error| format!("`{name}`: {error}"))?;
        Ok(Self { child })
    }

    /// The CPU time that the process has used so far, user and system, all threads.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        system::cpu(self.child.id())
    }

    /// The memory that the process holds at this moment, in KiB.
    pub(crate) fn memory(&self) -> Result<u64> {
        system::memory(self.child.id())
    }

    /// Tells the process to end.
    pub(crate) fn terminate(&self) -> Result<()> {
        system::terminate(self.child.id())
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(&mut self) -> Result<()> {
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended already is just collected.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::{fs, time::Duration};

    use nix::{
        sys::signal::{Signal, kill},
        time::{clock_getcpuclockid, clock_gettime},
        unistd::Pid,
    };

    use crate::Result;

    pub(super) fn cpu(process: u32) -> Result<Duration> {
        let process = Pid::from_raw(process.try_into()?);
        Ok(clock_gettime(clock_getcpuclockid(process)?)?.into())
    }

    pub(super) fn memory(process: u32) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.and_then(|size| size.split_whitespace().next());
        Ok(resident.ok_or("a process without memory")?.parse()?)
    }

    pub(super) fn terminate(process: u32) -> Result<()> {
        kill(Pid::from_raw(process.try_into()?), Signal::SIGTERM)?;
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::time::Duration;

    use crate::Result;

    const ONLY_LINUX: &str = "what another process uses is read on Linux only";

    pub(super) fn cpu(_process: u32) -> Result<Duration> {
        Err(ONLY_LINUX.into())
    }

    pub(super) fn memory(_process: u32) -> Result<u64> {
        Err(ONLY_LINUX.into())
    }

    pub(super) fn terminate(_process: u32) -> Result<()> {
        Err(ONLY_LINUX.into())
    }
}
