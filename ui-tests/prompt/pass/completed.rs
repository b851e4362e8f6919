//! Functions that complete, in all their shapes.

use std::{collections::BTreeSet, io};

use mcp_runtime::{
    CallError, Completion, Context, Principal, Server, State, group, handlers, prompt, resource,
};

struct Cities(Vec<String>);

fn array() -> [&'static str; 2] {
    ["Lyon", "Paris"]
}

fn slice() -> &'static [u32] {
    &[1, 2]
}

fn iterator(cities: State<Cities>) -> impl Iterator<Item = String> {
    let count = cities.0.len();
    (0..count).map(move |at| cities.0[at].clone())
}

async fn set(typed: Completion, _ctx: Context) -> BTreeSet<char> {
    typed.text().chars().collect()
}

async fn four(_: Completion, _: Context, _: State<Cities>, _: Principal) -> Option<String> {
    None
}

fn fallible() -> Result<Vec<String>, io::Error> {
    Err(io::ErrorKind::NotFound.into())
}

async fn told(typed: Completion) -> Result<Vec<String>, CallError> {
    typed.argument("a").ok_or(CallError::not_found())?;
    Ok(Vec::new())
}

fn boxed() -> Result<Vec<String>, Box<dyn std::error::Error + Send + Sync>> {
    Err("there is no list".into())
}

fn generic<const N: usize>() -> [usize; N] {
    [N; N]
}

/// Completes all of them.
#[prompt]
fn all(
    #[arg(complete = array)] from: String,
    #[arg(complete = slice)] days: Option<u32>,
    #[arg(complete = iterator, default = "Rome")] to: String,
    #[arg(complete = set, rename = "sign")] mark: char,
    #[arg(complete = four, length(min = 1))] with: String,
    #[arg(complete = fallible)] by: String,
    #[arg(complete = told, description = "Told.")] via: String,
    #[arg(complete = boxed)] back: String,
    #[arg(complete = generic::<3>)] seats: usize,
) -> String {
    format!("{from}{days:?}{to}{mark}{with}{by}{via}{back}{seats}")
}

/// A map.
#[resource("map://{city}")]
async fn map(#[arg(complete = array)] city: String) -> String {
    city
}

struct Guide(&'static str);

#[group]
impl Guide {
    fn known() -> Vec<String> {
        Vec::new()
    }

    /// Shows around.
    #[prompt]
    fn show(&self, #[arg(complete = Self::known)] city: String) -> String {
        format!("{} {city}", self.0)
    }
}

#[test]
fn they_are_built() {
    let server = Server::new("completed", "1")
        .state(Cities(Vec::new()))
        .add(handlers![all, map])
        .add(Guide("This is"));
    server.build().unwrap();
}
