//! The zip archive of an export: `scenarios.json`, and under `blocks/` the bytes of each block by their digest, with its
//! minisign signature beside it. Nothing is ever unpacked to disk, and what has another name is refused.

use std::collections::HashMap;
use std::io::{Cursor, Read, Seek, Write};

use zip::read::ZipFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{LARGEST_BUNDLE, LARGEST_LIST};
use crate::{Error, LARGEST_BLOCK};

const LIST: &str = "scenarios.json";
const FOLDER: &str = "blocks/";
/// Longest signature of a block.
const LARGEST_SIGNATURE: usize = 64 << 10;
/// Entries that an archive has at most.
const MOST_ENTRIES: usize = 2_000;
/// What its entries come to at most, all together and unpacked.
const LARGEST_WHOLE: usize = 4 * LARGEST_BUNDLE;
/// How a zip archive begins.
const MAGIC: &[u8] = b"PK";

/// A block in an archive.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Bytes {
    pub(super) wasm: Vec<u8>,
    pub(super) signature: Option<String>,
}

/// The blocks in an archive, by digest.
pub(super) type BlockBytes = HashMap<String, Bytes>;

/// What an archive holds.
#[derive(Debug, Default)]
pub(super) struct Opened {
    pub(super) list: Vec<u8>,
    pub(super) blocks: BlockBytes,
}

/// Opens an export, which is an archive or nothing but its list.
pub(super) fn open(bytes: Vec<u8>) -> Result<Opened, Error> {
    if !bytes.starts_with(MAGIC) {
        return Ok(Opened { list: bytes, blocks: BlockBytes::new() });
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.len() > MOST_ENTRIES {
        return Err(Error::Bundle(format!("it has more than {MOST_ENTRIES} entries")));
    }
    let (mut opened, mut left) = (Opened::default(), LARGEST_WHOLE);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        left -= take(entry, left, &mut opened)?;
    }
    if opened.list.is_empty() {
        return Err(Error::Bundle(format!("there is no `{LIST}` in the archive")));
    }
    Ok(opened)
}

/// Takes one entry in and says how long it was.
fn take<R: Read + Seek>(
    entry: ZipFile<'_, R>,
    left: usize,
    opened: &mut Opened,
) -> Result<usize, Error> {
    let name = entry.name().map_err(broken)?.into_owned();
    if name == FOLDER {
        return Ok(0);
    }
    if name == LIST {
        opened.list = read(entry, &name, LARGEST_LIST.min(left))?;
        return Ok(opened.list.len());
    }
    let file = name.strip_prefix(FOLDER).and_then(|file| file.split_once('.'));
    match file.filter(|(digest, _)| is_digest(digest)) {
        Some((digest, "wasm")) => {
            let wasm = read(entry, &name, LARGEST_BLOCK.min(left))?;
            if patchcord_runtime::digest(&wasm) != digest {
                let problem = format!("`{name}` does not have the SHA-256 that it is named after");
                return Err(Error::Bundle(problem));
            }
            let length = wasm.len();
            opened.blocks.entry(digest.to_owned()).or_default().wasm = wasm;
            Ok(length)
        }
        Some((digest, "wasm.minisig")) => {
            let text = read(entry, &name, LARGEST_SIGNATURE.min(left))?;
            let length = text.len();
            let signature = String::from_utf8(text)
                .map_err(|_| Error::Bundle(format!("`{name}` is no text")))?;
            opened.blocks.entry(digest.to_owned()).or_default().signature = Some(signature);
            Ok(length)
        }
        _ => Err(Error::Bundle(format!("`{name}` has no business in it"))),
    }
}

/// Reads an entry whatever its header says of its length.
fn read<R: Read + Seek>(entry: ZipFile<'_, R>, name: &str, most: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut within = entry.take(most as u64 + 1);
    let done = within.read_to_end(&mut bytes);
    done.map_err(|error| Error::Bundle(format!("`{name}` cannot be unpacked: {error}")))?;
    if bytes.len() > most {
        return Err(Error::Bundle(format!("`{name}` is longer than {most} bytes")));
    }
    Ok(bytes)
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Packs an export.
pub(super) fn pack(list: &[u8], blocks: &BlockBytes) -> Result<Vec<u8>, Error> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: &str, bytes: &[u8]| {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(false);
        zip.start_file(name, options).map_err(broken)?;
        zip.write_all(bytes).map_err(|error| broken(error.into()))
    };
    add(LIST, list)?;
    for (digest, Bytes { wasm, signature }) in blocks {
        add(&format!("{FOLDER}{digest}.wasm"), wasm)?;
        if let Some(signature) = signature {
            add(&format!("{FOLDER}{digest}.wasm.minisig"), signature.as_bytes())?;
        }
    }
    let bytes = zip.finish().map_err(broken)?.into_inner();
    if bytes.len() > LARGEST_BUNDLE {
        let problem = format!("it would be larger than {LARGEST_BUNDLE} bytes: export fewer");
        return Err(Error::Bundle(problem));
    }
    Ok(bytes)
}

fn broken(error: zip::result::ZipError) -> Error {
    Error::Bundle(format!("the archive is broken: {error}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(wasm: &[u8], signature: Option<&str>) -> (String, Bytes) {
        let signature = signature.map(str::to_owned);
        (patchcord_runtime::digest(wasm), Bytes { wasm: wasm.to_vec(), signature })
    }

    /// An archive of these entries.
    fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn refused(bytes: Vec<u8>) -> String {
        open(bytes).unwrap_err().to_string()
    }

    #[test]
    fn what_is_packed_is_opened() {
        let blocks = BlockBytes::from([block(b"one", None), block(b"two", Some("signed"))]);
        let opened = open(pack(b"{}", &blocks).unwrap()).unwrap();
        assert_eq!((opened.list, opened.blocks), (b"{}".to_vec(), blocks));
        let bare = open(b"{\"a\": 1}".to_vec()).unwrap();
        assert_eq!((bare.list, bare.blocks.len()), (b"{\"a\": 1}".to_vec(), 0));
    }

    #[test]
    fn what_has_another_name_is_refused() {
        let digest = patchcord_runtime::digest(b"x");
        for name in [
            "../scenarios.json",
            "/etc/passwd",
            "blocks/../x.wasm",
            "blocks/x.wasm",
            "blocks\\x.wasm",
            "readme.txt",
            &format!("blocks/{digest}.exe"),
            &format!("blocks/{}.wasm", digest.to_uppercase()),
        ] {
            let told = refused(archive(&[("scenarios.json", b"{}"), (name, b"x")]));
            assert!(told.contains("no business"), "{name}: {told}");
        }
        let other = format!("blocks/{digest}.wasm");
        let told = refused(archive(&[("scenarios.json", b"{}"), (&other, b"y")]));
        assert!(told.contains("SHA-256"), "{told}");
        assert!(refused(archive(&[(&other, b"x")])).contains("no `scenarios.json`"));
        assert!(refused(b"PK\x03\x04 and no archive".to_vec()).contains("broken"));
    }

    #[test]
    fn what_swells_when_it_is_unpacked_is_refused() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(LIST, SimpleFileOptions::default()).unwrap();
        let piece = vec![b' '; 1 << 20];
        for _ in 0..=(LARGEST_LIST >> 20) {
            zip.write_all(&piece).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        assert!(refused(bytes).contains("longer than"));
        let names: Vec<String> = (0..=MOST_ENTRIES).map(|n| n.to_string()).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert!(refused(archive(&many)).contains("entries"));
    }

    proptest! {
        #[test]
        fn whatever_is_offered_is_opened_or_refused(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()
        ) {
            let blocks = BlockBytes::from([block(b"some bytes of a block", Some("signed"))]);
            let mut bytes = pack(b"{\"scenarios\": []}", &blocks).unwrap();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            if let Ok(opened) = open(bytes) {
                for (digest, block) in opened.blocks {
                    prop_assert!(block.wasm.is_empty() || patchcord_runtime::digest(&block.wasm) == digest);
                }
            }
        }
    }
}
