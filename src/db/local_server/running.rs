//! A private server in operation, from its first process to its last.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process_group};

use super::program::Program;
use super::room::Room;
use super::{LocalServerError, PATIENCE, POLL, Result};

/// What a start may write before it answers, most of it temporary.
pub(super) const SPACE_TO_START: u64 = 32 << 20;

/// Runs `$2...` until standard input closes, which is when the owner is gone. `$1` is the server's pid file:
/// the server writes it once it is ready, so a crash with one is worth a restart and a crash without is not.
/// Signals meant for the whole service are not the supervisor's: it ends when the server has ended.
const SUPERVISOR: &str = r#"
trap : HUP INT TERM
exec 3<&0
pid_file=$1
shift
while
    rm -f "$pid_file"
    "$@" </dev/null 3<&- &
    server=$!
    (read -r end <&3; kill -TERM "$server") >/dev/null 2>&1 &
    watch=$!
    while kill -0 "$server" 2>/dev/null; do wait "$server"; status=$?; done
    kill "$watch" 2>/dev/null
    [ "$status" -gt 128 ] && [ -e "$pid_file" ]
do
    echo "The server ended with status $status and is started again." >&2
    sleep 1
done
exit "$status""#;

/// A server that this process started and will stop.
#[derive(Debug)]
pub(super) struct Running {
    room: Room,
    supervisor: Child,
    /// Held, not used: as long as it is open, this process is the owner.
    _lock: File,
}

impl Running {
    pub(super) fn start(room: &Room, lock: File) -> Result<Running> {
        let log = room.claim_log()?;
        let program = Program::find()?;
        if room.data().exists() {
            program.require_own_kind(&room.data())?;
            room.require_space(SPACE_TO_START)?;
        } else {
            program.initialise(room, &log)?;
        }
        room.sweep()?;
        let from = log.metadata().map_err(|e| room.failed(e))?.len();
        let supervisor = supervise(room, &program, log)?;
        let mut running = Running { room: room.clone(), supervisor, _lock: lock };
        running.await_answer(from)?;
        program.sign(&room.data()).map_err(|e| room.failed(e))?;
        tracing::info!(server = %program.title(), directory = %room.path.display(), "private database started");
        Ok(running)
    }

    fn await_answer(&mut self, from: u64) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !self.room.answers() {
            if !matches!(self.supervisor.try_wait(), Ok(None)) {
                return Err(LocalServerError::Ended { log: self.room.log(), tail: self.room.tail(from) });
            }
            if Instant::now() > deadline {
                return Err(self.room.no_answer(from));
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    pub(super) fn end(&mut self) -> Result<()> {
        drop(self.supervisor.stdin.take());
        match wait_or_kill(&mut self.supervisor) {
            Some(_) => Ok(()),
            None => Err(LocalServerError::DidNotStop { seconds: PATIENCE.as_secs(), log: self.room.log() }),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::error!(%error, "the private database did not stop cleanly");
        }
    }
}

fn supervise(room: &Room, program: &Program, log: File) -> Result<Child> {
    let shell = PathBuf::from("/bin/sh");
    let out = log.try_clone().map_err(|e| room.failed(e))?;
    Command::new(&shell)
        .args(["-c", SUPERVISOR, "opcms-database"])
        .arg(room.pid_file())
        .args(program.command_line(room))
        // Otherwise the server would report to systemd in the name of our own service.
        .env_remove("NOTIFY_SOCKET")
        .current_dir(&room.path)
        // Ctrl-C in a terminal is for the owner, which first finishes what it is doing.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(out)
        .stderr(log)
        .spawn()
        .map_err(|source| LocalServerError::Program { program: shell, source })
}

/// Waits for the end of a process that leads a group, and kills the group when it takes too long: on a full
/// disk, the server waits for somebody to free space for as long as it takes.
pub(super) fn wait_or_kill(child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(POLL),
            _ => {
                let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
                let _ = child.wait();
                return None;
            }
        }
    }
}
