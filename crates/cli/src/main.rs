//! The patchcord command..

fn main() {}
