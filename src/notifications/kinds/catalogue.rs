//! The kinds that there are: those of this room, of tasks and of jobs.

use super::model::{Kind, Original, Sample, Variable};

/// A message that somebody writes by hand.
pub const ANNOUNCEMENT: &str = "notifications.announcement";

/// What a robot says when it is tried.
pub const ROBOT_TEST: &str = "notifications.robot_test";

/// The original words of a kind in both languages, from the files of its code.
macro_rules! originals {
    ($code:literal) => {
        [
            Original(include_str!(concat!("../../../templates/notifications/kinds/", $code, ".zh-CN.txt"))),
            Original(include_str!(concat!("../../../templates/notifications/kinds/", $code, ".en.txt"))),
        ]
    };
}

/// All kinds.
pub const ALL: &[Kind] = &[
    Kind {
        code: ANNOUNCEMENT,
        mails: true,
        robots: false,
        variables: &[Variable::words("title"), Variable::words("text")],
        originals: originals!("notifications.announcement"),
    },
    Kind {
        code: ROBOT_TEST,
        mails: false,
        robots: false,
        variables: &[Variable::words("robot")],
        originals: originals!("notifications.robot_test"),
    },
    Kind {
        code: "tasks.task_failed",
        mails: true,
        robots: true,
        variables: &[Variable::words("task"), Variable::words("reason")],
        originals: originals!("tasks.task_failed"),
    },
    Kind {
        code: "tasks.task_done",
        mails: false,
        robots: false,
        variables: &[Variable::words("task"), Variable::words("summary")],
        originals: originals!("tasks.task_done"),
    },
    Kind {
        code: "jobs.job_failed",
        mails: true,
        robots: true,
        variables: &[JOB, FIRE_TIME, Variable::words("reason"), FAILURES],
        originals: originals!("jobs.job_failed"),
    },
    Kind {
        code: "jobs.job_still_failing",
        mails: true,
        robots: true,
        variables: &[JOB, FIRE_TIME, Variable::words("reason"), FAILURES],
        originals: originals!("jobs.job_still_failing"),
    },
    Kind {
        code: "jobs.job_recovered",
        mails: true,
        robots: true,
        variables: &[JOB, FAILURES, SINCE],
        originals: originals!("jobs.job_recovered"),
    },
];

const JOB: Variable = Variable::words("job");
const FAILURES: Variable = Variable { name: "failures", sample: Sample::Number(3) };
const FIRE_TIME: Variable = Variable { name: "fire_time", sample: Sample::Moment("2026-11-20T01:00:00Z") };
const SINCE: Variable = Variable { name: "since", sample: Sample::Moment("2026-11-19T22:00:00Z") };
