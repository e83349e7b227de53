//! The map of the modules, kept by a scan of the sources: which module may use
//! which, and what is the affair of one module alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// Each module with those it may use besides itself, from the top down.
const MAP: [(&str, &[&str]); 19] = [
    (
        "cli",
        &[
            "access",
            "clock",
            "cloudbase",
            "config",
            "data",
            "doctor",
            "emulator",
            "gateway",
            "graphql",
            "identity",
            "live",
            "mirror",
            "model",
            "rules",
            "server",
            "store",
            "testing",
        ],
    ),
    ("testing", &["data", "model"]),
    (
        "mirror",
        &["access", "cloudbase", "data", "gateway", "model", "rules"],
    ),
    (
        "config",
        &[
            "cloudbase",
            "data",
            "emulator",
            "gateway",
            "graphql",
            "identity",
            "live",
            "server",
            "store",
        ],
    ),
    (
        "emulator",
        &[
            "access",
            "clock",
            "cloudbase",
            "data",
            "live",
            "model",
            "mongo",
            "rules",
            "store",
        ],
    ),
    ("server", &["data", "gateway", "graphql", "identity"]),
    ("identity", &["clock", "data", "gateway"]),
    ("graphql", &["data", "gateway", "model"]),
    (
        "gateway",
        &["access", "clock", "data", "live", "model", "store"],
    ),
    ("live", &["data", "store"]),
    ("doctor", &["access", "cloudbase", "data", "model", "rules"]),
    ("store", &["cloudbase", "data"]),
    ("model", &["access", "data", "rules"]),
    ("access", &["data", "rules"]),
    ("rules", &["data"]),
    ("mongo", &["data"]),
    ("cloudbase", &["clock", "data"]),
    ("data", &[]),
    ("clock", &[]),
];

/// What only some modules may name, and why.
const AFFAIRS: [(&str, &[&str], &str); 5] = [
    (
        r"\bstd::env\b|\benv::(var|args)|from_default_env|from_env",
        &["config"],
        "only `config` reads the environment",
    ),
    (
        r"\bStatusCode\b",
        &["emulator", "server"],
        "only `server` and the emulator know HTTP status codes",
    ),
    (
        r#""(GRAPHQL_PARSE_FAILED|GRAPHQL_VALIDATION_FAILED|BAD_USER_INPUT|INVALID_DOCUMENT|LIMIT_EXCEEDED)""#,
        &["graphql"],
        "only `graphql` knows GraphQL error codes",
    ),
    (
        r"\basync\b|\.await\b|\btokio\b|\bstd::(fs|net|thread)\b|\bSystemTime\b|\bInstant\b",
        &[
            "cli",
            "clock",
            "cloudbase",
            "config",
            "doctor",
            "emulator",
            "server",
            "graphql",
            "gateway",
            "identity",
            "live",
            "mirror",
            "store",
        ],
        "`access` and below is pure: no IO, no async, no clock",
    ),
    (
        r"\bstore::",
        &["cli", "config", "emulator", "gateway", "live", "store"],
        "every path to a document leads through `gateway`",
    ),
];

/// A source file without its comments.
struct Source {
    path: PathBuf,
    /// The module of the crate's root it belongs to.
    module: String,
    /// How many modules deep: `src/data/mod.rs` is 1.
    depth: usize,
    code: String,
}

#[test]
fn modules_use_only_what_the_map_allows() {
    let mut violations = Vec::new();
    for source in sources() {
        let allowed = allowed(&source.module)
            .unwrap_or_else(|| panic!("`{}` is not on the map", source.module));
        for used in modules_used(&source.code, source.depth) {
            if used != source.module && !allowed.contains(&used.as_str()) {
                let path = source.path.display();
                violations.push(format!("{path}: `{}` may not use `{used}`", source.module));
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn some_things_are_the_affair_of_one_module() {
    let mut violations = Vec::new();
    let sources = sources();
    for (pattern, owners, reason) in AFFAIRS {
        let pattern = Regex::new(pattern).expect("the patterns are well-formed");
        for source in &sources {
            let foreign = !owners.contains(&source.module.as_str());
            if let Some(found) = pattern.find(&source.code).filter(|_| foreign) {
                let path = source.path.display();
                violations.push(format!("{path}: `{}`: {reason}", found.as_str()));
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn the_map_has_no_circle() {
    for (at, (module, uses)) in MAP.iter().enumerate() {
        let below: Vec<&str> = MAP[at + 1..].iter().map(|(name, _)| *name).collect();
        for used in *uses {
            assert!(below.contains(used), "`{module}` uses `{used}` above it");
        }
    }
}

#[test]
fn the_program_is_thin() {
    let main = fs::read_to_string(root().join("main.rs")).expect("src/main.rs is readable");
    let used = Regex::new(r"cloudbase_graphql::(\w+)").expect("the pattern is well-formed");
    for used in used.captures_iter(&main) {
        assert_eq!(&used[1], "cli", "src/main.rs uses `cli` only");
    }
    assert!(main.lines().count() <= 40, "src/main.rs only starts `cli`");
    let lib = without_comments(
        &fs::read_to_string(root().join("lib.rs")).expect("src/lib.rs is readable"),
    );
    let declaration =
        Regex::new(r"^(pub mod \w+;|#!\[.*\])?$").expect("the pattern is well-formed");
    for line in lib.lines().map(str::trim) {
        assert!(declaration.is_match(line), "src/lib.rs is the map: {line}");
    }
}

#[test]
fn the_scan_sees_every_spelling() {
    for (code, used) in [
        ("use crate::store::Store;", vec!["store"]),
        (
            "use crate::{data::{Value, Path}, rules, access as a};",
            vec!["access", "data", "rules"],
        ),
        (
            "let x: crate::gateway::Session = super::super::data::f();",
            vec!["data", "gateway"],
        ),
        (
            "use super::super::{store, model::Model};",
            vec!["model", "store"],
        ),
        ("use super::store::x; // crate::server", vec![]),
    ] {
        assert_eq!(modules_used(&without_comments(code), 2), used, "{code}");
    }
}

fn allowed(module: &str) -> Option<&'static [&'static str]> {
    let entry = MAP.iter().find(|(name, _)| *name == module);
    entry.map(|(_, uses)| *uses)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All sources but `main.rs` and `lib.rs`.
fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut open = vec![root()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("the sources are readable") {
            let path = entry.expect("the sources are readable").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.extend(source(&path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn source(path: &Path) -> Option<Source> {
    let text = fs::read_to_string(path).expect("the sources are readable");
    let relative = path.strip_prefix(root()).expect("the path is below src");
    let modules: Vec<String> = relative
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .filter(|part| part != "mod")
        .collect();
    let module = modules.first()?.clone();
    (module != "main" && module != "lib").then(|| Source {
        path: relative.to_owned(),
        module,
        depth: modules.len(),
        code: without_comments(&text),
    })
}

/// The text without `//` comments. (`//` inside a string ends the line too: nothing looked for stands behind it.)
fn without_comments(text: &str) -> String {
    let lines = text.lines();
    let code = lines.map(|line| line.split("//").next().unwrap_or(line));
    code.collect::<Vec<_>>().join("\n")
}

/// A path that begins at the crate's root or above the module it stands in.
static PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(crate::|(?:super::)+)(\w+|\{)").expect("the pattern is well-formed")
});

/// Modules of the crate's root that a file names, by `crate::` or by as many `super::` as lead there.
fn modules_used(code: &str, depth: usize) -> Vec<String> {
    let mut used = Vec::new();
    for start in PATH.captures_iter(code) {
        let supers = start[1].matches("super::").count();
        if supers > 0 && supers < depth {
            continue;
        }
        let names = match &start[2] {
            "{" => group(&code[start.get(0).expect("group 0 is the match").end()..]),
            name => vec![name.to_owned()],
        };
        // More `super::` than the file is deep stand in a module inside it and may mean the file's own.
        used.extend(names.into_iter().filter(|name| allowed(name).is_some()));
    }
    used.sort();
    used.dedup();
    used
}

/// The first name of each entry of `a::b, c::{d, e}}`, up to the closing brace.
fn group(code: &str) -> Vec<String> {
    let mut entries = vec![String::new()];
    let mut depth = 1;
    for character in code.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match character {
            _ if depth == 0 => break,
            ',' if depth == 1 => entries.push(String::new()),
            other => entries.last_mut().expect("there is one").push(other),
        }
    }
    let first = |entry: &String| {
        let entry = entry.trim();
        let end = entry.find(|c: char| !c.is_alphanumeric() && c != '_');
        entry[..end.unwrap_or(entry.len())].to_owned()
    };
    entries.iter().map(first).collect()
}
