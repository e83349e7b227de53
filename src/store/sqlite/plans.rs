//! Tests: what SQLite does for each shape of index and request. A statement
//! that stops using its index still gives the right answer, so only its plan
//! can tell.

use rusqlite::{Connection, params};
use smol_str::SmolStr;

use super::functions::Functions;
use super::query::Query;
use super::table::Table;
use super::{Options, open, row, schema, statistics};
use crate::data::{
    CollectionName, Comparison, DocId, Document, Filter, Index, IndexKeys, Object, Order, OrderKey,
    Path, Position, Strict, Test, Value,
};
use crate::store::{CollectionSpec, Find, Projection};

struct Database {
    _directory: tempfile::TempDir,
    place: open::Place,
    connection: Connection,
    _functions: Functions,
    table: Table,
}

/// An order of `key`, `-key` (descending).
fn order(keys: &[&str]) -> Order {
    let keys = keys.iter().map(|key| match key.strip_prefix('-') {
        Some(name) => OrderKey::descending(Path::parse(name).unwrap()),
        None => OrderKey::ascending(Path::parse(key).unwrap()),
    });
    Order {
        keys: keys.collect(),
    }
}

/// A collection with the indexes of the shop's orders.
fn orders() -> Database {
    let directory = tempfile::tempdir().unwrap();
    let place = open::Place::find(&directory.path().join("store.db")).unwrap();
    let (connection, functions) = open::writer(&place, &Options::default()).unwrap();
    let index = |keys: &[&str], unique| Index {
        keys: IndexKeys::Ordered(order(keys)),
        unique,
    };
    let spec = CollectionSpec {
        name: CollectionName::parse("orders").unwrap(),
        indexes: vec![
            index(&["_openid", "-createdAt"], false),
            index(&["status", "-createdAt"], false),
            index(&["orderNo"], true),
            index(&["-total"], false),
            index(&["category", "price"], false),
            index(&["address.city"], false),
        ],
    };
    let table = schema::reconcile(&connection, &functions, &[spec])
        .unwrap()
        .remove(0);
    Database {
        _directory: directory,
        place,
        connection,
        _functions: functions,
        table,
    }
}

impl Database {
    /// The plan of a list, one step after another.
    fn plan(&self, filter: Filter, by: &[&str], after: bool) -> String {
        let find = self.list(filter, by, after);
        self.explain(&Query::find(&self.table, &find, None))
    }

    fn list(&self, filter: Filter, by: &[&str], after: bool) -> Find {
        let order = order(by);
        let position = Position {
            values: order.keys.iter().map(|_| Some(Value::Int(1))).collect(),
            id: DocId::string("a"),
        };
        Find {
            filter,
            order,
            after: after.then_some(position),
            skip: 0,
            limit: 50,
            projection: Projection::All,
        }
    }

    fn explain(&self, query: &Query) -> String {
        explain(&self.connection, query)
    }

    /// Fills in orders, so that there is something to count.
    fn fill(&self, count: i64) {
        let transaction = self.connection.unchecked_transaction().unwrap();
        for number in 0..count {
            let fields = [
                ("_openid", Value::string(format!("user-{}", number % 500))),
                (
                    "status",
                    Value::string(if number % 3 == 0 { "SHIPPED" } else { "PAID" }),
                ),
                ("createdAt", Value::Date(number * 1000)),
                ("orderNo", Value::string(format!("no-{number}"))),
                ("total", Value::Int(number % 977)),
            ];
            let fields: Object = fields
                .into_iter()
                .map(|(name, value)| (SmolStr::new(name), value))
                .collect();
            let document = Document::new(DocId::string(format!("order-{number}")), 1, fields);
            let sql = format!("INSERT INTO {} VALUES (?1, 1, ?2)", self.table.quoted);
            self.connection
                .execute(
                    &sql,
                    params![row::key(document.id()), row::encode(&document)],
                )
                .unwrap();
        }
        transaction.commit().unwrap();
    }
}

/// The steps of a query's plan.
fn explain(connection: &Connection, query: &Query) -> String {
    let sql = format!("EXPLAIN QUERY PLAN {}", query.sql());
    let mut statement = connection.prepare(&sql).unwrap();
    // The plan does not depend on the parameters, so none are bound.
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
    let steps: Vec<String> = steps.map(Result::unwrap).collect();
    steps.join("; ")
}

fn field(name: &str, test: Test) -> Filter {
    Filter::field(&Path::parse(name).unwrap(), test)
}

fn is(name: &str, value: &str) -> Filter {
    field(name, Test::Eq(Value::string(value)))
}

/// Checks that a plan is to seek like this in the index of these keys, and nothing else.
fn assert_plan(plan: &str, index: &str, seek: &str) {
    let name = match index {
        "_id" => "sqlite_autoindex_docs:orders_1".to_owned(),
        "orderNo" => "unique:docs:orders:order^No".to_owned(),
        keys => format!("index:docs:orders:{}", keys.replace("At", "^At")),
    };
    assert_eq!(
        plan,
        format!("SEARCH docs:orders USING INDEX {name} ({seek})")
    );
}

#[test]
fn every_shape_of_request_seeks_in_its_index() {
    let database = orders();
    let paid = || is("status", "PAID");
    let mine = || is("_openid", "user-1");
    let price = |test: fn(Value) -> Test| field("price", test(Value::Int(1)));
    let eq = "<expr>=?";
    let cases = [
        // Equality, then order; the next page; the page before.
        (paid(), &["-createdAt"][..], false, "status,-createdAt", eq),
        (
            paid(),
            &["-createdAt"],
            true,
            "status,-createdAt",
            "<expr>=? AND <expr><?",
        ),
        (
            paid(),
            &["createdAt", "-_id"],
            true,
            "status,-createdAt",
            "<expr>=? AND <expr>>?",
        ),
        (
            paid().and(is("free", "x")),
            &["-createdAt"],
            true,
            "status,-createdAt",
            "<expr>=? AND <expr><?",
        ),
        // Order alone.
        (Filter::all(), &["-total"], true, "-total", "<expr><?"),
        (
            Filter::all(),
            &["total", "-_id"],
            true,
            "-total",
            "<expr>>?",
        ),
        (Filter::all(), &["orderNo"], true, "orderNo", "<expr>>?"),
        (Filter::all(), &[], true, "_id", "id>?"),
        (Filter::all(), &["-_id"], true, "_id", "id<?"),
        // Unique keys and ids.
        (is("orderNo", "1"), &[], false, "orderNo", eq),
        (Filter::id(&DocId::string("x")), &[], false, "_id", "id=?"),
        (
            Filter::id(&DocId::string("x")).and(paid()),
            &[],
            false,
            "_id",
            "id=?",
        ),
        // Ranges.
        (
            is("category", "x")
                .and(price(Test::Gte))
                .and(price(Test::Lt)),
            &["category", "price"],
            false,
            "category,price",
            "<expr>=? AND <expr>>? AND <expr><?",
        ),
        (
            field("address.city", Test::StartsWith("x".to_owned())),
            &["address.city"],
            false,
            "address.city",
            "<expr>>? AND <expr><?",
        ),
        (mine(), &["-createdAt"], false, "_openid,-createdAt", eq),
        (
            Filter::Strict(Strict::Compare(
                Path::field("_openid"),
                Comparison::Eq,
                Value::string("x"),
            )),
            &["-createdAt"],
            false,
            "_openid,-createdAt",
            eq,
        ),
        (
            Filter::Strict(Strict::Absent(Path::field("_openid"))),
            &["-createdAt"],
            false,
            "_openid,-createdAt",
            eq,
        ),
    ];
    for (filter, by, after, index, seek) in cases {
        assert_plan(&database.plan(filter, by, after), index, seek);
    }
}

#[test]
fn keys_are_sought_one_by_one() {
    let database = orders();
    let newest = database.list(Filter::all(), &["-createdAt"], false);
    let plan = |path: &str, filter: Filter| {
        let find = Find {
            filter,
            ..newest.clone()
        };
        database.explain(&Query::find(
            &database.table,
            &find,
            Some(&Path::field(path)),
        ))
    };
    let keyed = "_openid,-createdAt";
    assert_plan(&plan("_openid", Filter::all()), keyed, "<expr>=?");
    assert_plan(&plan("_openid", is("free", "x")), keyed, "<expr>=?");
    assert!(plan("_id", Filter::all()).contains("(id=?)"));
}

#[test]
fn counts_do_not_touch_documents_if_the_index_tells() {
    let database = orders();
    let count = Query::count(&database.table, &is("status", "PAID"), None);
    assert!(database.explain(&count).contains("USING COVERING INDEX"));
}

#[test]
fn lists_of_values_seek() {
    let database = orders();
    let many: Vec<Value> = (0..100).map(Value::Int).collect();
    for values in [many[..2].to_vec(), many] {
        let plan = database.plan(field("status", Test::In(values)), &["-createdAt"], false);
        assert!(
            plan.starts_with("SEARCH docs:orders USING INDEX index:docs:orders:status"),
            "{plan}"
        );
    }
}

#[test]
fn the_more_telling_index_is_chosen_also_by_readers_that_are_open_already() {
    let database = orders();
    let (reader, _) = open::reader(&database.place).unwrap();
    let both = is("status", "PAID").and(is("_openid", "user-1"));
    let query = Query::find(
        &database.table,
        &database.list(both, &["-createdAt"], false),
        None,
    );
    explain(&reader, &query);
    database.fill(3000);
    statistics::renew(&database.connection).unwrap();
    // The next statement that runs sees the new version; an EXPLAIN does not run.
    reader
        .query_row("SELECT sequence FROM meta", [], |_| Ok(()))
        .unwrap();
    assert_plan(&explain(&reader, &query), "_openid,-createdAt", "<expr>=?");
    // Many documents have one of these two, and still their index is better than all documents.
    let two = field(
        "status",
        Test::In(vec![Value::string("PAID"), Value::string("CLOSED")]),
    );
    let plan = database.plan(two, &["-createdAt"], false);
    assert!(plan.starts_with("SEARCH"), "{plan}");
}
