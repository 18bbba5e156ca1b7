//! The job of the night: wants fetched what should be there of yesterday and of the days before, and is not. What a worker
//! left behind that died once too often fails first, and is told like any other failure.

use crate::i18n::Said;
use crate::jobs::catalogue::Builtin;
use crate::jobs::context::JobContext;
use crate::jobs::schedule::model::Misfire;
use crate::settings::{self, registry};
use crate::types::Result;
use crate::usage::sources;
use crate::usage::sources::model::UsageSource;

use super::commands::{self, Asked};
use super::{queries, rules};

/// The code of the job.
pub const CODE: &str = "usage.collect";

/// The job. When yesterday is over everywhere that vendors are, and before anybody comes to work.
pub const COLLECT: Builtin =
    Builtin { code: CODE, cron: "0 2 * * *", misfire: Misfire::Once, timeout_seconds: 600, retries: 2, run };

fn run(context: &mut JobContext<'_>) -> Result<Said> {
    let back = context.read(|db| settings::read(db, &registry::USAGE_COLLECT_BACK_DAYS))?;
    let back = u64::try_from(back).unwrap_or_default();
    for (source, day) in context.read(queries::stalled)? {
        context.check()?;
        context.write(|tx| commands::bury(tx, source, day))?;
    }
    let all = context.read(sources::queries::all)?;
    let mut total = Asked::default();
    for source in all.iter().filter(|source| source.is_fetched() && !source.is_paused()) {
        context.check()?;
        let asked = ask(context, source, back)?;
        if asked.asked > 0 {
            context.log(|t| t.collection_log(asked.asked, &source.name));
        }
        total.asked += asked.asked;
        total.under_way += asked.under_way;
    }
    Ok(Said::new(|t| t.collection_night(total.asked, total.under_way)))
}

/// Wants the holes of a source fetched. Begun again, it finds those under way that were asked for before.
fn ask(context: &mut JobContext<'_>, source: &UsageSource, back: u64) -> Result<Asked> {
    let days = rules::nightly_days(source, context.business_date, back);
    let (Some(last), Some(first)) = (days.first().copied(), days.last().copied()) else {
        return Ok(Asked::default());
    };
    let of = std::slice::from_ref(source);
    let found = context.read(|db| queries::days(db, of, first, last))?;
    let mut asked = Asked::default();
    for day in found.iter().filter(|day| rules::wants(day.state)) {
        match context.write(|tx| commands::ask(tx, source, day.day))? {
            Some(_) => asked.asked += 1,
            None => asked.under_way += 1,
        }
    }
    Ok(asked)
}
