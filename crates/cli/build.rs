//! Lists the files of the Rust SDK, which the program carries for the projects of block authors.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut list = String::from("&[\n");
    for entry in fs::read_dir(&crates)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // The SDK and what it is made of: block, block-macros.
        if name == "block" || name.starts_with("block-") {
            println!("cargo::rerun-if-changed={}", crates.join(&name).display());
            add(&crates, &name, &mut list)?;
        }
    }
    list.push(']');
    fs::write(Path::new(&env::var("OUT_DIR").unwrap_or_default()).join("sdk_files.rs"), list)
}

/// Adds all files below `crates/path`, in the order of their names.
fn add(crates: &Path, path: &str, list: &mut String) -> io::Result<()> {
    let mut entries = fs::read_dir(crates.join(path))?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            add(crates, &path, list)?;
        } else {
            let file = crates.join(&path).canonicalize()?;
            // Writing to a string cannot fail.
            let _ = writeln!(list, "({path:?}, include_bytes!({file:?}) as &[u8]),");
        }
    }
    Ok(())
}
