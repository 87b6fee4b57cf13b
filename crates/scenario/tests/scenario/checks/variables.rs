//! Variables and recordsets that are read where nothing has set them.

use patchcord_scenario::Severity;
use serde_json::{Value, json};

use super::good::{good, kit, one_fault};
use crate::kit::{document, exit, instance};

/// The warnings about a document that looks for `Caller` and then goes to `then`, where that must be so.
fn reading(then: Value, change: impl Fn(&mut Value)) -> Vec<(String, String)> {
    let properties = json!({"query": "$top=1", "recordset": "Caller"});
    let exits = json!({"next": "then", "no_data": "then", "failed": "end"});
    let exits_of_then = json!({"next": "end", "no_data": "end", "failed": "end"});
    let mut document = document(json!([
        instance("look", "find", properties, exits),
        instance("then", "find", then, exits_of_then),
        exit("end"),
    ]));
    change(&mut document);
    let (_, warnings) = kit().check(&document).unwrap();
    assert!(warnings.iter().all(|warning| warning.severity == Severity::Warning));
    warnings.into_iter().map(|warning| (warning.pointer, warning.message)).collect()
}

#[test]
fn a_variable_that_is_not_set_on_some_way() {
    let query = json!({"query": "$filter=a eq '$(Caller.fullname)'"});
    let at = "/blocks/1/properties/query";
    // Whether a block sets its outputs on an exit of its own is not known.
    assert_eq!(reading(query.clone(), |_| ()), []);
    let warnings = reading(query.clone(), |document| {
        document["blocks"][0]["exits"]["failed"] = json!("then");
    });
    let message = "`$(Caller.fullname)` has no value where a run comes here by the exit `failed` of `look`: \
                   `Caller` is set by `look`";
    assert_eq!(warnings, [(at.to_owned(), message.to_owned())]);
    let warnings = reading(query, |document| document["start"] = json!("then"));
    assert!(warnings.iter().any(|(_, message)| message.contains("from `then`, where it begins")));
}

#[test]
fn a_variable_that_is_set_nowhere() {
    let of = |text: &str, inputs: Value| {
        let columns = json!({"a": {"b": [text]}});
        reading(json!({"query": "", "columns": columns}), |document| {
            document["inputs"] = inputs.clone();
            document["blocks"][1]["properties"]["columns"] = json!({"a": text});
        })
    };
    let warnings = of("$(Calller.fullname)", json!([]));
    assert_eq!(warnings[0].0, "/blocks/1/properties/columns/a");
    assert_eq!(
        warnings[0].1,
        "`$(Calller.fullname)`: no block sets `Calller`; did you mean `Caller`? where the call flow \
         brings it, name it in `inputs`"
    );
    assert_eq!(of("$(subject)", json!([])).len(), 1);
    for known in [
        "$(item.from)",
        "$(user.loginId)",
        "$(integrationResultCode)",
        "$(Caller.__count__)",
        "=defined($(subject))",
        "=default($(subject), \"none\") & $(item.x)",
    ] {
        assert_eq!(of(known, json!([])), [], "{known}");
    }
    assert_eq!(of("$(subject)", json!(["subject"])), []);
    assert_eq!(of("=length(\"$(subject)\")", json!([])).len(), 1);
    let message = "`a b` is no name of a variable";
    one_fault("/inputs", json!(["a b"]), "/inputs/0", message);
}

#[test]
fn a_loop_sets_what_its_first_turn_reads_too_late() {
    let mut document = good();
    document["blocks"] = json!([
        instance(
            "look",
            "core.if",
            json!({"left": "$(seen)", "operator": "is_true"}),
            json!({"true": "end", "false": "keep"})
        ),
        instance(
            "keep",
            "core.set-variable",
            json!({"variable": "seen", "value": true}),
            json!({"next": "look"})
        ),
        exit("end"),
    ]);
    let (_, warnings) = kit().check(&document).unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert_eq!(warnings[0].pointer, "/blocks/0/properties/left");
    assert!(
        warnings[0].message.contains("from `look`, where it begins"),
        "{}",
        warnings[0].message
    );
}

#[test]
fn a_recordset_that_nothing_sets() {
    let mut document = good();
    document["blocks"][0] = instance(
        "look",
        "core.get-next-record",
        json!({"recordset": "Caller"}),
        json!({"next": "end", "no_more": "end"}),
    );
    let (_, warnings) = kit().check(&document).unwrap();
    assert_eq!(warnings[0].pointer, "/blocks/0/properties/recordset");
    assert!(warnings[0].message.starts_with("`Caller`: no block sets `Caller`"));
}
