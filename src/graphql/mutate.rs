//! Runs one root field of a mutation. Order among them is the executor's affair.

use super::bind::Mutation;
use super::load::{Brought, RootData};
use crate::gateway::Session;

pub(crate) async fn run(session: &Session, mutation: &Mutation) -> Brought {
    Ok(match mutation {
        Mutation::CreateOne(collection, input) => {
            RootData::Written(vec![session.create_one(*collection, input.clone()).await?])
        }
        Mutation::CreateMany(collection, inputs) => {
            RootData::Written(session.create(*collection, inputs.clone()).await?)
        }
        Mutation::UpdateOne(request) => RootData::Written(vec![session.update(request).await?]),
        Mutation::UpdateMany(bulk, update) => {
            RootData::Bulk(session.update_many(bulk, update).await?)
        }
        Mutation::DeleteOne {
            collection,
            id,
            condition,
        } => RootData::Deleted(session.delete(*collection, id, condition.as_ref()).await?),
        Mutation::DeleteMany(bulk) => RootData::Bulk(session.delete_many(bulk).await?),
    })
}
