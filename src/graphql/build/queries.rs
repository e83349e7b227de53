//! The root of queries.

use super::Builder;
use super::defs::{argument, field};
use crate::data::LoginType;
use crate::gateway::Operation;
use crate::graphql::api::{EnumValueDef, FieldDef, Meaning, Type};
use crate::graphql::naming;
use crate::model::{Collection, CollectionIx};

/// The collection and the stored field in which a caller's own user document is found.
const USERS: &str = "users";
const OWNER: &str = "_openid";

impl Builder<'_> {
    pub(super) fn query_type(&mut self) {
        let mut fields = Vec::new();
        for ix in (0..self.model.collections.len()).map(CollectionIx) {
            if self.may(ix, Operation::Read) {
                fields.extend([self.single(ix), self.list(ix)]);
            }
        }
        fields.push(
            field("me", Type::named(naming::ME).non_null(), Meaning::Me)
                .describe("Who the caller is."),
        );
        self.add_object(naming::QUERY.into(), "", fields);
        self.me_types();
    }

    fn single(&self, ix: CollectionIx) -> FieldDef {
        let collection = self.model.collection(ix);
        let document = Type::named(collection.type_name.clone());
        let id = Type::named("ID");
        let args = if self.unique_keys(ix).is_empty() {
            vec![argument("id", id.non_null())]
        } else {
            let key = Type::named(naming::key(collection));
            vec![
                argument("id", id),
                argument("by", key).describe("A unique key, instead of `id`."),
            ]
        };
        field(
            collection.single_name.clone(),
            document,
            Meaning::Single(ix),
        )
        .args(args)
        .describe("Null if there is none that the caller may see.")
    }

    fn list(&self, ix: CollectionIx) -> FieldDef {
        let collection = self.model.collection(ix);
        let connection = Type::named(naming::connection(collection));
        field(collection.list_name.clone(), connection, Meaning::List(ix))
            .args(self.list_arguments(ix))
    }

    fn me_types(&mut self) {
        let text = || Type::named("String").non_null();
        let mut fields = vec![
            field(
                "principal",
                Type::named("ID").non_null(),
                Meaning::MePrincipal,
            )
            .describe("The stable name of the caller, such as `openid:o1a2b3`."),
            field(
                "loginType",
                Type::named(naming::LOGIN_TYPE).non_null(),
                Meaning::MeLoginType,
            ),
            field("roles", text().list().non_null(), Meaning::MeRoles)
                .describe("Staff roles, with those they include."),
        ];
        fields.extend(self.me_user());
        self.add_object(naming::ME.into(), "The caller.", fields);
        self.login_type();
    }

    fn me_user(&self) -> Option<FieldDef> {
        let ix = self.model.collection_named(USERS)?;
        let users: &Collection = self.model.collection(ix);
        users.shape.field_stored(OWNER)?;
        let document = Type::named(users.type_name.clone());
        let def = field("user", document, Meaning::MeUser(ix));
        self.may(ix, Operation::Read)
            .then(|| def.describe("The caller's own user document."))
    }

    fn login_type(&mut self) {
        let all = LoginType::DOCUMENTED;
        let names = all.iter().map(naming::login_type);
        let values = names.chain([naming::OTHER_LOGIN_TYPE]);
        let values = values.map(|name| EnumValueDef {
            name: name.into(),
            description: None,
            deprecation: None,
            field: None,
        });
        let description = "How the caller signed in.".to_owned();
        self.add_enum(
            naming::LOGIN_TYPE.into(),
            Some(description),
            values.collect(),
        );
    }
}
