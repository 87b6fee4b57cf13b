//! Holds every page of the console under a weight: what a browser fetches to show it, as gzip makes it.
//!
//! Vite's manifest says what each chunk needs. A page is the document's own chunk with one that is loaded later and all
//! that the two need.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

const HEAVIEST: u64 = 300_000;
const DOCUMENT: &str = "index.html";

/// Fails where a page is too heavy; otherwise says how heavy the heaviest is.
pub(super) fn check(dist: &Path) -> Result<()> {
    let path = dist.join("manifest.json");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: Value = serde_json::from_str(&text).context("Vite's manifest is no JSON")?;
    let size = |file: &str| {
        let packed = dist.join(format!("{file}.gz"));
        let metadata = packed.metadata();
        Ok(metadata.with_context(|| format!("cannot read {}", packed.display()))?.len())
    };
    let pages = weigh(&manifest, size)?;
    let heavy: Vec<_> = pages.iter().filter(|(_, weight)| *weight > HEAVIEST).collect();
    if !heavy.is_empty() {
        bail!("pages of the console load in over {HEAVIEST} bytes of gzip: {heavy:?}");
    }
    if let Some((page, weight)) = pages.iter().max_by_key(|(_, weight)| weight) {
        println!("the heaviest page of the console, {page}, loads in {weight} bytes of gzip");
    }
    Ok(())
}

fn weigh(manifest: &Value, size: impl Fn(&str) -> Result<u64>) -> Result<Vec<(String, u64)>> {
    let chunks = manifest.as_object().context("Vite's manifest is no object")?;
    let pages = chunks
        .iter()
        .filter(|(_, chunk)| chunk["isDynamicEntry"] == true || chunk["isEntry"] == true);
    let weigh_one = |(name, _): (&String, &Value)| {
        let (mut seen, mut files) = (BTreeSet::new(), BTreeSet::from([DOCUMENT.to_owned()]));
        for chunk in [DOCUMENT, name] {
            collect(manifest, chunk, &mut seen, &mut files);
        }
        let weight = files.iter().map(|file| size(file)).sum::<Result<u64>>()?;
        Ok((name.clone(), weight))
    };
    pages.map(weigh_one).collect()
}

/// The files of a chunk and of all that it cannot do without.
fn collect<'a>(
    manifest: &'a Value,
    name: &'a str,
    seen: &mut BTreeSet<&'a str>,
    files: &mut BTreeSet<String>,
) {
    if !seen.insert(name) {
        return;
    }
    let chunk = &manifest[name];
    let texts =
        |field: &str| chunk[field].as_array().into_iter().flatten().filter_map(Value::as_str);
    files.extend(chunk["file"].as_str().map(str::to_owned));
    files.extend(texts("css").map(str::to_owned));
    for needed in texts("imports") {
        collect(manifest, needed, seen, files);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_weighs_what_it_and_the_document_need_each_once() {
        let manifest = json!({
            "index.html": { "file": "i.js", "css": ["i.css"], "isEntry": true, "imports": ["_r.js"],
                "dynamicImports": ["page.tsx"] },
            "_r.js": { "file": "r.js" },
            "page.tsx": { "file": "p.js", "css": ["p.css"], "isDynamicEntry": true,
                "imports": ["index.html", "_r.js", "_shared.js"] },
            "_shared.js": { "file": "s.js", "imports": ["_r.js"] },
        });
        let size = |file: &str| {
            Ok(match file {
                "index.html" => 1,
                "i.js" => 10,
                "i.css" => 100,
                "r.js" => 1_000,
                "p.js" => 10_000,
                "p.css" => 100_000,
                "s.js" => 1_000_000,
                other => bail!("{other} is no file"),
            })
        };
        let weights = weigh(&manifest, size).unwrap();
        assert!(weights.contains(&("index.html".to_owned(), 1_111)), "{weights:?}");
        assert!(weights.contains(&("page.tsx".to_owned(), 1_111_111)), "{weights:?}");
    }
}
