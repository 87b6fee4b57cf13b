//! `patchcord block check`: is a file a block that this host can run, what does it ask for, and what does it cost?

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use patchcord::runtime::{
    Block, Capability, HostFunction, LoadError, Manifest, Operation, StartUp,
};
use serde_json::{Value, json};

use super::read;
use super::show::size;
use crate::args::Output;
use crate::authoring::component::Surface;
use crate::authoring::trial;
use crate::output;

/// Sandboxes that are started to find out what one costs; the median counts.
const STARTS: usize = 9;

#[derive(Args)]
pub(crate) struct CheckArgs {
    /// The component (*.wasm).
    file: PathBuf,
    /// Compile it anew, and say how long that takes, even where it was compiled before.
    #[arg(long)]
    fresh: bool,
}

pub(super) async fn check(args: &CheckArgs, how: Output) -> Result<()> {
    let bytes = read(&args.file)?;
    let surface = Surface::read(&bytes);
    let runtime = trial::runtime(!args.fresh)?;
    let begun = Instant::now();
    let loaded = runtime.load(&bytes).await;
    let (loading, cached) = (begun.elapsed(), runtime.cache_hits() > 0);
    let block = match loaded {
        Ok(block) => block,
        Err(error) => return refused(args, &error, surface.as_ref(), bytes.len(), how),
    };
    let start_up = start_up(&block).await.context("it was loaded, but does not start again")?;
    let manifest = block.manifest();
    let surface = surface.unwrap_or_default();
    let warnings = warnings(manifest, &surface);
    if how.json {
        return output::json(&json!({
            "good": true,
            "manifest": **manifest,
            "digest": block.digest(),
            "size": block.size(),
            "contract": surface.versions(),
            "imports": surface.imports,
            "asks_for": manifest.capabilities(),
            "load_ms": millis(loading),
            "compiled_before": cached,
            "instantiate_us": micros(start_up.instantiate),
            "describe_us": micros(start_up.describe),
            "warnings": warnings,
        }));
    }
    say!("{}", about(&block, &surface));
    say!("{}", cost(&block, loading, cached, start_up));
    for warning in &warnings {
        say!("warning: {warning}");
    }
    Ok(())
}

/// Says what is wrong with a file that is no block, and what can be told of it all the same.
fn refused(
    args: &CheckArgs,
    error: &LoadError,
    surface: Option<&Surface>,
    bytes: usize,
    how: Output,
) -> Result<()> {
    let (at, problem) = match error {
        LoadError::Manifest { at, problem } => (format!("/manifest{at}"), problem.clone()),
        error => (String::new(), error.to_string()),
    };
    if how.json {
        output::json(&json!({
            "good": false, "size": bytes, "imports": surface.map(|surface| &surface.imports),
            "foreign": surface.map(|surface| &surface.foreign),
            "errors": [{ "pointer": at, "message": problem }],
        }))?;
    } else if let Some(surface) = surface {
        let mut table = output::table(&["The block is refused", ""]);
        table.add_rows(imports(surface));
        table.add_row(["size".to_owned(), size(bytes as u64)]);
        say!("{table}");
    }
    let hint = match error {
        LoadError::UnknownImports(names) if names.iter().any(|name| name.starts_with("wasi:")) => {
            ": a block gets no WASI; build it with its toolchain's option to leave WASI out or to stub it"
        }
        LoadError::NotAComponent(_) => ": `patchcord block build` makes one",
        _ => "",
    };
    bail!("{}: {error}{hint}", args.file.display())
}

async fn start_up(block: &Block) -> Result<StartUp> {
    let mut starts = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        starts.push(block.start_up().await?);
    }
    let median = |part: fn(&StartUp) -> Duration| {
        let mut times: Vec<Duration> = starts.iter().map(part).collect();
        times.sort_unstable();
        times[STARTS / 2]
    };
    Ok(StartUp { instantiate: median(|s| s.instantiate), describe: median(|s| s.describe) })
}

fn about(block: &Block, surface: &Surface) -> String {
    let manifest: &Manifest = block.manifest();
    let mut table = output::table(&["The block is good", ""]);
    let exits = manifest.exits.iter().map(|exit| exit.id.as_str());
    let exits: Vec<&str> = ["next", "failed"].into_iter().chain(exits).collect();
    let outputs = manifest
        .outputs
        .iter()
        .map(|output| format!("{} ({})", output.property, output::text(&json!(output.kind))));
    let rows = [
        ("id", format!("{} {}", manifest.id, manifest.version)),
        ("title", manifest.title.clone()),
        ("description", manifest.description.clone()),
        ("properties", names(properties(manifest).into_iter().map(property))),
        ("exits", exits.join(", ")),
        ("outputs", names(outputs)),
        ("asks for", names(manifest.capabilities().iter().map(Capability::to_string))),
    ];
    table.add_rows(rows.map(|(name, value)| [name.to_owned(), value]));
    table.add_rows(imports(surface));
    table.add_row(["sha-256", block.digest()]);
    table.to_string()
}

fn cost(block: &Block, loading: Duration, cached: bool, start_up: StartUp) -> String {
    let mut table = output::table(&["What it costs", ""]);
    let compiled = if cached { "taken from the cache in" } else { "compiled in" };
    let loaded = format!("{compiled} {:.0} ms, once for each installation", millis(loading));
    table.add_row(["size".to_owned(), size(block.size() as u64)]);
    table.add_row(["loading".to_owned(), loaded]);
    let rows = [
        ("a sandbox", start_up.instantiate, "paid by every step"),
        ("describe", start_up.describe, "the guest's own start"),
    ];
    for (name, time, what) in rows {
        table.add_row([
            name.to_owned(),
            format!("{:.0} µs (median of {STARTS}), {what}", micros(time)),
        ]);
    }
    table.to_string()
}

/// Rows that tell the contract's version and what is called of each interface.
fn imports(surface: &Surface) -> Vec<[String; 2]> {
    let mut rows =
        vec![["contract".to_owned(), names(surface.versions().into_iter().map(str::to_owned))]];
    let functions = surface.imports.iter().filter(|import| !import.functions.is_empty());
    rows.extend(functions.map(|i| [format!("uses {}", i.interface), i.functions.join(", ")]));
    if !surface.foreign.is_empty() {
        rows.push(["imports".to_owned(), surface.foreign.join(", ")]);
    }
    rows
}

fn properties(manifest: &Manifest) -> Vec<(&String, &Value)> {
    manifest.properties["properties"].as_object().into_iter().flatten().collect()
}

fn property((name, schema): (&String, &Value)) -> String {
    match schema["x-patchcord-kind"].as_str() {
        Some(kind) if kind != "text" => format!("{name} ({kind})"),
        _ => name.clone(),
    }
}

fn names(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// What is allowed, and yet looks like a slip.
fn warnings(manifest: &Manifest, surface: &Surface) -> Vec<String> {
    let mut warnings = Vec::new();
    if manifest.description.trim().is_empty() {
        warnings
            .push("/manifest/description: empty, so that designers are told nothing".to_owned());
    }
    for (name, schema) in properties(manifest) {
        if schema["description"].as_str().is_none_or(str::is_empty) {
            warnings.push(format!("/manifest/properties/properties/{name}: has no description"));
        }
    }
    if !manifest.operations.is_empty() && manifest.tables.is_none() {
        warnings.push(
            "/manifest/properties: names no tables in `x-patchcord-tables`, so that it asks for all of them"
                .to_owned(),
        );
    }
    for operation in &manifest.operations {
        if !imported(*operation, surface) {
            let name = operation.name();
            warnings
                .push(format!("/manifest/operations: lists {name}, for which it calls nothing"));
        }
    }
    warnings
}

/// Whether a component imports a host call that needs an operation.
fn imported(operation: Operation, surface: &Surface) -> bool {
    let called = surface.imports.iter().flat_map(|import| {
        import.functions.iter().map(|function| (import.interface.as_str(), function.as_str()))
    });
    called.filter_map(host_function).any(|function| function.needs().contains(&operation))
}

/// The host call that an imported function is.
fn host_function((interface, function): (&str, &str)) -> Option<HostFunction> {
    let name = match (interface, function) {
        ("phone", "find") => "find-by-phone",
        ("dynamics" | "actions", function) => function.trim_end_matches("-with"),
        _ => return None,
    };
    serde_json::from_value(json!(name)).ok()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authoring::component::Import;

    #[test]
    fn an_operation_needs_one_of_its_calls() {
        let surface = |interface: &str, function: &str| Surface {
            imports: vec![Import {
                interface: interface.to_owned(),
                version: "1.1.0".to_owned(),
                functions: vec![function.to_owned()],
            }],
            foreign: Vec::new(),
        };
        assert!(imported(Operation::Query, &surface("phone", "find")));
        assert!(imported(Operation::Query, &surface("dynamics", "query-with")));
        assert!(imported(Operation::Update, &surface("dynamics", "upsert")));
        assert!(imported(Operation::Execute, &surface("actions", "execute")));
        assert!(!imported(Operation::Delete, &surface("dynamics", "query")));
        assert!(!imported(Operation::Query, &surface("call", "log")));
    }
}
