//! Two stores that differ only in what a caller may not read, and that no
//! decision about them, unique index or guard mentions, give them the same
//! bytes, whatever they ask or do: data, errors, `denied`, cursors and totals.
//!
//! That this can fail was tried by hand, one at a time: with `Visible::read`
//! letting `Item.cost` pass, with `Session::scope` leaving out the readers of a
//! condition, with totals counted without the decision's filter, both tests
//! failed; with a refused update looked at by `locate` instead of `visible`, the
//! second did.

/// A model made to be peeped at.
mod club;
/// Random operations.
mod operations;
/// Dice.
mod roll;
/// The model that is shipped.
mod shop;
/// Who looks at what.
mod view;

use cloudbase_graphql::graphql::Request;
use serde_json::Value as Json;

use self::operations::{AFTER, Operations};
use self::view::{View, World};
use crate::harness::Answer;

/// What became of many operations.
#[derive(Debug, Default)]
struct Seen {
    operations: usize,
    /// Answers with a document in them.
    telling: usize,
    /// Answers that say that something was denied or refused.
    denying: usize,
    /// Answers that are not the same for those who see everything.
    hiding: usize,
    /// Of how many operations that was looked at.
    compared: usize,
    followed: usize,
}

impl Seen {
    /// Runs the operation in both worlds.
    async fn run(&mut self, worlds: &[World; 2], operation: &str, context: &str) -> Answer {
        // Staff may ask how an answer came about.
        let explain = self.operations.is_multiple_of(4);
        let [one, other] =
            [&worlds[0], &worlds[1]].map(|world| world.reader.send(request(operation, explain)));
        let (one, other) = (one.await, other.await);
        assert_eq!(told(&one), told(&other), "{context}\n{operation}");
        self.operations += 1;
        let data = one.json["data"].to_string();
        self.telling += usize::from(data.contains("[{") || data.contains("\"id\":\""));
        self.denying += usize::from(one.text.contains("denied") || one.text.contains("FORBIDDEN"));
        one
    }

    /// Runs it as somebody who sees everything.
    async fn compare(&mut self, worlds: &[World; 2], operation: &str) {
        let one = worlds[0].owner.query(operation).await;
        let other = worlds[1].owner.query(operation).await;
        self.compared += 1;
        self.hiding += usize::from(one.text != other.text);
    }
}

fn request(operation: &str, explain: bool) -> Request {
    Request {
        query: operation.to_owned(),
        explain,
        ..Request::default()
    }
}

/// All that an answer tells: of a support code, that there is one.
fn told(answer: &Answer) -> String {
    let told = told_with_code(answer);
    let errors = answer.json["errors"].as_array();
    let mut codes = errors.into_iter().flatten();
    let code = codes.find_map(|error| error["extensions"]["support"].as_str());
    code.map_or_else(|| told.clone(), |code| told.replace(code, "CODE"))
}

/// Of a plan, not how long it took nor which of two reads came back first.
fn told_with_code(answer: &Answer) -> String {
    let Some(plan) = answer.json["extensions"].get("plan") else {
        return answer.text.clone();
    };
    let sorted = |list: &Json| {
        let mut lines: Vec<String> = list
            .as_array()
            .into_iter()
            .flatten()
            .map(Json::to_string)
            .collect();
        lines.sort();
        lines.join("\n")
    };
    let mut rest = answer.json.clone();
    rest["extensions"]["plan"] = Json::Null;
    format!(
        "{rest}\n{}\n{}\n{}",
        plan["reads"],
        sorted(&plan["steps"]),
        sorted(&plan["filters"])
    )
}

/// The next page of the first list of an operation.
fn next_page(operation: &str, answer: &Answer) -> Option<String> {
    fn cursor(json: &Json) -> Option<&str> {
        let info = json
            .as_object()?
            .values()
            .find_map(|member| member.get("endCursor"));
        let edge = || {
            json.as_object()?
                .values()
                .find_map(|member| member[0].get("cursor"))
        };
        info.and_then(Json::as_str).or_else(|| edge()?.as_str())
    }
    let roots = answer.json["data"].as_object()?;
    let cursor = roots.values().find_map(cursor)?;
    let page = operation.replacen(AFTER, &format!("after: {cursor:?} "), 1);
    (page != operation).then_some(page)
}

fn views() -> impl Iterator<Item = View> {
    shop::views().chain(club::views())
}

#[tokio::test]
async fn asking_tells_nothing_of_what_is_hidden() {
    for view in views() {
        let mut seen = Seen::default();
        for seed in 0..3 {
            let worlds = view.twins(seed).await;
            let api = worlds[0].app.executor.api();
            let mut operations = Operations::new(api, seed, view.likely);
            for number in 0..80 {
                let context = format!("{}, seed {seed}, operation {number}", view.name);
                let operation = operations.query();
                let answer = seen.run(&worlds, &operation, &context).await;
                if number % 10 == 0 {
                    seen.compare(&worlds, &operation).await;
                }
                if let Some(next) = next_page(&operation, &answer) {
                    seen.run(&worlds, &next, &context).await;
                    seen.followed += 1;
                }
            }
        }
        println!("{}: {seen:?}", view.name);
        let share = |part: usize, of: usize| 100 * part / of;
        assert!(share(seen.hiding, seen.compared) > 15, "nothing is hidden");
        if view.principal != "-" {
            assert!(share(seen.telling, seen.operations) > 20, "nothing is told");
            assert!(
                share(seen.denying, seen.operations) > 5,
                "nothing is denied"
            );
            assert!(seen.followed > 5, "no page is followed");
        }
    }
}

#[tokio::test]
async fn writing_tells_nothing_of_what_is_hidden() {
    for view in views() {
        let (mut seen, mut done) = (Seen::default(), 0);
        for seed in 100..106 {
            let worlds = view.twins(seed).await;
            let api = worlds[0].app.executor.api();
            let mut operations = Operations::new(api, seed, view.likely);
            for number in 0..40 {
                let context = format!("{}, seed {seed}, write {number}", view.name);
                let operation = operations.mutation();
                let answer = seen.run(&worlds, &operation, &context).await;
                let roots = answer.json["data"].as_object().into_iter().flatten();
                done += roots.filter(|(_, root)| root.is_object()).count();
                let operation = operations.query();
                seen.run(&worlds, &operation, &context).await;
            }
            seen.compare(&worlds, view.everything).await;
        }
        println!("{}: {seen:?}, {done} writes were done", view.name);
        assert_eq!(seen.hiding, seen.compared, "nothing is hidden");
        assert!(done > view.writes || view.principal == "-", "{done} writes");
        assert!(done == 0 || view.principal != "-", "{done} writes");
    }
}
