//! Enterprises, by id, by NIB, or as a list.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SelectionField};
use chrono::Utc;
use domain::agency::AgencyCode;
use domain::enterprise::Attribute;
use domain::id::{EnterpriseId, FileId, OwnerId};
use domain::identifier::Nib;
use domain::permission::Action;

use crate::error::Error;
use crate::graphql::declared::attributes_told_by;
use crate::graphql::object::enterprise::{Enterprise, SizeClass};
use crate::graphql::object::feed::EnterpriseFeed;
use crate::graphql::object::file::SourceFile;
use crate::graphql::object::node::Node;
use crate::graphql::object::owner::Owner;
use crate::graphql::object::place::Agency;
use crate::graphql::page::{PageArguments, PageOf, nodes, page_of, wants_total};
use crate::graphql::scalar::{Date, DateTime};
use crate::graphql::{Ask, Soft, soft, some};
use crate::service::{enterprise_feed, files, history, owners, profiles};
use crate::store::enterprises::{self, EnterpriseOrder};
use crate::store::profile_json::Wanted;

/// Which enterprises are asked for. Every condition that is set must hold; one about an attribute your
/// role does not see whole is refused.
#[derive(Debug, Clone, Default, InputObject)]
pub struct EnterpriseFilter {
    /// Lies in the kecamatan with this code. Example: "36.73.02".
    pub kecamatan: Option<String>,
    /// Lies in the kelurahan with this code. Example: "36.73.02.1001".
    pub kelurahan: Option<String>,
    /// Its KBLI 2020 code begins with these two to five digits. Example: "561".
    pub kbli: Option<String>,
    /// Its section of KBLI 2020, a letter from A to U. Example: "I".
    pub section: Option<String>,
    /// Its size class of PP 7/2021.
    pub size_class: Option<SizeClass>,
    /// The agency with this code knows it. Example: "kominfo".
    pub agency: Option<String>,
    /// It holds this NIB, 13 digits.
    pub nib: Option<String>,
    /// Whether a NIB is known.
    pub has_nib: Option<bool>,
    /// Whether an NPWP is known.
    pub has_npwp: Option<bool>,
    /// Its profile changed at or after this moment, by an undo or otherwise.
    pub updated_since: Option<DateTime>,
}

/// What a list of enterprises is ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub enum EnterpriseOrderField {
    /// By name; those without one come last.
    #[default]
    Name,
    /// By the moment of the last change, an undo being one.
    UpdatedAt,
}

/// In which direction a list runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Enum)]
pub enum Direction {
    /// From small to large.
    #[default]
    Asc,
    /// From large to small.
    Desc,
}

/// In what order enterprises are listed.
#[derive(Debug, Clone, Copy, Default, InputObject)]
pub struct EnterpriseOrderBy {
    /// By what.
    #[graphql(default)]
    pub field: EnterpriseOrderField,
    /// In which direction.
    #[graphql(default)]
    pub direction: Direction,
}

/// Questions about enterprises.
#[derive(Default)]
pub struct EnterpriseQuery;

#[Object]
impl EnterpriseQuery {
    /// One enterprise, by its id or by its NIB; null when there is none that you can find.
    ///
    /// As of the past it is what the id stood for then: its rows and its profile as they were, cut to what
    /// you may see today.
    async fn enterprise(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id, retired or not. Example: `ent_...`.")] id: Option<ID>,
        #[graphql(desc = "Its NIB, 13 digits.")] nib: Option<String>,
        #[graphql(
            desc = "As of the end of this day in Western Indonesian Time; with an id only. Example: \
                          \"2026-01-31\"."
        )]
        as_of: Option<Date>,
        #[graphql(desc = "As of this moment, instead of a day.")] as_of_moment: Option<DateTime>,
    ) -> Soft<Enterprise> {
        match moment(as_of, as_of_moment) {
            Ok(None) => soft(one(ctx, id, nib).await),
            Ok(Some(moment)) => soft(past(ctx, id, nib, moment).await),
            Err(error) => some(Err(error)),
        }
    }

    /// Enterprises, as many as you can find, a page at a time.
    #[graphql(complexity = "nodes(first, last) * child_complexity")]
    #[expect(clippy::too_many_arguments, reason = "a connection has four, a list three more")]
    async fn enterprises(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<EnterpriseFilter>,
        #[graphql(
            desc = "Words of its name or, where you see those, of its owner's name, in any \
                          order; a typing error in a word is forgiven. Example: \"sate bandeng\"."
        )]
        search: Option<String>,
        #[graphql(desc = "In what order; by name unless you say otherwise.")] order_by: Option<
            EnterpriseOrderBy,
        >,
        #[graphql(desc = "So many from the beginning; at most 200.")] first: Option<i32>,
        #[graphql(desc = "Behind this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end; at most 200.")] last: Option<i32>,
        #[graphql(desc = "In front of this cursor.")] before: Option<String>,
    ) -> Soft<PageOf<Enterprise>> {
        let arguments = PageArguments { first, after, last, before };
        let order = order_by.unwrap_or_default();
        some(list(ctx, filter.unwrap_or_default(), search, order, arguments).await)
    }

    /// What changed in the enterprises that you find since a cursor. Who takes up each `enterprise` in the place of
    /// the one she holds, and drops what went, holds what `enterprises` gives once `hasNextPage` is false.
    #[graphql(complexity = "nodes(first, None) * child_complexity")]
    async fn enterprise_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The `cursor` of the answer before, once all of it is kept; without it you begin with what is there."
        )]
        since: Option<String>,
        #[graphql(desc = "At most so many; 50 unless you say otherwise, 200 at most.")]
        first: Option<i32>,
    ) -> Soft<EnterpriseFeed> {
        some(changes(ctx, since.as_deref(), first).await)
    }

    /// Anything by its id: an enterprise, an owner, a source file or an agency; null when there is none
    /// that you can find.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id, with the prefix of its noun. Example: `ent_...`.")] id: ID,
    ) -> Soft<Node> {
        soft(node(ctx, &id).await)
    }
}

fn moment(
    day: Option<Date>,
    moment: Option<DateTime>,
) -> Result<Option<chrono::DateTime<Utc>>, Error> {
    match (day, moment) {
        (None, moment) => Ok(moment.map(|it| it.0)),
        (Some(day), None) => {
            let end = history::end_of(day.0);
            end.map(Some).ok_or_else(|| Error::invalid("asOf", "is out of range"))
        }
        _ => Err(Error::invalid("asOf", "give either asOf or asOfMoment")),
    }
}

async fn past(
    ctx: &Context<'_>,
    id: Option<ID>,
    nib: Option<String>,
    moment: chrono::DateTime<Utc>,
) -> Result<Option<Enterprise>, Error> {
    ctx.permit(Action::ReadEnterprises, "enterprise")?;
    let (Some(id), None) = (id, nib) else {
        return Err(Error::invalid("asOf", "goes with an id"));
    };
    let id = id.parse::<EnterpriseId>();
    let id = id.map_err(|error| Error::invalid("id", error.to_string()))?;
    let found = history::as_of(ctx.app(), ctx.viewer(), id, moment).await?;
    Ok(found.map(|it| Enterprise(Arc::new(it))))
}

async fn one(
    ctx: &Context<'_>,
    id: Option<ID>,
    nib: Option<String>,
) -> Result<Option<Enterprise>, Error> {
    ctx.permit(Action::ReadEnterprises, "enterprise")?;
    let (app, viewer) = (ctx.app(), ctx.viewer());
    let found = match (id, nib) {
        (Some(id), None) => {
            let id = id.parse::<EnterpriseId>();
            let id = id.map_err(|error| Error::invalid("id", error.to_string()))?;
            profiles::by_id(app, viewer, id, wanted(ctx.field())).await?
        }
        (None, Some(nib)) => {
            let nib = parse_nib(&nib)?;
            let found = profiles::by_nib(app, viewer, &nib).await?;
            if let Some(shown) = &found {
                ctx.ledger().read(shown.view.id, Attribute::Nib.code(), true);
            }
            found
        }
        _ => return Err(Error::invalid("id", "give either id or nib")),
    };
    Ok(found.map(|it| Enterprise(Arc::new(it))))
}

async fn list(
    ctx: &Context<'_>,
    filter: EnterpriseFilter,
    search: Option<String>,
    order: EnterpriseOrderBy,
    arguments: PageArguments,
) -> Result<PageOf<Enterprise>, Error> {
    ctx.permit(Action::ReadEnterprises, "enterprises")?;
    let (app, viewer) = (ctx.app(), ctx.viewer());
    let descending = order.direction == Direction::Desc;
    let order = match order.field {
        EnterpriseOrderField::Name => EnterpriseOrder::Name,
        EnterpriseOrderField::UpdatedAt => EnterpriseOrder::UpdatedAt,
    };
    profiles::require_order(viewer, order)?;
    let slice = arguments.slice(&order.key_kind(), descending)?;
    let by_nib = filter.nib.is_some();
    let filter = filter.parse()?;
    if let Some(agency) = &filter.agency {
        // A code that no agency has would find nothing, as if it were right.
        app.store.agency(agency).await?;
    }
    let filter = profiles::searching(app, viewer, filter, search.as_deref()).await?;
    let page = profiles::page(app, viewer, &filter, order, &slice, wanted_of_page(ctx)).await?;
    if by_nib {
        for (_, shown) in &page.enterprises {
            ctx.ledger().read(shown.view.id, Attribute::Nib.code(), true);
        }
    }
    let total = match wants_total(ctx) {
        true => profiles::count(app, viewer, &filter).await?,
        false => 0,
    };
    let nodes = page.enterprises.into_iter();
    let nodes = nodes.map(|(key, it)| (key, Enterprise(Arc::new(it)))).collect();
    Ok(page_of(&slice, nodes, page.more, total))
}

/// What is asked of each enterprise of a page.
fn wanted_of_page(ctx: &Context<'_>) -> Wanted {
    let (page, mut attributes) = (ctx.field(), vec![]);
    for field in page.selection_set() {
        match field.name() {
            "nodes" => attributes.extend(attributes_of(field)),
            "edges" => {
                let nodes = field.selection_set().filter(|it| it.name() == "node");
                attributes.extend(nodes.flat_map(attributes_of));
            }
            _ => {}
        }
    }
    attributes.into_iter().collect()
}

/// What is asked of an enterprise.
fn wanted(enterprise: SelectionField<'_>) -> Wanted {
    attributes_of(enterprise).into_iter().collect()
}

/// The attributes that the fields of an enterprise tell.
fn attributes_of(enterprise: SelectionField<'_>) -> Vec<Attribute> {
    enterprise.selection_set().flat_map(|it| attributes_told_by(it.name())).copied().collect()
}

async fn changes(
    ctx: &Context<'_>,
    since: Option<&str>,
    first: Option<i32>,
) -> Result<EnterpriseFeed, Error> {
    ctx.permit(Action::FollowEnterprises, "enterpriseChanges")?;
    let arguments = PageArguments { first, ..PageArguments::default() };
    let limit = arguments.slice(&EnterpriseOrder::UpdatedAt.key_kind(), false)?.limit;
    if limit == 0 {
        return Err(Error::invalid("first", "must be from 1 to 200"));
    }
    let found = enterprise_feed::changes(ctx.app(), ctx.viewer(), since, limit).await?;
    for it in &found.changes {
        ctx.ledger().read(it.enterprise, "changes", true);
    }
    Ok(found.into())
}

async fn node(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>, Error> {
    let (app, viewer) = (ctx.app(), ctx.viewer());
    if let Ok(id) = id.parse::<EnterpriseId>() {
        ctx.permit(Action::ReadEnterprises, "node")?;
        let found = profiles::by_id(app, viewer, id, Wanted::ALL).await?;
        Ok(found.map(|it| Node::Enterprise(Enterprise(Arc::new(it)))))
    } else if let Ok(id) = id.parse::<OwnerId>() {
        ctx.permit(Action::ReadOwners, "node")?;
        Ok(owners::by_id(app, viewer, id).await?.map(|it| Node::Owner(Owner(it))))
    } else if let Ok(id) = id.parse::<FileId>() {
        ctx.permit(Action::ReadSourceFiles, "node")?;
        Ok(files::by_id(app, viewer, id).await?.map(|it| Node::SourceFile(SourceFile(it))))
    } else if let Some(code) = id.strip_prefix("agy_") {
        let code = AgencyCode::parse(code).map_err(|it| Error::invalid("id", it.to_string()))?;
        match app.store.agency(&code).await {
            Ok(agency) => Ok(Some(Node::Agency(Agency(agency)))),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    } else {
        Err(Error::invalid("id", "must begin with ent_, own_, fil_ or agy_"))
    }
}

pub(super) fn parse_nib(text: &str) -> Result<Nib, Error> {
    Nib::read(text).whole().ok_or_else(|| Error::invalid("nib", "must have 13 digits"))
}

impl EnterpriseFilter {
    fn parse(self) -> Result<enterprises::EnterpriseFilter, Error> {
        let place =
            |field, error: domain::place::PlaceCodeError| Error::invalid(field, error.to_string());
        let kecamatan = self.kecamatan.map(|it| it.parse()).transpose();
        let kelurahan = self.kelurahan.map(|it| it.parse()).transpose();
        let agency = self.agency.map(|it| AgencyCode::parse(&it)).transpose();
        let is_kbli =
            |it: &String| (2..=5).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
        if self.kbli.as_ref().is_some_and(|it| !is_kbli(it)) {
            return Err(Error::invalid("kbli", "must have two to five digits"));
        }
        let section = match self.section.as_deref().map(str::as_bytes) {
            None => None,
            Some([letter @ b'A'..=b'U']) => Some(char::from(*letter)),
            Some(_) => return Err(Error::invalid("section", "must be a letter from A to U")),
        };
        Ok(enterprises::EnterpriseFilter {
            kecamatan: kecamatan.map_err(|it| place("kecamatan", it))?,
            kelurahan: kelurahan.map_err(|it| place("kelurahan", it))?,
            kbli: self.kbli,
            section,
            size: self.size_class.map(Into::into),
            agency: agency.map_err(|it| Error::invalid("agency", it.to_string()))?,
            nib: self.nib.map(|it| parse_nib(&it)).transpose()?.map(|it| it.reveal().to_owned()),
            has_nib: self.has_nib,
            has_npwp: self.has_npwp,
            updated_since: self.updated_since.map(|it| it.0),
            words: vec![],
            asks: vec![],
        })
    }
}
