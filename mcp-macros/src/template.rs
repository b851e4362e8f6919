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
                let mut encoded = [0; 4];
                let bytes = c.encode_utf8(&mut encoded).bytes();
                let hint: String = bytes.map(|byte| format!("%{byte:02X}")).collect();
                let c = c.escape_debug();
                self.tell(&format!("`{c}` cannot stand in a URI: write `{hint}`"));
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
    let name = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let mut characters = text.chars();
    let operator = characters.next()?;
    let advice = match operator {
        '#' => "a fragment is not sent to the server: take it out".to_owned(),
        '/' => format!("write `/{{{name}}}`"),
        '.' => format!("write `.{{{name}}}`"),
        ';' => format!("write `;{name}={{{name}}}`"),
        '&' => "write all variables of the query into one `{?…}`".to_owned(),
        '=' | '!' | '@' | '|' | '$' => {
            format!("`{operator}` has no meaning here: write `{{{name}}}`")
        }
        _ if text.ends_with('*') => {
            let name = name.trim_end_matches('*');
            format!("write `{{+{name}}}` for a path with slashes, `{{{name}}}` for one segment")
        }
        _ if text.contains(':') => {
            let name = name.split(':').next().unwrap_or_default();
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
                "nothing but `{{?…}}` can stand behind `{{+{name}}}`, which takes the rest of the path: write `{{{name}}}` \
                 for one segment"
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
        problems.push("there is a `?` before `{?…}`, which brings its own: write all variables of the query into `{?…}`".to_owned());
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

fn is_uri_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=".contains(c)
}
