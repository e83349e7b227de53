//! What the audit is told, and that writes are carried out to their end.

use std::sync::Arc;

use cloudbase_graphql::access::Clause;
use cloudbase_graphql::data::{Caller, Principal, Role, Test, Update};
use cloudbase_graphql::gateway::{Clock, Config, Gateway, audit};
use cloudbase_graphql::store::Store;

use super::fickle::Fickle;
use super::notes::world;
use super::world::{Actor, World, inc, input, is, kind, set, test};

fn told(world: &World) -> Vec<String> {
    let line = |entry: &audit::Entry| {
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
struct Written(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What the log says of an entry.
fn logged(entry: &audit::Entry) -> String {
    use audit::Sink as _;

    let written = Written::default();
    let log = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || log.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || audit::LogSink.record(entry));
    let bytes = written.0.lock().expect("one thread").clone();
    String::from_utf8(bytes).expect("text")
}

#[tokio::test]
async fn the_log_names_fields_and_never_shows_values() {
    let world = world().await;
    let alice = world.as_("openid:alice").await;
    let ops = vec![set("title", "\"hush\""), set("secret", "\"whisper\"")];
    alice.update("notes", "n1", ops).await.expect("updated");
    let line = logged(&world.audit.entries().pop().expect("an entry"));
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

#[tokio::test]
async fn a_write_that_nobody_knows_of_is_told_as_that() {
    let world = world().await;
    let store = Arc::new(Fickle::over(Arc::clone(&world.store)));
    let gateway = Gateway::new(
        Arc::clone(world.gateway.model()),
        Arc::clone(&store) as Arc<dyn Store>,
        Arc::clone(&world.clock) as Arc<dyn Clock>,
        Config::default(),
    );
    let gateway = gateway.with_audit(Arc::clone(&world.audit) as Arc<dyn audit::Sink>);
    let caller = Caller::user(Principal::openid("alice").to_user());
    let alice = Actor {
        session: Arc::new(gateway).session(Arc::new(caller)),
    };
    store.set_mute(true);
    let unknown = "outcome unknown";
    let told = alice
        .update("notes", "n1", vec![set("title", "\"x\"")])
        .await;
    assert_eq!(told.as_ref().map_err(kind).err(), Some(unknown));
    let told = alice
        .create_with_id("notes", Some("n9"), r#"{"title":"t"}"#)
        .await;
    assert_eq!(told.as_ref().map_err(kind).err(), Some(unknown));
    let told = alice.delete("notes", "n4", None).await;
    assert_eq!(told.as_ref().map_err(kind).err(), Some(unknown));
    // What is known not to be written is nobody's business.
    store.set_away(true);
    let told = alice.delete("notes", "n4", None).await;
    assert_eq!(told.as_ref().map_err(kind).err(), Some("unavailable"));
    let entries = world.audit.entries();
    let line = |it: &audit::Entry| {
        assert_eq!(it.outcome, audit::Outcome::Unknown);
        assert_eq!(it.principal, Some(Principal::openid("alice")));
        assert!(it.before.is_none() && it.after.is_none());
        format!("{} {} {}", it.operation, it.collection, it.id)
    };
    let lines: Vec<String> = entries.iter().map(line).collect();
    assert_eq!(
        lines,
        ["update notes n1", "create notes n9", "delete notes n4"]
    );
    assert!(logged(&entries[0]).contains("did not say whether"));
}

#[tokio::test]
async fn the_log_says_which_roles_are_given_and_taken() {
    let world = world().await;
    let root = world.as_("openid:root").await;
    let ops = vec![set("roles", r#"["admin","clerk"]"#)];
    root.update("roles", "openid:clara", ops)
        .await
        .expect("updated");
    root.delete("roles", "openid:clara", None)
        .await
        .expect("deleted");
    let lines: Vec<String> = world.audit.entries().iter().map(logged).collect();
    assert!(
        lines[0].contains(r#"roles.before="clerk ACTIVE""#),
        "{}",
        lines[0]
    );
    assert!(
        lines[0].contains(r#"roles.after="admin,clerk ACTIVE""#),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].contains(r#"roles.before="admin,clerk ACTIVE""#),
        "{}",
        lines[1]
    );
    assert!(!lines[1].contains("roles.after"), "{}", lines[1]);
}
