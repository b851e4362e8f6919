//! URIs and URI templates, checked while compiling.
//!
//! What is left of RFC 6570 is what can be matched without guessing: `{name}` for one segment, `{+name}` for the rest of
//! the path, and `{?a,b}` for the query.

use proc_macro2::TokenStream;
use quote::quote;

/// A URI or a template, in parts.
#[derive(Debug, PartialEq)]
pub(crate) struct Template {
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Part {
    Literal(String),
    Segment(String),
    Path(String),
    Query(Vec<String>),
}

impl Template {
    /// Reads a template, or says everything that is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<String>> {
        let mut reader = Reader::default();
        reader.read(text);
        if reader.problems.is_empty() {
            check_scheme(text, &mut reader.problems);
            check_neighbours(&reader.parts, &mut reader.problems);
            check_variables(&reader.parts, &mut reader.problems);
        }
        match reader.problems {
            problems if problems.is_empty() => Ok(Self {
                parts: reader.parts,
            }),
            problems => Err(problems),
        }
    }

    /// The names of the variables, in order.
    pub(crate) fn variables(&self) -> Vec<&str> {
        variables(&self.parts)
    }

    /// Whether the variable is part of the query, so that it may be missing.
    pub(crate) fn is_in_query(&self, variable: &str) -> bool {
        self.parts.iter().any(
            |part| matches!(part, Part::Query(names) if names.iter().any(|name| name == variable)),
        )
    }

    /// The parts as the runtime takes them.
    pub(crate) fn tokens(&self) -> TokenStream {
        let parts = self.parts.iter().map(|part| match part {
            Part::Literal(text) => quote!(__mcp::Part::Literal(#text)),
            Part::Segment(name) => quote!(__mcp::Part::Segment(#name)),
            Part::Path(name) => quote!(__mcp::Part::Path(#name)),
            Part::Query(names) => quote!(__mcp::Part::Query(&[#(#names),*])),
        });
        quote!(&[#(#parts),*])
    }
}

#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    problems: Vec<String>,
}

impl Reader {
    fn read(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            self.literal(&rest[..at]);
            let Some(behind) = rest[at..].strip_prefix('{') else {
                return self.tell("there is a `}` without a `{` before it");
            };
            let Some(end) = behind.find(['{', '}']) else {
                return self.tell("there is a `{` without a `}` behind it");
            };
            if behind[end..].starts_with('{') {
                return self.tell("there is a `{` inside of `{…}`: close the first one before it");
            }
            self.expression(&behind[..end]);
            rest = &behind[end + 1..];
        }
        self.literal(rest);
    }

    fn literal(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        for (at, c) in text.char_indices() {
            if c == '%' {
                let digits = text[at + 1..].chars().take(2);
                if digits.filter(char::is_ascii_hexdigit).count() < 2 {
                    self.tell("`%` stands before two hexadecimal digits in a URI: write `%25` for a percent sign");
                }
            } else if !is_uri_character(c) {
                let (shown, encoded) = (c.escape_debug(), percent_encoded(c));
                self.tell(&format!(
                    "`{shown}` cannot stand in a URI: write `{encoded}`"
                ));
            }
        }
        self.parts.push(Part::Literal(text.to_owned()));
    }

    fn expression(&mut self, text: &str) {
        let whole = format!("{{{text}}}");
        let names = text.strip_prefix(['+', '?']).unwrap_or(text);
        if let Some(problem) = unsupported(text) {
            return self.tell(&format!("`{whole}`: {problem}"));
        }
        let names: Vec<String> = names.split(',').map(str::to_owned).collect();
        for name in &names {
            if let Err(problem) = check_variable(name) {
                return self.tell(&format!("`{whole}`: {problem}"));
            }
        }
        let part = match (text.chars().next(), names.as_slice()) {
            (Some('?'), _) => Part::Query(names),
            (Some('+'), [name]) => Part::Path(name.clone()),
            (_, [name]) => Part::Segment(name.clone()),
            _ => {
                return self.tell(&format!(
                    "`{whole}`: a list of variables is only for the query: write `{}`",
                    names
                        .iter()
                        .map(|name| format!("{{{name}}}"))
                        .collect::<Vec<_>>()
                        .join(",")
                ));
            }
        };
        self.parts.push(part);
    }

    fn tell(&mut self, problem: &str) {
        self.problems.push(problem.to_owned());
    }
}

/// The operators and modifiers of RFC 6570 that cannot be matched, or not without guessing.
fn unsupported(text: &str) -> Option<String> {
    let name = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let name = name.split(['*', ':']).next().unwrap_or_default();
    let operator = text.chars().next()?;
    let advice = match operator {
        '#' | '/' | '.' => format!("write `{operator}{{{name}}}`"),
        ';' => format!("write `;{name}={{{name}}}`"),
        '&' => "write all variables of the query into one `{?…}`".to_owned(),
        '=' | '!' | '@' | '|' | '$' => {
            format!("`{operator}` has no meaning here: write `{{{name}}}`")
        }
        _ if text.ends_with('*') => {
            format!("write `{{+{name}}}` for a path with slashes, `{{{name}}}` for one segment")
        }
        _ if text.contains(':') => {
            format!("a part of a value cannot be matched: write `{{{name}}}`")
        }
        _ => return None,
    };
    Some(advice)
}

fn check_variable(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a variable needs a name: write `{name}`".to_owned());
    }
    if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        return Ok(());
    }
    Err(format!(
        "`{name}` is not a name of a variable: letters, digits and `_`, and no digit at the beginning"
    ))
}

fn check_scheme(text: &str, problems: &mut Vec<String>) {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if !fits {
        problems.push(format!(
            "a URI begins with a scheme: write `file:///{0}`, or a scheme of your own such as `app://{0}`",
            text.trim_start_matches(['/', ':'])
        ));
    }
}

fn check_neighbours(parts: &[Part], problems: &mut Vec<String>) {
    for pair in parts.windows(2) {
        match pair {
            [Part::Query(_), _] => {
                problems.push("nothing can stand behind `{?…}`: move it to the end".to_owned());
            }
            [Part::Path(_), Part::Query(_)] => {}
            [Part::Path(name), _] => problems.push(format!(
                "nothing but `{{?…}}` can stand behind `{{+{name}}}`, which takes the rest of the path: write \
                 `{{{name}}}` for one segment"
            )),
            [Part::Segment(one), Part::Segment(other) | Part::Path(other)] => problems.push(format!(
                "nothing tells where `{one}` ends and `{other}` begins: put text such as `/` between them"
            )),
            _ => {}
        }
    }
    let literals = parts.iter().filter_map(|part| match part {
        Part::Literal(text) => Some(text),
        _ => None,
    });
    if matches!(parts.last(), Some(Part::Query(_)))
        && literals.into_iter().any(|text| text.contains('?'))
    {
        problems.push(
            "there is a `?` before `{?…}`, which brings its own: write the whole query into `{?…}`"
                .to_owned(),
        );
    }
}

fn check_variables(parts: &[Part], problems: &mut Vec<String>) {
    let all = variables(parts);
    for (at, name) in all.iter().enumerate() {
        if all[..at].contains(name) {
            problems.push(format!(
                "there are two variables called `{name}`: rename one of them"
            ));
        }
    }
}

fn variables(parts: &[Part]) -> Vec<&str> {
    let names = parts.iter().flat_map(|part| match part {
        Part::Literal(_) => &[],
        Part::Segment(name) | Part::Path(name) => std::slice::from_ref(name),
        Part::Query(names) => names.as_slice(),
    });
    names.map(String::as_str).collect()
}

fn percent_encoded(c: char) -> String {
    let mut bytes = [0; 4];
    let bytes = c.encode_utf8(&mut bytes).bytes();
    bytes.fold(String::new(), |text, byte| format!("{text}%{byte:02X}"))
}

fn is_uri_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<Part> {
        Template::parse(text).unwrap().parts
    }

    fn problem(text: &str) -> String {
        Template::parse(text).unwrap_err().join("; ")
    }

    #[test]
    fn a_uri_is_one_literal() {
        for uri in [
            "note://all",
            "urn:isbn:0451450523",
            "file:///a%20b/c?d=e#f",
            "a+b-c.1:",
        ] {
            assert_eq!(parts(uri), [Part::Literal(uri.into())]);
        }
    }

    #[test]
    fn variables_are_segments_paths_and_queries() {
        assert_eq!(
            parts("repo://{owner}/{repo}.git/{+path}{?ref_,depth}"),
            [
                Part::Literal("repo://".into()),
                Part::Segment("owner".into()),
                Part::Literal("/".into()),
                Part::Segment("repo".into()),
                Part::Literal(".git/".into()),
                Part::Path("path".into()),
                Part::Query(vec!["ref_".into(), "depth".into()]),
            ]
        );
        let template = Template::parse("a://{x}{?y}").unwrap();
        assert_eq!(template.variables(), ["x", "y"]);
        assert!(template.is_in_query("y") && !template.is_in_query("x"));
    }

    #[test]
    fn braces_are_balanced() {
        assert!(problem("a://{x").contains("`{` without a `}`"));
        assert!(problem("a://x}").contains("`}` without a `{`"));
        assert!(problem("a://{x{y}}").contains("`{` inside of `{…}`"));
    }

    #[test]
    fn what_cannot_be_matched_says_what_to_write_instead() {
        for (template, advice) in [
            ("a://{#x}", "write `#{x}`"),
            ("a://a{/x}", "write `/{x}`"),
            ("a://a{/x*}", "write `/{x}`"),
            ("a://a{.x}", "write `.{x}`"),
            ("a://a{;x}", "write `;x={x}`"),
            ("a://a{?x}{&y}", "into one `{?…}`"),
            ("a://{=x}", "write `{x}`"),
            ("a://{x*}", "write `{+x}`"),
            ("a://{x:3}", "write `{x}`"),
            ("a://{x,y}", "write `{x},{y}`"),
            ("a://{+x,y}", "write `{x},{y}`"),
            ("a://x?y=1{?z}", "into `{?…}`"),
        ] {
            let told = problem(template);
            assert!(told.contains(advice), "{template}: {told}");
        }
    }

    #[test]
    fn variables_have_names_of_their_own() {
        for template in [
            "a://{}",
            "a://{?}",
            "a://{x-y}",
            "a://{1}",
            "a://{x y}",
            "a://{x}/{x}",
            "a://{?x,x}",
        ] {
            assert!(Template::parse(template).is_err(), "{template}");
        }
    }

    #[test]
    fn variables_are_told_apart_by_what_stands_between() {
        assert!(problem("a://{x}{y}").contains("where `x` ends and `y` begins"));
        assert!(problem("a://{x}{+y}").contains("where `x` ends and `y` begins"));
        assert!(problem("a://{+x}/y").contains("stand behind `{+x}`"));
        assert!(problem("a://{?x}/y").contains("move it to the end"));
    }

    #[test]
    fn only_characters_of_uris_stand_between() {
        assert_eq!(problem("a://x y"), "` ` cannot stand in a URI: write `%20`");
        assert_eq!(
            problem("a://ü"),
            "`ü` cannot stand in a URI: write `%C3%BC`"
        );
        assert!(problem("a://100%").contains("write `%25`"));
    }

    #[test]
    fn a_uri_begins_with_a_scheme() {
        for uri in [
            "",
            "notes",
            "/notes",
            "//host",
            "1a://x",
            "{scheme}://x",
            ":x",
        ] {
            assert!(problem(uri).contains("begins with a scheme"), "{uri}");
        }
    }
}
