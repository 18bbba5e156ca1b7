//! The tree of a family.

use std::collections::{BTreeMap, BTreeSet};

use crate::types::ids::CustomerId;

use super::model::{Branch, Member};

/// The most lines of a tree: a page is no list.
pub const MAX_BRANCHES: usize = 200;

/// The tree of one customer as lines, from its top down: those above it, then itself, and all below it. `seen` tells
/// who is shown by name; who is not, keeps their place without it.
pub fn tree(
    id: CustomerId,
    above: Vec<Member>,
    below: Vec<Member>,
    seen: impl Fn(&Member) -> bool,
) -> Vec<Branch> {
    let mut lines: Vec<Branch> = Vec::new();
    let mut children: BTreeMap<CustomerId, Vec<Member>> = BTreeMap::new();
    for member in below {
        if let Some(parent) = member.parent {
            children.entry(parent).or_default().push(member);
        }
    }
    let depth = above.len().saturating_sub(1);
    let mut waiting: Vec<(usize, Member)> = above.into_iter().enumerate().rev().collect();
    let mut met = BTreeSet::new();
    while let Some((level, member)) = waiting.pop() {
        if lines.len() >= MAX_BRANCHES || !met.insert(member.id) {
            continue;
        }
        // Beside those above there may be others; the tree is about one.
        if level >= depth {
            let mut next = children.remove(&member.id).unwrap_or_default();
            next.sort_by(|one, other| other.company_code.cmp(&one.company_code));
            waiting.extend(next.into_iter().map(|child| (level + 1, child)));
        }
        let is_self = member.id == id;
        lines.push(Branch {
            depth: level,
            member: Some(member).filter(|member| is_self || seen(member)),
            is_self,
        });
    }
    lines
}
