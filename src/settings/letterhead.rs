//! The letterhead: the company as it stands on bills and mails, in the language of the reader.

use askama::Template;

use crate::db::Db;
use crate::files;
use crate::i18n::Tr;
use crate::types::Result;
use crate::types::ids::FileId;
use crate::web::ui::piece;

use super::model::Setting;
use super::{read, registry};

/// The company's particulars in one language. What is not filled in is blank, and does not stand there.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "settings/letterhead.html")]
pub struct Letterhead {
    t: Tr,
    /// The file of the logo.
    pub logo: Option<FileId>,
    /// The name.
    pub name: String,
    /// 统一社会信用代码.
    pub tax_number: String,
    /// The address.
    pub address: String,
    /// The telephone.
    pub phone: String,
    /// Where customers write to.
    pub email: String,
    /// The site.
    pub website: String,
    /// Where and how to pay.
    pub bank_details: String,
}

piece!(Letterhead);

impl Letterhead {
    /// The letterhead in a language. A particular that has no English of its own stands there as it is in Chinese.
    pub fn read(db: &mut Db, t: Tr) -> Result<Letterhead> {
        Ok(Letterhead {
            t,
            logo: read(db, &registry::COMPANY_LOGO)?.parse().ok(),
            name: in_language(db, t, &registry::COMPANY_NAME, &registry::COMPANY_NAME_EN)?,
            tax_number: read(db, &registry::COMPANY_TAX_NUMBER)?,
            address: in_language(db, t, &registry::COMPANY_ADDRESS, &registry::COMPANY_ADDRESS_EN)?,
            phone: read(db, &registry::COMPANY_PHONE)?,
            email: read(db, &registry::COMPANY_EMAIL)?,
            website: read(db, &registry::COMPANY_WEBSITE)?,
            bank_details: read(db, &registry::COMPANY_BANK_DETAILS)?,
        })
    }

    /// Whether nothing is filled in.
    pub fn is_blank(&self) -> bool {
        self.logo.is_none() && self.texts().iter().all(|text| text.is_empty())
    }

    fn texts(&self) -> [&str; 7] {
        [
            &self.name,
            &self.tax_number,
            &self.address,
            &self.phone,
            &self.email,
            &self.website,
            &self.bank_details,
        ]
    }
}

fn in_language(db: &mut Db, t: Tr, chinese: &Setting<String>, english: &Setting<String>) -> Result<String> {
    let own = if t == Tr::En { read(db, english)? } else { String::new() };
    if own.is_empty() { read(db, chinese) } else { Ok(own) }
}
