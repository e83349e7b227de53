//! The files that deploy the gateway: within the platform's ranges, and of one mind.

use serde_json::Value;

const CONFIG: &str = include_str!("../../container.config.json");
const DOCKERFILE: &str = include_str!("../../Dockerfile");

/// JSON with comments as JSON.
fn without_comments(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars().peekable();
    let mut in_string = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' => in_string = !in_string,
            '\\' if in_string => {
                plain.push(letter);
                plain.extend(letters.next());
                continue;
            }
            '/' if !in_string && letters.peek() == Some(&'/') => {
                while letters.next_if(|&letter| letter != '\n').is_some() {}
                continue;
            }
            _ => {}
        }
        plain.push(letter);
    }
    plain
}

fn config() -> Value {
    serde_json::from_str(&without_comments(CONFIG)).expect("JSON with comments")
}

/// The argument of an instruction's only occurrence in the image's final stage.
fn instruction(name: &str) -> &'static str {
    let stage = DOCKERFILE.rsplit("\nFROM ").next().expect("a last stage");
    let mut found = stage
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let argument = found.next().expect("the instruction is there");
    assert_eq!(found.next(), None, "`{name}` is there once");
    argument
}

#[test]
fn settings_are_within_the_platforms_ranges() {
    let config = config();
    let number = |name: &str| config[name].as_f64().unwrap_or_else(|| panic!("`{name}`"));
    let port = number("containerPort");
    assert!((1.0..=61_000.0).contains(&port) && port != 9100.0);
    assert!((1.0..=50.0).contains(&number("maxNum")));
    assert!((0.0..=number("maxNum")).contains(&number("minNum")));
    assert!([0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0].contains(&number("cpu")));
    assert_eq!(number("mem"), 2.0 * number("cpu"));
    assert!(number("initialDelaySeconds") >= 0.0);
    for policy in config["policyDetails"].as_array().expect("policies") {
        assert!(["cpu", "mem"].contains(&policy["PolicyType"].as_str().expect("a type")));
        let threshold = policy["PolicyThreshold"].as_u64().expect("a threshold");
        assert!(threshold <= 100);
    }
    let variables = config["envParams"].as_object().expect("variables");
    assert!(variables.values().all(Value::is_string));
    let known = [
        "containerPort",
        "dockerfilePath",
        "buildDir",
        "minNum",
        "maxNum",
        "cpu",
        "mem",
        "policyType",
        "policyThreshold",
        "policyDetails",
        "envParams",
        "customLogs",
        "initialDelaySeconds",
    ];
    for name in config.as_object().expect("an object").keys() {
        assert!(known.contains(&name.as_str()), "`{name}` is no setting");
    }
}

#[test]
fn image_and_settings_agree_on_the_port() {
    let port = config()["containerPort"].to_string();
    assert_eq!(instruction("EXPOSE"), port);
    assert_eq!(instruction("ENV"), format!("PORT={port}"));
}

#[test]
fn the_image_starts_the_program_and_nothing_for_development() {
    let command: Vec<String> =
        serde_json::from_str(instruction("CMD")).expect("the exec form, so that SIGTERM arrives");
    assert_eq!(command, ["/app/cloudbase-graphql", "serve"]);
}

#[test]
fn comments_are_taken_out_and_strings_kept() {
    let text = "{\"a\": \"//x\\\"//\", // why\n \"b\": 1 } // end";
    let value: Value = serde_json::from_str(&without_comments(text)).expect("JSON");
    assert_eq!(value, serde_json::json!({"a": "//x\"//", "b": 1}));
}
