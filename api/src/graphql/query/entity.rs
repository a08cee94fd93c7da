//! What a gateway asks: the schema to compose from, and entities by their keys.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use async_graphql::{Any, Context, Object, Value};
use domain::agency::AgencyCode;
use domain::enterprise::Attribute;
use domain::id::{EnterpriseId, OwnerId};
use domain::identifier::Nib;
use domain::kbli;
use domain::permission::Action;
use domain::place::{KecamatanCode, KelurahanCode, kecamatan_by_code, kelurahan_by_code};

use super::enterprise::parse_nib;
use crate::error::Error;
use crate::graphql::object::enterprise::Enterprise;
use crate::graphql::object::entity::{Entity, Service};
use crate::graphql::object::owner::Owner;
use crate::graphql::object::place::{Agency, Kbli, Kecamatan, Kelurahan};
use crate::graphql::{Ask, Soft, some, subgraph};
use crate::service::{owners, profiles};

/// The most entities of one question.
const MOST: usize = 1_000;

/// What gateways ask.
#[derive(Default)]
pub struct EntityQuery;

#[Object]
impl EntityQuery {
    /// What this graph is to a federation of graphs; for whoever may introspect.
    #[graphql(name = "_service")]
    async fn service(&self) -> Service {
        Service { sdl: subgraph::sdl().to_owned() }
    }

    /// Entities by their keys, in the order of the question; null where there is none that you can find.
    /// An enterprise by a retired id is its heir, as everywhere.
    #[graphql(name = "_entities", complexity = "representations.len() * child_complexity")]
    async fn entities(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "What to find, 1,000 at most: each an object of `__typename` and the fields of one of \
                    its keys."
        )]
        representations: Vec<Any>,
    ) -> Soft<Vec<Soft<Entity>>> {
        some(found(ctx, &representations).await)
    }
}

/// One thing that is asked for, by its key.
enum Key {
    Enterprise(EnterpriseId),
    Nib(Nib),
    Owner(OwnerId),
    Agency(AgencyCode),
    Kelurahan(KelurahanCode),
    Kecamatan(KecamatanCode),
    Kbli(kbli::Kbli),
    /// The field of the key is there and empty: the other graph does not know it, or was not shown it.
    Nothing,
}

/// What was read for all representations together.
struct Read {
    by_nib: HashMap<String, Vec<EnterpriseId>>,
    enterprises: HashMap<EnterpriseId, Enterprise>,
    owners: HashMap<OwnerId, Owner>,
    agencies: BTreeMap<AgencyCode, Agency>,
}

async fn found(ctx: &Context<'_>, asked: &[Any]) -> Result<Vec<Soft<Entity>>, Error> {
    if MOST < asked.len() {
        let most = format!("must be at most {MOST}");
        return Err(Error::invalid("representations", most));
    }
    let keys: Vec<Result<Key, Error>> = asked.iter().map(|it| permitted(ctx, &it.0)).collect();
    let read = read(ctx, &keys).await?;
    Ok(keys
        .into_iter()
        .map(|key| match key.and_then(|it| one(ctx, &read, it)) {
            Ok(found) => found.map(Ok),
            Err(error) => some(Err(error)),
        })
        .collect())
}

/// The key of a representation, unless the viewer may not ask for what it names.
fn permitted(ctx: &Context<'_>, asked: &Value) -> Result<Key, Error> {
    let key = key(asked)?;
    match &key {
        Key::Enterprise(_) => ctx.permit(Action::ReadEnterprises, "_entities")?,
        Key::Nib(_) => {
            ctx.permit(Action::ReadEnterprises, "_entities")?;
            profiles::require_whole(ctx.viewer(), Attribute::Nib, "nib")?;
        }
        Key::Owner(_) => ctx.permit(Action::ReadOwners, "_entities")?,
        _ => {}
    }
    Ok(key)
}

fn key(asked: &Value) -> Result<Key, Error> {
    let Value::Object(fields) = asked else { return Err(malformed("must be objects")) };
    let field = |name: &str| match fields.get(name) {
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Null) => Ok(None),
        _ => Err(malformed("must have the fields of a key, each a text")),
    };
    let Some(of) = field("__typename")? else { return Err(malformed("must have a __typename")) };
    let by_nib = of == "Enterprise" && !fields.contains_key("id");
    let value = match of.as_str() {
        "Enterprise" if by_nib => field("nibKey")?,
        "Enterprise" | "Owner" | "Agency" => field("id")?,
        "Kelurahan" | "Kecamatan" | "Kbli" => field("code")?,
        _ => return Err(malformed("must be of a type that other graphs extend")),
    };
    let Some(value) = value else { return Ok(Key::Nothing) };
    let id = |it: domain::id::IdError| Error::invalid("id", it.to_string());
    let place = |it: domain::place::PlaceCodeError| Error::invalid("code", it.to_string());
    Ok(match of.as_str() {
        "Enterprise" if by_nib => Key::Nib(parse_nib(&value)?),
        "Enterprise" => Key::Enterprise(value.parse().map_err(id)?),
        "Owner" => Key::Owner(value.parse().map_err(id)?),
        "Agency" => {
            let code = value.strip_prefix("agy_").unwrap_or_default();
            let code = AgencyCode::parse(code);
            Key::Agency(code.map_err(|it| Error::invalid("id", it.to_string()))?)
        }
        "Kelurahan" => Key::Kelurahan(value.parse().map_err(place)?),
        "Kecamatan" => Key::Kecamatan(value.parse().map_err(place)?),
        _ => Key::Kbli(
            kbli::Kbli::parse(&value).map_err(|it| Error::invalid("code", it.to_string()))?,
        ),
    })
}

fn malformed(reason: &str) -> Error {
    Error::invalid("representations", reason)
}

/// Reads what the keys name, each kind at once.
async fn read(ctx: &Context<'_>, keys: &[Result<Key, Error>]) -> Result<Read, Error> {
    let (app, viewer) = (ctx.app(), ctx.viewer());
    let (mut ids, mut nibs, mut persons) = (vec![], BTreeSet::new(), vec![]);
    let mut offices = false;
    for key in keys.iter().flatten() {
        match key {
            Key::Enterprise(id) => ids.push(*id),
            Key::Nib(nib) => _ = nibs.insert(nib.reveal()),
            Key::Owner(id) => persons.push(*id),
            Key::Agency(_) => offices = true,
            _ => {}
        }
    }
    let by_nib = match nibs.is_empty() {
        true => HashMap::new(),
        false => profiles::ids_by_nib(app, viewer, &nibs).await?,
    };
    ids.extend(by_nib.values().filter(|it| it.len() == 1).flatten());
    let enterprises = match ids.is_empty() {
        true => HashMap::new(),
        false => profiles::by_ids(app, viewer, &ids).await?,
    };
    let persons = match persons.is_empty() {
        true => vec![],
        false => owners::by_ids(app, viewer, &persons).await?,
    };
    let agencies = if offices { app.store.agencies().await? } else { vec![] };
    Ok(Read {
        by_nib,
        enterprises: enterprises
            .into_iter()
            .map(|(id, it)| (id, Enterprise(Arc::new(it))))
            .collect(),
        owners: persons.into_iter().map(|it| (OwnerId(it.id), Owner(it))).collect(),
        agencies: agencies.into_iter().map(|it| (it.code.clone(), Agency(it))).collect(),
    })
}

fn one(ctx: &Context<'_>, read: &Read, key: Key) -> Result<Option<Entity>, Error> {
    Ok(match key {
        Key::Enterprise(id) => read.enterprises.get(&id).cloned().map(Entity::Enterprise),
        Key::Nib(nib) => {
            let found = match read.by_nib.get(nib.reveal()).map(Vec::as_slice) {
                None | Some([]) => None,
                Some([id]) => read.enterprises.get(id).cloned(),
                Some(_) => return Err(profiles::shared_nib()),
            };
            if let Some(found) = &found {
                ctx.ledger().read(found.0.view.id, Attribute::Nib.code(), true);
            }
            found.map(Entity::Enterprise)
        }
        Key::Owner(id) => read.owners.get(&id).cloned().map(Entity::Owner),
        Key::Agency(code) => read.agencies.get(&code).cloned().map(Entity::Agency),
        Key::Kelurahan(code) => {
            kelurahan_by_code(code).map(|it| Entity::Kelurahan(Kelurahan(it.code)))
        }
        Key::Kecamatan(code) => {
            kecamatan_by_code(code).map(|it| Entity::Kecamatan(Kecamatan(it.code)))
        }
        Key::Kbli(code) => Some(Entity::Kbli(Kbli(code))),
        Key::Nothing => None,
    })
}
