//! Rows and values of robots.

use chrono::NaiveDateTime;
use diesel::mysql::Mysql;
use diesel::prelude::*;
use serde::Serialize;

use crate::i18n::Tr;
use crate::schema::robots;
use crate::text_enum;
use crate::types::audit_entry::{Audited, Subject};
use crate::types::ids::RobotId;

text_enum! {
    /// Whose group chats a robot speaks in.
    pub enum Vendor {
        /// DingTalk, 钉钉.
        DingTalk = "dingtalk",
        /// WeCom, 企业微信.
        WeCom = "wecom",
        /// Feishu, 飞书.
        Feishu = "feishu",
    }
}

impl Vendor {
    /// The label on screen.
    pub fn label(self, t: impl Into<Tr>) -> String {
        t.into().label("robot_vendor", self.as_str())
    }

    /// The hosts at which its robots are.
    pub fn hosts(self) -> &'static [&'static str] {
        match self {
            Vendor::DingTalk => &["oapi.dingtalk.com", "api.dingtalk.com"],
            Vendor::WeCom => &["qyapi.weixin.qq.com"],
            Vendor::Feishu => &["open.feishu.cn", "open.larksuite.com"],
        }
    }

    /// Whether its robots can be told to believe signed messages only.
    pub fn signs(self) -> bool {
        self != Vendor::WeCom
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = robots, check_for_backend(Mysql))]
pub(super) struct RobotRow {
    id: RobotId,
    name: String,
    vendor: Vendor,
    language: String,
    sealed_url: String,
    url_hint: String,
    sealed_secret: Option<String>,
    kinds: serde_json::Value,
    paused_at: Option<NaiveDateTime>,
    version: u32,
    updated_at: NaiveDateTime,
}

/// A robot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Robot {
    /// Its id.
    pub id: RobotId,
    /// What it is called here.
    pub name: String,
    /// Whose group chats it speaks in.
    pub vendor: Vendor,
    /// The language that it speaks.
    pub language: Tr,
    /// Its address, sealed.
    pub sealed_url: String,
    /// As much of its address as may be shown.
    pub url_hint: String,
    /// Its secret, sealed; `None` for one that does not sign.
    pub sealed_secret: Option<String>,
    /// The kinds of messages that it is told.
    pub kinds: Vec<String>,
    /// Since when it is told nothing.
    pub paused_at: Option<NaiveDateTime>,
    /// Counts its changes.
    pub version: u32,
    /// When it was changed last.
    pub updated_at: NaiveDateTime,
}

impl From<RobotRow> for Robot {
    fn from(row: RobotRow) -> Robot {
        Robot {
            id: row.id,
            name: row.name,
            vendor: row.vendor,
            language: Tr::from_tag(&row.language).unwrap_or_default(),
            sealed_url: row.sealed_url,
            url_hint: row.url_hint,
            sealed_secret: row.sealed_secret,
            kinds: serde_json::from_value(row.kinds).unwrap_or_default(),
            paused_at: row.paused_at,
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

/// A robot as it was asked for, checked. Address and secret are sealed already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotDraft {
    /// What it is called here.
    pub name: String,
    /// Whose group chats it speaks in.
    pub vendor: Vendor,
    /// The language that it speaks.
    pub language: Tr,
    /// Its new address, sealed, with the hint of it; `None` to keep the one it has.
    pub url: Option<(String, String)>,
    /// Its secret.
    pub secret: SecretDraft,
    /// The kinds of messages that it is told.
    pub kinds: Vec<String>,
    /// Whether it is told nothing for now.
    pub paused: bool,
}

/// What becomes of a robot's secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretDraft {
    /// It keeps the one it has.
    Keep,
    /// It has none.
    Clear,
    /// It has this one, sealed.
    Set(String),
}

/// A robot as the audit log shows it: that address or secret changed, not what they are.
#[derive(Debug, Serialize)]
pub struct RobotRecord {
    #[serde(skip)]
    id: RobotId,
    name: String,
    vendor: Vendor,
    language: String,
    address: String,
    signs: bool,
    kinds: Vec<String>,
    paused: bool,
}

impl RobotRecord {
    /// The record of a robot.
    pub fn new(robot: &Robot) -> RobotRecord {
        RobotRecord {
            id: robot.id,
            name: robot.name.clone(),
            vendor: robot.vendor,
            language: robot.language.tag().to_owned(),
            address: robot.url_hint.clone(),
            signs: robot.sealed_secret.is_some(),
            kinds: robot.kinds.clone(),
            paused: robot.paused_at.is_some(),
        }
    }
}

impl Audited for RobotRecord {
    fn subject(&self) -> Subject {
        Subject { kind: "robot", id: Some(self.id.0), label: self.name.clone(), department_path: None }
    }
}
