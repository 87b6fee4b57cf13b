//! Characters of a query with their places, variables among them.

use crate::template::Reference;

/// A character of a query; a variable is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) c: char,
    /// Where it stands in what the designer wrote.
    pub(super) at: usize,
}

/// Stands for a variable. It is a part of whatever word it stands in.
pub(super) const HOLE: char = '\u{1}';

/// The characters of a text that is known to be a template.
pub(super) fn glyphs(text: &str) -> Vec<Glyph> {
    let (mut glyphs, mut rest, mut at) = (Vec::new(), text, 0);
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("$$(") {
            glyphs.extend([Glyph { c: '$', at }, Glyph { c: '(', at: at + 2 }]);
            (rest, at) = (&rest["$$(".len()..], at + "$$(".len());
        } else if rest.starts_with("$(")
            && let Ok((reference, bytes)) = Reference::read(rest, at)
        {
            glyphs.push(Glyph { c: HOLE, at });
            (rest, at) = (&rest[bytes..], at + reference.width);
        } else {
            glyphs.push(Glyph { c, at });
            (rest, at) = (&rest[c.len_utf8()..], at + 1);
        }
    }
    glyphs
}

/// Without blanks around it.
pub(super) fn trim(glyphs: &[Glyph]) -> &[Glyph] {
    let blank = |glyph: &Glyph| glyph.c.is_whitespace();
    let start = glyphs.iter().position(|glyph| !blank(glyph)).unwrap_or(glyphs.len());
    let end = glyphs.iter().rposition(|glyph| !blank(glyph)).map_or(start, |last| last + 1);
    &glyphs[start..end]
}

/// The text; a variable is [`HOLE`].
pub(super) fn text(glyphs: &[Glyph]) -> String {
    glyphs.iter().map(|glyph| glyph.c).collect()
}
