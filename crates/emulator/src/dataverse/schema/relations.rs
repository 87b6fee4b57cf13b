//! What the collection-valued navigation properties of a type lead to.
//!
//! Both ends of a many-to-many relationship are worked out alone and have to come to the same name and
//! columns for its links; they are those of the entity type that the document has for the links, or
//! follow from the names of the two navigation properties.

use std::collections::{HashMap, HashSet};

use super::Collection;
use super::build::Model;
use super::csdl::{EntityType, Navigation};

/// The collections of a type and of those it derives from. One without a partner that leads back is
/// left out: nothing says which rows are in it.
pub(crate) fn collections<'a>(
    model: &Model<'a>,
    kind: &'a EntityType,
    key: &str,
) -> HashMap<String, Collection> {
    let ways = model.chain(kind).flat_map(|kind| &kind.navigations).filter(|way| way.collection);
    let mut found = HashMap::new();
    for way in ways {
        if let Some(collection) = collection(model, kind, key, way) {
            found.entry(way.name.clone()).or_insert(collection);
        }
    }
    found
}

fn collection<'a>(
    model: &Model<'a>,
    kind: &'a EntityType,
    key: &str,
    way: &Navigation,
) -> Option<Collection> {
    let target = model.kind(&way.target).filter(|target| model.is_table(target))?;
    let back = model.navigation(target, way.partner.as_deref()?)?;
    let table = target.name.clone();
    if !back.collection {
        let column = back.property.clone().filter(|name| super::build::is_lookup(name))?;
        return Some(Collection::OneToMany { table, column, navigation: back.name.clone() });
    }
    let there_key = model.key(target)?.to_owned();
    let (here, there) = columns(kind, key, target, &there_key, way);
    let relation = match link(model, way, [key, &there_key]) {
        Some(link) => link.name.clone(),
        None => name(way).to_owned(),
    };
    Some(Collection::ManyToMany { table, key: there_key, relation, here, there })
}

/// The columns for the two ends. Where both keys have one name, the ends are told apart by `one` and
/// `two`: by which table's name comes first or, within one table, by which navigation property's does.
fn columns(
    kind: &EntityType,
    key: &str,
    target: &EntityType,
    there: &str,
    way: &Navigation,
) -> (String, String) {
    if key != there {
        return (key.to_owned(), there.to_owned());
    }
    let partner = way.partner.as_deref().unwrap_or_default();
    let first = (kind.name.as_str(), way.name.as_str()) <= (target.name.as_str(), partner);
    let (one, two) = (format!("{key}one"), format!("{key}two"));
    if first { (one, two) } else { (two, one) }
}

/// The name of a relationship, the same from both ends.
fn name(way: &Navigation) -> &str {
    way.partner.as_deref().map_or(way.name.as_str(), |partner| partner.min(&way.name))
}

/// The entity type of the links: called as the relationship, in small letters and without `_association`,
/// with a column for each end.
fn link<'a>(model: &Model<'a>, way: &Navigation, keys: [&str; 2]) -> Option<&'a EntityType> {
    let names = [Some(way.name.as_str()), way.partner.as_deref()].into_iter().flatten();
    let mut names = names.flat_map(|name| {
        let name = name.to_ascii_lowercase();
        let short = name.strip_suffix("_association").map(str::to_owned);
        [Some(name), short].into_iter().flatten()
    });
    let ends = match keys {
        [one, two] if one == two => [format!("{one}one"), format!("{one}two")],
        [one, two] => [one.to_owned(), two.to_owned()],
    };
    names.find_map(|name| {
        let kind = model.kind(&name)?;
        let has = |end: &String| kind.properties.iter().any(|property| property.name == *end);
        ends.iter().all(has).then_some(kind)
    })
}

/// The names of all types that are the links of a relationship.
pub(crate) fn links(model: &Model) -> HashSet<String> {
    let mut links = HashSet::new();
    for kind in &model.document.types {
        for way in kind.navigations.iter().filter(|way| way.collection) {
            let target = model.kind(&way.target);
            let back = target.zip(way.partner.as_deref());
            let back = back.and_then(|(target, name)| model.navigation(target, name));
            if !back.is_some_and(|back| back.collection) {
                continue;
            }
            let keys = model.key(kind).zip(target.and_then(|target| model.key(target)));
            let found = keys.and_then(|(here, there)| link(model, way, [here, there]));
            links.extend(found.map(|kind| kind.name.clone()));
        }
    }
    links
}
