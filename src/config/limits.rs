//! How much callers may ask for: `[limits]` for everybody, `[limits.guest]` and the like for a level.
//!
//! A level is `guest`, `anonymous`, `user` or the name of a staff role. The model is not known here; whoever serves one
//! sees to it that it has these roles.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use super::layers::Layers;
use super::{on_or_off, units};
use crate::data::Role;
use crate::gateway::Rate;
use crate::graphql::DocumentMode;
use crate::graphql::admission::{Allowance, Limits, Mode};
use crate::server::{self, Auth};

/// The table, and what its settings begin with.
const TABLE: &str = "limits";

/// What each level has a setting for.
const OF_A_LEVEL: [&str; 17] = [
    "bytes",
    "tokens",
    "depth",
    "aliases",
    "root_fields",
    "directives",
    "selections",
    "complexity",
    "page",
    "batch",
    "answer",
    "rate",
    "concurrent",
    "timeout",
    "introspection",
    "suggestions",
    "documents",
];

/// What there is one setting for.
const OF_ALL: [&str; 4] = ["mode", "address_rate", "address_sockets", "private_answer"];

/// Beyond these a limit is none: what it is to protect has given way by then.
mod most {
    pub(super) const BYTES: usize = 1 << 20;
    pub(super) const TOKENS: usize = 100_000;
    /// Brackets nest no deeper than 60.
    pub(super) const DEPTH: usize = 50;
    pub(super) const SELECTIONS: usize = 100_000;
    pub(super) const ROOT_FIELDS: usize = 1_000;
    pub(super) const DIRECTIVES: usize = 10_000;
    pub(super) const ANSWER: usize = 64 << 20;
    pub(super) const COUNT: u32 = 1_000_000;
}

/// The page that is meant where none is asked for has so many documents: a smaller limit would refuse it.
const LEAST_PAGE: u64 = 20;

/// The limits of callers, and the largest answer that goes back by a private door.
pub(super) fn read(layers: &mut Layers, auth: Auth) -> (Limits, usize) {
    let default = defaults(auth);
    let everybody = |layers: &mut Layers, default| level(layers, TABLE, default);
    let guest = everybody(layers, default.guest);
    let user = everybody(layers, default.user);
    let mut limits = Limits {
        mode: layers.read("limits.mode", mode, default.mode),
        guest: level(layers, "limits.guest", guest),
        user: level(layers, "limits.user", user),
        staff: user,
        anonymous: None,
        roles: BTreeMap::new(),
        address_rate: layers.read("limits.address_rate", rate, default.address_rate),
        address_sockets: layers.read("limits.address_sockets", number, default.address_sockets),
    };
    for name in layers.levels(TABLE, &OF_A_LEVEL, &OF_ALL) {
        let table = format!("{TABLE}.{name}");
        match name.as_str() {
            "guest" | "user" => {}
            "anonymous" => limits.anonymous = Some(level(layers, &table, limits.user)),
            role => {
                let allowance = level(layers, &table, user);
                limits.roles.insert(Role::new(role), allowance);
            }
        }
    }
    let private = |text: &str| size(text, most::ANSWER);
    let default = server::Config::default().private_answer;
    let private = layers.read("limits.private_answer", private, default);
    (limits, private)
}

/// Where identities are believed, everything is for trying out, and asked in quick succession.
fn defaults(auth: Auth) -> Limits {
    if auth != Auth::Closed {
        return Limits::default();
    }
    let allowance = |per_second, burst| Allowance {
        rate: Some(paced(per_second, burst)),
        concurrent: Some(64),
        ..Allowance::default()
    };
    Limits {
        guest: allowance(20, 100),
        user: allowance(50, 200),
        // Of many people behind one address, perhaps.
        address_rate: Some(paced(200, 1_000)),
        address_sockets: Some(64),
        ..Limits::default()
    }
}

fn paced(per_second: u32, burst: u32) -> Rate {
    let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    Rate {
        per_second: number(per_second),
        burst: number(burst),
    }
}

/// What stands in one table, and the default where it says nothing.
fn level(layers: &mut Layers, table: &str, default: Allowance) -> Allowance {
    let name = |setting: &str| format!("{table}.{setting}");
    let up_to = |most: usize| move |text: &str| Ok(units::count(text, most)?.get());
    let many = |least: u64, most: u64| {
        move |text: &str| match text.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(format!("write a number from {least} to {most}")),
        }
    };
    let Allowance {
        page: most_of_a_page,
        batch: most_of_a_batch,
        ..
    } = Allowance::default();
    Allowance {
        bytes: layers.read(
            &name("bytes"),
            |text| size(text, most::BYTES),
            default.bytes,
        ),
        tokens: layers.read(&name("tokens"), up_to(most::TOKENS), default.tokens),
        depth: layers.read(&name("depth"), up_to(most::DEPTH), default.depth),
        aliases: layers.read(&name("aliases"), up_to(most::SELECTIONS), default.aliases),
        root_fields: layers.read(
            &name("root_fields"),
            up_to(most::ROOT_FIELDS),
            default.root_fields,
        ),
        directives: layers.read(
            &name("directives"),
            up_to(most::DIRECTIVES),
            default.directives,
        ),
        selections: layers.read(
            &name("selections"),
            up_to(most::SELECTIONS),
            default.selections,
        ),
        complexity: layers.read(
            &name("complexity"),
            many(1, Allowance::MAX_COMPLEXITY),
            default.complexity,
        ),
        page: layers.read(
            &name("page"),
            many(LEAST_PAGE, most_of_a_page),
            default.page,
        ),
        batch: layers.read(&name("batch"), many(1, most_of_a_batch), default.batch),
        answer: layers.read(
            &name("answer"),
            |text| size(text, most::ANSWER),
            default.answer,
        ),
        rate: layers.read(&name("rate"), rate, default.rate),
        concurrent: layers.read(&name("concurrent"), number, default.concurrent),
        timeout: layers.read(&name("timeout"), timeout, default.timeout),
        introspection: layers.read(&name("introspection"), on_or_off, default.introspection),
        suggestions: layers.read(&name("suggestions"), on_or_off, default.suggestions),
        documents: layers.read(&name("documents"), documents, default.documents),
    }
}

fn mode(text: &str) -> Result<Mode, String> {
    match text {
        "enforce" => Ok(Mode::Enforce),
        "measure" => Ok(Mode::Measure),
        _ => Err("write `enforce` or `measure`".to_owned()),
    }
}

fn documents(text: &str) -> Result<DocumentMode, String> {
    match text {
        "any" => Ok(DocumentMode::Any),
        "trusted" => Ok(DocumentMode::Trusted),
        "strict" => Ok(DocumentMode::Strict),
        _ => Err("write `any`, `trusted` or `strict`".to_owned()),
    }
}

fn size(text: &str, most: usize) -> Result<usize, String> {
    match units::size(text)? {
        size if size <= most => Ok(size),
        _ => Err(format!("at most {}KiB", most >> 10)),
    }
}

/// A number, or `off`: none.
fn number(text: &str) -> Result<Option<usize>, String> {
    let most = usize::try_from(most::COUNT).unwrap_or(usize::MAX);
    match text {
        "off" => Ok(None),
        _ => units::count(text, most)
            .map(|number| Some(number.get()))
            .map_err(|advice| format!("{advice}, or `off`")),
    }
}

fn timeout(text: &str) -> Result<Option<Duration>, String> {
    match text {
        "off" => Ok(None),
        _ => units::duration(text)
            .map(Some)
            .map_err(|advice| format!("{advice}, or `off`")),
    }
}

/// `50`, `50/s`, `50/s burst 200`, or `off`. A burst that is not told is what four seconds give.
fn rate(text: &str) -> Result<Option<Rate>, String> {
    let advice = || {
        format!(
            "write `off` or how often in a second and at once, such as `50/s burst 200`, at most {}",
            most::COUNT
        )
    };
    let number = |text: &str| match text.parse::<u32>() {
        Ok(number) if (1..=most::COUNT).contains(&number) => Ok(number),
        _ => Err(advice()),
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let (per_second, burst) = match words[..] {
        ["off"] => return Ok(None),
        [steady] => (steady, None),
        [steady, "burst", burst] => (steady, Some(burst)),
        _ => return Err(advice()),
    };
    let per_second = number(per_second.strip_suffix("/s").unwrap_or(per_second))?;
    let burst = burst.map(number).transpose()?;
    Ok(Some(paced(per_second, burst.unwrap_or(4 * per_second))))
}

#[cfg(test)]
mod tests;
