//! Expressions in words: the shapes that schedules commonly have, and none for the others.

use crate::i18n::Tr;

use super::cron::Expression;

/// The codes of the weekdays, Sunday first.
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// How many times of a day or days of a week are listed.
const LISTED: usize = 4;

/// What an expression means, where it has a common shape: `每天 02:00`.
pub fn describe(expression: &Expression, t: Tr) -> Option<String> {
    let [second, minute, hour, day, month, weekday] = expression.fields();
    match (second, minute, hour, day, month, weekday) {
        ("*", "*", "*", "*", "*", "*") => Some(t.jobs_every_second().to_owned()),
        (second, "*", "*", "*", "*", "*") if step(second).is_some() => {
            Some(t.jobs_every_seconds(step(second)?))
        }
        ("0", "*", "*", "*", "*", "*") => Some(t.jobs_every_minute().to_owned()),
        ("0", minute, "*", "*", "*", "*") if step(minute).is_some() => {
            Some(t.jobs_every_minutes(step(minute)?))
        }
        ("0", "0", "*", "*", "*", "*") => Some(t.jobs_every_full_hour().to_owned()),
        ("0", minute, "*", "*", "*", "*") => Some(t.jobs_every_hour(number(minute, 59)?)),
        ("0", "0", hour, "*", "*", "*") if step(hour).is_some() => Some(t.jobs_every_full_hours(step(hour)?)),
        ("0", minute, hour, "*", "*", "*") if step(hour).is_some() => {
            Some(t.jobs_every_hours(step(hour)?, number(minute, 59)?))
        }
        _ => at_times(expression, t),
    }
}

/// Something that happens at certain times of certain days.
fn at_times(expression: &Expression, t: Tr) -> Option<String> {
    let [second, minute, hour, day, month, weekday] = expression.fields();
    let times = times(second, minute, hour, t)?;
    match (day, month, weekday) {
        ("*", "*", "*") => Some(t.jobs_every_day(times)),
        ("*", "*", "1-5" | "MON-FRI") => Some(t.jobs_every_workday(times)),
        ("*", "*", days) => Some(t.jobs_every_week(weekdays(days, t)?, times)),
        ("L", "*", "*") => Some(t.jobs_every_month_end(times)),
        (day, "*", "*") => Some(t.jobs_every_month(number(day, 31)?, times)),
        (day, month, "*") => Some(t.jobs_every_year(number(day, 31)?, number(month, 12)?, times)),
        _ => None,
    }
}

fn times(second: &str, minute: &str, hour: &str, t: Tr) -> Option<String> {
    let (second, minute) = (number(second, 59)?, number(minute, 59)?);
    let hours: Vec<u32> = hour.split(',').map(|hour| number(hour, 23)).collect::<Option<_>>()?;
    let write = |hour: &u32| match second {
        0 => format!("{hour:02}:{minute:02}"),
        second => format!("{hour:02}:{minute:02}:{second:02}"),
    };
    (hours.len() <= LISTED).then(|| t.join(hours.iter().map(write)))
}

fn weekdays(days: &str, t: Tr) -> Option<String> {
    let label = |day: &str| {
        let by_name = WEEKDAYS.iter().position(|code| code.eq_ignore_ascii_case(day));
        let place = by_name.or_else(|| Some(usize::try_from(number(day, 7)?).ok()? % 7))?;
        WEEKDAYS.get(place).map(|code| t.label("weekday", code))
    };
    let labels: Vec<String> = days.split(',').map(label).collect::<Option<_>>()?;
    (labels.len() <= LISTED).then(|| t.join(labels))
}

/// A plain number up to `most`.
fn number(text: &str, most: u32) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| plain && *number <= most)
}

/// The `n` of `*/n`, for more than one.
fn step(text: &str) -> Option<u32> {
    text.strip_prefix("*/").and_then(|step| number(step, 59)).filter(|step| *step > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_shapes_are_said_in_words_in_both_languages() {
        for (text, chinese, english) in [
            ("* * * * * *", "每秒", "Every second"),
            ("*/10 * * * * *", "每 10 秒", "Every 10 seconds"),
            ("* * * * *", "每分钟", "Every minute"),
            ("*/15 * * * *", "每 15 分钟", "Every 15 minutes"),
            ("5 * * * *", "每小时的第 5 分钟", "Every hour at minute 5"),
            ("0 * * * *", "每小时整点", "Every hour on the hour"),
            ("0 */6 * * *", "每 6 小时整点", "Every 6 hours on the hour"),
            ("30 */6 * * *", "每 6 小时的第 30 分钟", "Every 6 hours at minute 30"),
            ("0 2 * * *", "每天 02:00", "Every day at 02:00"),
            ("30 0 2 * * *", "每天 02:00:30", "Every day at 02:00:30"),
            ("0 9,18 * * *", "每天 09:00、18:00", "Every day at 09:00, 18:00"),
            ("30 8 * * 1-5", "每周一至周五 08:30", "Monday to Friday at 08:30"),
            ("0 8 * * MON", "每星期一 08:00", "Every Monday at 08:00"),
            ("0 8 * * 3,0", "每星期三、星期日 08:00", "Every Wednesday, Sunday at 08:00"),
            ("0 8 1 * *", "每月 1 日 08:00", "On day 1 of every month at 08:00"),
            ("0 8 L * *", "每月最后一天 08:00", "On the last day of every month at 08:00"),
            ("0 8 1 1 *", "每年 1 月 1 日 08:00", "Every year on 1/1 at 08:00"),
        ] {
            let expression = Expression::read(text).unwrap();
            assert_eq!(describe(&expression, Tr::ZhCn).as_deref(), Some(chinese), "{text}");
            assert_eq!(describe(&expression, Tr::En).as_deref(), Some(english), "{text}");
        }
    }

    #[test]
    fn other_shapes_are_left_as_they_are() {
        for text in
            ["0-10 2 * * *", "0 2 1,15 * *", "0 2 * * 5#3", "0 2 15W * *", "0 2 1 * MON", "7-59/13 * * * *"]
        {
            let expression = Expression::read(text).unwrap();
            assert_eq!(describe(&expression, Tr::ZhCn), None, "{text}");
        }
    }
}
