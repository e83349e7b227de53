//! What is asked of the cloud, and what it answers.

use bytes::Bytes;

use crate::data::CollectionName;

/// One request as a protocol made it; signed anew for each attempt.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    /// Without scheme and authority: `/admin?env=e`. What is not plain in it is percent-encoded.
    pub target: String,
    /// Which of the cloud's hosts, where no origin is configured.
    pub host: Host,
    /// Besides `host`, `user-agent` and what authenticates; names in lower case. A body is `application/json` where
    /// `content-type` does not say otherwise.
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    pub authentication: Authentication,
    /// Whether doing it twice is the same as doing it once.
    pub repeatable: bool,
    /// What it is, for logs and metrics: `find orders`. Never values.
    pub label: Label,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

/// The hosts of the cloud (`ARCHITECTURE.md`, the cloud).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// `{env}.api.tcloudbasegateway.com`
    Gateway,
    /// `{env}.{region}.tcb-api.tencentcloudapi.com`
    Admin,
    /// `tcb.tencentcloudapi.com`
    CloudApi,
}

/// How a request proves that we may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// `Bearer` and the API key.
    ApiKey,
    /// The API key if there is one, else the signature of `/admin`.
    Admin,
    /// The cloud API's signature; needs a key pair.
    CloudApi {
        action: &'static str,
    },
    /// `Basic` with id and key of the pair.
    Basic,
    None,
}

/// What is done to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// `find`, `count` and `aggregate` read, `addresses` is about files, `sign` and `sign in` open sockets; everything else
    /// (`insert`, `update`, `alter`, `remove`, `begin`, `commit`, `abort`, …) writes, or manages where it goes to the cloud
    /// API. Each of these kinds has a breaker of its own.
    pub operation: &'static str,
    /// A collection, or nothing.
    pub subject: String,
}

impl Label {
    /// Something that is done to one collection.
    pub fn on(operation: &'static str, collection: &CollectionName) -> Self {
        Self {
            operation,
            subject: collection.as_str().to_owned(),
        }
    }

    /// Something that is done to no collection in particular.
    pub fn of(operation: &'static str) -> Self {
        Self {
            operation,
            subject: String::new(),
        }
    }
}

/// An answer with its status, whatever that is: protocols say which is a refusal. Its body begins as JSON does, or there
/// is none: anything else is no server of the cloud's, and refused before a protocol sees it.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
}

/// What kind of thing a request does. One kind may fail while another works, so each has a breaker of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Reads,
    Writes,
    Manages,
    Signs,
    Files,
}

impl Request {
    pub(super) fn class(&self) -> Class {
        match self.label.operation {
            _ if self.host == Host::CloudApi => Class::Manages,
            "find" | "count" | "aggregate" => Class::Reads,
            "addresses" => Class::Files,
            "sign" | "sign in" => Class::Signs,
            _ => Class::Writes,
        }
    }
}

impl Class {
    /// Whether it matters if a request was carried out.
    pub(super) fn may_change_something(self) -> bool {
        matches!(self, Class::Writes | Class::Manages)
    }
}

impl Method {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}
