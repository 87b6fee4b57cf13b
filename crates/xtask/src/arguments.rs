//! The command line: what can be asked for, and the text that says so.

/// What `--help` prints.
pub(crate) const HELP: &str = "\
What a developer of Patchcord runs.

usage: cargo xtask <command>

  demo [--once] [ARGS]  build everything, start the emulator and the server, place one call and
                        stay up until Ctrl-C; with --once, exit after the call. ARGS go to
                        `patchcord demo`.
  test                  everything that CI runs, stopping at the first failure
  blocks [--check]      build the blocks into target/blocks; with --check, change nothing there
                        and fail if a block differs from what its source gives
  clients               install the clients that were not written here, which the tests run against
                        the emulator, into target/clients
  languages             build the example block in Rust, JavaScript, Python and C with each one's own
                        tools, all of it into target/languages
  console               build the console from crates/server/console into target/console, from where
                        the next build of the server takes it; needs Node 20.19 or newer
  bench [ARGS]          run the benchmarks; ARGS go to `cargo bench`
  tidy                  check what the compiler does not: who may depend on whom, how files open,
                        how long they are, which crates are banned

The first run fetches and builds the dependencies, which takes minutes; later runs build only what
changed. The wasm target is added with rustup when it is missing. Exit status: 0 done, 1 the work
failed, 2 the command was wrong.";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Help,
    Blocks { check: bool },
    Clients,
    Languages,
    Console,
    Demo { arguments: Vec<String> },
    Test,
    Tidy,
    Bench { arguments: Vec<String> },
}

impl Task {
    /// Reads the arguments after the program's name; the error says what is wrong with them.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self, String> {
        let Some((command, rest)) = arguments.split_first() else {
            return Err("no command was given".to_owned());
        };
        let own = rest.iter().take_while(|argument| *argument != "--");
        if own.clone().any(|argument| argument == "--help" || argument == "-h") {
            return Ok(Self::Help);
        }
        match command.as_str() {
            "help" | "--help" | "-h" => Ok(Self::Help),
            "blocks" if rest == ["--check"] => Ok(Self::Blocks { check: true }),
            "blocks" => none_left(command, rest).map(|()| Self::Blocks { check: false }),
            "clients" => none_left(command, rest).map(|()| Self::Clients),
            "languages" => none_left(command, rest).map(|()| Self::Languages),
            "console" => none_left(command, rest).map(|()| Self::Console),
            "demo" => Ok(Self::Demo { arguments: rest.to_vec() }),
            "test" => none_left(command, rest).map(|()| Self::Test),
            "tidy" => none_left(command, rest).map(|()| Self::Tidy),
            "bench" => Ok(Self::Bench { arguments: rest.to_vec() }),
            unknown => Err(format!("there is no command `{unknown}`")),
        }
    }
}

fn none_left(command: &str, rest: &[String]) -> Result<(), String> {
    match rest.first() {
        None => Ok(()),
        Some(argument) => Err(format!("`{command}` takes no `{argument}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Task, String> {
        Task::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn commands_are_known_by_name() {
        assert_eq!(parse("blocks"), Ok(Task::Blocks { check: false }));
        assert_eq!(parse("blocks --check"), Ok(Task::Blocks { check: true }));
        assert_eq!(parse("test"), Ok(Task::Test));
        assert_eq!(parse("clients"), Ok(Task::Clients));
        assert_eq!(parse("languages"), Ok(Task::Languages));
        assert_eq!(parse("console"), Ok(Task::Console));
        assert_eq!(parse("demo --help"), Ok(Task::Help));
        let arguments = vec!["--once".to_owned(), "--json".to_owned()];
        assert_eq!(parse("demo --once --json"), Ok(Task::Demo { arguments }));
    }

    #[test]
    fn criterion_keeps_its_own_help() {
        assert!(matches!(parse("bench -- --help"), Ok(Task::Bench { .. })));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(parse(""), Err("no command was given".to_owned()));
        assert_eq!(parse("deploy"), Err("there is no command `deploy`".to_owned()));
        assert_eq!(parse("tidy --fast"), Err("`tidy` takes no `--fast`".to_owned()));
        assert_eq!(parse("blocks --check x"), Err("`blocks` takes no `--check`".to_owned()));
    }

    #[test]
    fn the_help_names_every_command() {
        let commands =
            ["demo", "test", "blocks", "clients", "languages", "console", "bench", "tidy"];
        for command in commands {
            assert!(HELP.lines().any(|line| line.trim_start().starts_with(command)), "{command}");
        }
    }
}
