//! A switchboard on loopback: the proxy of `examples/call-flows/kamailio`, and SIPp as callers and as queues.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use patchcord_tests::World;
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

use crate::program::Program;
use crate::{examples, runs_of, token};

/// How long a program may take to be there on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// New calls a second.
const RATE: &str = "50";

/// The proxy, running.
pub(crate) struct Switchboard {
    pub(crate) proxy: SocketAddr,
    queues: SocketAddr,
    kamailio: Program,
    folder: TempDir,
}

/// How a call came to a queue.
pub(crate) struct Arrival {
    pub(crate) queue: String,
    /// What the proxy says of the record to show.
    pub(crate) screen_pop: Option<String>,
}

/// The calls that came to a queue, by the number of the caller.
pub(crate) type Reached = BTreeMap<String, Arrival>;

impl Switchboard {
    /// Starts the proxy, which asks `world` for a run of `scenario` for each call.
    pub(crate) async fn before(world: &World, scenario: &str) -> Self {
        Self::start(runs_of(world, scenario), &token(world).await)
    }

    /// Starts the proxy, which asks at `runs` for each call.
    pub(crate) fn start(runs: String, token: &SecretString) -> Self {
        let folder = TempDir::new().unwrap();
        let (proxy, queues) = (free_address(), free_address());
        let mut command = kamailio();
        command.env("PATCHCORD_TOKEN", token.expose_secret());
        command.args(["-DD", "-E", "-f"]).arg(examples().join("kamailio/kamailio.cfg"));
        command.arg("-Y").arg(folder.path()).arg("-w").arg(folder.path());
        command.args(["-A", &format!("LISTEN=udp:{proxy}")]);
        let vip = format!("sip:vip@{queues}");
        let general = format!("sip:general@{queues}");
        for (name, value) in
            [("PATCHCORD_RUNS", runs), ("VIP_QUEUE", vip), ("GENERAL_QUEUE", general)]
        {
            command.args(["-A", &format!("{name}=\"{value}\"")]);
        }
        let kamailio = Program::start(&mut command, folder.path(), "kamailio");
        let mut switchboard = Self { proxy, queues, kamailio, folder };
        switchboard.wait_for_proxy();
        switchboard
    }

    fn wait_for_proxy(&mut self) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let options = Request::new(&socket, self.proxy, "probe").text("OPTIONS", "z9hG4bKprobe");
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until && self.kamailio.runs() {
            socket.send_to(options.as_bytes(), self.proxy).unwrap();
            let mut answer = [0; 2048];
            if socket.recv(&mut answer).is_ok_and(|n| answer[..n].starts_with(b"SIP/2.0 200")) {
                return;
            }
        }
        panic!("kamailio does not answer: {}", self.kamailio.said());
    }

    /// Places a call from each number; each must be answered in time. Says where each has come.
    pub(crate) async fn place(&self, numbers: &[String]) -> Reached {
        let calls = numbers.len().to_string();
        let (log, list) = (self.folder.path().join("reached"), self.folder.path().join("numbers"));
        std::fs::write(&list, format!("SEQUENTIAL\n{}\n", numbers.join("\n"))).unwrap();
        let mut queues = sipp("queue.xml", self.queues, self.folder.path());
        queues.args(["-m", &calls, "-trace_logs", "-log_file"]).arg(&log);
        let queues = Program::start(&mut queues, self.folder.path(), "queues");
        wait_until_taken(self.queues);
        let mut callers = sipp("caller.xml", free_address(), self.folder.path());
        callers.arg(self.proxy.to_string()).arg("-inf").arg(&list);
        callers.args(["-m", &calls, "-r", RATE, "-l", &calls, "-s", "desk"]);
        let callers = Program::start(&mut callers, self.folder.path(), "callers");
        let both = tokio::task::spawn_blocking(move || {
            callers.ends_well();
            queues.ends_well();
        });
        if both.await.is_err() {
            panic!("a call was not answered; the proxy says: {}", self.kamailio.said());
        }
        reached(&std::fs::read_to_string(log).unwrap())
    }
}

/// Lines as `sipp/queue.xml` writes them: number, queue and screen pop.
fn reached(log: &str) -> Reached {
    let line = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        let number = words.next().unwrap();
        (number, Arrival { queue: words.next().unwrap(), screen_pop: words.next() })
    };
    log.lines().map(line).collect()
}

fn kamailio() -> Command {
    // Debian's place for servers, which is in the path of root only.
    let there = Path::new("/usr/sbin/kamailio");
    Command::new(if there.is_file() { there } else { Path::new("kamailio") })
}

/// SIPp at `address`; it fails where a call does, and where it takes too long.
fn sipp(scenario: &str, address: SocketAddr, folder: &Path) -> Command {
    let mut command = Command::new("sipp");
    command.current_dir(folder).arg("-sf").arg(examples().join("sipp").join(scenario));
    command.args(["-i", &address.ip().to_string(), "-p", &address.port().to_string()]);
    let control = free_address().port().to_string();
    command.args(["-cp", &control, "-nostdin", "-timeout", "60s", "-timeout_error"]);
    command
}

fn free_address() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn wait_until_taken(address: SocketAddr) {
    let until = Instant::now() + PATIENCE;
    while !UdpSocket::bind(address).is_err_and(|error| error.kind() == ErrorKind::AddrInUse) {
        assert!(Instant::now() < until, "nobody listens at {address}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What a telephone sends: requests of one call from `socket`.
pub(crate) struct Request {
    from: SocketAddr,
    to: SocketAddr,
    call: String,
}

impl Request {
    pub(crate) fn new(socket: &UdpSocket, to: SocketAddr, call: &str) -> Self {
        Self { from: socket.local_addr().unwrap(), to, call: call.to_owned() }
    }

    pub(crate) fn text(&self, method: &str, branch: &str) -> String {
        let Self { from, to, call } = self;
        let lines = [
            format!("{method} sip:desk@{to} SIP/2.0"),
            format!("Via: SIP/2.0/UDP {from};branch={branch}"),
            format!("From: <sip:+4930555010@{from}>;tag={call}"),
            format!("To: <sip:desk@{to}>"),
            format!("Call-ID: {call}"),
            format!("CSeq: 1 {method}"),
            format!("Contact: <sip:+4930555010@{from}>"),
            "Max-Forwards: 70".to_owned(),
            "Content-Length: 0".to_owned(),
        ];
        lines.join("\r\n") + "\r\n\r\n"
    }
}
