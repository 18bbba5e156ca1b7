//! What a link opens.

use std::sync::Arc;

use crate::billing::bills;
use crate::billing::documents::{Statement, paper};
use crate::billing::links;
use crate::billing::links::model::BillLink;
use crate::customers::directory;
use crate::db::Db;
use crate::files::Store;
use crate::i18n::Tr;
use crate::types::{Actor, Error, Result, Source};
use crate::web::Ctx;

use super::guard;

/// A link and its bill.
pub struct Opened {
    /// The link.
    pub link: BillLink,
    /// The bill, in the language of its reader.
    pub statement: Statement,
}

impl Opened {
    /// What a token opens; `None` where it opens nothing.
    pub async fn of(ctx: &Ctx, token: &str) -> Result<Option<Opened>> {
        let (address, token) = (ctx.facts.address.clone(), token.to_owned());
        let chosen = ctx.chosen_language();
        ctx.read(move |db| {
            guard::count(db, &address, &token)?;
            let Some(link) = links::queries::open(db, &token)? else { return Ok(None) };
            let statement = statement(db, chosen.unwrap_or(link.language()), &link)?;
            Ok(Some(Opened { link, statement }))
        })
        .await
    }

    /// The logo of the letterhead.
    pub async fn logo(&self, ctx: &Ctx) -> Result<Option<Vec<u8>>> {
        let (store, file) = (ctx.state.part::<Store>()?, self.statement.letterhead.logo);
        ctx.read(move |db| paper::logo(db, &store, file)).await
    }

    /// The request as one of the customer: in its language, and in its name.
    pub fn reader(&self, ctx: &Ctx) -> Ctx {
        let mut ctx = ctx.clone();
        ctx.t = self.statement.t;
        let name = self.statement.customer.fields.company_name.chars().take(100).collect();
        ctx.actor = Arc::new(Actor {
            username: self.statement.customer.fields.company_code.clone(),
            name,
            ..Actor::anonymous(ctx.facts.origin(Source::Web))
        });
        ctx
    }
}

fn statement(db: &mut Db, t: Tr, link: &BillLink) -> Result<Statement> {
    let bill = bills::queries::get(db, link.bill_id)?.ok_or(Error::NotFound)?;
    let customer = directory::queries::get(db, bill.customer_id)?.ok_or(Error::NotFound)?;
    Statement::load(db, t, bill, customer)
}
