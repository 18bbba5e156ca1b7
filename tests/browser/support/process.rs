//! Processes on a leash: they end with the value that holds them, and with the test process, even if it is killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// `$1` is the signal that ends the rest, `$2` what the command lines of its children have in common, by which those
/// are found that it would leave behind. The leash is the standard input: it closes when its holder is gone.
const LEASH: &str = r#"
signal=$1; mark=$2; shift 2
"$@" </dev/null &
child=$!
read -r end
{ kill "-$signal" "$child"; wait "$child"; } 2>/dev/null
left=1
while [ $left = 1 ]; do
    left=0
    for process in /proc/[0-9]*; do
        grep -qsF "$mark" "$process/cmdline" || continue
        [ "${process#/proc/}" != $$ ] && kill -KILL "${process#/proc/}" 2>/dev/null && left=1
    done
    [ $left = 0 ] || sleep 0.1
done
exit 0"#;

const PATIENCE: Duration = Duration::from_secs(20);

/// A process and what it says.
pub struct Leashed {
    shell: Child,
    said: Receiver<String>,
}

impl Leashed {
    /// Starts a command; `signal` ends it, and `mark` tells its children.
    pub fn start(signal: &str, mark: &str, command: &Command) -> Leashed {
        let mut shell = Command::new("sh");
        shell.args(["-c", LEASH, "leash", signal, mark]).arg(command.get_program()).args(command.get_args());
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(directory) = command.get_current_dir() {
            shell.current_dir(directory);
        }
        let mut shell = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (tell, said) = mpsc::channel();
        let out = BufReader::new(shell.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Leashed { shell, said }
    }

    /// Waits for a line that `find` finds something in.
    pub fn hear<T>(&self, find: impl Fn(&str) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.said.recv_timeout(left) else {
                panic!("the process ended or said nothing of it")
            };
            if let Some(found) = find(&line) {
                return found;
            }
        }
    }
}

impl Drop for Leashed {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}
