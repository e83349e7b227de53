//! The documents of the demo shop, made from a fixed seed: the same at every run.

use smol_str::SmolStr;

use super::Size;
use super::random::Random;
use super::words::{
    CATEGORIES, CITIES, City, GIVEN_NAMES, NICKNAMES, QUALITIES, REMARKS, STREETS, SURNAMES, TAGS,
};
use crate::data::geo::Point;
use crate::data::{DocId, Document, Object, Principal, Value};

/// Monday, 2025-01-06 in UTC: when the shop opened.
const OPENED_MS: i64 = 1_736_121_600_000;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 1440 * MINUTE_MS;
/// How many days of orders there are.
const DAYS: i64 = 360;

/// The customers with names; everybody else is `demo-customer-…`.
pub(super) const ALICE: &str = "demo-alice";
pub(super) const BOB: &str = "demo-bob";

/// The staff: openid, roles, status, note.
pub(super) const STAFF: [(&str, &str, &str, &str); 5] = [
    ("demo-owner", "owner", "ACTIVE", "店主"),
    ("demo-admin", "admin", "ACTIVE", "运营主管"),
    ("demo-operator", "operator", "ACTIVE", "商品与发货"),
    ("demo-support", "support", "ACTIVE", "客服"),
    ("demo-former", "admin", "DISABLED", "已离职"),
];

/// What orders come to, with how often in a hundred. The named customers have some of each.
const STATUSES: [(&str, u64); 7] = [
    ("COMPLETED", 46),
    ("PAID", 16),
    ("SHIPPED", 14),
    ("CLOSED", 10),
    ("PENDING", 8),
    ("REFUNDED", 4),
    ("REFUNDING", 2),
];

/// Orders that the first customers have for sure: two of each status for Alice, one for Bob.
const ALICES_ORDERS: usize = 2 * STATUSES.len();
const BOBS_ORDERS: usize = STATUSES.len();

/// What an order takes over of an item.
struct Goods {
    id: String,
    title: String,
    price: i64,
}

/// The whole shop, collection by collection.
pub(super) struct Shop {
    pub(super) users: Vec<Document>,
    pub(super) items: Vec<Document>,
    pub(super) orders: Vec<Document>,
    pub(super) roles: Vec<Document>,
}

impl Shop {
    pub(super) fn generate(size: Size) -> Self {
        let mut random = Random::new(0x5eed);
        let users = (0..size.users).map(|n| user(n, &mut random)).collect();
        let (items, goods): (Vec<_>, Vec<_>) =
            (0..size.items).map(|n| item(n, &mut random)).unzip();
        // Nobody could ever order a draft.
        let goods: Vec<Goods> = goods.into_iter().flatten().collect();
        let orders = (0..size.orders)
            .map(|n| order(n, size, &goods, &mut random))
            .collect();
        Self {
            users,
            items,
            orders,
            roles: STAFF.iter().map(staff).collect(),
        }
    }
}

fn openid(customer: usize) -> String {
    match customer {
        0 => ALICE.to_owned(),
        1 => BOB.to_owned(),
        n => format!("demo-customer-{n:04}"),
    }
}

fn user(n: usize, random: &mut Random) -> Document {
    let created = OPENED_MS - i64_of(random.between(0, 200)) * DAY_MS - within_a_day(random);
    let nickname = match n {
        0 => "爱丽丝".to_owned(),
        1 => "小波".to_owned(),
        n => format!("{}{n}", random.pick(&NICKNAMES)),
    };
    let mut fields = Fields::new();
    fields.text("_openid", openid(n));
    fields.text("nickname", nickname);
    if random.percent(70) {
        fields.text(
            "avatar",
            format!("cloud://demo.6465-demo/avatars/{n:04}.png"),
        );
    }
    // Some never told their number.
    if random.percent(92) || n < 2 {
        fields.text("phone", phone(random));
    }
    let blocked = random.percent(3) && n >= 2;
    fields.text("status", if blocked { "BLOCKED" } else { "ACTIVE" });
    fields.int("points", random.between(0, 5000));
    fields.dates(created, created + i64_of(random.between(0, 90)) * DAY_MS);
    fields.document(format!("user-{:04}", n + 1))
}

fn item(n: usize, random: &mut Random) -> (Document, Option<Goods>) {
    let category = &CATEGORIES[n % CATEGORIES.len()];
    let title = format!(
        "{} {}",
        random.pick(&category.products),
        random.pick(&QUALITIES)
    );
    let id = format!("item-{:04}", n + 1);
    // Prices end in 90 fen, as they do.
    let price = random.between(category.prices.0, category.prices.1) / 100 * 100 + 90;
    let status = match random.below(10) {
        0 => "DRAFT",
        1 => "OFF_SHELF",
        _ => "ON_SALE",
    };
    let created = OPENED_MS - i64_of(random.between(0, 300)) * DAY_MS - within_a_day(random);
    let mut fields = Fields::new();
    fields.text("title", title.clone());
    fields.text(
        "description",
        format!("{title}，精选产地直供，七天无理由退换。"),
    );
    fields.int("price", price);
    fields.int("cost", price * random.between(35, 70) / 100);
    fields.int("stock", random.between(0, 500));
    fields.text("category", category.name);
    let tags = TAGS.iter().filter(|_| random.percent(25));
    fields.list("tags", tags.map(|tag| Value::string(*tag)).collect());
    let images = (1..=random.between(1, 3))
        .map(|k| Value::string(format!("cloud://demo.6465-demo/items/{id}-{k}.jpg")));
    fields.list("images", images.collect());
    fields.text("status", status);
    if random.percent(60) {
        let (longitude, latitude) = random.pick(&CITIES).place;
        let point = Point {
            longitude,
            latitude,
        };
        fields.set("location", point.to_value());
    }
    fields.dates(created, created + i64_of(random.between(0, 30)) * DAY_MS);
    let goods = (status != "DRAFT").then(|| Goods {
        id: id.clone(),
        title,
        price: i64_of(price),
    });
    (fields.document(id), goods)
}

/// The n-th order in time.
fn order(n: usize, size: Size, goods: &[Goods], random: &mut Random) -> Document {
    let (customer, status) = buyer(n, size, random);
    let elapsed = i64_of(n as u64) * (DAYS * DAY_MS / i64_of(size.orders as u64));
    let created = OPENED_MS + elapsed + i64_of(random.below(MINUTE_MS.unsigned_abs()));
    let lines: Vec<(&Goods, i64)> = (0..random.between(1, 5))
        .map(|_| (random.pick(goods), i64_of(random.between(1, 3))))
        .collect();
    let total: i64 = lines.iter().map(|(item, count)| item.price * count).sum();
    let mut fields = Fields::new();
    fields.text("_openid", openid(customer));
    fields.text("orderNo", format!("DD{:010}", n + 1));
    fields.text("status", status);
    fields.list("lines", lines.iter().map(line).collect());
    fields.set("total", Value::Int(total));
    fields.set("address", address(random));
    if random.percent(30) {
        fields.text("remark", *random.pick(&REMARKS));
    }
    let mut updated = created;
    if !matches!(status, "PENDING" | "CLOSED") {
        let paid = created + i64_of(random.between(1, 30)) * MINUTE_MS;
        fields.set("paidAt", Value::Date(paid));
        updated = paid;
    }
    if !matches!(status, "PENDING" | "PAID") {
        updated += i64_of(random.between(1, 7)) * DAY_MS;
    }
    fields.dates(created, updated);
    fields.document(format!("order-{:06}", n + 1))
}

/// Who ordered and what became of it. The sure orders of Alice and Bob are spread over the year; the others
/// belong to everybody, few customers buying often.
fn buyer(n: usize, size: Size, random: &mut Random) -> (usize, &'static str) {
    let stride = (size.orders / (ALICES_ORDERS + BOBS_ORDERS)).max(1);
    let turn = n / stride;
    if n.is_multiple_of(stride) && turn < ALICES_ORDERS + BOBS_ORDERS {
        let status = STATUSES[turn % STATUSES.len()].0;
        return (usize::from(turn >= ALICES_ORDERS), status);
    }
    let customer = random.index(size.users).min(random.index(size.users));
    (customer, status(random))
}

fn status(random: &mut Random) -> &'static str {
    let mut left = random.below(100);
    for (status, share) in STATUSES {
        if left < share {
            return status;
        }
        left -= share;
    }
    STATUSES[0].0
}

fn line((item, quantity): &(&Goods, i64)) -> Value {
    let mut fields = Fields::new();
    fields.text("itemId", item.id.clone());
    fields.text("title", item.title.clone());
    fields.set("price", Value::Int(item.price));
    fields.set("quantity", Value::Int(*quantity));
    Value::Object(fields.0)
}

fn address(random: &mut Random) -> Value {
    let City { name, province, .. } = random.pick(&CITIES);
    let mut fields = Fields::new();
    fields.text(
        "name",
        format!("{}{}", random.pick(&SURNAMES), random.pick(&GIVEN_NAMES)),
    );
    fields.text("phone", phone(random));
    fields.text("province", *province);
    fields.text("city", *name);
    fields.text(
        "detail",
        format!(
            "{}{}号{}室",
            random.pick(&STREETS),
            random.between(1, 300),
            random.between(101, 2504)
        ),
    );
    Value::Object(fields.0)
}

fn staff((openid, role, status, note): &(&str, &str, &str, &str)) -> Document {
    let mut fields = Fields::new();
    fields.list("roles", vec![Value::string(*role)]);
    fields.text("status", *status);
    fields.text("note", *note);
    fields.dates(OPENED_MS, OPENED_MS);
    fields.document(Principal::openid(openid).as_str().to_owned())
}

/// A mobile number of a range that no operator has given out.
fn phone(random: &mut Random) -> String {
    format!("100{:08}", random.below(100_000_000))
}

fn within_a_day(random: &mut Random) -> i64 {
    i64_of(random.below(DAY_MS.unsigned_abs()))
}

/// Numbers here are counts and amounts, far below the limit.
fn i64_of(number: u64) -> i64 {
    i64::try_from(number).expect("the demo's numbers are small")
}

/// The fields of a document in the making.
struct Fields(Object);

impl Fields {
    fn new() -> Self {
        Self(Object::new())
    }

    fn set(&mut self, name: &'static str, value: Value) {
        self.0.push_new(SmolStr::new_static(name), value);
    }

    fn text(&mut self, name: &'static str, text: impl Into<SmolStr>) {
        self.set(name, Value::String(text.into()));
    }

    fn int(&mut self, name: &'static str, number: u64) {
        self.set(name, Value::Int(i64_of(number)));
    }

    fn list(&mut self, name: &'static str, values: Vec<Value>) {
        self.set(name, Value::Array(values));
    }

    fn dates(&mut self, created: i64, updated: i64) {
        self.set("createdAt", Value::Date(created));
        self.set("updatedAt", Value::Date(updated));
    }

    fn document(self, id: String) -> Document {
        Document::new(DocId::string(id), 0, self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn statuses(shop: &Shop, openid: &str) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for order in &shop.orders {
            if order.get("_openid").and_then(Value::as_str) == Some(openid) {
                let status = order.get("status").and_then(Value::as_str);
                *counts
                    .entry(status.unwrap_or_default().to_owned())
                    .or_default() += 1;
            }
        }
        counts
    }

    #[test]
    fn the_shop_is_the_same_at_every_run() {
        let size = Size::of(Size::USUAL_ORDERS);
        let (first, second) = (Shop::generate(size), Shop::generate(size));
        assert_eq!(first.users, second.users);
        assert_eq!(first.items, second.items);
        assert_eq!(first.orders, second.orders);
        assert_eq!(
            (first.users.len(), first.items.len(), first.orders.len()),
            (500, 200, 2000)
        );
    }

    #[test]
    fn the_named_customers_have_orders_of_every_status() {
        let shop = Shop::generate(Size::of(Size::USUAL_ORDERS));
        for customer in [ALICE, BOB] {
            assert_eq!(
                statuses(&shop, customer).len(),
                STATUSES.len(),
                "{customer}"
            );
        }
    }

    #[test]
    fn ids_order_numbers_and_openids_are_unique() {
        let shop = Shop::generate(Size::of(10_000));
        let distinct = |documents: &[Document], field: &str| {
            let values = documents.iter().filter_map(|it| it.get(field)?.as_str());
            values.collect::<BTreeSet<_>>().len()
        };
        assert_eq!(distinct(&shop.users, "_openid"), shop.users.len());
        assert_eq!(distinct(&shop.orders, "orderNo"), shop.orders.len());
        for documents in [&shop.users, &shop.items, &shop.orders, &shop.roles] {
            assert_eq!(distinct(documents, "_id"), documents.len());
        }
    }

    #[test]
    fn totals_are_the_sum_of_the_lines() {
        let shop = Shop::generate(Size::of(200));
        for order in &shop.orders {
            let number = |object: &Object, name: &str| match object.get(name) {
                Some(Value::Int(number)) => *number,
                other => panic!("`{name}` is {other:?}"),
            };
            let lines = order.get("lines").and_then(Value::as_array).expect("lines");
            let sum: i64 = lines
                .iter()
                .filter_map(Value::as_object)
                .map(|line| number(line, "price") * number(line, "quantity"))
                .sum();
            assert_eq!(sum, number(order.fields(), "total"));
        }
    }
}
