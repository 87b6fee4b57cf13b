//! What a developer runs: demo, test, blocks, bench, tidy..

fn main() {}
