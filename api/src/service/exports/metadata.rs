//! What a list is, as the catalogues of Satu Data Indonesia ask (Perpres 39/2019 articles 3 to 6: data standard,
//! metadata, interoperability, reference codes), in the words of DCAT 3.

use serde_json::{Value, json};

use super::enterprises;
use crate::app::App;
use crate::clock;
use crate::error::Error;

const TITLE: &str = "Usaha mikro, kecil dan menengah";
const METHOD: &str = "Administrative lists of agencies, linked by probability (Fellegi-Sunter) and merged into one \
                      profile per enterprise; each value is the one of the most trusted and latest row";
const DEFINITION: &str = "An enterprise is what its owners run as one business, by PP 7/2021 article 35 micro, small or \
                          medium; an owner may run several";
const CLASSIFICATION: &str =
    "KBLI 2020 (Peraturan BPS 2/2020); areas by Kepmendagri 300.2.2-2138/2025; sizes by PP 7/2021";

/// What is said of the list as a whole, by name.
pub(super) async fn notes(app: &App) -> Result<Vec<(String, String)>, Error> {
    let agencies = app.store.agencies().await?;
    let sources: Vec<&str> = agencies.iter().map(|it| it.name.as_str()).collect();
    Ok([
        ("title", TITLE.to_owned()),
        ("producer", app.config.data_producer.clone()),
        ("sources", sources.join("; ")),
        ("period", format!("as of {}", clock::now().format("%F"))),
        ("frequency", "continual".to_owned()),
        ("method", METHOD.to_owned()),
        ("definition", DEFINITION.to_owned()),
        ("unit", "enterprise".to_owned()),
        ("classification", CLASSIFICATION.to_owned()),
        ("licence", app.config.data_licence.clone()),
        (
            "access",
            "restricted: each receiver gets what her role, purpose and consents open".to_owned(),
        ),
    ]
    .map(|(name, text)| (name.to_owned(), text))
    .to_vec())
}

/// The metadata of the list of enterprises. It is about no enterprise, and for everybody.
pub async fn metadata(app: &App) -> Result<Value, Error> {
    let mut document = json!({ "@type": "dcat:Dataset" });
    for (name, text) in notes(app).await? {
        document[name] = text.into();
    }
    let column = |it: tabular::Column| json!({ "name": it.name, "type": format!("{:?}", it.kind).to_lowercase(), "meaning": it.meaning });
    document["columns"] = enterprises::columns().into_iter().map(column).collect();
    let form = |it: tabular::Form| json!({ "mediaType": it.media_type(), "path": format!("/enterprises/export?format={}", it.code()) });
    document["distributions"] = tabular::Form::ALL.into_iter().map(form).collect();
    Ok(document)
}
