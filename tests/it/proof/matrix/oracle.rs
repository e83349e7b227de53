//! `schema.graphql` said again, by hand: closures over JSON documents. Nothing
//! here parses a rule, builds a filter or asks the model.

use cloudbase_graphql::gateway::Operation;
use serde_json::Value as Json;

/// Who asks, as rules see them.
#[derive(Clone, Debug)]
pub(super) struct Who {
    pub(super) name: &'static str,
    /// Or let in without: where 未登录模式 is on, who is not signed in is one who has nothing.
    pub(super) signed_in: bool,
    pub(super) openid: Option<&'static str>,
    /// All of them: what a role includes is spelled out.
    pub(super) roles: &'static [&'static str],
}

/// What a policy says to a caller.
pub(super) enum Says {
    /// To no document whatever.
    Never,
    If(Box<dyn Fn(&Json) -> bool>),
    Always,
}

use Says::{Always, If, Never};

impl Says {
    fn when(test: impl Fn(&Json) -> bool + 'static) -> Self {
        If(Box::new(test))
    }

    fn or(self, other: Says) -> Says {
        match (self, other) {
            (Always, _) | (_, Always) => Always,
            (Never, other) | (other, Never) => other,
            (If(a), If(b)) => Says::when(move |document| a(document) || b(document)),
        }
    }

    pub(super) fn holds(&self, document: &Json) -> bool {
        match self {
            Never => false,
            If(test) => test(document),
            Always => true,
        }
    }

    pub(super) fn is_never(&self) -> bool {
        matches!(self, Never)
    }

    pub(super) fn is_always(&self) -> bool {
        matches!(self, Always)
    }
}

impl Who {
    /// `doc._openid == auth.openid`
    fn own(&self) -> Says {
        match self.openid {
            Some(openid) => Says::when(move |document| document["_openid"] == openid),
            None => Never,
        }
    }

    /// A `@grant` for one of these roles.
    fn granted(&self, roles: &[&str]) -> Says {
        if roles.iter().any(|role| self.roles.contains(role)) {
            Always
        } else {
            Never
        }
    }

    /// Whether the caller may do this with a document of the type.
    pub(super) fn document(&self, type_name: &str, operation: Operation) -> Says {
        use Operation::{Create, Delete, Read, Update};
        match (type_name, operation) {
            ("User", Read) => self
                .own()
                .or(self.granted(&["admin", "operator", "support"])),
            ("User", Create) if self.openid.is_some() => Always,
            ("User", Update) => self.own().or(self.granted(&["admin"])),

            ("Role", Read) => self.granted(&["owner", "admin"]),
            ("Role", Create | Update | Delete) => self.granted(&["owner"]),

            ("Item", Read) => Says::when(|item| item["status"] == "ON_SALE")
                .or(self.granted(&["admin", "operator", "support"])),
            ("Item", Create | Update) => self.granted(&["admin", "operator"]),
            ("Item", Delete) => self.granted(&["admin"]),

            ("Order", Read) => {
                let open = || {
                    Says::when(|order| {
                        let status = order["status"].as_str();
                        status.is_some_and(|status| status != "CLOSED")
                    })
                };
                let support = match self.granted(&["support"]) {
                    Always => open(),
                    _ => Never,
                };
                self.own()
                    .or(self.granted(&["admin", "operator"]))
                    .or(support)
            }
            ("Order", Update) => {
                let on_its_way = || {
                    Says::when(|order| order["status"] == "PAID" || order["status"] == "SHIPPED")
                };
                let operator = match self.granted(&["operator"]) {
                    Always => on_its_way(),
                    _ => Never,
                };
                self.granted(&["admin"]).or(operator)
            }
            _ => Never,
        }
    }

    /// Whether the caller may do this with the field of a document with which they may do it.
    pub(super) fn field(&self, type_name: &str, field: &str, operation: Operation) -> Says {
        use Operation::{Create, Read, Update};
        match (type_name, field, operation) {
            ("User", "phone", Read) => self.own().or(self.granted(&["admin"])),
            ("User", "phone", Create | Update) => self.own(),
            ("User", "status" | "points", Create) => Never,
            ("User", "status" | "points", Update) => self.granted(&["admin"]),
            ("Item", "cost", _) => self.granted(&["admin"]),
            ("Order", "total", Create | Update) => Never,
            ("Order", "address", Read) => self.own().or(self.granted(&["admin", "operator"])),
            ("Order", "address", Update) => self.granted(&["admin"]),
            _ => Always,
        }
    }

    /// Whether the model is not all that decides about their writes: what an owner does to roles is judged besides
    /// (`gateway::roles`).
    pub(super) fn is_judged(&self, type_name: &str) -> bool {
        type_name == "Role" && self.roles.contains(&"owner")
    }

    /// Somebody who can do whatever anybody can: what they cannot do is not served.
    pub(super) fn anybody() -> Self {
        Who {
            name: "anybody",
            signed_in: true,
            openid: Some("anybody"),
            roles: &["owner", "admin", "operator", "support"],
        }
    }
}
