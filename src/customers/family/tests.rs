use crate::customers::status::model::Status;
use crate::types::ids::CustomerId;

use super::model::Member;
use super::rules::tree;

fn member(id: u64, parent: Option<u64>) -> Member {
    Member {
        id: CustomerId(id),
        company_code: format!("KH{id}"),
        company_name: format!("客户 {id}"),
        status: Status::Active,
        parent: parent.map(CustomerId),
        sales_owner: None,
        ops_owner: None,
    }
}

#[test]
fn a_family_is_read_from_its_top_down_and_hides_who_is_out_of_reach() {
    let above = vec![member(1, None), member(2, Some(1)), member(3, Some(2))];
    let below = vec![member(5, Some(3)), member(4, Some(3)), member(6, Some(4))];
    let lines = tree(CustomerId(3), above, below, |member| member.id != CustomerId(1));
    let read: Vec<(usize, Option<u64>, bool)> = lines
        .iter()
        .map(|line| (line.depth, line.member.as_ref().map(|member| member.id.0), line.is_self))
        .collect();
    assert_eq!(
        read,
        [
            (0, None, false),
            (1, Some(2), false),
            (2, Some(3), true),
            (3, Some(4), false),
            (4, Some(6), false),
            (3, Some(5), false)
        ]
    );
}

#[test]
fn a_circle_that_a_hand_at_the_database_has_made_ends_all_the_same() {
    let lines =
        tree(CustomerId(1), vec![member(1, Some(2))], vec![member(2, Some(1)), member(1, Some(2))], |_| true);
    assert_eq!(lines.len(), 2);
}
