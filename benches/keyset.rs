//! What the embedded store's reads and writes cost, over 100,000 orders of
//! about one kilobyte: `cargo bench --bench keyset`.
//!
//! Every figure includes the hop to a thread of the store and back.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on stops")]

use std::hint::black_box;
use std::sync::Arc;

use cloudbase_graphql::data::update::Op;
use cloudbase_graphql::data::{
    CollectionName, Comparison, DocId, Document, Filter, Index, IndexKeys, Object, Order, OrderKey,
    Path, Strict, Test, Update, Value,
};
use cloudbase_graphql::store::sqlite::SqliteStore;
use cloudbase_graphql::store::{CollectionSpec, Find, Projection, Store};
use criterion::{Criterion, criterion_group, criterion_main};
use smol_str::SmolStr;
use tokio::runtime::Runtime;

const ORDERS: i64 = 100_000;
const USERS: i64 = 10_000;

fn orders() -> CollectionName {
    CollectionName::parse("orders").expect("a name")
}

/// Reads `a,-b`: by `a`, then by `b` descending.
fn order(keys: &str) -> Order {
    let keys = keys.split(',').map(|key| match key.strip_prefix('-') {
        Some(name) => OrderKey::descending(Path::field(name)),
        None => OrderKey::ascending(Path::field(key)),
    });
    Order {
        keys: keys.collect(),
    }
}

fn index(keys: &str, unique: bool) -> Index {
    Index {
        keys: IndexKeys::Ordered(order(keys)),
        unique,
    }
}

fn object<const N: usize>(members: [(&'static str, Value); N]) -> Object {
    members.into_iter().collect()
}

/// The number of an order, spread out so that neighbours differ in everything.
fn document(number: i64) -> Document {
    let spread = number * 7919 % ORDERS;
    let status = match spread % 10 {
        0..=2 => "PAID",
        3..=5 => "SHIPPED",
        6..=8 => "COMPLETED",
        _ => "CLOSED",
    };
    let line = |at: i64| {
        Value::Object(object([
            (
                "itemId",
                Value::string(format!("item-{}", (spread + at) % 2000)),
            ),
            ("title", Value::string("手工烘焙咖啡豆 中度烘焙 两百五十克")),
            ("price", Value::Int(1000 + spread % 9000)),
            ("quantity", Value::Int(1 + at)),
        ]))
    };
    let address = object([
        ("name", Value::string("王小明")),
        ("phone", Value::string("13800138000")),
        ("province", Value::string("广东省")),
        ("city", Value::string("深圳市")),
        (
            "detail",
            Value::string("南山区科技园科苑路十五号科兴科学园 B 栋三单元 1201 室"),
        ),
    ]);
    let fields = object([
        ("_openid", Value::string(format!("user-{}", spread % USERS))),
        ("orderNo", Value::string(format!("no-{number:08}"))),
        ("status", Value::string(status)),
        ("lines", Value::Array((0..3).map(line).collect())),
        ("total", Value::Int(3000 + spread)),
        ("address", Value::Object(address)),
        (
            "remark",
            Value::string("请在工作日送货，送货前电话联系，谢谢"),
        ),
        ("createdAt", Value::Date(1_700_000_000_000 + spread * 1000)),
        ("updatedAt", Value::Date(1_700_000_000_000 + number * 1000)),
    ]);
    Document::new(DocId::string(format!("order-{number}")), 0, fields)
}

async fn fill() -> Arc<SqliteStore> {
    let store = SqliteStore::temporary().unwrap();
    let spec = CollectionSpec {
        name: orders(),
        indexes: vec![
            index("_openid,-createdAt", false),
            index("status,-createdAt", false),
            index("orderNo", true),
        ],
    };
    store.prepare(&[spec]).await.unwrap();
    for first in (0..ORDERS).step_by(1000) {
        let documents = (first..first + 1000).map(document).collect();
        store.insert(&orders(), documents).await.unwrap();
    }
    store
}

fn is(name: &str, value: &str) -> Filter {
    Filter::field(&Path::field(name), Test::Eq(Value::string(value)))
}

/// The newest 50 orders that are paid, with eight scalar fields.
fn paid() -> Find {
    let fields = [
        "orderNo",
        "status",
        "total",
        "_openid",
        "remark",
        "createdAt",
        "updatedAt",
    ];
    Find {
        filter: is("status", "PAID"),
        order: order("-createdAt"),
        after: None,
        skip: 0,
        limit: 50,
        projection: Projection::Fields(fields.into_iter().map(SmolStr::new_static).collect()),
    }
}

fn lists(c: &mut Criterion, runtime: &Runtime, store: &Arc<SqliteStore>) {
    let read = |c: &mut Criterion, name: &str, find: Find| {
        c.bench_function(name, |b| {
            b.iter(|| black_box(runtime.block_on(store.find(&orders(), &find)).unwrap()));
        });
    };
    let page = |find: &Find, skip| {
        let skipped = Find {
            skip,
            limit: 1,
            ..find.clone()
        };
        let found = runtime.block_on(store.find(&orders(), &skipped)).unwrap();
        Find {
            after: found.first().map(|last| find.order.position(last)),
            ..find.clone()
        }
    };
    read(c, "list/first page of 50", paid());
    read(
        c,
        "list/page of 50 after 20,000, by keyset",
        page(&paid(), 20_000),
    );
    read(
        c,
        "list/page of 50 after 20,000, by offset",
        Find {
            skip: 20_000,
            ..paid()
        },
    );
    let all = Find {
        projection: Projection::All,
        ..paid()
    };
    read(c, "list/first page of 50, all fields", all);
    let ids = Find {
        projection: Projection::Fields([].into()),
        ..paid()
    };
    read(c, "list/first page of 50, ids only", ids);
    let not_closed = Strict::Compare(
        Path::field("status"),
        Comparison::Ne,
        Value::string("CLOSED"),
    );
    let mine = Find {
        filter: is("_openid", "user-77").and(Filter::Strict(not_closed)),
        ..paid()
    };
    read(c, "list/one user's, status decided by key", mine);
    let matched = Find {
        filter: is("status", "PAID").and(Filter::field(
            &Path::field("total"),
            Test::Gt(Value::Int(50_000)),
        )),
        ..paid()
    };
    read(
        c,
        "list/first page of 50, half left out by the matcher",
        matched,
    );
    let one = Find {
        filter: Filter::id(&DocId::string("order-4711")),
        limit: 1,
        ..paid()
    };
    read(c, "point/one order by id, 8 fields", one);
    let count = is("status", "PAID");
    c.bench_function("count/30,000 by index", |b| {
        b.iter(|| black_box(runtime.block_on(store.count(&orders(), &count)).unwrap()));
    });
}

fn per_key(c: &mut Criterion, runtime: &Runtime, store: &Arc<SqliteStore>) {
    let newest = Find {
        filter: Filter::all(),
        limit: 3,
        projection: Projection::Fields([].into()),
        ..paid()
    };
    for count in [50, 500] {
        let user = |number| Value::string(format!("user-{}", number * 13));
        let users: Vec<Value> = (0..count).map(user).collect();
        let name = format!("per key/newest 3 of each of {count} users");
        c.bench_function(&name, |b| {
            let read = || async {
                store
                    .find_per_key(&orders(), &Path::field("_openid"), &users, &newest)
                    .await
            };
            b.iter(|| black_box(runtime.block_on(read()).unwrap()));
        });
    }
}

fn writes(c: &mut Criterion, runtime: &Runtime, store: &Arc<SqliteStore>) {
    let (orders, all) = (orders(), Filter::all());
    let mut total = 0;
    c.bench_function("write/set one field by id, not synced", |b| {
        b.iter(|| {
            total += 1;
            let update = Update {
                ops: vec![Op::Set(Path::field("total"), Value::Int(total))],
            };
            let id = DocId::string(format!("order-{}", total * 31 % ORDERS));
            let write = store.update_one(&orders, &id, &all, &update);
            black_box(runtime.block_on(write).unwrap())
        });
    });
}

fn keyset(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let store = runtime.block_on(fill());
    lists(c, &runtime, &store);
    per_key(c, &runtime, &store);
    writes(c, &runtime, &store);
}

criterion_group!(benches, keyset);
criterion_main!(benches);
