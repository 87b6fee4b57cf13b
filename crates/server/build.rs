//! Takes the built console into the program: what `cargo xtask console` has put into `target/console/dist`, with its
//! compressed forms. Where nothing has been built the list is empty, and the server says on its page what to run.
#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

use std::fmt::Write as _;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

/// What is served as it lies there; the rest is for the build.
const SERVED: [&str; 4] = ["html", "js", "css", "svg"];

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or_else(|| missing("OUT_DIR"))?);
    let built = target_folder(&out)?.join("console").join("dist");
    // Cargo takes a folder that is not there for one that has changed, and would build the server anew each time.
    fs::create_dir_all(&built)?;
    println!("cargo::rerun-if-changed={}", built.display());
    // Copied, so that the console can be built anew while the server is being compiled.
    let kept = out.join("console");
    if kept.exists() {
        fs::remove_dir_all(&kept)?;
    }
    fs::create_dir_all(&kept)?;
    let mut list = String::from("&[\n");
    for path in files_in(&built)? {
        add(&mut list, &built, &path, &kept)?;
    }
    list.push(']');
    fs::write(out.join("console_files.rs"), list)
}

/// Cargo marks it with a tag.
fn target_folder(out: &Path) -> Result<&Path> {
    let tagged = |folder: &&Path| folder.join("CACHEDIR.TAG").is_file();
    out.ancestors().find(tagged).ok_or_else(|| missing("the target folder"))
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if SERVED.contains(&extension.as_str()) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn add(list: &mut String, root: &Path, path: &Path, kept: &Path) -> Result<()> {
    let name = path.strip_prefix(root).map_err(Error::other)?;
    let name = name.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
    let mut hash = DefaultHasher::new();
    fs::read(path)?.hash(&mut hash);
    // Weak: the compressed forms go under the same tag.
    let etag = format!("W/\"{:016x}\"", hash.finish());
    let [plain, gzip, brotli] = ["", ".gz", ".br"].map(|ending| keep(path, ending, kept, &name));
    let (plain, gzip, brotli) = (plain?, gzip?, brotli?);
    writeln!(
        list,
        "File {{ name: {name:?}, etag: {etag:?}, plain: include_bytes!({plain:?}), \
         gzip: include_bytes!({gzip:?}), brotli: include_bytes!({brotli:?}) }},",
    )
    .map_err(Error::other)
}

/// Copies one form of a file; where it lies then.
fn keep(path: &Path, ending: &str, kept: &Path, name: &str) -> Result<PathBuf> {
    let from = PathBuf::from(format!("{}{ending}", path.display()));
    let to = kept.join(format!("{}{ending}", name.replace('/', "-")));
    let broken = |error| {
        let what = "the console was not built to its end; run `cargo xtask console` again";
        Error::other(format!("{what} ({}: {error})", from.display()))
    };
    fs::copy(&from, &to).map_err(broken)?;
    Ok(to)
}

fn missing(what: &str) -> Error {
    Error::other(format!("{what} is not known"))
}
