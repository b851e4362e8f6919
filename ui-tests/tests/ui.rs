//! What the compiler says about wrong definitions, and that right ones compile.
//!
//! `TRYBUILD=overwrite cargo test -p ui-tests` writes the expected messages; read the difference as a user would.

#[test]
fn definitions_compile_or_say_what_to_do() {
    let cases = trybuild::TestCases::new();
    for room in ["tool", "argument", "resource", "prompt", "handlers"] {
        cases.compile_fail(format!("{room}/fail/*.rs"));
        cases.pass(format!("{room}/pass/*.rs"));
    }
}
