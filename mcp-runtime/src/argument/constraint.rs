//! Which constraint fits which type: `range` needs a number, `length` something with a length, `regex` a text.
//!
//! A constraint is checked by the compiler against the type of its parameter, stands in the schema, and is enforced by
//! validating against that schema: it is written once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    num::{
        NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize, NonZeroU8, NonZeroU16,
        NonZeroU32, NonZeroU64, NonZeroUsize,
    },
    path::PathBuf,
};

use serde::Serialize;
use serde_json::Value;

/// A bound of a range, as it stands in the schema.
pub trait Bound: Sync + 'static {
    /// The JSON number.
    fn to_json(&self) -> Value;
}

impl<T: Serialize + Sync + 'static> Bound for T {
    fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// A type whose values can be limited by `range`.
#[diagnostic::on_unimplemented(
    message = "`range` needs a number, `{Self}` is none",
    label = "not a number",
    note = "`range` fits integers and floating-point numbers, and `Option`s of them; for texts and lists use `length`"
)]
pub trait Number {
    /// The type of the bounds: the number itself, also for an `Option` of it.
    type Bound: Bound;
}

/// How the length of a type is limited in JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `minLength` and `maxLength`: characters of a string.
    Characters,
    /// `minItems` and `maxItems`: items of an array.
    Items,
    /// `minProperties` and `maxProperties`: entries of a map.
    Entries,
}

/// A type whose values can be limited by `length`.
#[diagnostic::on_unimplemented(
    message = "`length` needs a text, a list or a map, `{Self}` is none",
    label = "has no length",
    note = "`length` fits `String`, `Vec`, sets and maps, and `Option`s of them; for numbers use `range`"
)]
pub trait Length {
    /// What is counted.
    const UNIT: Unit;
}

/// A type whose values can be limited by `regex`.
#[diagnostic::on_unimplemented(
    message = "`regex` needs a text, `{Self}` is none",
    label = "not a text",
    note = "`regex` fits `String` and `Option<String>`; for a type of your own use `#[schemars(regex(pattern = \"…\"))]`"
)]
pub trait Text {}

/// A type whose values can stand in an HTTP header: a text, an integer or a boolean.
#[diagnostic::on_unimplemented(
    message = "`header` needs a text, an integer or a boolean, `{Self}` is none",
    label = "cannot stand in a header",
    note = "`header` fits `String`, integers and `bool`, and `Option`s of them"
)]
pub trait InHeader {}

/// A type that can have a default: the value stands in the schema.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot have a default",
    label = "cannot be written as JSON",
    note = "derive `serde::Serialize` for `{Self}`, so that the default can stand in the schema"
)]
pub trait DefaultValue {
    /// The default as JSON.
    ///
    /// # Errors
    ///
    /// If the value has no JSON form.
    fn to_json(&self) -> Result<Value, serde_json::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> DefaultValue for T {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(self)
    }
}

macro_rules! numbers {
    ($($bound:ty: $($number:ty),+;)+) => { $($(
        #[diagnostic::do_not_recommend]
        impl Number for $number {
            type Bound = $bound;
        }
    )+)+ };
}

numbers! {
    i8: i8, NonZeroI8; i16: i16, NonZeroI16; i32: i32, NonZeroI32; i64: i64, NonZeroI64; isize: isize, NonZeroIsize;
    u8: u8, NonZeroU8; u16: u16, NonZeroU16; u32: u32, NonZeroU32; u64: u64, NonZeroU64; usize: usize, NonZeroUsize;
    f32: f32; f64: f64;
}

#[diagnostic::do_not_recommend]
impl<T: Number> Number for Option<T> {
    type Bound = T::Bound;
}

#[diagnostic::do_not_recommend]
impl Text for String {}
#[diagnostic::do_not_recommend]
impl Text for Box<str> {}
#[diagnostic::do_not_recommend]
impl Text for PathBuf {}
#[diagnostic::do_not_recommend]
impl<T: Text> Text for Option<T> {}

macro_rules! in_header {
    ($($type:ty),+ $(,)?) => { $(
        #[diagnostic::do_not_recommend]
        impl InHeader for $type {}
    )+ };
}

in_header! {
    String, Box<str>, bool, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64,
    NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize,
}

#[diagnostic::do_not_recommend]
impl<T: InHeader> InHeader for Option<T> {}

macro_rules! lengths {
    ($($unit:ident: $([$($generic:ident),*] $type:ty),+;)+) => { $($(
        #[diagnostic::do_not_recommend]
        impl<$($generic),*> Length for $type {
            const UNIT: Unit = Unit::$unit;
        }
    )+)+ };
}

lengths! {
    Characters: [] String, [] Box<str>, [] PathBuf;
    Items: [T] Vec<T>, [T] Box<[T]>, [T] VecDeque<T>, [T] BTreeSet<T>, [T, S] HashSet<T, S>;
    Entries: [K, V] BTreeMap<K, V>, [K, V, S] HashMap<K, V, S>;
}

#[diagnostic::do_not_recommend]
impl<T: Length> Length for Option<T> {
    const UNIT: Unit = T::UNIT;
}
