//! The promises that the fixtures make: whatever the macros and the traits say when something is wrong is shown by one of
//! them, and each of them is compiled.

use std::{
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};

/// Texts in the macros that nobody reads: what a stub would say if it ran, and tests.
const SILENT: [&str; 2] = ["golden.rs", "the compiler has said what is wrong here"];

const ROOMS: [&str; 5] = ["tool", "argument", "resource", "prompt", "handlers"];

#[test]
fn every_message_of_the_macros_has_a_fixture() {
    let shown = shown();
    let mut missing = Vec::new();
    let sources = sources("../mcp-macros/src").into_iter();
    for file in sources.filter(|file| !SILENT.iter().any(|silent| file.ends_with(silent))) {
        let mut texts = Vec::new();
        collect(tokens(&file), &mut texts);
        // Shorter ones are keys and forms of options, which stand in messages; documentation begins with a space.
        texts.retain(|text| text.split_whitespace().count() > 3 && !text.starts_with(' '));
        texts.retain(|text| !SILENT.contains(&text.as_str()) && !is_shown(text, &shown));
        missing.extend(texts.into_iter().map(|text| (file.clone(), text)));
    }
    assert!(missing.is_empty(), "no fixture shows {missing:#?}");
}

#[test]
fn every_message_of_a_trait_has_a_fixture() {
    let shown = shown();
    let mut texts = Vec::new();
    for file in sources("../mcp-runtime/src") {
        collect_diagnostics(tokens(&file), &mut texts);
    }
    assert!(texts.len() > 20, "they are found: {texts:#?}");
    texts.retain(|text| !is_shown(text, &shown));
    assert!(texts.is_empty(), "no fixture shows {texts:#?}");
}

#[test]
fn every_wrong_definition_has_its_message() {
    let fixtures: Vec<PathBuf> = ROOMS
        .into_iter()
        .flat_map(|room| files(&format!("{room}/fail"), "rs"))
        .collect();
    assert!(fixtures.len() >= 90, "there are {}", fixtures.len());
    for fixture in &fixtures {
        assert!(
            fixture.with_extension("stderr").exists(),
            "{}",
            fixture.display()
        );
    }
    let messages: Vec<PathBuf> = ROOMS
        .into_iter()
        .flat_map(|room| files(&format!("{room}/fail"), "stderr"))
        .collect();
    for message in messages {
        assert!(
            message.with_extension("rs").exists(),
            "{}",
            message.display()
        );
    }
}

#[test]
fn every_right_definition_is_compiled() {
    let compiled = read(&root().join("tests/pass.rs"));
    for room in ROOMS {
        let (_, modules) = compiled
            .split_once(&format!("mod {room} {{"))
            .expect("each room is a module");
        let (modules, _) = modules.split_once('}').expect("a module ends");
        for fixture in files(&format!("{room}/pass"), "rs") {
            let name = fixture.file_stem().unwrap_or_default().to_string_lossy();
            assert!(
                modules.contains(&format!("mod {name};")),
                "{}",
                fixture.display()
            );
        }
    }
}

/// The string literals of a source file, without those in attributes and in its tests.
fn collect(tokens: TokenStream, texts: &mut Vec<String>) {
    let mut previous = [String::new(), String::new()];
    for token in tokens {
        let text = token.to_string();
        match token {
            TokenTree::Literal(_) => texts.extend(unquote(&text)),
            TokenTree::Group(group)
                if previous[1] != "#" && previous != ["mod".to_owned(), "tests".to_owned()] =>
            {
                collect(group.stream(), texts);
            }
            _ => {}
        }
        let [_, last] = previous;
        previous = [last, text];
    }
}

/// The string literals in `on_unimplemented(…)`.
fn collect_diagnostics(tokens: TokenStream, texts: &mut Vec<String>) {
    let mut is_diagnostic = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            if is_diagnostic {
                collect(group.stream(), texts);
            } else {
                collect_diagnostics(group.stream(), texts);
            }
        }
        is_diagnostic = token.to_string() == "on_unimplemented";
    }
}

/// The text of a string literal that is not raw.
fn unquote(literal: &str) -> Option<String> {
    let literal = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut characters = literal.chars();
    while let Some(c) = characters.next() {
        match (c, if c == '\\' { characters.next() } else { None }) {
            ('\\', Some('n')) => text.push('\n'),
            // The line goes on behind the indent.
            ('\\', Some('\n')) => {
                let rest = characters.as_str().trim_start();
                characters = rest.chars();
            }
            ('\\', Some(escaped)) => text.push(escaped),
            _ => text.push(c),
        }
    }
    Some(text)
}

/// Whether one line holds all pieces of the text, in their order; what is put in between when it is said is unknown.
fn is_shown(text: &str, shown: &str) -> bool {
    let pieces = pieces(text);
    shown.lines().any(|line| {
        let mut rest = line;
        pieces
            .iter()
            .all(|piece| match rest.split_once(piece.as_str()) {
                Some((_, behind)) => {
                    rest = behind;
                    true
                }
                None => false,
            })
    })
}

/// What stands between the placeholders of a text, and between its braces, which may be escaped.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if !matches!(c, '{' | '}') {
            pieces.last_mut().expect("there is one").push(c);
            continue;
        }
        pieces.push(String::new());
        if let ('{', Some((name, behind))) = (c, rest.split_once('}'))
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || "_:.?".contains(c))
        {
            rest = behind;
        }
    }
    pieces
}

/// All that the fixtures show.
fn shown() -> String {
    ROOMS
        .into_iter()
        .flat_map(|room| files(&format!("{room}/fail"), "stderr"))
        .map(|file| read(&file))
        .collect()
}

fn tokens(file: &Path) -> TokenStream {
    read(file).parse().expect("a source file has tokens")
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The source files in a folder and in those below.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = files(folder, "rs");
    let entries = fs::read_dir(root().join(folder)).expect("the folder exists");
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if let (true, Some(name)) = (path.is_dir(), path.file_name()) {
            found.extend(sources(&format!("{folder}/{}", name.to_string_lossy())));
        }
    }
    found
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder exists");
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
