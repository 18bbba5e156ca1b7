//! What is personal, as somebody gets to see it who may not see people: enough to tell one from another, not enough to
//! reach anybody.

/// A name by its first character: 张**.
pub fn masked_name(name: &str) -> String {
    name.chars().next().map_or_else(String::new, |first| format!("{first}**"))
}

/// A phone number by its beginning and its end: 138****5678. One that is too short for that shows only its end.
pub fn masked_phone(phone: &str) -> String {
    let all: Vec<char> = phone.chars().collect();
    let head: String = all.iter().take(if all.len() >= 10 { 3 } else { 0 }).collect();
    let tail: String =
        all.iter().skip(all.len().saturating_sub(if all.len() >= 10 { 4 } else { 2 })).collect();
    format!("{head}****{tail}")
}

/// An address for mail by its first character and its domain: `z***@x.cn`.
pub fn masked_email(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    if domain.is_empty() { format!("{first}***") } else { format!("{first}***@{domain}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_masked_tells_people_apart_and_reaches_nobody() {
        for (phone, masked) in [
            ("13812345678", "138****5678"),
            ("0571-88001234", "057****1234"),
            ("95588", "****88"),
            ("", "****"),
        ] {
            assert_eq!(masked_phone(phone), masked);
        }
        for (email, masked) in [("zhang@x.cn", "z***@x.cn"), ("@x.cn", "***@x.cn"), ("nobody", "n***")] {
            assert_eq!(masked_email(email), masked);
        }
        for (name, masked) in [("张伟", "张**"), ("欧阳娜娜", "欧**"), ("", "")] {
            assert_eq!(masked_name(name), masked);
        }
    }
}
