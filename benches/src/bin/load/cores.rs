//! Which cores things run on.
//!
//! A client that waits for each answer and its server run in turns. Whether the system has both on one core or each on its own
//! changes the figures by far more than what is measured, and it decides anew for each process. So, where it matters, each has a
//! core of its own, as a client and a server have that both have something to do.

#[cfg(not(target_os = "linux"))]
pub(crate) use others::{anywhere, apart};
#[cfg(target_os = "linux")]
pub(crate) use system::{anywhere, apart};

#[cfg(target_os = "linux")]
mod system {
    use std::{io, sync::LazyLock};

    use nix::{
        sched::{CpuSet, sched_getaffinity, sched_setaffinity},
        unistd::Pid,
    };

    /// The cores that this program may use.
    static ALL: LazyLock<nix::Result<CpuSet>> = LazyLock::new(|| sched_getaffinity(Pid::this()));

    /// Starts a process on a core of its own. This thread has another one from then on.
    pub(crate) fn apart<T>(start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let all = (*ALL)?;
        let mut cores = (0..CpuSet::count()).filter(|&core| all.is_set(core) == Ok(true));
        let (Some(first), Some(second)) = (cores.next(), cores.next()) else {
            return start();
        };
        // What is started stays where this thread is.
        stay(second)?;
        let started = start();
        stay(first)?;
        started
    }

    /// Lets this thread and what it starts run wherever they may.
    pub(crate) fn anywhere() -> io::Result<()> {
        Ok(sched_setaffinity(Pid::from_raw(0), &(*ALL)?)?)
    }

    fn stay(core: usize) -> io::Result<()> {
        let mut cores = CpuSet::new();
        cores.set(core)?;
        Ok(sched_setaffinity(Pid::from_raw(0), &cores)?)
    }
}

#[cfg(not(target_os = "linux"))]
mod others {
    use std::io;

    pub(crate) fn apart<T>(start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        start()
    }

    #[allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    pub(crate) fn anywhere() -> io::Result<()> {
        Ok(())
    }
}
