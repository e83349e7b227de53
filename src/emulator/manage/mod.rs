//! The cloud API (`X-TC-Action`): collections, indexes and permissions, as the manager SDK asks for them.

use std::sync::Arc;

use axum::Router;

use super::app::App;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
}
