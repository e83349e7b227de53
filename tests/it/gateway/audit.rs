//! What the audit is told, and that writes are carried out to their end.

use cloudbase_graphql::access::Clause;
use cloudbase_graphql::data::{Role, Test, Update};

use super::notes::world;
use super::world::{World, inc, input, is, set, test};

fn told(world: &World) -> Vec<String> {
    let line = |entry: &cloudbase_graphql::gateway::audit::Entry| {
        let clauses: Vec<String> = entry
            .clauses
            .iter()
            .map(|clause| match clause {
                Clause::Rule => "rule".to_owned(),
                Clause::Grant(role) => role.to_string(),
            })
            .collect();
        let principal = entry
            .principal
            .as_ref()
            .map_or("-".to_owned(), |it| it.to_string());
        let mut changed = entry.changed();
        changed.sort();
        let id = if entry.id.to_string().len() == 32 {
            "new".to_owned()
        } else {
            entry.id.to_string()
        };
        format!(
            "{principal} {} {} {id} {} {}",
            entry.operation,
            entry.collection,
            clauses.join("+"),
            changed.join(",")
        )
    };
    world.audit.entries().iter().map(line).collect()
}

#[tokio::test]
async fn every_committed_write_is_told_once() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let root = world.as_("openid:root").await;
    alice
        .update("notes", "n1", vec![set("title", "\"x\"")])
        .await
        .expect("updated");
    root.update("notes", "n1", vec![set("title", "\"y\"")])
        .await
        .expect("updated");
    alice
        .update("notes", "n2", vec![set("title", "\"x\"")])
        .await
        .expect_err("not hers");
    alice
        .update_if(
            "notes",
            "n1",
            vec![set("title", "\"x\"")],
            Some(is("title", "\"z\"")),
        )
        .await
        .expect_err("if");
    alice
        .update("notes", "n1", vec![inc("stock", "100")])
        .await
        .expect_err("guard");
    let request = root.bulk(
        "notes",
        test("stock", Test::Gt(super::world::value("5"))),
        10,
    );
    root.session
        .update_many(
            &request,
            &Update {
                ops: vec![set("stock", "1")],
            },
        )
        .await
        .expect("updated");
    alice.delete("notes", "n4", None).await.expect("deleted");
    alice
        .create("notes", r#"{"title":"t"}"#)
        .await
        .expect("created");
    assert_eq!(
        told(&world),
        [
            "openid:alice update notes n1 rule title,updatedMs",
            "openid:root update notes n1 admin+clerk title",
            "openid:root update notes n2 admin+clerk stock,updatedMs",
            "openid:root update notes n4 admin+clerk stock,updatedMs",
            "openid:alice delete notes n4 rule _id,_openid,code,createdAt,frozen,ghost,public,score,secret,slug,stock,tags,title,updatedMs",
            "openid:alice create notes new rule _id,_openid,createdAt,frozen,public,title,updatedMs",
        ]
    );
    let last = world.audit.entries().pop().expect("entries");
    assert_eq!(last.clauses, [Clause::Rule]);
    assert!(last.before.is_none() && last.after.is_some());
    assert_ne!(
        world.audit.entries()[1].clauses,
        [Clause::Grant(Role::new("owner"))]
    );
}

/// Polls a future once, then drops it, as a server does when the client hangs up.
async fn hang_up<T>(future: impl Future<Output = T>) {
    tokio::select! {
        biased;
        _ = future => {}
        () = std::future::ready(()) => {}
    }
}

#[tokio::test]
async fn a_write_is_carried_out_and_told_after_its_caller_left() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    hang_up(alice.update("notes", "n1", vec![set("title", "\"late\"")])).await;
    let notes = alice.collection("notes");
    hang_up(alice.session.create(
        notes,
        vec![input(
            Some("late"),
            r#"{"title":"t","slug":"s","code":"c"}"#,
        )],
    ))
    .await;
    hang_up(alice.delete("notes", "n4", None)).await;
    world.gateway.drain().await;
    assert_eq!(told(&world).len(), 3);
    let title = world.stored("notes", "n1").await.unwrap();
    assert_eq!(title.get("title"), Some(&super::world::value("\"late\"")));
    assert!(world.stored("notes", "late").await.is_some());
    assert!(world.stored("notes", "n4").await.is_none());
}

/// What a log subscriber writes.
#[derive(Clone, Default)]
struct Written(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_fields_and_never_shows_values() {
    use cloudbase_graphql::gateway::audit::{LogSink, Sink as _};

    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let ops = vec![set("title", "\"hush\""), set("secret", "\"whisper\"")];
    alice.update("notes", "n1", ops).await.expect("updated");
    let entry = world.audit.entries().pop().expect("an entry");
    let written = Written::default();
    let log = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || log.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || LogSink.record(&entry));
    let bytes = written.0.lock().expect("one thread").clone();
    let line = String::from_utf8(bytes).expect("text");
    for named in [
        "openid:alice",
        "update",
        "notes",
        "n1",
        "rule",
        "title",
        "secret",
    ] {
        assert!(line.contains(named), "{named} is missing in {line}");
    }
    for hidden in ["hush", "whisper", "\"s1\"", "\"one\""] {
        assert!(!line.contains(hidden), "{hidden} is told in {line}");
    }
}
