//! Numbers of eight regions in all their notations, and text that is no number at all.

use super::{PhoneNumber, notations};
use proptest::prelude::*;

/// Region, number in E.164, and notations of which each must be written and must be read as the same number.
const NUMBERS: [(&str, &str, &[&str]); 8] = [
    (
        "US",
        "+13175550125",
        &[
            "3175550125",
            "13175550125",
            "(317) 555-0125",
            "317-555-0125",
            "317.555.0125",
            "317 555 0125",
            "1 (317) 555-0125",
            "+1 (317) 555-0125",
            "1-317-555-0125",
            "+1-317-555-0125",
            "+1 317-555-0125",
            "tel:+1-317-555-0125",
            "tel:+13175550125",
            "0013175550125",
            "+1.317.555.0125",
            "(317)555-0125",
            "+1 317 555 0125",
        ],
    ),
    (
        "DE",
        "+4930123456",
        &[
            "030123456",
            "030 123456",
            "030/123456",
            "(030) 123456",
            "030-123456",
            "+49 30 123456",
            "+49 (0)30 123456",
            "+49 (30) 123456",
            "004930123456",
            "0049 30 123456",
            "4930123456",
            "tel:+49-30-123456",
        ],
    ),
    (
        "GB",
        "+442071838750",
        &[
            "020 7183 8750",
            "02071838750",
            "(020) 7183 8750",
            "+44 20 7183 8750",
            "+44 (0)20 7183 8750",
            "00442071838750",
            "442071838750",
        ],
    ),
    (
        "FR",
        "+33123456789",
        &["01 23 45 67 89", "0123456789", "01.23.45.67.89", "+33 1 23 45 67 89"],
    ),
    // The leading zero is a part of the number in Italy.
    ("IT", "+390612345678", &["06 1234 5678", "0612345678", "+39 06 1234 5678", "00390612345678"]),
    ("NZ", "+6493001234", &["09 300 1234", "093001234", "+64 9 300 1234", "09-300 1234"]),
    ("IN", "+919876543210", &["098765 43210", "09876543210", "9876543210", "+91 98765 43210"]),
    ("BR", "+5511961234567", &["(11) 96123-4567", "11961234567", "+55 11 96123-4567"]),
];

#[test]
fn every_listed_notation_is_written() {
    for (region, number, listed) in NUMBERS {
        let all = notations(&PhoneNumber::parse(number, Some(region)).unwrap());
        assert_eq!(all[0], number);
        for notation in listed {
            assert!(all.iter().any(|one| one == notation), "{region} {notation}: {all:?}");
        }
        assert!(all.len() < 120, "{region}: {}", all.len());
    }
}

#[test]
fn every_listed_notation_is_read() {
    for (region, number, listed) in NUMBERS {
        for notation in listed {
            let read = PhoneNumber::parse(notation, Some(region));
            let e164 = read.and_then(|number| number.e164());
            assert_eq!(e164.as_deref(), Some(number), "{region} {notation}");
        }
    }
}

#[test]
fn every_notation_but_an_ambiguous_one_leads_back() {
    for (region, number, _) in NUMBERS {
        let all = notations(&PhoneNumber::parse(number, Some(region)).unwrap());
        for notation in &all {
            let back = PhoneNumber::parse(notation, Some(region)).unwrap();
            assert_eq!(back.e164().as_deref(), Some(number), "{region} {notation}");
        }
    }
}

#[test]
fn addresses_and_extensions_are_read() {
    for text in [
        "sip:+13175550125@pbx.example;user=phone",
        "\"Ann\" <sip:+13175550125@192.0.2.1:5060;transport=udp>;tag=1",
        "sips:%2B13175550125@pbx.example",
        "tel:+1-317-555-0125;ext=5",
        "+1 317 555 0125 ext. 5",
        "(317) 555-0125 x5",
        "\u{ff0b}1 (317) 555\u{2011}0125",
        " 13175550125 ",
    ] {
        let read = PhoneNumber::parse(text, Some("us")).and_then(|number| number.e164());
        assert_eq!(read.as_deref(), Some("+13175550125"), "{text}");
    }
}

#[test]
fn a_number_from_abroad_needs_no_region() {
    for region in [None, Some("DE"), Some("nowhere")] {
        for text in ["+442071838750", "00442071838750"] {
            let read = PhoneNumber::parse(text, region).and_then(|number| number.e164());
            assert_eq!(read.as_deref(), Some("+442071838750"), "{text} {region:?}");
        }
    }
}

#[test]
fn a_withheld_number_is_none() {
    for text in [
        "",
        " ",
        "anonymous",
        "Restricted",
        "sip:anonymous@192.0.2.1",
        "anonymous@anonymous.invalid",
        "unknown",
        "0",
        "0000000000",
        "266696687",
        "+266696687",
        "+7378742833",
        "sip:@192.0.2.1",
    ] {
        assert!(PhoneNumber::parse(text, Some("US")).is_none(), "{text}");
    }
}

#[test]
fn digits_of_no_plan_are_searched_for_as_they_are() {
    let extension = PhoneNumber::parse("sip:101@pbx.example", Some("US")).unwrap();
    assert_eq!(extension.e164(), None);
    assert_eq!(notations(&extension), ["101", "+101"]);
}

#[test]
fn a_number_of_an_area_that_is_not_known_yet_is_written_in_all_notations_too() {
    // There is no area 211 in North America: it is a service number.
    for (text, region) in
        [("+12115550125", None), ("0012115550125", None), ("sip:+12115550125@x", Some("DE"))]
    {
        let number = PhoneNumber::parse(text, region).unwrap();
        assert_eq!(number.e164().as_deref(), Some("+12115550125"), "{text}");
        let all = notations(&number);
        for notation in ["(211) 555-0125", "211/5550125", "+1 211 555 0125", "001 211 555 0125"] {
            assert!(all.iter().any(|one| one == notation), "{text} {notation}: {all:?}");
        }
    }
    // Without a region nobody knows whose national number it is: its digits are all there is.
    let nobodys = PhoneNumber::parse("(211) 555-0125", None).unwrap();
    assert_eq!(notations(&nobodys), ["2115550125", "+2115550125"]);
    assert_eq!(PhoneNumber::parse("+99912345678", None).unwrap().e164(), None);
}

proptest! {
    #[test]
    fn garbage_never_panics(text in any::<String>(), region in "[A-Z]{0,3}") {
        if let Some(number) = PhoneNumber::parse(&text, Some(&region)) {
            for notation in notations(&number) {
                let harmless = |c: char| c.is_ascii_digit() || " +-.()/:;telhoncx=".contains(c);
                prop_assert!(notation.chars().all(harmless), "{}", notation);
            }
        }
    }

    #[test]
    fn nearly_numbers_never_panic(text in "[+0-9();/. x#@:-]{0,40}") {
        let _ = PhoneNumber::parse(&text, Some("DE")).map(|number| notations(&number));
    }

    #[test]
    fn any_us_number_is_found_from_any_of_its_notations(area in 201_u32..989, line in 0_u32..10_000) {
        let e164 = format!("+1{area}555{line:04}");
        let Some(number) = PhoneNumber::parse(&e164, Some("US")) else { return Ok(()) };
        // The national notations of an area that is not known yet may be another country's number without its `+`.
        prop_assume!(phonenumber::parse(None, &e164).is_ok_and(|number| number.is_valid()));
        for notation in notations(&number) {
            let back = PhoneNumber::parse(&notation, Some("US")).unwrap();
            prop_assert_eq!(back.e164(), number.e164(), "{}", notation);
        }
    }
}
