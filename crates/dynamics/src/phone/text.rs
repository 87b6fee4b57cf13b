//! Getting at the number in what a call brings: a `tel:` or `sip:` address, a display name around it, an extension
//! behind it; and telling a withheld number from one.

use percent_encoding::percent_decode_str;

/// What an answering switch spells on a keypad where the caller withheld the number.
const SPELLED: [&str; 5] = ["ANONYMOUS", "BLOCKED", "RESTRICTED", "UNAVAILABLE", "UNKNOWN"];

/// What separates a number from its extension in free text.
const EXTENSION_MARKS: [&str; 4] = ["ext", "x", "#", "p"];

/// The part of `text` that is the number itself: `+` and digits, with the separators that people write.
///
/// Of an address in angle brackets it is the user part (RFC 3261, `name-addr`); parameters such as `;ext=5` and
/// `;user=phone` (RFC 3966) are left out, and so is an extension.
pub(super) fn number_in(text: &str) -> String {
    let inner = text.split_once('<').map_or(text, |(_, rest)| rest.split('>').next().unwrap_or(""));
    let decoded = percent_decode_str(inner.trim()).decode_utf8_lossy().into_owned();
    let lower = decoded.to_ascii_lowercase();
    let scheme = ["tel:", "sips:", "sip:"].into_iter().find(|scheme| lower.starts_with(scheme));
    let rest = scheme.map_or(lower.as_str(), |scheme| &lower[scheme.len()..]);
    let user = rest.split('@').next().unwrap_or("");
    let bare = user.split([';', '?']).next().unwrap_or("");
    // A password behind the user part is nobody's number.
    let bare = if scheme.is_some() { bare.split(':').next().unwrap_or("") } else { bare };
    without_extension(bare).chars().filter_map(plain).collect()
}

/// An extension follows digits; a mark before any digit is a word, such as the `x` of `fax`.
fn without_extension(number: &str) -> &str {
    let Some(first) = number.find(|c: char| c.is_numeric()) else { return number };
    let ends = EXTENSION_MARKS.iter().filter_map(|mark| number[first..].find(mark));
    ends.min().map_or(number, |end| &number[..first + end])
}

/// Digits of any script as ASCII, `+`, and separators; all else is no part of a number.
fn plain(c: char) -> Option<char> {
    match c {
        '0'..='9' | '+' | '-' | '.' | '/' | '(' | ')' | ' ' => Some(c),
        '\u{ff0b}' => Some('+'),
        '\u{a0}' | '\u{202f}' | '\u{2009}' => Some(' '),
        '\u{2010}'..='\u{2015}' => Some('-'),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c) - 0xff10, 10),
        '\u{660}'..='\u{669}' => char::from_digit(u32::from(c) - 0x660, 10),
        '\u{966}'..='\u{96f}' => char::from_digit(u32::from(c) - 0x966, 10),
        _ => None,
    }
}

/// Whether these digits are nobody's number: none at all, zeros, or a word such as ANONYMOUS on a keypad.
pub(super) fn is_withheld(digits: &str) -> bool {
    digits.chars().all(|digit| digit == '0') || SPELLED.iter().any(|word| keypad(word) == digits)
}

/// A word in the digits of a telephone keypad (ITU-T E.161).
fn keypad(word: &str) -> String {
    let digit = |letter| match letter {
        'A'..='C' => '2',
        'D'..='F' => '3',
        'G'..='I' => '4',
        'J'..='L' => '5',
        'M'..='O' => '6',
        'P'..='S' => '7',
        'T'..='V' => '8',
        _ => '9',
    };
    word.chars().map(digit).collect()
}
