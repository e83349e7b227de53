//! Strategies: expressions as the parser makes them, and a small world of
//! callers, documents and payloads in which independent draws often meet.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use smol_str::SmolStr;

use super::super::ast::{Access, Connective, Expr, Get, Key, Kind, Piece, Root, Span};
use super::super::{Context, Facts, Need, Reference, RequestData, text};
use crate::data::arbitrary::{double, int, text as any_text};
use crate::data::{
    Caller, CollectionName, Comparison, DocId, Document, Filter, LoginType, Object, ObjectId, Path,
    Principal, Test, User, Value,
};

fn bare(kind: Kind) -> Expr {
    Expr::new(kind, Span::default())
}

pub(super) fn comparison() -> impl Strategy<Value = Comparison> {
    select(vec![
        Comparison::Eq,
        Comparison::Ne,
        Comparison::Lt,
        Comparison::Lte,
        Comparison::Gt,
        Comparison::Gte,
    ])
}

/// Any expression the parser can make.
pub(super) fn any_expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        1 => select(vec![Kind::Null, Kind::Undefined]).prop_map(bare),
        3 => literal().prop_map(|value| bare(Kind::Literal(value))),
        3 => variable(),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            composed(inner.clone()),
            vec(inner.clone(), 1..3).prop_map(|parts| {
                let mut pieces = Vec::new();
                parts
                    .into_iter()
                    .for_each(|part| text::push_expr(&mut pieces, part));
                text::from_pieces(pieces, Span::default())
            }),
            (root(inner.clone()), vec(key(inner), 0..3))
                .prop_map(|(root, keys)| access(root, keys)),
        ]
    })
}

/// Conditions made of these.
fn composed(inner: impl Strategy<Value = Expr> + Clone + 'static) -> impl Strategy<Value = Expr> {
    let connective = select(vec![Connective::And, Connective::Or]);
    let pair = (inner.clone(), inner.clone());
    prop_oneof![
        inner
            .clone()
            .prop_map(|inner| bare(Kind::Not(Box::new(inner)))),
        (pair.clone(), comparison()).prop_map(|((a, b), how)| bare(Kind::Compare(
            Box::new(a),
            how,
            Box::new(b)
        ))),
        pair.prop_map(|(a, b)| bare(Kind::In(Box::new(a), Box::new(b)))),
        (connective, vec(inner, 2..4)).prop_map(|(connective, parts)| Expr::junction(
            connective,
            parts,
            Span::default()
        )),
    ]
}

fn access(root: Root, keys: Vec<Key>) -> Expr {
    let data = Key::Name(SmolStr::new_static("data"));
    let root = match root {
        Root::Request if keys.first() == Some(&data) => Root::Auth,
        root => root,
    };
    bare(Kind::Access(Access::new(root, keys)))
}

fn literal() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        // The digits of the least int alone are too many for an int.
        int().prop_map(|int| Value::Int(int.max(-i64::MAX))),
        double().prop_map(|double| Value::Double(if double.is_finite() { double } else { 0.5 })),
    ];
    let item = prop_oneof![number, any_text().prop_map(Value::String)];
    prop_oneof![
        3 => item.clone(),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => vec(item, 0..3).prop_map(Value::Array),
    ]
}

fn variable() -> impl Strategy<Value = Expr> {
    let root = prop_oneof![
        select(vec![
            Root::Auth,
            Root::Doc,
            Root::Request,
            Root::Data,
            Root::Now
        ]),
        select(vec!["foo", "名", "_x"]).prop_map(|name| Root::Unknown(SmolStr::new_static(name))),
    ];
    let name = any_text().prop_map(Key::Name);
    (root, vec(name, 0..3)).prop_map(|(root, keys)| access(root, keys))
}

fn root(inner: impl Strategy<Value = Expr> + Clone + 'static) -> impl Strategy<Value = Root> {
    let id = vec(inner, 1..3).prop_map(|parts| {
        let mut pieces = Vec::new();
        parts
            .into_iter()
            .for_each(|part| text::push_expr(&mut pieces, part));
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.contains('.')));
        if pieces.is_empty() {
            pieces.push(Piece::Text("x".to_owned()));
        }
        Root::Get(Get {
            collection: collection(),
            id: merged(pieces),
        })
    });
    prop_oneof![1 => Just(Root::Doc), 2 => id]
}

/// Dropping a piece may have made two texts neighbours.
fn merged(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut all = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(part) => text::push_text(&mut all, &part),
            expr @ Piece::Expr(_) => all.push(expr),
        }
    }
    all
}

fn key(inner: impl Strategy<Value = Expr> + Clone + 'static) -> impl Strategy<Value = Key> {
    prop_oneof![
        any_text().prop_map(Key::Name),
        inner.prop_map(|expr| match expr.kind {
            Kind::Literal(Value::String(name)) => Key::Name(name),
            Kind::Literal(Value::Int(index)) if index >= 0 =>
                Key::Name(SmolStr::new(index.to_string())),
            _ => Key::Computed(expr),
        }),
    ]
}

pub(super) fn collection() -> CollectionName {
    CollectionName::parse("users").expect("a name")
}

/// The texts of conditions on the small world that a filter can express.
pub(super) fn rule() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => (operand(), select(vec!["==", "!=", "<", "<=", ">", ">="]), operand())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        3 => (operand(), list()).prop_map(|(a, b)| format!("{a} in {b}")),
        2 => (operand(), select(vec!["== null", "!= null", "== undefined", "!= undefined"]))
            .prop_map(|(a, test)| format!("{a} {test}")),
        1 => field(),
        1 => select(vec!["true", "false", "auth != null", "doc == null"]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("!({inner})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) || ({b})")),
        ]
    })
}

fn field() -> impl Strategy<Value = String> {
    let paths = vec![
        "doc.a",
        "doc.b",
        "doc.c",
        "doc.a.b",
        "doc.c[0]",
        "doc.c.a",
        "doc._openid",
        "doc.c[auth.uid]",
        "doc.b[request.data.a]",
    ];
    select(paths).prop_map(str::to_owned)
}

fn operand() -> impl Strategy<Value = String> {
    let others = vec![
        "1",
        "1.0",
        "0.5",
        "-1",
        "'a'",
        "'oA'",
        "true",
        "false",
        "null",
        "auth",
        "doc",
        "auth.openid",
        "auth.uid",
        "auth.loginType",
        "now",
        "request.data.a",
        "request.data.b",
        "request.data.c.a",
        "get(`database.users.${auth.openid}`).a",
        "get(`database.users.${doc.a}`).b",
        "get(`database.users.x${doc.a}`)",
        "get(`database.users.${get(`database.users.${doc.a}`).a}`).c",
        "`o${auth.uid}`",
        "'o' + 'A'",
    ];
    prop_oneof![3 => field(), 4 => select(others).prop_map(str::to_owned)]
}

fn list() -> impl Strategy<Value = String> {
    let lists = vec![
        "[]",
        "['a', 'oA']",
        "[1, 0.5]",
        "['a', 1]",
        "get(`database.users.${doc.a}`).c",
        "request.data.c",
        "'a'",
    ];
    prop_oneof![2 => field(), 3 => select(lists).prop_map(str::to_owned)]
}

pub(super) fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => (-1_i64..=1).prop_map(Value::Int),
        2 => select(vec![0.5, 1.0, -0.0]).prop_map(Value::Double),
        4 => select(vec!["a", "oA", "uA", "x1", ""]).prop_map(Value::string),
        3 => any::<bool>().prop_map(Value::Bool),
        1 => (0_i64..2).prop_map(Value::Date),
        1 => Just(Value::ObjectId(ObjectId([7; 12]))),
    ]
}

/// Any value, NaN and null among them.
pub(super) fn value() -> impl Strategy<Value = Value> {
    let odd = select(vec![
        Value::Null,
        Value::Double(f64::NAN),
        Value::Double(1e19),
    ]);
    prop_oneof![6 => scalar(), 1 => odd].prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::Array),
            object(inner).prop_map(Value::Object),
        ]
    })
}

pub(super) fn object(values: impl Strategy<Value = Value>) -> impl Strategy<Value = Object> {
    let name = select(vec!["a", "b", "c", "_openid", "uA", "0"]);
    vec((name, values), 0..5).prop_map(|members| members.into_iter().collect())
}

pub(super) fn caller() -> impl Strategy<Value = Caller> {
    let user = |openid: Option<&'static str>, uid: Option<&'static str>| {
        Caller::user(User {
            principal: Principal::openid("oA"),
            openid: openid.map(SmolStr::new_static),
            uid: uid.map(SmolStr::new_static),
            login_type: LoginType::WechatOpen,
        })
    };
    select(vec![
        Caller::none(),
        user(Some("oA"), None),
        user(None, Some("uA")),
        user(None, Some("a.b")),
        user(Some("a"), Some("A")),
    ])
}

pub(super) fn request() -> impl Strategy<Value = Option<RequestData>> {
    let path = select(vec!["a", "b", "c", "c.a", "a.b"]);
    let values = vec((path.clone(), value()), 0..3);
    let data = (values, vec(path, 0..2)).prop_map(|(values, opaque)| RequestData {
        values: values.into_iter().collect(),
        opaque: opaque.into_iter().filter_map(Path::parse).collect(),
    });
    proptest::option::of(data)
}

/// What a caller may ask for: conjunctions and alternatives of plain tests on the fields of the world.
pub(super) fn condition(
    values: impl Strategy<Value = Value> + 'static,
) -> impl Strategy<Value = Filter> {
    let values = values.boxed();
    let path = select(vec!["a", "b", "c", "_openid"]).prop_map(Path::field);
    let test = prop_oneof![
        4 => values.clone().prop_map(Test::Eq),
        2 => vec(values.clone(), 1..3).prop_map(Test::In),
        1 => values.clone().prop_map(Test::Gt),
        1 => values.clone().prop_map(Test::Gte),
        1 => values.clone().prop_map(Test::Lt),
        1 => values.prop_map(Test::Lte),
        1 => Just(Test::Exists(true)),
    ];
    let leaf = (path, test).prop_map(|(path, test)| Filter::Field(path, test));
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            2 => vec(inner.clone(), 0..4).prop_map(Filter::And),
            1 => vec(inner, 1..3).prop_map(Filter::Or),
        ]
    })
}

/// Everything a rule looks at besides the document.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) caller: Caller,
    pub(super) request: Option<RequestData>,
    pub(super) condition: Filter,
    /// What `get()` finds, whatever is asked for, but for one id.
    pub(super) other: Object,
}

pub(super) fn world(condition: impl Strategy<Value = Filter>) -> impl Strategy<Value = World> {
    (caller(), request(), condition, object(value())).prop_map(
        |(caller, request, condition, other)| World {
            caller,
            request,
            condition,
            other,
        },
    )
}

impl World {
    /// Asks until nothing more is needed.
    pub(super) fn ask<T>(&self, ask: impl Fn(&Context<'_>) -> Result<T, Need>) -> T {
        let mut facts = Facts::default();
        for _round in 0..4 {
            let cx = Context {
                caller: &self.caller,
                now: 1,
                facts: &facts,
                request: self.request.as_ref(),
                condition: &self.condition,
            };
            match ask(&cx) {
                Ok(answer) => return answer,
                Err(Need(references)) => {
                    assert!(!references.is_empty(), "a need names what is needed");
                    for reference in references {
                        let found = self.document(&reference);
                        let before = facts.documents.insert(reference, found);
                        assert_eq!(before, None, "asked twice for the same document");
                    }
                }
            }
        }
        panic!("a rule needs at most two rounds and this one wants more");
    }

    fn document(&self, reference: &Reference) -> Option<Arc<Document>> {
        let exists = reference.id != DocId::string("a");
        exists.then(|| Arc::new(Document::new(reference.id.clone(), 1, self.other.clone())))
    }
}
