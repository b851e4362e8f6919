//! What the text of a path may be, whatever the system: checked before anything is opened.

use std::{error::Error, fmt};

use percent_encoding::percent_decode_str;

/// How long a path may be, in bytes.
pub(super) const MAX_PATH: usize = 1024;

/// How long each name in it may be, in bytes.
const MAX_NAME: usize = 255;

/// The names that Windows gives to devices in every folder, whatever stands behind a dot. Numbers follow `COM` and `LPT`.
const DEVICES: [&str; 7] = ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"];

/// Why the text of a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PathRefusal {
    /// It is empty, or a name in it is: `a//b`, `a/`.
    Empty,
    /// It has more than 1,024 bytes, or a name of more than 255.
    TooLong,
    /// It has control characters in it: NUL, line breaks, marks that turn the direction of text.
    Control,
    /// It begins at a root: `/etc`, `\\host\share`, `file:///etc`.
    Absolute,
    /// It names a drive: `C:\`, `C:a`.
    Drive,
    /// It has `.` or `..` in it, plainly or in look-alike characters.
    Traversal,
    /// What it has in it becomes one of the others when percent escapes are decoded: `%2e%2e`, `%252f`.
    Encoded,
    /// It has `\` in it.
    Backslash,
    /// It has `:` in it, with which Windows names streams: `a.txt:b`.
    Colon,
    /// It has a name in it that Windows gives to a device: `NUL`, `com1.txt`.
    Device,
    /// It has a name in it that ends with a dot or a space, which Windows leaves out.
    TrailingDot,
}

impl fmt::Display for PathRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a path with a name between all slashes, and none at the end",
            Self::TooLong => "a path of at most 1024 bytes, each name of at most 255",
            Self::Control => "a path without control characters",
            Self::Absolute => "a relative path: begin with a name, not with a root",
            Self::Drive => "a relative path, without a drive",
            Self::Traversal => "a path without `.` and `..`",
            Self::Encoded => "a plain path, not one that is percent-encoded",
            Self::Backslash => "a path with `/` between its names, and no `\\`",
            Self::Colon => "a path without `:`",
            Self::Device => "a path without names of devices, such as `nul`",
            Self::TrailingDot => "a path whose names do not end with a dot or a space",
        })
    }
}

impl Error for PathRefusal {}

/// Checks the text of a path, which has been decoded already if it comes from a URI.
pub(super) fn check(path: &str) -> Result<(), PathRefusal> {
    if path.len() > MAX_PATH {
        return Err(PathRefusal::TooLong);
    }
    check_text(path)?;
    check_decoded(path)
}

fn check_text(path: &str) -> Result<(), PathRefusal> {
    if path.chars().any(is_control) {
        return Err(PathRefusal::Control);
    }
    if path.starts_with(['/', '\\']) || path.contains("://") {
        return Err(PathRefusal::Absolute);
    }
    if path.split(['/', '\\']).any(is_traversal) {
        return Err(PathRefusal::Traversal);
    }
    // After the above, because with both it is more telling.
    if path.split(['/', '\\']).any(is_drive) {
        return Err(PathRefusal::Drive);
    }
    if path.contains('\\') {
        return Err(PathRefusal::Backslash);
    }
    path.split('/').try_for_each(check_name)
}

fn check_name(name: &str) -> Result<(), PathRefusal> {
    if name.is_empty() {
        Err(PathRefusal::Empty)
    } else if name.len() > MAX_NAME {
        Err(PathRefusal::TooLong)
    } else if name.contains(':') {
        Err(PathRefusal::Colon)
    } else if is_device(name) {
        Err(PathRefusal::Device)
    } else if name.ends_with(['.', ' ']) {
        Err(PathRefusal::TrailingDot)
    } else {
        Ok(())
    }
}

/// Refuses what would be another path to something that decodes it once more, or several times.
fn check_decoded(path: &str) -> Result<(), PathRefusal> {
    let mut text = plain(path);
    loop {
        let decoded = percent_decode_str(&text).decode_utf8();
        let decoded = plain(&decoded.map_err(|_| PathRefusal::Encoded)?);
        if decoded == text {
            return Ok(());
        }
        let separators = |text: &str| text.matches(['/', '\\']).count();
        if separators(&decoded) != separators(&text) || check_text(&decoded).is_err() {
            return Err(PathRefusal::Encoded);
        }
        text = decoded;
    }
}

/// With the percent signs that only look like one replaced: a path that hides escapes behind them is decoded in vain.
fn plain(text: &str) -> String {
    text.replace(['\u{ff05}', '\u{fe6a}'], "%")
}

/// Control characters, and those that turn the direction of the text around them.
fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether a name is `.` or `..`, or becomes it where look-alikes are replaced and what is invisible is left out, as some
/// file systems and conversions do. Longer rows of dots are none of any system's names either.
fn is_traversal(name: &str) -> bool {
    let folded = fold(name);
    let mut parts = folded.split(['/', '\\']);
    parts.any(|part| {
        let part = part.trim();
        !part.is_empty() && part.chars().all(|character| character == '.')
    })
}

fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '\u{2024}' | '\u{fe52}' | '\u{ff0e}' => folded.push('.'),
            '\u{2025}' => folded.push_str(".."),
            '\u{2026}' | '\u{fe19}' => folded.push_str("..."),
            '\u{2044}' | '\u{2215}' | '\u{29f8}' | '\u{ff0f}' => folded.push('/'),
            '\u{2216}' | '\u{29f5}' | '\u{29f9}' | '\u{fe68}' | '\u{ff3c}' => folded.push('\\'),
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' => {}
            other => folded.push(other),
        }
    }
    folded
}

fn is_drive(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|letter| letter.is_ascii_alphabetic())
        && characters.next() == Some(':')
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_lowercase();
    let is_number = |rest: &str| {
        let mut rest = rest.chars();
        let digit = |digit: char| digit.is_ascii_digit() || matches!(digit, '¹' | '²' | '³');
        rest.next().is_some_and(digit) && rest.next().is_none()
    };
    let port = stem
        .strip_prefix("com")
        .or_else(|| stem.strip_prefix("lpt"));
    DEVICES.contains(&stem.as_str()) || port.is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_are_as_they_are() {
        for path in [
            "a",
            "a.txt",
            "a/b/c.d.e",
            ".hidden",
            "..two",
            "a..b",
            "a b",
            "100%",
            "50%25",
            "100%.txt",
            "%zz",
            "~",
            "~root/x",
            "Grüße/日本語.txt",
            "報告：最終…版.txt",
            "👩\u{200d}👧.png",
            "a'b\"c",
            "$(x)",
            "-rf",
            "com",
            "com10",
            "comma",
            "console.log",
            "nullable",
            "auxiliary/x",
            "a*b?",
            "[x]",
            "{x}",
            "a;b",
            "a|b",
            "q=1&r",
        ] {
            assert_eq!(check(path), Ok(()), "{path}");
        }
        assert_eq!(check(&"x".repeat(255)), Ok(()));
    }

    proptest! {
        #[test]
        fn what_is_accepted_stays_beneath_whatever_decodes_it(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "a", "b.txt", ".", "..", "/", "\\", "%", "25", "2e", "2f", "5c", "00", "c0", "ae", ":", "C:", " ", "\u{ff0e}",
                    "\u{2025}", "\u{200b}", "\u{ff05}", "nul", "\0", "~",
                ]),
                0..12,
            ),
        ) {
            let mut text = parts.concat();
            if check(&text).is_ok() {
                // As often as anybody might decode it.
                for _ in 0..6 {
                    let path = Path::new(&text);
                    prop_assert!(path.components().all(|part| matches!(part, Component::Normal(_))), "{}", text);
                    prop_assert!(!text.contains(['\0', '\\', ':']), "{}", text);
                    text = percent_decode_str(&text).decode_utf8().unwrap().into_owned();
                }
            }
        }

        #[test]
        fn any_text_is_accepted_or_refused(text in any::<String>()) {
            if check(&text).is_ok() {
                let path = Path::new(&text);
                prop_assert!(path.components().all(|part| matches!(part, Component::Normal(_))));
            }
        }
    }
}
