//! The table.

use mcp_benches::rounds::Figures;

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
        "| {name} | {} | {} | {} | {:.2} | {:.3} |",
        short(limit.median()),
        short(official.median()),
        short(ours.median()),
        ours.ratio(limit),
        ours.ratio(official),
    );
}

/// Three digits that count.
fn short(figure: f64) -> String {
    match figure {
        100.0.. => format!("{figure:.0}"),
        10.0.. => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}
