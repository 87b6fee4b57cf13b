//! FetchXML with an element a line, for reading.
//!
//! Not a parser: tags are found and indented, and what is not well formed is shown as far as it goes.

/// The text with a line for each tag, indented by its depth.
pub(super) fn indented(xml: &str) -> String {
    let mut lines = Vec::new();
    let mut depth = 0_usize;
    let mut rest = xml.trim();
    while !rest.is_empty() {
        let (piece, tail) = next_piece(rest);
        rest = tail.trim_start();
        let piece = piece.trim();
        if piece.starts_with("</") {
            depth = depth.saturating_sub(1);
        }
        lines.push(format!("{}{piece}", "  ".repeat(depth.min(20))));
        let opens = piece.starts_with('<')
            && !["</", "<?", "<!"].iter().any(|start| piece.starts_with(start))
            && !piece.ends_with("/>");
        if opens {
            depth += 1;
        }
    }
    lines.join("\n")
}

/// A tag, in which a quoted `>` ends nothing, or the text up to the next one.
fn next_piece(text: &str) -> (&str, &str) {
    if !text.starts_with('<') {
        return text.split_at(text.find('<').unwrap_or(text.len()));
    }
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return text.split_at(at + 1),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::indented;
    use proptest::prelude::*;

    #[test]
    fn elements_stand_on_lines_of_their_own() {
        let fetch = "<fetch top='5'><entity name='account'><attribute name='name'/><filter>\
                     <condition attribute='a' operator='eq' value='x > y'/></filter></entity></fetch>";
        let lines = "<fetch top='5'>\n  <entity name='account'>\n    <attribute name='name'/>\n    \
                     <filter>\n      <condition attribute='a' operator='eq' value='x > y'/>\n    \
                     </filter>\n  </entity>\n</fetch>";
        assert_eq!(indented(fetch), lines);
    }

    proptest! {
        #[test]
        fn nothing_but_space_is_lost(text in "[<>/'\"a-c \n]{0,60}") {
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&indented(&text)), bare(&text));
        }
    }
}
