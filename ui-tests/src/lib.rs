//! Fixtures only: see `tests/ui.rs`.
