//! What `write` has answered for is there afterwards: for another store at once, after a kill,
//! and when the caller stopped waiting.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use secrecy::ExposeSecret;

use crate::kit::{Kit, batch, block_on, open};

const FOLDER: &str = "PATCHCORD_STORE_TEST_FOLDER";

#[tokio::test]
async fn a_second_store_sees_each_write_at_once() {
    let kit = Kit::new().await;
    let second = open(kit.folder.path()).await;
    for n in 0..20 {
        let (from, to) = if n % 2 == 0 { (&kit.store, &second) } else { (&second, &kit.store) };
        from.write(batch(|b| {
            b.put("count", "n", &n).unwrap();
        }))
        .await
        .unwrap();
        assert_eq!(to.get::<i32>("count", "n").await.unwrap().unwrap().value, n);
    }
}

#[tokio::test]
async fn a_write_that_nobody_waits_for_is_finished() {
    let kit = Kit::new().await;
    let abandoned = kit.store.write(batch(|b| {
        b.put("count", "n", &1).unwrap();
    }));
    let polled_once = tokio::select! {
        biased;
        done = abandoned => done.is_ok(),
        () = std::future::ready(()) => false,
    };
    assert!(!polled_once, "the write was to be abandoned under way");
    // The one writer works in order, so that what follows it comes after it.
    kit.write(|batch| {
        batch.put("count", "after", &2).unwrap();
    })
    .await;
    assert_eq!(kit.store.list::<i32>("count").await.unwrap().len(), 2);
}

/// Run by the test below, in a process of its own.
#[test]
#[ignore = "it writes without end, to be killed by a_killed_process_loses_nothing_that_was_acknowledged"]
fn child_that_writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    block_on(async {
        let store = open(&folder).await;
        for n in 0_u64.. {
            let value = format!("token {n}").into();
            let write = batch(|b| {
                b.put("account", "a", &n).unwrap().put_secret("a", "token", &value);
            });
            store.write(write).await.unwrap();
            let mut stdout = std::io::stdout();
            writeln!(stdout, "\nwritten {n}").unwrap();
            stdout.flush().unwrap();
        }
    });
}

#[test]
fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    for kill_after in [1_u64, 7, 25] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture"])
            .arg("durability::child_that_writes_until_it_is_killed")
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let acknowledged = lines
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("written ")?.parse::<u64>().ok())
            .find(|n| *n >= kill_after)
            .expect("the child ended early");
        child.kill().unwrap();
        child.wait().unwrap();
        block_on(async {
            let store = open(folder.path()).await;
            let stored = store.get::<u64>("account", "a").await.unwrap().unwrap().value;
            assert!(stored >= acknowledged, "{stored} < {acknowledged}");
            let secret = store.secret("a", "token").await.unwrap().unwrap();
            assert_eq!(secret.expose_secret(), format!("token {stored}"));
        });
    }
}
