//! Bells within the process: what a commit leaves to do is begun at once by this process, and by any other when it looks
//! the next time.

use std::sync::Arc;

use tokio::sync::Notify;

/// The bells. Ringing one that nobody waits for is remembered until somebody does.
#[derive(Debug, Clone, Default)]
pub struct Wakes {
    /// Rung when a task was put into the queue.
    pub tasks: Arc<Notify>,
    /// Rung when a message was put into the outbox.
    pub messages: Arc<Notify>,
}
