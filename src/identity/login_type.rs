//! How somebody signed in, from what tokens say of it to what rules see.

use smol_str::SmolStr;

use crate::data::LoginType;

/// The longest name of a provider that is taken over.
const MAX_LEN: usize = 64;

/// Names of providers, in small letters with `_`, and what rules call them. The cloud documents the five on the right;
/// on the left stand those of its SDKs of version 2 (`wx_open`) and of version 1 (`WECHAT-OPEN`).
const NAMES: [(&str, LoginType); 7] = [
    ("anonymous", LoginType::Anonymous),
    ("custom", LoginType::Custom),
    ("email", LoginType::Email),
    ("wechat_open", LoginType::WechatOpen),
    ("wechat_public", LoginType::WechatPublic),
    ("wx_mp", LoginType::WechatPublic),
    ("wx_open", LoginType::WechatOpen),
];

/// What rules see for this provider: one that is not known in capital letters (`phone` is `PHONE`), and `UNKNOWN` where
/// the token says nothing.
pub(super) fn of(provider: Option<&str>) -> LoginType {
    let Some(provider) = provider.filter(|name| is_name(name)) else {
        return LoginType::Other(SmolStr::new_static("UNKNOWN"));
    };
    let name = normal(provider);
    let known = NAMES.into_iter().find(|(known, _)| *known == name);
    known.map_or_else(
        || LoginType::Other(SmolStr::new(name.to_ascii_uppercase())),
        |(_, login_type)| login_type,
    )
}

/// A name as the tables of this module spell it.
pub(super) fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

fn is_name(name: &str) -> bool {
    (1..=MAX_LEN).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_spelled_as_rules_see_them() {
        let long = "x".repeat(MAX_LEN + 1);
        for (provider, seen) in [
            (Some("anonymous"), "ANONYMOUS"),
            (Some("ANONYMOUS"), "ANONYMOUS"),
            (Some("email"), "EMAIL"),
            (Some("custom"), "CUSTOM"),
            (Some("wx_open"), "WECHAT_OPEN"),
            (Some("WECHAT-OPEN"), "WECHAT_OPEN"),
            (Some("WECHAT_PUBLIC"), "WECHAT_PUBLIC"),
            (Some("wx_mp"), "WECHAT_PUBLIC"),
            (Some("phone"), "PHONE"),
            (Some("username"), "USERNAME"),
            (Some("QQ-MINI"), "QQ_MINI"),
            (Some(""), "UNKNOWN"),
            (Some("名"), "UNKNOWN"),
            (Some("a b"), "UNKNOWN"),
            (Some(&long), "UNKNOWN"),
            (None, "UNKNOWN"),
        ] {
            assert_eq!(of(provider).as_str(), seen, "{provider:?}");
        }
    }
}
