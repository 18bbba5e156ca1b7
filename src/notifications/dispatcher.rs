//! The dispatcher: spreads what is in the outbox, and sends what is due.
//!
//! One loop spreads; each channel has a loop and a few places of its own, so that a slow mail server holds up neither
//! robots nor inboxes. A loop is woken by the commit that leaves it something to do, and looks by itself now and then,
//! less often the longer nothing happens: for retries, and for what other processes have left.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::db::{Database, Db, Tx};
use crate::i18n::{Said, Tr};
use crate::types::{Actor, Error, Result};
use crate::web::State;
use crate::web::outbound::Outbound;

use super::channels::mail::Mailer;
use super::deliveries::model::{Channel, Delivery, Outcome};
use super::enclosures::{Enclosed, Enclosures};
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

/// How long to wait before the outcome of a try is noted once more.
const PAUSES: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3)];

/// The loops of the process.
pub struct Dispatcher {
    loops: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Dispatcher {
    /// Starts the loops.
    pub fn start(state: Arc<State>) -> Dispatcher {
        let (stop, stopped) = watch::channel(false);
        let (mut loops, mut bells) = (Vec::new(), Vec::new());
        for channel in Channel::ALL {
            let places = match channel {
                Channel::Mail => MAILS,
                Channel::Robot => ROBOTS,
            };
            let bell = Arc::new(Notify::new());
            bells.push(Arc::clone(&bell));
            let lane = Lane { state: Arc::clone(&state), channel: *channel, places, bell };
            loops.push(tokio::spawn(lane.run(stopped.clone())));
        }
        loops.push(tokio::spawn(spreading(state, bells, stopped)));
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
    while spread_next(state).await?.is_some() {}
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
async fn spreading(state: Arc<State>, bells: Vec<Arc<Notify>>, mut stopped: watch::Receiver<bool>) {
    let ring = || bells.iter().for_each(|bell| bell.notify_one());
    let mut idle = IDLE.0;
    while !*stopped.borrow() {
        match spread_next(&state).await {
            Ok(Some(deliveries)) => {
                idle = IDLE.0;
                if deliveries > 0 {
                    ring();
                }
                continue;
            }
            Ok(None) => {}
            Err(fault) => tracing::warn!(%fault, "messages cannot be spread for now"),
        }
        // For what is tried again, and for what other processes have left.
        ring();
        tokio::select! {
            () = state.db.wakes().messages.notified() => idle = IDLE.0,
            () = tokio::time::sleep(idle) => idle = (idle * 2).min(IDLE.1),
            _ = stopped.changed() => break,
        }
    }
}

/// Spreads one message, if one is due, and returns how many deliveries it became. One that fails, however it does, is put
/// off by itself on another connection, so that it holds up no other.
async fn spread_next(state: &Arc<State>) -> Result<Option<usize>> {
    let (kinds, config) = (state.part::<Kinds>()?, state.config.clone());
    let taken = Arc::new(Mutex::new(None));
    let note = Arc::clone(&taken);
    let spread = blocking(state, move |db, actor| {
        db.write(actor, |tx| {
            let Some(message) = outbox::commands::take(tx)? else { return Ok(None) };
            *note.lock().unwrap_or_else(PoisonError::into_inner) = Some((message.id, message.attempts));
            let sender = Sender::read(tx, &config)?;
            outbox::commands::spread(tx, &kinds, &sender, &message).map(Some)
        })
    })
    .await;
    let taken = *taken.lock().unwrap_or_else(PoisonError::into_inner);
    match (spread, taken) {
        (Err(fault), Some((id, attempts))) => {
            let why = format!("{fault:#}");
            let postpone = move |tx: &mut Tx| outbox::commands::postpone(tx, id, attempts, &why);
            blocking(state, move |db, actor| db.write(actor, &postpone)).await.map(|()| Some(0))
        }
        (spread, _) => spread,
    }
}

/// The loop of a channel.
struct Lane {
    state: Arc<State>,
    channel: Channel,
    places: usize,
    /// Rings when there may be something to send.
    bell: Arc<Notify>,
}

impl Lane {
    async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut sending = JoinSet::new();
        while !*stopped.borrow() {
            let free = self.places - sending.len();
            let taken = if free == 0 { Ok(Vec::new()) } else { take(&self.state, self.channel, free).await };
            let taken = taken.unwrap_or_else(|fault| {
                tracing::warn!(%fault, channel = %self.channel, "nothing can be sent for now");
                Vec::new()
            });
            let none_left = taken.len() < free;
            for delivery in taken {
                let state = Arc::clone(&self.state);
                sending.spawn(async move {
                    let id = delivery.id;
                    if let Err(fault) = send(&state, delivery).await {
                        tracing::warn!(%fault, delivery = id.0, "what became of a delivery cannot be noted");
                    }
                });
            }
            if !none_left && sending.len() < self.places {
                continue;
            }
            tokio::select! {
                () = self.bell.notified() => {}
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

/// Sends a delivery that was taken, and notes what became of it: a few times, should the database be away.
async fn send(state: &Arc<State>, delivery: Delivery) -> Result<()> {
    let outcome = say(state, &delivery).await.unwrap_or_else(|fault| {
        tracing::warn!(%fault, delivery = delivery.id.0, "a delivery cannot be sent for now");
        Outcome::Later(Said::new(Tr::messages_fault_unprepared))
    });
    for pause in PAUSES {
        let Err(fault) = settle(state, &delivery, &outcome).await else { return Ok(()) };
        tracing::warn!(%fault, delivery = delivery.id.0, "noting an outcome is tried again");
        tokio::time::sleep(pause).await;
    }
    settle(state, &delivery, &outcome).await
}

async fn settle(state: &Arc<State>, delivery: &Delivery, outcome: &Outcome) -> Result<()> {
    let (delivery, outcome) = (delivery.clone(), outcome.clone());
    let settle = move |tx: &mut Tx| deliveries::commands::settle(tx, &delivery, outcome.clone());
    blocking(state, move |db, actor| db.write(actor, settle)).await
}

/// Says a delivery to whom it is for.
///
/// # Errors
/// Only what goes wrong before anything was said: what comes after is an [`Outcome`].
async fn say(state: &Arc<State>, delivery: &Delivery) -> Result<Outcome> {
    match delivery.channel {
        Channel::Mail => {
            let (mailer, config) = (state.part::<Mailer>()?, state.config.clone());
            let read = move |db: &mut Db| Sender::read(db, &config);
            let sender = blocking(state, move |db, actor| db.read(actor, read)).await?;
            let enclosed = match enclosed(state, delivery).await {
                Err(Error::Refused(refusal)) => {
                    return Ok(Outcome::Refused(Said::new(|t| refusal.message.text(t))));
                }
                enclosed => enclosed?,
            };
            Ok(mailer.send(delivery, &enclosed, &sender, state.db.clock().now()).await)
        }
        Channel::Robot => tell(state, delivery).await,
    }
}

/// What goes along with a mail, made now. Without a server there is none to make it for.
async fn enclosed(state: &Arc<State>, delivery: &Delivery) -> Result<Enclosed> {
    let named = delivery.enclosed_kind.clone().zip(delivery.enclosed_id);
    let Some((kind, id)) = named.filter(|_| state.part::<Mailer>().is_ok_and(|mailer| mailer.sends())) else {
        return Ok(Enclosed::default());
    };
    let (enclosures, work) = (state.part::<Enclosures>()?, Arc::clone(state));
    blocking(state, move |_, actor| enclosures.make(&work, actor, &kind, id)).await
}

/// Tells a robot.
async fn tell(state: &Arc<State>, delivery: &Delivery) -> Result<Outcome> {
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
    let done = tokio::task::spawn_blocking(move || work(&db, &Arc::new(Actor::in_background(""))));
    done.await.map_err(|fault| Error::Internal(fault.into()))?
}
