//! The root fields of an answer.

use super::{Below, Member, NullMovesUp, Renderer, Written, text};
use crate::data::LoginType;
use crate::gateway::{BulkResult, Ticket, Visible, Written as WrittenDocument};
use crate::graphql::bind::{MeGet, Object, PayloadGet, Plan, RootGet, TicketGet};
use crate::graphql::load::{Brought, Loads, RootData};
use crate::graphql::naming;
use crate::graphql::skeleton::Field;

impl<'a> Renderer<'a> {
    /// Writes `data`, all roots of it.
    pub(crate) fn data(&mut self, plan: &'a Plan<'a>, brought: &'a [Brought], loads: &'a Loads) {
        let below = Below(loads);
        self.whole(|renderer| {
            renderer.out.push(b'{');
            for (at, (item, brought)) in plan.root.items.iter().zip(brought).enumerate() {
                if at > 0 {
                    renderer.out.push(b',');
                }
                renderer.item(plan.root.type_name, item, |renderer, (field, get)| {
                    renderer.root(field, get, brought, below)
                })?;
            }
            renderer.out.push(b'}');
            Ok(())
        });
    }

    fn root(
        &mut self,
        field: &'a Field,
        get: &'a RootGet<'a>,
        brought: &'a Brought,
        below: Below<'a>,
    ) -> Written {
        let data = match brought {
            Ok(data) => data,
            Err(error) => return self.fail(field, error.clone()),
        };
        match (get, data) {
            (RootGet::Introspection, _) => self.introspection(field),
            (RootGet::Me(me), RootData::Me(user)) => self.me(&me.object, user.as_ref(), below),
            (RootGet::Single { document, .. }, RootData::Document(found)) => match found {
                Some(found) => self.document(document, found, below),
                None => self.null(),
            },
            (RootGet::List { connection, .. }, RootData::List(list)) => {
                self.connection(connection, Some(list), below)
            }
            (RootGet::Mutation { payload, .. }, RootData::Written(written)) => self
                .object(payload, |renderer, member| {
                    renderer.written(member, written, below)
                }),
            (RootGet::Mutation { payload, .. }, RootData::Deleted(id)) => {
                self.object(payload, |renderer, _| renderer.string(&id.to_string()))
            }
            (RootGet::Mutation { payload, .. }, RootData::Bulk(result)) => {
                self.bulk(payload, *result)
            }
            (RootGet::Ticket(object), RootData::Ticket(ticket)) => self.ticket(object, ticket),
            _ => Err(NullMovesUp),
        }
    }

    fn ticket(&mut self, object: &'a Object<'a, TicketGet>, ticket: &'a Ticket) -> Written {
        self.object(object, |renderer, (_, get)| match get {
            TicketGet::Text => renderer.string(&ticket.text),
            TicketGet::ExpiresAt if text::moment(&mut renderer.out, ticket.expires_at) => Ok(()),
            TicketGet::ExpiresAt => Err(NullMovesUp),
        })
    }

    fn introspection(&mut self, field: &Field) -> Written {
        match self.introspection.get(field.key.as_str()) {
            Some(answer) => {
                serde_json::to_writer(&mut self.out, answer).expect("a vector takes all bytes");
                Ok(())
            }
            None => self.null(),
        }
    }

    fn me(
        &mut self,
        me: &'a Object<'a, MeGet<'a>>,
        user: Option<&'a Visible>,
        below: Below<'a>,
    ) -> Written {
        let caller = self.caller;
        let signed_in = caller.signed_in();
        self.object(me, |renderer, (field, get)| match get {
            MeGet::Principal => {
                let principal = signed_in.map_or("", |user| user.principal.as_str());
                renderer.string(principal)
            }
            MeGet::LoginType => {
                let login = signed_in.map_or(&LoginType::Anonymous, |user| &user.login_type);
                renderer.string(naming::login_type(login))
            }
            MeGet::Roles => renderer.list(field, &caller.roles, |renderer, role| {
                renderer.string(role.as_str())
            }),
            MeGet::User(object) => match user {
                Some(user) => renderer.document(object, user, below),
                None => renderer.null(),
            },
        })
    }

    /// What a create or an update answers.
    fn written(
        &mut self,
        (field, get): Member<'a, PayloadGet<'a>>,
        written: &'a [WrittenDocument],
        below: Below<'a>,
    ) -> Written {
        match get {
            PayloadGet::Id => {
                let id = written.first().map(|one| one.id.to_string());
                self.string(&id.unwrap_or_default())
            }
            PayloadGet::Ids => self.list(field, written, |renderer, one| {
                renderer.string(&one.id.to_string())
            }),
            PayloadGet::Document(object) => {
                match written.first().and_then(|one| one.document.as_ref()) {
                    Some(document) => self.document(object, document, below),
                    None => self.null(),
                }
            }
            PayloadGet::Documents(object) => {
                self.list(field, written, |renderer, one| match &one.document {
                    Some(document) => renderer.document(object, document, below),
                    None => renderer.null(),
                })
            }
            PayloadGet::Matched | PayloadGet::Modified => self.null(),
        }
    }

    fn bulk(&mut self, payload: &'a Object<'a, PayloadGet<'a>>, result: BulkResult) -> Written {
        self.object(payload, |renderer, (_, get)| {
            let number = match get {
                PayloadGet::Matched => result.matched,
                _ => result.modified,
            };
            text::integer(&mut renderer.out, number);
            Ok(())
        })
    }
}
