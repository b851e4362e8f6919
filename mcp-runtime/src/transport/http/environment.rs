//! What the environment says about an endpoint.

use std::{net::SocketAddr, time::Duration};

/// Reads variables, and collects what is wrong with them.
pub(super) struct Environment<'a> {
    read: &'a dyn Fn(&str) -> Option<String>,
    pub(super) problems: Vec<String>,
}

impl<'a> Environment<'a> {
    pub(super) fn new(read: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            read,
            problems: Vec::new(),
        }
    }

    /// A list, separated by commas.
    pub(super) fn list(&mut self, name: &str) -> Option<Vec<String>> {
        let text = self.text(name)?;
        let items = text.split(',').map(str::trim);
        Some(
            items
                .filter(|item| !item.is_empty())
                .map(Into::into)
                .collect(),
        )
    }

    /// A number that is at least 1.
    pub(super) fn count(&mut self, name: &str) -> Option<usize> {
        let text = self.text(name)?;
        let count = text.parse().ok().filter(|count| *count > 0);
        self.wanted(name, &text, count, "a whole number above 0")
    }

    /// A time in seconds.
    pub(super) fn seconds(&mut self, name: &str) -> Option<Duration> {
        let text = self.text(name)?;
        let seconds = text.parse().ok().filter(|seconds| *seconds > 0.0);
        let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        self.wanted(name, &text, seconds, "a number of seconds above 0")
    }

    /// An address to listen at.
    pub(super) fn address(&mut self, name: &str) -> Option<SocketAddr> {
        let text = self.text(name)?;
        let address = text.parse().ok();
        self.wanted(
            name,
            &text,
            address,
            "an address and a port such as `127.0.0.1:8080`",
        )
    }

    /// A variable that is set to nothing is as good as none.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = (self.read)(name)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    fn wanted<T>(&mut self, name: &str, text: &str, value: Option<T>, what: &str) -> Option<T> {
        if value.is_none() {
            self.problems.push(format!(
                "the variable `{name}` must be {what}, not `{text}`"
            ));
        }
        value
    }
}

/// A variable of the process.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_and_mistakes_are_collected() {
        let read = |name: &str| {
            let value = match name {
                "LIST" => " a, b ,,c",
                "COUNT" => "12",
                "SECONDS" => "0.5",
                "ADDRESS" => "[::1]:8080",
                "EMPTY" => " ",
                "BAD" => "-1",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let mut environment = Environment::new(&read);
        let list = environment.list("LIST").unwrap();
        assert_eq!(list, ["a", "b", "c"]);
        assert_eq!(environment.count("COUNT"), Some(12));
        assert_eq!(
            environment.seconds("SECONDS"),
            Some(Duration::from_millis(500))
        );
        assert_eq!(environment.address("ADDRESS"), "[::1]:8080".parse().ok());
        assert_eq!(environment.count("EMPTY"), None);
        assert_eq!(environment.list("NOTHING"), None);
        assert_eq!(environment.problems, [""; 0]);
        assert_eq!(environment.count("BAD"), None);
        assert_eq!(environment.seconds("BAD"), None);
        assert_eq!(environment.address("BAD"), None);
        assert_eq!(environment.problems.len(), 3);
    }
}
