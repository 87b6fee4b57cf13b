//! Keeps the guide for block authors true: the block that it shows is the one that is compiled and tested.

#[test]
fn the_guide_shows_the_block_that_is_compiled() {
    let guide = include_str!("../../../docs/blocks.md");
    let block = include_str!("../examples/open_cases.rs");
    assert!(guide.contains(block), "copy examples/open_cases.rs into docs/blocks.md");
}
