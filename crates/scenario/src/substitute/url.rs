//! Values in an address: each becomes a part of the place where it stands, and nothing else.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{Source, SubstituteError, fill_text};
use crate::template::{Part, Template};
use crate::value::plain;

/// All but what RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The address with every value percent-encoded. One that is a variable and nothing else is taken as it is.
pub(super) fn fill(template: &Template, source: &Source<'_>) -> Result<String, SubstituteError> {
    if let [] | [_] = template.parts() {
        return fill_text(template, source);
    }
    let mut out = String::new();
    for part in template.parts() {
        let reference = match part {
            Part::Literal(literal) => {
                out.push_str(literal);
                continue;
            }
            Part::Variable(reference) => reference,
        };
        let value = source.value(reference)?;
        if value == Value::Null {
            return Err(SubstituteError::new(&reference.path, "null has no place in an address"));
        }
        out.extend(utf8_percent_encode(&plain(&value), RESERVED));
    }
    if leads_out(&out) {
        let problem = "would lead to another place of the server";
        let first = template.variables().next();
        return Err(SubstituteError {
            path: first.map(|reference| reference.path.to_string()).unwrap_or_default(),
            problem: problem.to_owned(),
        });
    }
    Ok(out)
}

/// Whether a name of the path means the folder that it is in, or the one above it.
fn leads_out(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.split('/').any(|name| name == "." || name == "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::substitute::MOST_BYTES;
    use crate::variables::Variables;
    use proptest::prelude::*;
    use serde_json::json;

    fn filled(address: &str, x: Value) -> Result<String, SubstituteError> {
        let mut variables = Variables::default();
        variables.set("x", x);
        let template = Template::parse(address).unwrap();
        fill(&template, &Source::new(&variables, MOST_BYTES))
    }

    #[test]
    fn a_value_is_encoded_and_a_whole_address_is_not() {
        let of = |x: &str| filled("https://a.example/p/$(x)?q=$(x)", json!(x)).unwrap();
        assert_eq!(of("+1 3/é"), "https://a.example/p/%2B1%203%2F%C3%A9?q=%2B1%203%2F%C3%A9");
        assert_eq!(
            filled("$(x)", json!("https://b.example/c?d=e")).unwrap(),
            "https://b.example/c?d=e"
        );
        assert_eq!(filled("https://a.example/$(x)", json!(7)).unwrap(), "https://a.example/7");
        assert!(filled("https://a.example/$(x)", json!(null)).is_err());
    }

    #[test]
    fn no_value_leads_to_another_place() {
        for (address, x) in
            [("https://a/p/$(x)/q", ".."), ("https://a/p/.$(x)", "."), ("https://a/$(x)", ".")]
        {
            assert!(
                filled(address, json!(x)).unwrap_err().problem.contains("another place"),
                "{address}"
            );
        }
    }

    proptest! {
        #[test]
        fn an_address_keeps_its_shape(x in ".*") {
            if let Ok(address) = filled("https://a.example/p/n$(x)/q?r=$(x)&s=1", json!(x)) {
                let rest = address.strip_prefix("https://a.example/p/n").unwrap();
                prop_assert_eq!(rest.matches('/').count(), 1);
                prop_assert_eq!(rest.matches('?').count(), 1);
                prop_assert_eq!(rest.matches('&').count(), 1);
                prop_assert!(!rest.contains(['#', '\\', '@', ' ']));
            }
        }
    }
}
