//! What the compiler says about wrong definitions.
//!
//! `TRYBUILD=overwrite cargo test -p ui-tests --test ui` writes the expected messages; read the difference as a user would.

#[test]
fn wrong_definitions_say_what_to_do() {
    let cases = trybuild::TestCases::new();
    for room in ["tool", "argument", "resource", "prompt", "handlers"] {
        cases.compile_fail(format!("{room}/fail/*.rs"));
    }
}
