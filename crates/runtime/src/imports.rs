//! What a block may import: the contract's interfaces in a version that this host can serve, and nothing else.

use semver::{Version, VersionReq};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::LoadError;

const PACKAGE: &str = "patchcord:block/";
const INTERFACES: [&str; 5] = ["types", "dynamics", "call", "phone", ACTIONS];
/// The interface by whose import a block asks for the operation `execute`.
const ACTIONS: &str = "actions";
/// Within a major version the contract only grows, so that any block built against an older minor one fits. One built
/// against a newer minor version fits too, unless it calls what was added; the linker finds that out.
const VERSIONS: &str = "^1";

/// Refuses a block that imports anything unknown, naming all of it.
pub(crate) fn check(engine: &Engine, component: &Component) -> Result<(), LoadError> {
    let unknown: Vec<String> = component
        .component_type()
        .imports(engine)
        .map(|(name, _)| name)
        .filter(|name| !known(name))
        .map(str::to_owned)
        .collect();
    if unknown.is_empty() { Ok(()) } else { Err(LoadError::UnknownImports(unknown)) }
}

/// Whether a block may carry out actions.
pub(crate) fn asks_for_actions(engine: &Engine, component: &Component) -> bool {
    let component = component.component_type();
    component.imports(engine).any(|(name, _)| split(name).is_some_and(|(name, _)| name == ACTIONS))
}

/// The interface and the version that an import of the contract names.
fn split(import: &str) -> Option<(&str, &str)> {
    import.strip_prefix(PACKAGE)?.split_once('@')
}

fn known(import: &str) -> bool {
    let Some((interface, version)) = split(import) else {
        return false;
    };
    let (Ok(version), Ok(wanted)) = (Version::parse(version), VersionReq::parse(VERSIONS)) else {
        return false;
    };
    INTERFACES.contains(&interface) && wanted.matches(&version)
}

#[cfg(test)]
mod tests {
    use super::known;

    #[test]
    fn knows_the_contract_and_nothing_else() {
        assert!(known("patchcord:block/dynamics@1.0.0"));
        assert!(known("patchcord:block/types@1.2.7"));
        assert!(known("patchcord:block/call@1.0.0"));
        assert!(known("patchcord:block/actions@1.1.0"));
        for name in [
            "patchcord:block/dynamics@2.0.0",
            "patchcord:block/dynamics@0.9.0",
            "patchcord:block/dynamics",
            "patchcord:block/files@1.0.0",
            "wasi:cli/environment@0.2.6",
            "log",
        ] {
            assert!(!known(name), "{name}");
        }
    }
}
