//! The rules for names that clients see, and guesses at what a misspelt one should be.

/// Says what is wrong with the name of a tool, a prompt or an argument.
///
/// The protocol asks this of tools; for prompts and arguments it is what all clients can handle.
pub(crate) fn check(name: &str) -> Result<(), String> {
    let rule = "1 to 128 letters `A-Z` and `a-z`, digits, `_`, `-` or `.`";
    if name.is_empty() {
        return Err(format!("a name cannot be empty: it has {rule}"));
    }
    if let Some(odd) = name.chars().find(|c| !is_name_character(*c)) {
        let odd = odd.escape_debug();
        return Err(format!("`{odd}` cannot stand in a name: it has {rule}"));
    }
    if name.len() > 128 {
        let length = name.len();
        return Err(format!("a name has {rule}: this one has {length}"));
    }
    Ok(())
}

/// Says what is wrong with a key of `_meta`: an optional prefix, a slash, and a name.
pub(crate) fn check_meta_key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    if let Some(prefix) = prefix {
        check_meta_prefix(prefix)?;
    }
    let ends = |end: Option<char>| end.is_some_and(|c| c.is_ascii_alphanumeric());
    if ends(name.chars().next())
        && ends(name.chars().next_back())
        && name.chars().all(is_name_character)
    {
        return Ok(());
    }
    Err(format!(
        "`{name}` is not the name of a `_meta` key: letters, digits, `_`, `-` and `.`, with a letter or a digit at \
         both ends, behind an optional prefix such as `example.com/`"
    ))
}

/// Says what is wrong with the name of an argument's HTTP header, which follows `Mcp-Param-`: a token of RFC 9110.
pub(crate) fn check_header(name: &str) -> Result<(), String> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    match name.chars().find(|&c| !is_token(c)) {
        _ if name.is_empty() => Err(
            "a header needs a name, such as `Region`: clients send it as `Mcp-Param-Region`"
                .to_owned(),
        ),
        Some(odd) => Err(format!(
            "`{odd}` cannot stand in the name of a header: write letters, digits, `-` or `_`, such as `Region`"
        )),
        None => Ok(()),
    }
}

fn check_meta_prefix(prefix: &str) -> Result<(), String> {
    let is_label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_alphabetic())
            && label.ends_with(|c: char| c.is_ascii_alphanumeric())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let mut labels = prefix.split('.');
    if let Some(label) = labels.clone().find(|label| !is_label(label)) {
        return Err(format!(
            "`{label}` is not a label of a `_meta` prefix: labels begin with a letter, end with a letter or a digit, \
             and have letters, digits and `-` between"
        ));
    }
    match labels.nth(1) {
        Some(second @ ("mcp" | "modelcontextprotocol")) => Err(format!(
            "the prefix `{prefix}/` is reserved by the protocol, because its second label is `{second}`: use a \
             domain of your own"
        )),
        _ => Ok(()),
    }
}

/// The name that was most probably meant, if one is near enough.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let scored = known.iter().map(|other| (distance(name, other), *other));
    let near = scored
        .filter(|(distance, _)| *distance <= name.len() / 3)
        .min();
    let related =
        |other: &&&str| name.len() > 2 && (other.starts_with(name) || name.starts_with(**other));
    near.map(|(_, other)| other)
        .or_else(|| known.iter().find(related).copied())
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// How many characters must be put in, taken out, replaced or exchanged with a neighbour to get from one text to the other.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut rows = vec![(0..=to.len()).collect::<Vec<usize>>()];
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let above = &rows[i - 1];
            let replaced = above[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_letters_digits_and_three_more_characters() {
        for good in ["a", "getUser_2.v-1", &"x".repeat(128)] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "search the web", "a/b", "größe", &"x".repeat(129)] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_first_odd_character_is_named() {
        let told = check("search the web").unwrap_err();
        assert!(told.starts_with("` ` cannot stand in a name"), "{told}");
    }

    #[test]
    fn meta_keys_have_an_optional_prefix_of_labels() {
        for good in [
            "key",
            "example.com/key",
            "com.example-1.a/k_1.b-c",
            "mcp/x",
            "com/x",
        ] {
            assert_eq!(check_meta_key(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "example.com/",
            "/key",
            "1x.com/key",
            "a..b/key",
            "x-/key",
            "-key",
            "key_",
            "a/b/c",
            "a b",
        ] {
            assert!(check_meta_key(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn prefixes_of_the_protocol_are_reserved() {
        for reserved in ["io.modelcontextprotocol/x", "dev.mcp/x", "com.mcp.tools/x"] {
            let told = check_meta_key(reserved).unwrap_err();
            assert!(told.contains("is reserved by the protocol"), "{told}");
        }
        assert_eq!(check_meta_key("com.example.mcp/x"), Ok(()));
    }

    #[test]
    fn headers_are_named_by_tokens() {
        assert_eq!(check_header("Tenant-Id_1"), Ok(()));
        for bad in ["", "Tenant Id", "Größe", "a:b", "a\r\nb"] {
            assert!(check_header(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn slips_of_the_pen_are_recognised() {
        let known = ["name", "description", "read_only", "mime_type"];
        let guess = |name| nearest(name, &known);
        assert_eq!(guess("descripton"), Some("description"));
        assert_eq!(guess("readonly"), Some("read_only"));
        assert_eq!(guess("read_only_hint"), Some("read_only"));
        assert_eq!(guess("mime"), Some("mime_type"));
        assert_eq!(guess("naem"), Some("name"));
        assert_eq!(guess("nope"), None);
        assert_eq!(guess("nonsense"), None);
        assert_eq!(guess("x"), None);
    }
}
