//! How clients are asked, and with which keys what they keep is sealed.

use std::{env, time::Duration};

use data_encoding::BASE64;

use super::Server;
use crate::seal::Seal;

/// The variable with the keys, unless the server was given some.
const VARIABLE: &str = "MCP_STATE_KEY";

impl Server {
    /// How long a question to a client before 2026-07-28 may be open: five minutes unless this says otherwise. The deadline
    /// of the call stands still meanwhile.
    ///
    /// Since 2026-07-28 no call waits for an answer; what the client keeps until it has one is good for ten minutes.
    pub fn ask_timeout(mut self, limit: Duration) -> Self {
        self.settings.ask_timeout = limit;
        self
    }

    /// The key that seals what clients keep for the server: the state of a call that asks questions, and the cursors of
    /// lists.
    ///
    /// Without a key, each process makes its own, and what one has sealed no other opens: several replicas need a common
    /// one, and so does a server that takes calls up again after a restart. Called again, it adds a key that opens only, so
    /// that a key can be replaced without a break: the new one first, then the old one for ten minutes more.
    ///
    /// The variable `MCP_STATE_KEY` does the same for a server that is not told here: base64 of 32 bytes, several of them
    /// separated by commas.
    pub fn request_state_key(mut self, key: [u8; 32]) -> Self {
        self.keys.push(key);
        self
    }
}

/// The seal with the keys of the builder, or else with those of the environment, or else with one of its own.
pub(super) fn seal(mut keys: Vec<[u8; 32]>, problems: &mut Vec<String>) -> Seal {
    if keys.is_empty()
        && let Some(value) = env::var_os(VARIABLE)
    {
        match value.to_str().and_then(read) {
            Some(read) => keys = read,
            None => problems.push(format!(
                "the variable `{VARIABLE}` must be base64 of 32 bytes, or several of that separated by commas"
            )),
        }
    }
    if let Some((first, others)) = keys.split_first() {
        return Seal::new(*first, others);
    }
    let mut key = [0; 32];
    if let Err(error) = getrandom::fill(&mut key) {
        problems.push(format!("the operating system gives no randomness: {error}"));
    }
    Seal::new(key, &[])
}

fn read(keys: &str) -> Option<Vec<[u8; 32]>> {
    let key = |text: &str| BASE64.decode(text.trim().as_bytes()).ok()?.try_into().ok();
    keys.split(',').map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_from_base64() {
        let [one, two] = [[1; 32], [2; 32]].map(|key| BASE64.encode(&key));
        assert_eq!(read(&one), Some(vec![[1; 32]]));
        assert_eq!(
            read(&format!("{one}, {two}\n")),
            Some(vec![[1; 32], [2; 32]])
        );
    }

    #[test]
    fn anything_else_is_no_key() {
        let one = BASE64.encode(&[1; 32]);
        let short = BASE64.encode(&[1; 31]);
        for wrong in ["", ",", "x", &short, &one[1..], &format!("{one},")] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
