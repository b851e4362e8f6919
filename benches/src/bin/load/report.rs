//! The table.

use mcp_benches::rounds::Figures;

use crate::Result;

/// Prints the head of a table with a column for each server.
pub(crate) fn head(first: &str) {
    println!(
        "\n| {first} | limit | rmcp | mcp-runtime | × limit | × rmcp |\n|---|---:|---:|---:|---:|---:|"
    );
}

/// Prints a row: the figures of the limit, of rmcp and of ours.
pub(crate) fn row(name: &str, figures: &[Figures]) {
    let [limit, official, ours] = figures else {
        return;
    };
    println!(
        "| {name} | {} | {} | {} | {} | {} |",
        short(limit.median()),
        short(official.median()),
        short(ours.median()),
        short(ours.ratio(limit)),
        short(ours.ratio(official)),
    );
}

/// Prints the head of a table with a column for a server that is open and one that is guarded.
pub(crate) fn head_of_guards() {
    println!("\n| CPU µs per request | open | guarded | × open |\n|---|---:|---:|---:|");
}

/// Prints a row of that table.
pub(crate) fn row_of_guards(name: &str, figures: &[Figures]) {
    let [open, guarded] = figures else {
        return;
    };
    println!(
        "| {name} | {} | {} | {} |",
        short(open.median()),
        short(guarded.median()),
        short(guarded.ratio(open)),
    );
}

/// What a server has no figure for is said, and leaves a gap.
pub(crate) fn tried<T>(measured: Result<T>) -> Option<T> {
    measured.inspect_err(|problem| eprintln!("{problem}")).ok()
}

/// Three digits that count, or a dash if there is no figure.
fn short(figure: f64) -> String {
    match figure {
        100.0.. => format!("{figure:.0}"),
        10.0.. => format!("{figure:.1}"),
        0.995.. => format!("{figure:.2}"),
        _ if figure.is_nan() => "–".to_owned(),
        _ => format!("{figure:.3}"),
    }
}
