//! Reads the tables of a Markdown document, as far as this project writes them.

use std::collections::BTreeMap;

/// A row of a table, its cells by the heads of their columns.
pub(crate) struct Row {
    /// Heading under which the table stands.
    pub(crate) table: String,
    /// Its line in the document.
    pub(crate) line: usize,
    cells: BTreeMap<String, String>,
}

impl Row {
    /// A cell without the marks of code.
    pub(crate) fn cell(&self, column: &str) -> &str {
        let cell = self.cells.get(column);
        cell.unwrap_or_else(|| panic!("line {} has no column `{column}`", self.line))
    }

    /// What the row is about, as the name of a test.
    pub(crate) fn name(&self) -> String {
        let of = |column: &str| self.cells.get(column).cloned().unwrap_or_default();
        let text = format!("{} {} {}", of("code"), of("AADSTS"), of("met"));
        text.split_whitespace().collect::<Vec<_>>().join("_")
    }
}

/// Every row of every table.
pub(crate) fn rows(document: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut table = String::new();
    let mut heads: Option<Vec<String>> = None;
    for (index, line) in document.lines().enumerate() {
        if let Some(heading) = line.strip_prefix('#') {
            table = heading.trim_start_matches('#').trim().to_owned();
        }
        let Some(cells) = cells(line) else {
            heads = None;
            continue;
        };
        match &heads {
            None => heads = Some(cells),
            Some(_) if cells.iter().all(|cell| cell.starts_with("--")) => {}
            Some(heads) => {
                assert_eq!(cells.len(), heads.len(), "line {} has other columns", index + 1);
                let cells = heads.iter().cloned().zip(cells).collect();
                rows.push(Row { table: table.clone(), line: index + 1, cells });
            }
        }
    }
    rows
}

fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(|cell| cell.trim().replace('`', "")).collect())
}
