//! Enterprises on a map, no finer than the kelurahan.

use std::mem;

use domain::place::{self, KELURAHAN_SHAPES, KelurahanCode};
use domain::viewer::Viewer;
use serde_json::{Value, json};

use super::Reading;
use super::metadata::{self, About};
use crate::app::App;
use crate::error::Error;
use crate::service::access::Stated;
use crate::service::profiles;
use crate::store::enterprises::EnterpriseFilter;

/// How many of the enterprises that the viewer finds lie in each kelurahan, as GeoJSON (RFC 7946).
///
/// Fails with [`Error::Withheld`] for whoever does not see of everybody where she is: she has the published figures.
pub async fn map(
    app: &App,
    viewer: &Viewer,
    stated: Stated,
    filter: EnterpriseFilter,
    search: Option<String>,
) -> Result<Value, Error> {
    let mut reading = Reading::begin(viewer, stated, "enterprisesExport");
    let made = match mem::replace(&mut reading.allowed, Ok(())) {
        Ok(()) => features(app, &reading, filter, search.as_deref()).await,
        Err(error) => Err(error),
    };
    let refused = made.is_err();
    if refused {
        reading.ledger.refuse();
    }
    reading.ledger.seal(&app.evidence, viewer, true).await?;
    let mut notes = serde_json::Map::new();
    for (name, text) in metadata::notes(app, About::Enterprises).await? {
        notes.insert(name, text.into());
    }
    Ok(json!({ "type": "FeatureCollection", "features": made?, "metadata": notes }))
}

async fn features(
    app: &App,
    reading: &Reading,
    filter: EnterpriseFilter,
    search: Option<&str>,
) -> Result<Vec<Value>, Error> {
    let viewer = &reading.reads_as;
    let wanted = filter.kelurahan;
    let anywhere = place::kelurahan().first().map(|it| it.code);
    let filter = EnterpriseFilter { kelurahan: wanted.or(anywhere), ..filter };
    let filter = profiles::searching(app, viewer, filter, search).await?;
    let mut shapes: Value = serde_json::from_str(KELURAHAN_SHAPES)?;
    let Some(Value::Array(all)) = shapes.get_mut("features").map(Value::take) else {
        return Err(Error::internal("the shapes of the kelurahan are no GeoJSON"));
    };
    let mut features = vec![];
    for mut feature in all {
        let code = feature["properties"]["code"].as_str().and_then(|it| it.parse().ok());
        let Some(code) =
            code.filter(|it: &KelurahanCode| wanted.is_none_or(|wanted| wanted == *it))
        else {
            continue;
        };
        let there = EnterpriseFilter { kelurahan: Some(code), ..filter.clone() };
        let count = profiles::count(app, viewer, &there).await?;
        let kecamatan = place::kecamatan_by_code(code.kecamatan()).map(|it| it.name.as_str());
        feature["properties"]["kecamatan"] = kecamatan.into();
        feature["properties"]["enterprises"] = count.into();
        features.push(feature);
    }
    Ok(features)
}
