//! The dispatcher: spreads what is in the outbox, and sends what is due.
//!
//! One loop spreads; each channel has a loop and a few places of its own, so that a slow mail server holds up neither
//! robots nor inboxes. A loop is woken by the commit that leaves it something to do, and looks by itself now and then,
//! less often the longer nothing happens: for retries, and for what other processes have left.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::db::{Database, Db};
use crate::types::{Actor, Error, Origin, Result, Source};
use crate::web::State;
use crate::web::outbound::Outbound;

use super::channels::mail::Mailer;
use super::deliveries::model::{Channel, Delivery, Outcome};
use super::kinds::Kinds;
use super::robots::protocol;
use super::sender::Sender;
use super::{deliveries, outbox, robots};

/// How many mails are sent at the same time.
const MAILS: usize = 4;

/// How many robots are spoken to at the same time.
const ROBOTS: usize = 2;

/// How long a loop waits after it found nothing: at first, and at most.
const IDLE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15));

/// How long sending may take to end when the process is told to stop. What takes longer counts as uncertain.
const FAREWELL: Duration = Duration::from_secs(20);

/// The loops of the process.
pub struct Dispatcher {
    loops: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Dispatcher {
    /// Starts the loops.
    pub fn start(state: Arc<State>) -> Dispatcher {
        let (stop, stopped) = watch::channel(false);
        let bells: Arc<Vec<(Channel, Notify)>> =
            Arc::new(Channel::ALL.iter().map(|channel| (*channel, Notify::new())).collect());
        let mut loops =
            vec![tokio::spawn(spreading(Arc::clone(&state), Arc::clone(&bells), stopped.clone()))];
        for (index, channel) in Channel::ALL.iter().enumerate() {
            let places = match channel {
                Channel::Mail => MAILS,
                Channel::Robot => ROBOTS,
            };
            let lane = Lane { state: Arc::clone(&state), channel: *channel, places };
            loops.push(tokio::spawn(lane.run(Arc::clone(&bells), index, stopped.clone())));
        }
        Dispatcher { loops, stop }
    }

    /// Stops the loops; what is being sent is brought to its end, as far as that takes a reasonable time.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let all = async {
            for task in self.loops {
                let _ = task.await;
            }
        };
        if tokio::time::timeout(FAREWELL, all).await.is_err() {
            tracing::warn!("sending did not end in time; what was being sent counts as uncertain");
        }
    }
}

/// Works off all that is due: for tests, and for who cannot wait for the loops.
pub async fn work_off(state: &Arc<State>) -> Result<()> {
    while spread_next(state).await? {}
    for channel in Channel::ALL {
        loop {
            let taken = take(state, *channel, 1).await?;
            if taken.is_empty() {
                break;
            }
            for delivery in taken {
                send(state, delivery).await?;
            }
        }
    }
    Ok(())
}

/// Spreads as long as there is something to spread, then waits for the next bell.
async fn spreading(
    state: Arc<State>,
    bells: Arc<Vec<(Channel, Notify)>>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut idle = IDLE.0;
    while !*stopped.borrow() {
        match spread_next(&state).await {
            Ok(true) => {
                idle = IDLE.0;
                continue;
            }
            Ok(false) => {}
            Err(fault) => tracing::warn!(%fault, "messages cannot be spread for now"),
        }
        for (_, bell) in bells.iter() {
            bell.notify_one();
        }
        tokio::select! {
            () = state.db.wakes().messages.notified() => idle = IDLE.0,
            () = tokio::time::sleep(idle) => idle = (idle * 2).min(IDLE.1),
            _ = stopped.changed() => break,
        }
    }
}

/// Spreads one message, if one is due. One that fails is put off by itself, so that it holds up no other.
async fn spread_next(state: &Arc<State>) -> Result<bool> {
    let (kinds, config) = (state.part::<Kinds>()?, state.config.clone());
    blocking(state, move |db, actor| {
        let taken = std::cell::RefCell::new(None);
        let spread = db.write(actor, |tx| {
            let Some(message) = outbox::commands::take(tx)? else { return Ok(false) };
            *taken.borrow_mut() = Some((message.id, message.attempts));
            let sender = Sender::read(tx, &config)?;
            outbox::commands::spread(tx, &kinds, &sender, &message).map(|()| true)
        });
        match (spread, taken.into_inner()) {
            (Err(fault @ Error::Unavailable(_)), _) | (Err(fault), None) => Err(fault),
            (Err(fault), Some((id, attempts))) => {
                let why = format!("{fault:#}");
                db.write(actor, |tx| outbox::commands::postpone(tx, id, attempts, &why)).map(|()| true)
            }
            (Ok(spread), _) => Ok(spread),
        }
    })
    .await
}

/// The loop of a channel.
struct Lane {
    state: Arc<State>,
    channel: Channel,
    places: usize,
}

impl Lane {
    async fn run(self, bells: Arc<Vec<(Channel, Notify)>>, index: usize, mut stopped: watch::Receiver<bool>) {
        let Some((_, bell)) = bells.get(index) else { return };
        let mut sending = JoinSet::new();
        while !*stopped.borrow() {
            let free = self.places - sending.len();
            let taken = if free == 0 { Ok(Vec::new()) } else { take(&self.state, self.channel, free).await };
            let taken = taken.unwrap_or_else(|fault| {
                tracing::warn!(%fault, channel = %self.channel, "nothing can be sent for now");
                Vec::new()
            });
            let all_taken = taken.len() < free;
            for delivery in taken {
                let state = Arc::clone(&self.state);
                sending.spawn(async move {
                    let id = delivery.id;
                    if let Err(fault) = send(&state, delivery).await {
                        tracing::warn!(%fault, delivery = id.0, "what became of a delivery cannot be noted");
                    }
                });
            }
            if !all_taken && sending.len() < self.places {
                continue;
            }
            tokio::select! {
                () = bell.notified() => {}
                Some(_) = sending.join_next(), if !sending.is_empty() => {}
                _ = stopped.changed() => break,
            }
        }
        while sending.join_next().await.is_some() {}
    }
}

/// Takes due deliveries of a channel, in a transaction of its own.
async fn take(state: &Arc<State>, channel: Channel, places: usize) -> Result<Vec<Delivery>> {
    let limit = i64::try_from(places).unwrap_or(1);
    blocking(state, move |db, actor| db.write(actor, |tx| deliveries::commands::claim(tx, channel, limit)))
        .await
}

/// Sends a delivery that was taken, and notes what became of it.
async fn send(state: &Arc<State>, delivery: Delivery) -> Result<()> {
    let outcome = match delivery.channel {
        Channel::Mail => {
            let (mailer, config) = (state.part::<Mailer>()?, state.config.clone());
            let read = move |db: &mut Db| Sender::read(db, &config);
            let sender = blocking(state, move |db, actor| db.read(actor, read)).await?;
            mailer.send(&delivery, &sender, state.db.clock().now()).await
        }
        Channel::Robot => tell(state, &delivery).await?,
    };
    blocking(state, move |db, actor| {
        db.write(actor, |tx| deliveries::commands::settle(tx, &delivery, outcome.clone()))
    })
    .await
}

/// Tells a robot.
async fn tell(state: &Arc<State>, delivery: &Delivery) -> Result<Outcome> {
    use crate::i18n::{Said, Tr};

    let Some(id) = delivery.robot_id else { return Ok(Outcome::Refused(Said::new(Tr::robots_fault_gone))) };
    let robot = blocking(state, move |db, actor| db.read(actor, |db| robots::queries::find(db, id))).await;
    let robot = match robot {
        Err(Error::NotFound) => return Ok(Outcome::Refused(Said::new(Tr::robots_fault_gone))),
        robot => robot?,
    };
    let open = |sealed: &str| state.secret.open(robots::rules::SEAL, sealed);
    let url = open(&robot.sealed_url).and_then(|url| url.parse().ok());
    let secret = robot.sealed_secret.as_deref().map(open);
    // Sealed by another secret of the installation than it has now.
    let (Some(url), None | Some(Some(_))) = (url, &secret) else {
        return Ok(Outcome::Refused(Said::new(Tr::robots_fault_sealed)));
    };
    let text = format!("{}\n\n{}", delivery.subject, delivery.body);
    let now = state.db.clock().now();
    let request = protocol::request(robot.vendor, url, secret.flatten().as_deref(), &text, now);
    let outbound = state.part::<Outbound>()?;
    Ok(match outbound.send(request).await {
        Ok(answer) => protocol::verdict(robot.vendor, &answer),
        Err(fault) => protocol::no_answer(&fault),
    })
}

/// Does work on the database, as the system, on a thread that may block.
async fn blocking<T: Send + 'static>(
    state: &Arc<State>,
    work: impl FnOnce(&Database, &Arc<Actor>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let db = state.db.clone();
    let done = tokio::task::spawn_blocking(move || {
        let origin = Origin { source: Source::Task, request_id: String::new(), address: String::new() };
        work(&db, &Arc::new(Actor::system(origin)))
    });
    done.await.map_err(|fault| Error::Internal(fault.into()))?
}
