//! Who may know whom: a package uses only packages on a lower floor.
//!
//! The floors are those of the design's section 3. Two things are held more strictly than by
//! floor: a block depends on the guest SDK and on what that needs, as any other author's block
//! would, and xtask stays light enough to be built first.

use cargo_metadata::DependencyKind;

use super::Fault;
use crate::workspace::Workspace;

const FLOORS: [(&str, u8); 12] = [
    ("patchcord-block", 0),
    ("patchcord-dynamics", 0),
    ("patchcord-emulator", 0),
    ("patchcord-runtime", 0),
    ("patchcord-store", 0),
    ("patchcord-scenario", 1),
    ("patchcord", 2),
    ("patchcord-server", 3),
    ("patchcord-cli", 4),
    ("patchcord-tests", 4),
    ("patchcord-benches", 4),
    ("xtask", 4),
];

/// Crates that the language cuts off another, such as its proc macros, and the one of which they are a part. They stand on no
/// floor: nobody else sees them, and they see no other package.
const PARTS: [(&str, &str); 1] = [("patchcord-block-macros", "patchcord-block")];

const OF_A_BLOCK: [&str; 4] = ["patchcord-block", "schemars", "serde", "serde_json"];
const OF_XTASK: [&str; 3] = ["anyhow", "cargo_metadata", "serde_json"];
/// What looks at the whole from outside.
const ONLOOKERS: [&str; 2] = ["patchcord-tests", "patchcord-benches"];

struct Member {
    name: String,
    folder: String,
    dependencies: Vec<Dependency>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// In the product, or in what builds it.
    Product,
    /// In its own tests only.
    Tests,
}

struct Dependency {
    name: String,
    used: Use,
}

pub(super) fn check(workspace: &Workspace) -> Vec<Fault> {
    let members: Vec<Member> = workspace
        .members
        .iter()
        .map(|package| Member {
            name: package.name.to_string(),
            folder: workspace.folder_of(package),
            dependencies: package.dependencies.iter().map(dependency).collect(),
        })
        .collect();
    faults_of(&members)
}

fn dependency(dependency: &cargo_metadata::Dependency) -> Dependency {
    let tests = dependency.kind == DependencyKind::Development;
    Dependency {
        name: dependency.name.clone(),
        used: if tests { Use::Tests } else { Use::Product },
    }
}

fn faults_of(members: &[Member]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for member in members {
        let manifest = format!("{}/Cargo.toml", member.folder);
        let placed = floor_of(&member.name).is_some() || whole_of(&member.name).is_some();
        if !member.is_block() && !placed {
            faults.push(Fault::new(
                &manifest,
                "has no floor yet: name one in xtask's tidy/floors.rs",
            ));
        }
        for dependency in &member.dependencies {
            let inner = members.iter().find(|other| other.name == dependency.name);
            if let Some(wrong) = objection(member, dependency, inner) {
                faults.push(Fault::new(&manifest, wrong));
            }
        }
    }
    faults
}

/// Why a member must not have a dependency; `inner` is that dependency where it is a member too.
fn objection(member: &Member, dependency: &Dependency, inner: Option<&Member>) -> Option<String> {
    let name = &dependency.name;
    if member.is_block() {
        let free = dependency.used == Use::Tests && inner.is_none();
        let allowed = free || OF_A_BLOCK.contains(&name.as_str());
        return (!allowed).then(|| {
            format!("a block may depend on {} only, not on {name}", OF_A_BLOCK.join(", "))
        });
    }
    if member.name == "xtask" && !OF_XTASK.contains(&name.as_str()) {
        return Some(format!("xtask may depend on {} only, not on {name}", OF_XTASK.join(", ")));
    }
    let inner = inner?;
    if let Some(whole) = whole_of(&member.name) {
        return Some(format!("a part of {whole} sees no other package, {name} neither"));
    }
    if let Some(whole) = whole_of(name) {
        return (member.name != whole).then(|| format!("{name} is a part of {whole}: use that"));
    }
    if inner.is_block() {
        let onlooker = ONLOOKERS.contains(&member.name.as_str());
        return (!onlooker)
            .then(|| format!("{name} is a block: it is loaded as a component, not linked"));
    }
    let (own, other) = (floor_of(&member.name)?, floor_of(name)?);
    match dependency.used {
        Use::Product if other >= own => {
            Some(format!("floor {own} may use only lower floors, and {name} is on floor {other}"))
        }
        Use::Tests if own == 0 && other == 0 && *name != member.name => Some(format!(
            "{name} is on floor 0 too: such crates do not see each other, in tests neither"
        )),
        _ => None,
    }
}

impl Member {
    fn is_block(&self) -> bool {
        self.folder.starts_with("blocks/")
    }
}

fn floor_of(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(known, _)| *known == name).map(|(_, floor)| *floor)
}

/// The package of which this one is a part.
fn whole_of(name: &str) -> Option<&'static str> {
    PARTS.iter().find(|(part, _)| *part == name).map(|(_, whole)| *whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, folder: &str, product: &[&str], tests: &[&str]) -> Member {
        let of = |names: &[&str], used| -> Vec<Dependency> {
            names.iter().map(|name| Dependency { name: (*name).to_owned(), used }).collect()
        };
        let mut dependencies = of(product, Use::Product);
        dependencies.extend(of(tests, Use::Tests));
        Member { name: name.to_owned(), folder: folder.to_owned(), dependencies }
    }

    /// The fault of one member that stands beside all others.
    fn fault_of(wrong: Member) -> Option<String> {
        let mut members: Vec<Member> = FLOORS
            .iter()
            .filter(|(name, _)| *name != wrong.name)
            .map(|(name, _)| member(name, &format!("crates/{name}"), &[], &[]))
            .collect();
        members.push(member("block-other", "blocks/other", &[], &[]));
        members.push(wrong);
        let faults = faults_of(&members);
        assert!(faults.len() < 2, "{faults:?}");
        faults.first().map(ToString::to_string)
    }

    #[test]
    fn lower_floors_may_be_used() {
        let patchcord = ["patchcord-scenario", "patchcord-store", "patchcord-dynamics", "tokio"];
        assert_eq!(
            fault_of(member("patchcord", "crates/patchcord", &patchcord, &["patchcord-emulator"])),
            None
        );
        assert_eq!(
            fault_of(member("patchcord-tests", "tests", &["patchcord-server", "block-other"], &[])),
            None
        );
    }

    #[test]
    fn the_same_or_a_higher_floor_may_not() {
        for (name, other) in [
            ("patchcord-scenario", "patchcord"),
            ("patchcord-runtime", "patchcord-dynamics"),
            ("patchcord-server", "patchcord-cli"),
        ] {
            let fault = fault_of(member(name, "crates/x", &[other], &[])).unwrap();
            assert!(fault.starts_with("crates/x/Cargo.toml: ") && fault.contains(other), "{fault}");
        }
    }

    #[test]
    fn tests_may_look_anywhere_but_floor_0_stays_apart() {
        assert_eq!(
            fault_of(member("patchcord-scenario", "crates/x", &[], &["patchcord-server"])),
            None
        );
        assert!(
            fault_of(member("patchcord-emulator", "crates/x", &[], &["patchcord-dynamics"]))
                .is_some()
        );
        assert!(
            fault_of(member("patchcord-runtime", "crates/x", &[], &["patchcord-block"])).is_some()
        );
    }

    #[test]
    fn a_block_has_the_public_sdk_and_nothing_else() {
        assert_eq!(fault_of(member("block-a", "blocks/a", &OF_A_BLOCK, &["proptest"])), None);
        assert!(fault_of(member("block-a", "blocks/a", &["reqwest"], &[])).is_some());
        assert!(fault_of(member("block-a", "blocks/a", &["patchcord-runtime"], &[])).is_some());
        assert!(fault_of(member("block-a", "blocks/a", &[], &["patchcord-runtime"])).is_some());
    }

    #[test]
    fn a_part_is_seen_by_its_whole_and_by_nobody_else() {
        let (part, whole) = PARTS[0];
        let uses = |name, of| {
            let members =
                [member(part, "crates/x", &[], &[]), member(name, "crates/y", &[of], &[])];
            faults_of(&members).first().map(ToString::to_string)
        };
        assert_eq!(uses(whole, part), None);
        for other in ["patchcord-runtime", "patchcord-cli"] {
            assert!(uses(other, part).is_some_and(|fault| fault.contains(whole)), "{other}");
        }
        let seen = member(part, "crates/x", &["patchcord-store"], &[]);
        assert!(fault_of(seen).is_some_and(|fault| fault.contains("sees no other package")));
    }

    #[test]
    fn a_block_is_not_linked() {
        assert!(fault_of(member("patchcord-server", "crates/x", &["block-other"], &[])).is_some());
    }

    #[test]
    fn xtask_stays_light_and_every_package_has_a_floor() {
        assert!(fault_of(member("xtask", "crates/xtask", &["clap"], &[])).is_some());
        let fault = fault_of(member("patchcord-new", "crates/new", &[], &[])).unwrap();
        assert!(fault.starts_with("crates/new/Cargo.toml: has no floor"), "{fault}");
    }
}
