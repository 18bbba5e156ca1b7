//! How values are written on screen. In scope of every template.

use askama::filters::Safe;
use chrono::{NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;

use crate::types::Quantity;
use crate::types::money::{Money, grouped};
use crate::types::time;
use crate::web::assets;

/// An icon of the sprite, by its name. Icons repeat what stands beside them, so screen readers pass over them.
#[askama::filter_fn]
pub fn icon(name: &str, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    let sprite = assets::url("icons.svg");
    Ok(Safe(format!("<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{sprite}#{name}\"></use></svg>")))
}

/// The URL of a static file.
#[askama::filter_fn]
pub fn asset(path: &str, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(assets::url(path))
}

/// An amount of money, negative ones in red and with a minus.
#[askama::filter_fn]
pub fn money(amount: &Money, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    let class = if amount.is_negative() { "num neg" } else { "num" };
    Ok(Safe(format!("<span class=\"{class}\">{amount}</span>")))
}

/// A whole number with thousands separators.
#[askama::filter_fn]
pub fn number(number: &i64, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(grouped(&number.to_string()))
}

/// A quantity, with thousands separators and without superfluous zeros.
#[askama::filter_fn]
pub fn quantity(quantity: &Decimal, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(Quantity(*quantity).to_string())
}

/// A moment, to the minute, in Asia/Shanghai.
#[askama::filter_fn]
pub fn moment(moment: &NaiveDateTime, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    Ok(time_tag(*moment, &time::show(*moment)))
}

/// A moment, to the second, in Asia/Shanghai.
#[askama::filter_fn]
pub fn moment_seconds(moment: &NaiveDateTime, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    Ok(time_tag(*moment, &time::show_seconds(*moment)))
}

/// The time of a moment, in Asia/Shanghai.
#[askama::filter_fn]
pub fn clock(moment: &NaiveDateTime, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    let text = time::show_seconds(*moment);
    Ok(time_tag(*moment, text.split_once(' ').map_or("", |(_, clock)| clock)))
}

/// A day.
#[askama::filter_fn]
pub fn day(day: &NaiveDate, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(day.to_string())
}

fn time_tag(moment: NaiveDateTime, text: &str) -> Safe<String> {
    Safe(format!("<time datetime=\"{}\">{text}</time>", time::machine(moment)))
}
