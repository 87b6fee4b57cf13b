//! `patchcord demo`: what a newcomer runs first.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::kit::{self, signal};

#[test]
fn it_finds_the_caller_and_ends_well() {
    let blocks = patchcord_tests::blocks().unwrap();
    let output = kit::patchcord(&["demo", "--once", "--blocks"]).arg(blocks).output().unwrap();
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{complained}");
    assert!(said.contains("Connection is valid"), "{said}");
    assert!(said.contains("Result: known"), "{said}");
    assert!(said.contains("The caller is "), "{said}");
}

#[test]
fn it_says_that_the_emulator_has_stopped() {
    let blocks = patchcord_tests::blocks().unwrap();
    let mut demo = kit::patchcord(&["demo", "--once", "--step", "--blocks"])
        .arg(blocks)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = demo.stdin.take().unwrap();
    let mut screen = BufReader::new(demo.stdout.take().unwrap());
    for _ in 0..4 {
        // Each step waits for Enter before it is done.
        keyboard.write_all(b"\n").unwrap();
        screen.read_line(&mut String::new()).unwrap();
    }
    let emulator =
        child_named(demo.id(), "emulator").expect("the emulator is a child process of the demo");
    signal("KILL", &emulator);
    keyboard.write_all(b"\n").unwrap();
    let status = demo.wait().unwrap();
    let mut complained = String::new();
    demo.stderr.take().unwrap().read_to_string(&mut complained).unwrap();
    assert_eq!(status.code(), Some(1), "{complained}");
    assert!(complained.contains("the emulator has stopped"), "{complained}");
}

#[test]
fn it_ends_its_parts_where_nobody_reads_any_further() {
    let blocks = patchcord_tests::blocks().unwrap();
    let mut demo =
        kit::patchcord(&["demo", "--blocks"]).arg(blocks).stdout(Stdio::piped()).spawn().unwrap();
    let mut screen = BufReader::new(demo.stdout.take().unwrap());
    screen.read_line(&mut String::new()).unwrap();
    let emulator =
        child_named(demo.id(), "emulator").expect("the emulator is a child process of the demo");
    drop(screen);
    assert!(demo.wait().unwrap().success());
    // What has ended and was not waited for has no command line any more.
    let runs = || std::fs::read(format!("/proc/{emulator}/cmdline")).is_ok_and(|it| !it.is_empty());
    let until = Instant::now() + Duration::from_secs(10);
    while runs() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!runs(), "the emulator goes on without the demo");
}

#[test]
fn it_says_where_blocks_are_missing() {
    let output = kit::patchcord(&["demo", "--once", "--blocks", "/nonexistent"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        complained.contains("/nonexistent") && complained.contains("cargo xtask blocks"),
        "{complained}"
    );
}

/// The child process of `parent` that has `word` among its arguments, from /proc.
fn child_named(parent: u32, word: &str) -> Option<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut ids = processes.filter_map(|entry| entry.file_name().into_string().ok());
    ids.find(|id| {
        let read =
            |file: &str| std::fs::read_to_string(format!("/proc/{id}/{file}")).unwrap_or_default();
        // proc(5): the second field, in parentheses, may hold spaces; the fourth is the parent.
        let stat = read("stat");
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let its_parent = after_name.split_whitespace().nth(1);
        its_parent == Some(&parent.to_string()) && read("cmdline").split('\0').any(|a| a == word)
    })
}
