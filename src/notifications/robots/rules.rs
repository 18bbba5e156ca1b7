//! Which addresses are a robot's.

use url::Url;

use crate::i18n::Message;
use crate::web::outbound::Outbound;

use super::model::Vendor;

/// What addresses and secrets of robots are sealed for.
pub const SEAL: &str = "robot";

/// The address of a robot: encrypted, and at a host of its vendor. Where calls to this machine are allowed, so is any
/// other host, to try things out.
pub fn address(vendor: Vendor, text: &str, outbound: &Outbound) -> Result<Url, Message> {
    let url = Url::parse(text.trim()).map_err(|_| Message::new(|t| t.robots_url_unreadable()))?;
    if outbound.allows_local() && outbound.check(&url).is_ok() {
        return Ok(url);
    }
    let hosts = vendor.hosts();
    let known = url.scheme() == "https"
        && url.port().is_none()
        && url.domain().is_some_and(|host| hosts.contains(&host))
        && outbound.check(&url).is_ok();
    if known {
        return Ok(url);
    }
    Err(Message::new(move |t| t.robots_url_elsewhere(t.join(hosts), vendor.label(t))))
}

/// As much of an address as may be shown: the host, and the last characters of its key.
pub fn hint(url: &Url) -> String {
    let text = url.as_str();
    let tail: String = text.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{} … {tail}", url.host_str().unwrap_or_default())
}
