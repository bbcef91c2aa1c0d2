//! The binary that template.yaml names. Its handler comes with `config.rs`; until then it only has to exist.

fn main() {}
