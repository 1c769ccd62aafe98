//! Chooses the front, nothing else.
fn main() {}
