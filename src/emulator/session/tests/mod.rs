//! What clients may do, with documents in the store: words for all of its tests.

mod aggregates;
mod cases;
mod owners;
mod permissions;
mod transactions;

use std::sync::Arc;

use smol_str::SmolStr;

use super::Session;
use crate::access::{Settings, UnauthenticatedAccess};
use crate::cloudbase::Code;
use crate::data::{Caller, DocId, LoginType, Object, Principal, User};
use crate::emulator::database::tests::{
    LIMITS, clock, database_with, list, name, object, remove, replace, select, text, update,
};
use crate::emulator::database::{Access, Database, Modified, Modify, TransactionId};
use crate::emulator::failure::Result;
use crate::emulator::identity::Identity;

/// An environment whose collection `things` has this permission.
async fn environment(tag: &str, rule: Option<&str>) -> Arc<Database> {
    let database = database_with(LIMITS).await;
    let access = Access::parse(tag, rule).unwrap();
    database.set_access(&name("things"), access).await.unwrap();
    database
}

async fn fill(database: &Database, collection: &str, documents: &[&str]) {
    let documents = documents.iter().map(|json| object(json)).collect();
    database
        .insert(&name(collection), documents, None)
        .await
        .unwrap();
}

fn session(database: &Arc<Database>, identity: Identity) -> Session {
    let settings = Settings {
        is_closed: false,
        unauthenticated: UnauthenticatedAccess::CustomRulesOnly,
    };
    Session::new(Arc::clone(database), identity, clock(), settings)
}

fn admin(database: &Arc<Database>) -> Session {
    session(database, Identity::Admin)
}

/// A user of the mini program.
fn user(openid: &str) -> Identity {
    Identity::Client(Caller::user(User {
        principal: Principal::openid(openid),
        openid: Some(openid.into()),
        uid: None,
        login_type: LoginType::WechatPublic,
    }))
}

/// A user of the web.
fn web(uid: &str, login_type: LoginType) -> Identity {
    Identity::Client(Caller::user(User {
        principal: Principal::uid(uid),
        openid: None,
        uid: Some(SmolStr::new(uid)),
        login_type,
    }))
}

fn nobody() -> Identity {
    Identity::Client(Caller::none())
}

impl Session {
    /// The documents of `things` that match, as EJSON in a row.
    async fn show(&self, condition: &str) -> Result<String> {
        self.show_within(condition, None).await
    }

    async fn show_within(&self, condition: &str, within: Option<&TransactionId>) -> Result<String> {
        let selection = self.select(&name("things"), &object(condition))?;
        let found = self.find(list(selection), within).await?;
        Ok(found.iter().map(text).collect::<Vec<_>>().join(" "))
    }

    async fn add(&self, fields: &str) -> Result<Vec<DocId>> {
        self.insert(&name("things"), vec![object(fields)], None)
            .await
    }

    async fn update(&self, condition: &str, operators: &str) -> Result<Modified> {
        self.change(condition, update("{}", operators)).await
    }

    async fn set(&self, condition: &str, fields: &str) -> Result<Modified> {
        self.change(condition, replace("{}", fields)).await
    }

    /// As the protocols do it: the condition is read by the session.
    async fn change(&self, condition: &str, modify: Modify) -> Result<Modified> {
        let selection = self.select(&name("things"), &object(condition))?;
        let modify = Modify {
            selection,
            ..modify
        };
        self.modify(modify, None).await
    }

    async fn delete(&self, condition: &str) -> Result<u64> {
        let selection = self.select(&name("things"), &object(condition))?;
        let request = crate::emulator::database::Remove {
            selection,
            ..remove("{}")
        };
        self.remove(request, None).await
    }
}

/// `denied`, `missing` or another code; or how many documents it came to.
fn outcome(result: Result<u64>) -> String {
    match result {
        Ok(count) => count.to_string(),
        Err(failure) if failure.code == Code::DatabasePermissionDenied => "denied".to_owned(),
        Err(failure) => failure.code.to_string(),
    }
}
