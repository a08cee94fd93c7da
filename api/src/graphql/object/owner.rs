//! Persons named as owners, as the API shows them.

use async_graphql::{Context, ID, Object};
use domain::enterprise::{Attribute, Value};
use domain::id::OwnerId;
use domain::identifier::Nik;
use domain::view::{AttributeView, ClaimView, disclose};
use domain::viewer::Role;
use domain::visibility::Standing;

use super::attribute::AttributeOf;
use super::enterprise::Enterprise;
use crate::graphql::loader::{EnterprisesOf, Loaders};
use crate::graphql::{Ask, Soft};
use crate::store::owners::StoredOwner;

/// A person named as owner of enterprises.
#[derive(Clone)]
pub struct Owner(pub StoredOwner);

impl Owner {
    fn owner_id(&self) -> OwnerId {
        OwnerId(self.0.id)
    }

    /// A value the hub keeps of the person; it is not one agency's own.
    fn known(
        &self,
        ctx: &Context<'_>,
        attribute: Attribute,
        value: Option<Value>,
    ) -> AttributeOf<String> {
        let Some(value) = value else { return AttributeOf::of(None) };
        // An owner finds no person but herself.
        let herself = ctx.viewer().role == Role::Owner;
        let standing = if herself { Standing::own() } else { Standing::default() };
        let shown = disclose(ctx.viewer(), &standing, attribute, &value);
        ctx.ledger().read(self.owner_id(), attribute.code(), shown.is_seen());
        let chosen = ClaimView { shown, sources: vec![] };
        AttributeOf::of(Some(&AttributeView { chosen, alternatives: vec![], disputed: false }))
    }
}

/// A person named as owner of enterprises.
#[Object]
impl Owner {
    /// The person's id. Example: `own_...`.
    pub(crate) async fn id(&self, ctx: &Context<'_>) -> ID {
        ctx.named(self.owner_id())
    }

    /// The name most records write.
    async fn name(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        let name = Some(self.0.name.trim()).filter(|it| !it.is_empty());
        self.known(ctx, Attribute::OwnerName, name.map(|it| Value::Text(it.to_owned())))
    }

    /// The NIK (resident's number), 16 digits; personal data.
    async fn nik(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        let nik = self.0.nik.as_deref().and_then(|it| Nik::parse(it).ok());
        self.known(ctx, Attribute::Nik, nik.map(Value::Nik))
    }

    /// The enterprises of the person that you can find.
    #[graphql(complexity = "3 * child_complexity")]
    async fn enterprises(&self, ctx: &Context<'_>) -> Soft<Vec<Enterprise>> {
        let loaders = ctx.data_unchecked::<Loaders>();
        let ids = match loaders.0.load_one(EnterprisesOf(self.owner_id())).await {
            Ok(ids) => ids.unwrap_or_default(),
            Err(error) => return Some(Err(error)),
        };
        Some(loaders.enterprises(&ids).await)
    }
}
