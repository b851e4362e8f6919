//! [`Rate`]: how many calls in which time.

use std::{fmt, str::FromStr, time::Duration};

/// How many calls go through in which time: a token bucket.
///
/// The bucket holds as many tokens as the burst, which is the count unless something else is said. It is full at first, each
/// call takes a token out, and tokens come back evenly: of `5/s`, one every 200 ms.
///
/// A rate is written as `5/s`, `100/m`, `1000/h` or `10000/d`, over several units as `1/10s`, and with a burst as `5/s burst 20`:
///
/// ```
/// use mcp_runtime::limit::Rate;
///
/// assert_eq!("5/s".parse(), Ok(Rate::per_second(5)));
/// assert_eq!("100/m burst 10".parse(), Ok(Rate::per_minute(100).with_burst(10)));
/// assert_eq!(Rate::per_hour(1000).to_string(), "1000/h");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    count: u32,
    /// The time in which as many tokens as `count` come back, in milliseconds.
    period: u64,
    burst: u32,
}

/// A rate that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RateError {
    /// It is not written as a rate.
    Form,
    /// The count, the time or the burst is zero.
    Zero,
    /// More than a million in a second.
    TooMany,
    /// An empty bucket would take more than a year to fill.
    TooLong,
}

const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The longest time in which an empty bucket is full again, in milliseconds.
const LONGEST: u128 = 366 * DAY as u128;

impl Rate {
    /// So many calls a second.
    ///
    /// # Panics
    ///
    /// If there are none, or more than a million of them.
    #[must_use]
    #[track_caller]
    pub const fn per_second(count: u32) -> Self {
        Self::new(count, SECOND, count)
    }

    /// So many calls a minute.
    ///
    /// # Panics
    ///
    /// If there are none, or more than a million a second.
    #[must_use]
    #[track_caller]
    pub const fn per_minute(count: u32) -> Self {
        Self::new(count, MINUTE, count)
    }

    /// So many calls an hour.
    ///
    /// # Panics
    ///
    /// If there are none, or more than a million a second.
    #[must_use]
    #[track_caller]
    pub const fn per_hour(count: u32) -> Self {
        Self::new(count, HOUR, count)
    }

    /// Another burst: how many calls go through at once after a time of silence.
    ///
    /// # Panics
    ///
    /// If it is zero, or so large that an empty bucket would take more than a year to fill.
    #[must_use]
    #[track_caller]
    pub const fn with_burst(self, burst: u32) -> Self {
        Self::new(self.count, self.period, burst)
    }

    /// The calls in `period` milliseconds.
    ///
    /// # Panics
    ///
    /// If it cannot be.
    #[doc(hidden)]
    #[must_use]
    #[track_caller]
    pub const fn new(count: u32, period: u64, burst: u32) -> Self {
        match Self::checked(count, period, burst) {
            Ok(rate) => rate,
            Err(RateError::Zero) => panic!("a rate lets something through: it cannot be zero"),
            Err(RateError::TooMany) => panic!("a rate is at most a million calls a second"),
            Err(_) => panic!("the bucket of a rate must be full again within a year"),
        }
    }

    const fn checked(count: u32, period: u64, burst: u32) -> Result<Self, RateError> {
        if count == 0 || period == 0 || burst == 0 {
            return Err(RateError::Zero);
        }
        if count as u128 > period as u128 * 1000 {
            return Err(RateError::TooMany);
        }
        if period as u128 * burst as u128 > LONGEST * count as u128 {
            return Err(RateError::TooLong);
        }
        Ok(Self {
            count,
            period,
            burst,
        })
    }

    /// How many calls go through at once after a time of silence.
    #[must_use]
    pub const fn burst(self) -> u32 {
        self.burst
    }

    /// The time after which a token comes back.
    #[must_use]
    pub const fn interval(self) -> Duration {
        Duration::from_nanos(self.period * 1_000_000 / self.count as u64)
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (rate, burst) = match text.split_once(" burst ") {
            Some((rate, burst)) => (rate, Some(number(burst)?)),
            None => (text, None),
        };
        let (count, period) = rate.split_once('/').ok_or(RateError::Form)?;
        let count = number(count)?;
        let unit = period.trim_start_matches(|c: char| c.is_ascii_digit());
        let times = match &period[..period.len() - unit.len()] {
            "" => 1,
            times => number(times)?,
        };
        let unit = match unit {
            "s" => SECOND,
            "m" => MINUTE,
            "h" => HOUR,
            "d" => DAY,
            _ => return Err(RateError::Form),
        };
        // The product of 32 bits and a day is far from 64 bits.
        Self::checked(count, u64::from(times) * unit, burst.unwrap_or(count))
    }
}

/// Digits and nothing else; `parse` takes a sign, too.
fn number(text: &str) -> Result<u32, RateError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.ok_or(RateError::Form)
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s")];
        let even = units
            .into_iter()
            .find(|(length, _)| self.period.is_multiple_of(*length));
        write!(f, "{}/", self.count)?;
        match even {
            Some((length, unit)) if self.period == length => f.write_str(unit)?,
            Some((length, unit)) => write!(f, "{}{unit}", self.period / length)?,
            None => write!(f, "{}ms", self.period)?,
        }
        if self.burst == self.count {
            return Ok(());
        }
        write!(f, " burst {}", self.burst)
    }
}

impl fmt::Display for RateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "a rate is written as `5/s`, `100/m`, `1/10s` or `5/s burst 20`",
            Self::Zero => "a rate lets something through: it cannot be zero",
            Self::TooMany => "a rate is at most a million calls a second",
            Self::TooLong => "the bucket of a rate must be full again within a year",
        })
    }
}

impl std::error::Error for RateError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_count_a_time_and_perhaps_a_burst() {
        let read = |text: &str| text.parse::<Rate>();
        assert_eq!(read("5/s"), Ok(Rate::per_second(5)));
        assert_eq!(read("100/m"), Ok(Rate::per_minute(100)));
        assert_eq!(read("1000/h"), Ok(Rate::per_hour(1000)));
        assert_eq!(read("24/d"), Ok(Rate::new(24, DAY, 24)));
        assert_eq!(read("1/10s"), Ok(Rate::new(1, 10 * SECOND, 1)));
        assert_eq!(read("5/s burst 20"), Ok(Rate::per_second(5).with_burst(20)));
    }

    #[test]
    fn what_cannot_be_a_rate_is_refused() {
        let read = |text: &str| text.parse::<Rate>().unwrap_err();
        for text in [
            "",
            "5",
            "/s",
            "5/",
            "5/y",
            "5 / s",
            "-5/s",
            "+5/s",
            "5/s burst",
            "5/s burst x",
            "5/s,20",
            "99999999999/s",
            "1.5/s",
            "5/s burst +1",
        ] {
            assert_eq!(read(text), RateError::Form, "{text}");
        }
        for text in ["0/s", "5/0s", "5/s burst 0"] {
            assert_eq!(read(text), RateError::Zero, "{text}");
        }
        assert_eq!(read("1000001/s"), RateError::TooMany);
        assert_eq!(read("1/d burst 1000"), RateError::TooLong);
        assert_eq!(read("1/4294967295d"), RateError::TooLong);
    }

    #[test]
    fn a_rate_is_written_as_it_is_read() {
        for text in [
            "5/s",
            "100/m",
            "1000/h",
            "1/d",
            "1/10s",
            "5/s burst 20",
            "7/90s",
        ] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn tokens_come_back_evenly() {
        assert_eq!(Rate::per_second(5).interval(), Duration::from_millis(200));
        assert_eq!(Rate::per_hour(2).interval(), Duration::from_secs(1800));
    }
}
