//! Working a task off from the command line, by this process or by a running `serve` that is quicker.

use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use crate::accounts::sessions::identity::IDENTIFY;
use crate::app;
use crate::tasks;
use crate::tasks::workers;
use crate::types::Actor;
use crate::types::ids::TaskId;
use crate::web::secret::Secret;
use crate::web::state::State;

use super::setup::Setup;

/// How often the end of work that another process does is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// Waits until a task is over, in which this process works it off unless another is at it; for its next try, too.
pub(super) fn finish(setup: &Setup, actor: &Arc<Actor>, task: TaskId) -> anyhow::Result<()> {
    let secret = Secret::load(setup.config.secret.as_deref(), &setup.config.data_dir)?;
    let parts = app::parts(&setup.config)?;
    let state = Arc::new(State::new(setup.db.clone(), setup.config.clone(), secret, IDENTIFY, parts));
    // What is waited for runs on threads of its own.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let _entered = runtime.enter();
    while !setup.db.read(actor, |db| tasks::queries::unfinished(db, &[task]))?.is_empty() {
        if !workers::work_off_one(&state, task)? {
            sleep(LOOK);
        }
    }
    Ok(())
}
