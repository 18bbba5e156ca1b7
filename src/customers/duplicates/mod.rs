//! Likely duplicates: pairs of customers that may be the same, what speaks for and against it, and merging them.
//!
//! Candidates are found by blocking: only customers that share a key (a number, an address, a name with one letter left
//! out …) are ever compared, so that 100,000 of them take seconds. All are compared every night and when somebody asks
//! for it, one at once when it is saved. People decide: merge, field by field, or keep apart with a reason. A merge keeps
//! all that it takes to take it back.

pub mod checks;
pub mod commands;
pub mod forms;
pub mod matching;
pub mod merges;
pub mod model;
pub mod names;
pub mod pages;
pub mod panel;
pub mod queries;
pub mod rules;
pub mod show_pages;
pub mod task;
#[cfg(test)]
mod tests;
pub mod urls;

use crate::i18n::Tr;
use crate::types::Permission;
use crate::web::Routes;
use crate::web::routes::MenuGroup;

/// The routes of likely duplicates.
pub fn routes(r: &mut Routes) {
    r.get(urls::INDEX, Permission::QualityView, pages::index).menu(
        MenuGroup::Customers,
        "git-merge",
        Tr::duplicates_title,
    );
    r.post("/customers/duplicates/searches", Permission::QualityView, pages::search);
    r.get("/customers/duplicates/{pair}", Permission::QualityView, pages::show);
    r.post("/customers/duplicates/{pair}/merge", Permission::CustomerMerge, pages::merge);
    r.post("/customers/duplicates/{pair}/apart", Permission::CustomerMerge, pages::keep_apart);
    r.post("/customers/duplicates/{pair}/reopen", Permission::CustomerMerge, pages::reopen);
    r.post("/customers/duplicates/{pair}/unmerge", Permission::CustomerMerge, pages::unmerge);
}
