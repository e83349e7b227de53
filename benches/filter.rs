//! What one document costs: matching a filter, and reading it from its stored form.

use std::hint::black_box;

use cloudbase_graphql::data::ejson::storage;
use cloudbase_graphql::data::{
    Comparison, Filter, Object, Path, Pattern, Strict, Test, Value, ejson,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use smol_str::SmolStr;

/// An order of the shop, about 1 KB stored.
const ORDER: &str = r#"{
    "_id":"5f8d0d55b54764421b7156d9","_openid":"oAbCdEfGhIjKlMnOpQrStUvWxYz0",
    "orderNo":"20260102030405000123","status":"PAID",
    "lines":[
        {"itemId":"item-000017","title":"手冲咖啡壶 600ml 不锈钢细口","price":12900,"quantity":1},
        {"itemId":"item-000042","title":"埃塞俄比亚 耶加雪菲 咖啡豆 250g","price":8800,"quantity":2},
        {"itemId":"item-000101","title":"V60 filter papers, 100 pieces","price":3500,"quantity":3}],
    "total":41000,
    "address":{"name":"王小明","phone":"13800138000","province":"广东省","city":"深圳市","detail":"南山区科技园路 1 号 2 栋 3 单元 404"},
    "remark":"请放在门口，谢谢","weight":1.25,
    "paidAt":{"$date":"2026-01-02T03:05:00.000Z"},
    "createdAt":{"$date":"2026-01-02T03:04:05.678Z"},
    "updatedAt":{"$date":"2026-01-02T03:05:00.000Z"}}"#;

fn order() -> Object {
    ejson::parse_object(ORDER).expect("valid EJSON")
}

fn path(text: &str) -> Path {
    Path::parse(text).expect("a path")
}

fn filters() -> Vec<(&'static str, Filter)> {
    let owner = Value::string("oAbCdEfGhIjKlMnOpQrStUvWxYz0");
    let statuses = ["PAID", "SHIPPED"].map(Value::string).to_vec();
    let owned = Filter::Strict(Strict::Compare(path("_openid"), Comparison::Eq, owner))
        .and(Filter::Field(path("status"), Test::In(statuses)));
    let pattern = Pattern::new("^20260102[0-9]+3$").expect("a pattern");
    let line = Filter::Field(path("price"), Test::Lt(Value::Int(4000)))
        .and(Filter::Field(path("quantity"), Test::Gte(Value::Int(3))));
    vec![
        ("owner and status", owned),
        (
            "through an array",
            Filter::Field(path("lines.itemId"), Test::Eq(Value::string("item-000101"))),
        ),
        (
            "element of an array",
            Filter::Field(path("lines"), Test::Some(Box::new(line))),
        ),
        (
            "pattern",
            Filter::Field(path("orderNo"), Test::Matches(pattern)),
        ),
    ]
}

fn matching(c: &mut Criterion) {
    let order = order();
    let mut group = c.benchmark_group("matches");
    for (name, filter) in filters() {
        assert!(filter.matches(&order), "{name}");
        group.bench_function(name, |b| {
            b.iter(|| black_box(&filter).matches(black_box(&order)))
        });
    }
}

fn reading(c: &mut Criterion) {
    let order = order();
    let stored = storage::encode(&order);
    let few: Vec<SmolStr> = ["_id", "status", "total"].map(SmolStr::new).into();
    let last = path("updatedAt");
    let mut group = c.benchmark_group("stored");
    group.throughput(Throughput::Bytes(stored.len() as u64));
    group.bench_function("decode", |b| {
        b.iter_with_large_drop(|| storage::decode(black_box(&stored)));
    });
    group.bench_function("decode 3 fields", |b| {
        b.iter_with_large_drop(|| storage::decode_fields(black_box(&stored), &few));
    });
    group.bench_function("look up the last field", |b| {
        b.iter(|| storage::lookup(black_box(&stored), &last));
    });
    group.bench_function("encode", |b| b.iter(|| storage::encode(black_box(&order))));
    group.bench_function("serde_json::Value, for comparison", |b| {
        b.iter_with_large_drop(|| serde_json::from_str::<serde_json::Value>(black_box(&stored)));
    });
}

criterion_group!(benches, matching, reading);
criterion_main!(benches);
