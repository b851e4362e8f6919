//! `mcp-audit`: says whether the file of an audit is as it was written.

use std::{env, fs, process::ExitCode};

use mcp_runtime::audit::{Broken, Fault, Key, Report, Verifier};

const USAGE: &str = "\
Says whether the file of an audit is as it was written.

usage: mcp-audit verify FILE [--key-file KEY] [--head SEQ:HASH]

  --key-file KEY   all records must be signed by the key that is the content of this file
  --head SEQ:HASH  this record must be there: the head that an earlier run has printed

It exits with 0 if all is well, with 1 if something is wrong with a record, and with 2 if it cannot tell.";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let order = match Order::read(&arguments) {
        Ok(order) => order,
        Err(problem) => {
            eprintln!("mcp-audit: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match order.verifier.verify(&order.file) {
        Ok(report) => {
            tell(&order.file, &report);
            ExitCode::SUCCESS
        }
        Err(broken) => blame(&order.file, &broken),
    }
}

/// What is to be done.
struct Order {
    file: String,
    verifier: Verifier,
}

impl Order {
    fn read(arguments: &[String]) -> Result<Self, String> {
        let mut arguments = arguments.iter();
        match arguments.next().map(String::as_str) {
            Some("verify") => {}
            Some(other) => return Err(format!("there is no command `{other}`")),
            None => return Err("say what to do".into()),
        }
        let (mut file, mut verifier) = (None, Verifier::new());
        while let Some(argument) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or(format!("`{argument}` needs a value"))
            };
            match argument.as_str() {
                "--key-file" => verifier = verifier.key(key(value()?)?),
                "--head" => {
                    let (seq, hash) = head(value()?)?;
                    verifier = verifier.head(seq, hash);
                }
                option if option.starts_with('-') => {
                    return Err(format!("there is no option `{option}`"));
                }
                path if file.is_none() => file = Some(path.to_owned()),
                path => return Err(format!("`{path}` is one file too many")),
            }
        }
        let file = file.ok_or("say which file")?;
        Ok(Self { file, verifier })
    }
}

fn key(path: &str) -> Result<Key, String> {
    let key = fs::read(path).map_err(|error| format!("the key `{path}`: {error}"))?;
    if key.is_empty() {
        return Err(format!("the key `{path}` is empty"));
    }
    Ok(Key::new(key))
}

fn head(text: &str) -> Result<(u64, &str), String> {
    let head = text.split_once(':');
    let head = head.and_then(|(seq, hash)| Some((seq.parse().ok()?, hash)));
    head.filter(|(_, hash)| hash.len() == 64)
        .ok_or_else(|| format!("`{text}` is no head, which is a number and a hash: SEQ:HASH"))
}

fn tell(file: &str, report: &Report) {
    let (seq, hash) = report.head();
    println!("{file}: {} records, nothing is wrong", report.records());
    println!("head: {seq}:{hash}");
    println!("signed: {}", report.signed());
    if report.torn() > 0 {
        let times = report.torn();
        println!(
            "torn: {times} records were never written to their end, because the process ended"
        );
    }
    if report.lost() > 0 {
        let records = report.lost();
        println!("lost: {records} records could not be written, as the records after them say");
    }
    if report.unfinished() {
        println!("unfinished: the file ends in the middle of a record");
    }
}

fn blame(file: &str, broken: &Broken) -> ExitCode {
    if let Fault::Unreadable(error) = broken.fault() {
        eprintln!("mcp-audit: {file}: {error}");
        return ExitCode::from(2);
    }
    eprintln!("{file}:{}: {broken}", broken.line());
    ExitCode::FAILURE
}
