//! What a user agent tells of a device, for people who look for their own.

/// The system and the browser, as far as the user agent tells.
pub fn name(agent: &str) -> String {
    let system = [
        ("Windows", "Windows"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    // Every browser claims to be Safari and most claim to be Chrome: the rarer names come first.
    let browser = [
        ("MicroMessenger", "WeChat"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ];
    let find =
        |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, n)| *n);
    match (find(&system), find(&browser)) {
        (Some(system), Some(browser)) => format!("{system} · {browser}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

/// Whether it is a phone or a tablet.
pub fn is_mobile(agent: &str) -> bool {
    ["iPhone", "iPad", "Android", "Mobile"].iter().any(|mark| agent.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_by_its_rarest_name() {
        let edge =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120 Safari/537.36 Edg/120";
        assert_eq!(name(edge), "Windows · Edge");
        assert!(!is_mobile(edge));
        let safari =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1";
        assert_eq!(name(safari), "iPhone · Safari");
        assert!(is_mobile(safari));
        assert_eq!(name("curl/8.0"), "curl/8.0");
        assert_eq!(name(""), "");
    }
}
