//! Runs, planned and committed by the real tasks.

use opcms::billing::runs;
use opcms::billing::runs::model::{BillRun, Scope};
use opcms::types::ids::BillRunId;

use super::TestApp;

impl TestApp {
    /// A committed run of a customer of 一组, made if there is none.
    pub fn bill_run(&self) -> u64 {
        self.bill_of_user("li");
        u64::try_from(self.number("SELECT MAX(id) FROM bill_runs")).unwrap()
    }

    /// A run of all customers of a month, planned as a user: without looking at what is missing.
    pub async fn planned_run(&self, username: &str, month: &str) -> BillRun {
        let month = month.parse().unwrap();
        let plan = |tx: &mut opcms::db::Tx| runs::commands::plan(tx, month, &Scope::All, &[]);
        let id = self.db.write(&self.actor(username), plan).unwrap();
        self.work_off().await;
        self.run(id)
    }

    /// A run as it is now.
    #[track_caller]
    pub fn run(&self, id: BillRunId) -> BillRun {
        self.db.read(&self.system(), |db| runs::queries::get(db, id)).unwrap().unwrap()
    }

    /// Commits a planned run as a user, and works it off.
    pub async fn commit_run(&self, username: &str, run: &BillRun) -> BillRun {
        let hash = run.inputs_hash.clone().unwrap();
        let commit = |tx: &mut opcms::db::Tx| runs::commands::commit(tx, run.id, &hash);
        self.db.write(&self.actor(username), commit).unwrap();
        self.work_off().await;
        self.run(run.id)
    }
}
