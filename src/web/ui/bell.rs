//! The bell: how much of one's inbox is unread, in the frame of every page.

use askama::Template;

use crate::i18n::Tr;

use super::filters;
use super::piece;

/// The most that the bell counts.
const MOST: i64 = 99;

/// The bell.
#[derive(Template)]
#[template(path = "ui/bell.html")]
pub struct Bell {
    t: Tr,
    unread: i64,
}

impl Bell {
    /// The bell of somebody with so many unread lines.
    pub fn new(t: Tr, unread: i64) -> Bell {
        Bell { t, unread }
    }

    /// The number as it is shown: blank for none, `99+` for more than anybody counts.
    pub fn count(&self) -> String {
        match self.unread {
            ..=0 => String::new(),
            1..=MOST => self.unread.to_string(),
            _ => format!("{MOST}+"),
        }
    }

    /// What it says to who does not see it.
    pub fn label(&self) -> String {
        if self.unread <= 0 { self.t.ui_inbox().to_owned() } else { self.t.ui_inbox_unread(self.count()) }
    }
}

piece!(Bell);
