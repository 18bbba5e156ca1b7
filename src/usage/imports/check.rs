//! What would become of the records of a file, without writing any.
//!
//! The same rules as for taking, held against what is known now. What is absurd only beside other lines of a file that is
//! longer than a part of it shows when it is taken.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use serde_json::json;

use crate::db::Db;
use crate::types::{Permission, Result};
use crate::usage::records::judging::{self, Judgement};
use crate::usage::records::model::{RawRecord, RecordKey, Taken};
use crate::usage::records::queries;
use crate::usage::records::rules::Calendar;
use crate::usage::records::taking::Ground;

use super::model::Findings;

/// How many records are worked out at a time.
pub const CHUNK: usize = 5_000;

/// A check that is under way.
pub struct Examination {
    ground: Ground,
    calendar: Calendar,
    /// The keys that came before, each by a hash: three million of them are 50 MB.
    seen: HashSet<u64>,
    hasher: RandomState,
    findings: Findings,
}

impl Examination {
    /// Begins a check, within the reach of whoever asks.
    pub fn begin(db: &mut Db) -> Result<Examination> {
        let ground = Ground::load(db)?.within(db, Permission::UsageImport)?;
        let calendar = queries::calendar(db)?;
        Ok(Examination {
            ground,
            calendar,
            seen: HashSet::new(),
            hasher: RandomState::new(),
            findings: Findings::default(),
        })
    }

    /// How many records were worked out.
    pub fn done(&self) -> u32 {
        self.findings.counts.records
    }

    /// Works out a part of the file.
    pub fn part(&mut self, db: &mut Db, records: &[RawRecord]) -> Result<()> {
        let judged = judging::judge(db, &mut self.ground, &self.calendar, records, &[])?;
        let keys: Vec<&RecordKey> = judged.iter().filter_map(|judged| judged.key.as_ref()).collect();
        let stored = queries::stored(db, &keys, false)?;
        for (raw, judged) in records.iter().zip(&judged) {
            let stored = judged.key.as_ref().and_then(|key| stored.get(key));
            let before = stored.map(|stored| stored.raw_quantity);
            let taken = self.outcome(raw, judged, before);
            self.findings.count(taken);
            match (taken, &judged.outcome) {
                (Taken::Quarantined, Err(caught)) => {
                    self.findings.caught.entry(caught.rule).or_default().add(raw, || caught.facts.clone());
                }
                (Taken::Replaced, _) => {
                    let was = before.map(|before| before.to_string());
                    self.findings.replaced.add(raw, || json!({"was": was}));
                }
                (Taken::Repeated, _) => self.findings.repeated.add(raw, || json!({})),
                (_, Ok(sound)) => {
                    let day = sound.used_on;
                    let days = self.findings.days.unwrap_or((day, day));
                    self.findings.days = Some((days.0.min(day), days.1.max(day)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn outcome(
        &mut self,
        raw: &RawRecord,
        judged: &Judgement,
        before: Option<rust_decimal::Decimal>,
    ) -> Taken {
        let sound = match &judged.outcome {
            Ok(sound) => sound,
            Err(caught) => {
                let is_known = caught.sound.as_ref().is_some_and(|sound| before == Some(sound.quantity));
                return if is_known { Taken::Unchanged } else { Taken::Quarantined };
            }
        };
        let key = (sound.customer.id, sound.used_on, sound.meter, sound.device_series, sound.layer);
        if !self.seen.insert(self.hasher.hash_one((key, raw.source.trim()))) {
            return Taken::Repeated;
        }
        match before {
            None => Taken::Added,
            Some(before) if before == sound.quantity => Taken::Unchanged,
            Some(_) => Taken::Replaced,
        }
    }

    /// What was found.
    pub fn finish(mut self, ignored: Vec<String>) -> Findings {
        self.findings.ignored = ignored;
        self.findings
    }
}
