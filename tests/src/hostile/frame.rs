//! Lays a hostile block out: the common frame, its deed, and its manifest byte by byte as the canonical ABI wants it.

use serde_json::{Value, json};

const FRAME: &str = include_str!("../../hostile/frame.wat");
/// Where the manifest begins; what is below is for the deed.
const MANIFEST: usize = 1024;

/// Each of these functions is there for every block, as it is here where the deed does not say otherwise.
const DEFAULTS: [(&str, &str); 3] = [
    ("describe", "(func (export \"describe\") (result i32) (i32.const @MANIFEST@))"),
    ("run", "(func (export \"run\") (param i32 i32) (result i32) (i32.const 0))"),
    ("after-run", "(func (export \"after-run\") (param i32))"),
];

/// The id of the hostile block with this name.
pub fn identity(name: &str) -> String {
    format!("hostile.{name}")
}

/// Properties for every hostile block: one variable and one recordset that it may set.
pub fn properties() -> Value {
    json!({ "variable": "answer", "recordset": "RS" })
}

/// The text of a component.
pub(super) fn around(deed: &str, id: &str) -> String {
    let mut memory = Memory(vec![0; MANIFEST]);
    memory.0[80..88].copy_from_slice(b"contacts");
    memory.0[96..102].copy_from_slice(b"$top=1");
    memory.0[112..120].copy_from_slice(b"fullname");
    let manifest = memory.manifest(id);
    let mut fields = deed.to_owned();
    for (name, function) in DEFAULTS {
        if !deed.contains(&format!("(export \"{name}\")")) {
            fields.push_str(function);
        }
    }
    let data: String = memory.0.iter().map(|byte| format!("\\{byte:02x}")).collect();
    FRAME
        .replace("@DATA@", &data)
        .replace("@DEED@", &fields)
        .replace("@MANIFEST@", &manifest.to_string())
}

struct Memory(Vec<u8>);

impl Memory {
    fn put(&mut self, bytes: &[u8]) -> u32 {
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let at = self.0.len() as u32;
        self.0.extend_from_slice(bytes);
        at
    }

    /// Text or list: where it is, and how many.
    fn slice(&mut self, bytes: &[u8], count: usize) -> [u8; 8] {
        let at = u64::from(self.put(bytes));
        (at | (count as u64) << 32).to_le_bytes()
    }

    fn texts(&mut self, texts: &[&str]) -> Vec<u8> {
        texts.iter().flat_map(|text| self.slice(text.as_bytes(), text.len())).collect()
    }

    fn manifest(&mut self, id: &str) -> u32 {
        let property = json!({ "type": "string" });
        let schema = json!({
            "type": "object", "properties": { "variable": property, "recordset": property }
        });
        let about = [id, "1.0.0", "Hostile", "Tests", "Means harm.", "search", &schema.to_string()];
        let mut manifest = self.texts(&about);
        let exit = self.texts(&["no_data", "No Data", "Nothing matched."]);
        let mut outputs = Vec::new();
        for (kind, property) in ["variable", "recordset"].iter().enumerate() {
            outputs.extend(self.texts(&[property]));
            outputs.extend((kind as u32).to_le_bytes());
            outputs.extend(self.texts(&["Harm."]));
        }
        // `query` and `create`, by their places in the contract's enum.
        for (bytes, count) in [(&exit[..], 1), (&outputs, 2), (&[0, 2], 2)] {
            manifest.extend(self.slice(bytes, count));
        }
        // Selects no account, pops no screen.
        manifest.extend([0; 4]);
        self.put(&manifest)
    }
}
