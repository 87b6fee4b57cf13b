//! What must not be seen in a request that is shown: in its body by name, in its address however it is encoded there.

use serde_json::Value;

use super::{MASKED, Mask, json};

impl Mask {
    /// Learns the values in a body that have a hidden name.
    pub(in crate::runs) fn learn_body(&mut self, body: &str, tables: &[String]) {
        if let Some(body) = json(body) {
            self.look(&body, &mut Vec::new(), tables);
        }
    }

    /// Masks JSON whose outermost names are those of variables or of columns.
    pub(in crate::runs) fn cover_json(&self, value: &mut Value, tables: &[String]) {
        if !self.hides_nothing() {
            self.value(value, &mut Vec::new(), tables);
        }
    }

    /// Masks a body.
    pub(in crate::runs) fn cover_body(&self, body: &mut String, tables: &[String]) {
        if !self.hides_nothing() {
            self.inner_json(body, &mut Vec::new(), tables);
        }
    }

    /// Masks a text.
    pub(crate) fn cover_text(&self, text: &mut String) {
        self.text(text);
    }

    /// Masks an address, or a query as it is typed.
    pub(in crate::runs) fn cover_address(&self, address: &mut String) {
        for (_, value) in &self.seen {
            // As text of OData, where a quote is doubled, and as it is.
            for value in [value.replace('\'', "''"), value.clone()] {
                for plus_is_space in [false, true] {
                    hide_encoded(address, value.as_bytes(), plus_is_space);
                }
            }
        }
    }
}

/// Replaces a value wherever an address has it, with any of its bytes percent-encoded.
fn hide_encoded(address: &mut String, value: &[u8], plus_is_space: bool) {
    let letters = decoded(address, plus_is_space);
    let mut shown = String::with_capacity(address.len());
    let (mut at, mut copied) = (0, 0);
    while at + value.len() <= letters.len() {
        let here = &letters[at..at + value.len()];
        if here.iter().map(|(byte, _, _)| byte).eq(value) {
            shown.push_str(&address[copied..here[0].1]);
            shown.push_str(MASKED);
            copied = here[value.len() - 1].2;
            at += value.len();
        } else {
            at += 1;
        }
    }
    if copied > 0 {
        shown.push_str(&address[copied..]);
        *address = shown;
    }
}

/// Each byte that an address stands for, with where its text begins and ends.
fn decoded(address: &str, plus_is_space: bool) -> Vec<(u8, usize, usize)> {
    let bytes = address.as_bytes();
    let (mut letters, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let encoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (byte, end) = match (bytes[at], encoded) {
            (b'%', Some(byte)) => (byte, at + 3),
            (b'+', _) if plus_is_space => (b' ', at + 1),
            (byte, _) => (byte, at + 1),
        };
        letters.push((byte, at, end));
        at = end;
    }
    letters
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use patchcord_scenario::Variables;

    use super::*;

    fn mask() -> Mask {
        let brought = json!({"name": "Zoë O'Neill", "pin": "a+b c"});
        let variables = Variables::from_call(brought.as_object().unwrap()).unwrap();
        let paths = ["name".to_owned(), "pin".to_owned()];
        Mask::new(&["contacts.ssn".to_owned()], &paths, &variables)
    }

    #[test]
    fn a_value_is_found_however_an_address_writes_it() {
        for (address, shown) in [
            ("/c?$filter=n eq 'Zoë O''Neill'&a=1", "/c?$filter=n eq '•••'&a=1"),
            ("/c?$filter=n%20eq%20%27Zo%C3%AB%20O%27%27Neill%27", "/c?$filter=n%20eq%20%27•••%27"),
            ("/c?q=Zo%c3%ab+O%27Neill&r=a%2Bb+c", "/c?q=•••&r=•••"),
            ("/c?q=100%&z=%zz", "/c?q=100%&z=%zz"),
        ] {
            let mut address = address.to_owned();
            mask().cover_address(&mut address);
            assert_eq!(address, shown);
        }
    }

    #[test]
    fn a_column_of_a_body_is_hidden_and_its_value_elsewhere_too() {
        let (mut mask, tables) = (mask(), ["contacts".to_owned()]);
        let mut body = r#"{"ssn": "123-45", "note": "has 123-45", "n": 1.50}"#.to_owned();
        mask.learn_body(&body, &tables);
        mask.cover_body(&mut body, &tables);
        let shown: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(shown, json!({"ssn": "•••", "note": "has •••", "n": 1.5}));
        let mut other = r#"{"a": 1.50}"#.to_owned();
        mask.cover_body(&mut other, &tables);
        assert_eq!(other, r#"{"a": 1.50}"#, "what hides nothing stays as it is");
    }
}
