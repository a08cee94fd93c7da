//! Enterprises as the API shows them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, OutputType, SimpleObject};
use domain::enterprise::{self, Attribute};
use domain::permission::Action;
use domain::view::{SizeView, hears_of};
use domain::visibility::{Origin, origin};

use super::attribute::{Access, AttributeOf, ClaimOf, FromValue, Sales, WithheldReason};
use super::financing::Readiness;
use super::history::EnterpriseEvent;
use super::how::Composition;
use super::owner::Owner;
use super::pair::Link;
use super::place::{Kbli, Kecamatan, Kelurahan};
use super::record::SourceRecord;
use crate::graphql::loader::{EventsOf, FinancingOf, LinksOf, Loaders, RecordsOf, RetiredOf};
use crate::graphql::scalar::{Date, DateTime, PartialDate, Rupiah};
use crate::graphql::{Ask, Soft, some};
use crate::service;
use crate::service::financing::standing::today;
use crate::service::financing::told::Readiness as Told;
use crate::service::financing::view;
use crate::service::history;
use crate::service::how::how;
use crate::service::profiles::Shown;
use crate::store::history::StoredEvent;
use crate::store::pairs::Parts;

/// One business, as the hub puts it together from the agencies' records.
#[derive(Clone)]
pub struct Enterprise(pub Arc<Shown>);

/// The size classes of PP 7/2021, article 35.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "enterprise::SizeClass")]
pub enum SizeClass {
    /// Sales to Rp2 billion a year, or capital to Rp1 billion.
    Micro,
    /// Sales above Rp2 to 15 billion, or capital above Rp1 to 5 billion.
    Small,
    /// Sales above Rp15 to 50 billion, or capital above Rp5 to 10 billion.
    Medium,
    /// Above all of these: no longer an MSME.
    Large,
}

/// Which figure a size class rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "enterprise::SizeBasis")]
pub enum SizeBasis {
    /// Annual sales.
    Sales,
    /// Capital without land and building, used where sales are unknown.
    Capital,
}

/// A size class and what it rests on.
#[derive(Debug, Clone, SimpleObject)]
pub struct Size {
    /// The class; null when it is hidden or unknown.
    pub class: Option<SizeClass>,
    /// The figure it rests on.
    pub basis: Option<SizeBasis>,
    /// Whether you see it: it is as visible as the figure it rests on.
    pub access: Access,
    /// Why not; null when it is shown or unknown.
    pub reason: Option<WithheldReason>,
}

impl Enterprise {
    async fn readiness(
        &self,
        ctx: &Context<'_>,
        programme: Option<String>,
        as_of: Option<Date>,
    ) -> async_graphql::Result<Vec<Readiness>> {
        let app = ctx.app();
        if let Some(programme) = &programme {
            view::require_programme(&app.rules, programme)?;
        }
        let past = self.0.past.map(history::day_of);
        let on = as_of.map(|it| it.0).or(past).unwrap_or_else(today);
        let id = self.0.view.id;
        ctx.ledger().rely(&self.0.ties);
        let told = if on < today() || self.0.past.is_some() {
            let told = view::of_past(app, ctx.viewer(), &self.0, on).await?;
            told.into_iter().map(Arc::new).collect()
        } else {
            let loaders = ctx.data_unchecked::<Loaders>();
            loaders.0.load_one(FinancingOf(id, on)).await?.unwrap_or_default()
        };
        let wanted = |it: &Arc<Told>| {
            let of = &it.rules.catalogue.programmes()[it.programme].id;
            programme.as_ref().is_none_or(|wanted| wanted == of)
        };
        Ok(told.into_iter().filter(wanted).map(Readiness).collect())
    }

    fn attribute<T: FromValue>(&self, ctx: &Context<'_>, attribute: Attribute) -> AttributeOf<T>
    where
        ClaimOf<T>: OutputType,
    {
        let view = self.0.view.attributes.get(&attribute);
        let made = AttributeOf::of(view);
        if let Some(view) = view {
            let seen = made.access != Access::Hidden || !view.alternatives.is_empty();
            ctx.ledger().read(self.0.view.id, attribute.code(), seen);
            ctx.ledger().rely(&self.0.ties);
        }
        made
    }

    /// An event as far as the viewer hears of its rows; none when it is about what is withheld from whom nothing
    /// tells that it is there.
    fn told(&self, ctx: &Context<'_>, mut event: StoredEvent) -> Option<StoredEvent> {
        let (viewer, view) = (ctx.viewer(), &self.0.view);
        if origin(viewer.role) == Origin::Rows {
            event.records.retain(|it| hears_of(viewer, &self.0.ties, it));
            return Some(event);
        }
        let about = event.records.len();
        event.records.retain(|it| view.records.contains(it));
        let attribute = event.attribute.as_deref().and_then(Attribute::from_code);
        let seen = |it| view.attributes.get(&it).is_some_and(|it| it.chosen.shown.is_seen());
        let told = match (attribute, event.attribute.is_some()) {
            (Some(it), _) => seen(it),
            (None, set) => !set && (about == 0 || !event.records.is_empty()),
        };
        told.then_some(event)
    }
}

/// One business, as the hub puts it together from the agencies' records.
#[Object]
impl Enterprise {
    /// Its id, for ever: a retired id still finds the enterprise its records passed to. Example: `ent_...`.
    pub(crate) async fn id(&self, ctx: &Context<'_>) -> ID {
        ctx.named(self.0.view.id)
    }

    /// The name or brand of the business.
    async fn name(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::BusinessName)
    }

    /// What it does, in the agencies' words. Example: "jual sate bandeng".
    async fn trade(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::Trade)
    }

    /// What it does, as a group of KBLI 2020.
    async fn kbli(&self, ctx: &Context<'_>) -> AttributeOf<Kbli> {
        self.attribute(ctx, Attribute::Kbli)
    }

    /// The legal form. Example: "CV".
    async fn legal_form(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::LegalForm)
    }

    /// The NIB (business identification number), 13 digits. One person's businesses may share one.
    async fn nib(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::Nib)
    }

    /// The NIB where you see it whole, otherwise null: the key by which other graphs know it.
    async fn nib_key(&self, ctx: &Context<'_>) -> Option<String> {
        let nib = self.attribute::<String>(ctx, Attribute::Nib);
        nib.value.filter(|_| nib.access == Access::Whole)
    }

    /// The owner's or responsible person's name, as one text; `owners` links to the persons.
    async fn owner_name(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::OwnerName)
    }

    /// The owner's NIK (resident's number), 16 digits; personal data.
    async fn nik(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::Nik)
    }

    /// The NPWP (tax number), 15 or 16 digits; personal data.
    async fn npwp(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::Npwp)
    }

    /// The telephone number, with country code. Example: "+6281234567890".
    async fn phone(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::Phone)
    }

    /// The e-mail address.
    async fn email(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::Email)
    }

    /// Street and number. Example: "Jl. Ayip Usman 3".
    async fn street(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::Street)
    }

    /// RT and RW. Example: "001/002".
    async fn rt_rw(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::RtRw)
    }

    /// The kelurahan it lies in.
    async fn kelurahan(&self, ctx: &Context<'_>) -> AttributeOf<Kelurahan> {
        self.attribute(ctx, Attribute::Kelurahan)
    }

    /// The kecamatan it lies in.
    async fn kecamatan(&self, ctx: &Context<'_>) -> AttributeOf<Kecamatan> {
        self.attribute(ctx, Attribute::Kecamatan)
    }

    /// When the business began. Example: "2014".
    async fn established(&self, ctx: &Context<'_>) -> AttributeOf<PartialDate> {
        self.attribute(ctx, Attribute::Established)
    }

    /// Sales of a year; financial data of a person.
    async fn annual_sales(&self, ctx: &Context<'_>) -> AttributeOf<Sales> {
        self.attribute(ctx, Attribute::AnnualSales)
    }

    /// Capital without land and building, in rupiah; financial data of a person.
    async fn capital(&self, ctx: &Context<'_>) -> AttributeOf<Rupiah> {
        self.attribute(ctx, Attribute::Capital)
    }

    /// How many people work there, the owner included where the agency counts so.
    async fn workers(&self, ctx: &Context<'_>) -> AttributeOf<i32> {
        self.attribute(ctx, Attribute::Workers)
    }

    /// The P-IRT number of a home food product.
    async fn pirt(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::Pirt)
    }

    /// The halal certificate number.
    async fn halal(&self, ctx: &Context<'_>) -> AttributeOf<String> {
        self.attribute(ctx, Attribute::Halal)
    }

    /// The size class of PP 7/2021 and the figure it rests on.
    async fn size(&self, ctx: &Context<'_>) -> Size {
        let withheld = |access| Size { class: None, basis: None, access, reason: None };
        let size = match self.0.view.size {
            SizeView::Unknown => withheld(Access::Unknown),
            SizeView::Hidden(reason) => {
                Size { reason: Some(reason.into()), ..withheld(Access::Hidden) }
            }
            SizeView::Shown(class, basis) => Size {
                class: Some(class.into()),
                basis: Some(basis.into()),
                ..withheld(Access::Whole)
            },
        };
        if size.access != Access::Unknown {
            ctx.ledger().read(self.0.view.id, "size_class", size.access == Access::Whole);
        }
        size
    }

    /// Since when this profile is as it is. What an undo gives back has the moment it had.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }

    /// The persons named as owners, the one most records name first; empty for roles that do not see
    /// owners' names.
    #[graphql(complexity = "3 * child_complexity")]
    async fn owners(&self, ctx: &Context<'_>) -> Soft<Vec<Owner>> {
        Some(ctx.data_unchecked::<Loaders>().owners(&self.0.view.owners).await)
    }

    /// How many records it is made of; for a lender, how many say something that was agreed to.
    async fn record_count(&self) -> i32 {
        i32::try_from(self.0.view.records.len()).unwrap_or(i32::MAX)
    }

    /// The rows it is made of, as the agencies wrote them; of other agencies' rows what your role sees. Of
    /// the past, in the versions that were linked then.
    #[graphql(complexity = "5 * child_complexity")]
    async fn source_records(&self, ctx: &Context<'_>) -> Soft<Vec<SourceRecord>> {
        let (id, rows) = (self.0.view.id, &self.0.view.records);
        let loaded = match self.0.past {
            Some(moment) => ctx.app().store.records_at(id, rows, moment).await.map_err(Into::into),
            None => {
                let asked = ctx.look_ahead();
                let asks = |part| asked.field(part).exists();
                let parts = Parts { texts: asks("texts"), cells: asks("cells") };
                let loaded = ctx.data_unchecked::<Loaders>().0.load_one(RecordsOf(id, parts)).await;
                loaded.map(Option::unwrap_or_default)
            }
        };
        let (viewer, ties) = (ctx.viewer(), &self.0.ties);
        Some(loaded.map(|loaded| {
            loaded
                .into_iter()
                .filter(|it| rows.contains(&it.record.id))
                .map(|it| SourceRecord::new(viewer, ties, it))
                .collect()
        }))
    }

    /// The pairs of its rows that the engine compared, the strongest first; empty of the past, whose
    /// evidence is not kept. For those who review, since it tells how well two rows agree in what others
    /// do not see.
    #[graphql(complexity = "10 * child_complexity")]
    async fn links(&self, ctx: &Context<'_>) -> Soft<Vec<Link>> {
        if let Err(error) = ctx.permit(Action::Review, "links") {
            return some(Err(error));
        }
        if self.0.past.is_some() {
            return Some(Ok(vec![]));
        }
        let loaded = ctx.data_unchecked::<Loaders>().0.load_one(LinksOf(self.0.view.id)).await;
        Some(loaded.map(|it| it.unwrap_or_default().into_iter().map(|it| Link(it.pair)).collect()))
    }

    /// How its rows came together: the joins in order, the weakest of them, and what a split there would
    /// give. For those who review, as `links`.
    #[graphql(complexity = "100 + 10 * child_complexity")]
    async fn how(&self, ctx: &Context<'_>) -> Soft<Composition> {
        if let Err(error) = ctx.permit(Action::Review, "how") {
            return some(Err(error));
        }
        ctx.ledger().read(self.0.view.id, "rows", true);
        let found = how(ctx.app(), ctx.viewer(), self.0.view.id).await;
        some(found.map(Composition::from))
    }

    /// What happened to it, the latest first; of the past, until then.
    ///
    /// A decision that was taken back exactly leaves no trace here unless you include what is undone: then
    /// its events and those of its undoing are there too.
    #[graphql(complexity = "5 * child_complexity")]
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Also what was taken back, and the taking back.", default = false)]
        include_undone: bool,
    ) -> Soft<Vec<EnterpriseEvent>> {
        let key = EventsOf(self.0.view.id, self.0.past);
        let loaded = ctx.data_unchecked::<Loaders>().0.load_one(key).await;
        Some(loaded.map(|it| {
            let events = it.unwrap_or_default().into_iter();
            let events = events.filter(|it| include_undone || !it.undone);
            events.filter_map(|it| self.told(ctx, it)).map(EnterpriseEvent).collect()
        }))
    }

    /// How it stands with financing programmes, why, and what is missing. Never a credit decision.
    ///
    /// By rules and facts of the past where `asOf` is past; a lender is told of today and of days to come.
    #[graphql(complexity = "5 * child_complexity")]
    async fn financing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "This programme alone. Example: \"kur_micro\".")] programme: Option<
            String,
        >,
        #[graphql(
            desc = "By the rules of this day; today, or the day of the profile, unless you say otherwise. \
                    Example: \"2025-12-31\"."
        )]
        as_of: Option<Date>,
    ) -> Soft<Vec<Readiness>> {
        Some(self.readiness(ctx, programme, as_of).await)
    }

    /// The ids that are retired and now lead here; of the past, those that did then.
    async fn retired_ids(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Also ids that came with a decision and went with its undoing.",
            default = false
        )]
        include_undone: bool,
    ) -> Soft<Vec<ID>> {
        let id = self.0.view.id;
        let loaded = match self.0.past {
            Some(moment) => {
                let found =
                    service::history::retired_ids_at(ctx.app(), id, moment, include_undone).await;
                found.map_err(Into::into)
            }
            None => {
                let key = RetiredOf(id, include_undone);
                let loaded = ctx.data_unchecked::<Loaders>().0.load_one(key).await;
                loaded.map(Option::unwrap_or_default)
            }
        };
        Some(loaded.map(|it| it.into_iter().map(|it| ctx.named(it)).collect()))
    }
}
