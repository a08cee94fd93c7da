//! What a list is, as the catalogues of Satu Data Indonesia ask (Perpres 39/2019 articles 3 to 6: data standard,
//! metadata, interoperability, reference codes), in the words of DCAT 3.

use ::financing::assessment::NOTICE_EN;
use serde_json::{Value, json};
use tabular::Column;

use super::{enterprises, financing};
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

/// A list that leaves as files.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// The enterprises that one finds.
    Enterprises,
    /// How they stand with this programme.
    Financing(&'a str),
}

impl About<'_> {
    fn path(self) -> String {
        match self {
            About::Enterprises => "/enterprises/export".to_owned(),
            About::Financing(programme) => format!("/financing/{programme}/export"),
        }
    }

    fn columns(self) -> Vec<Column> {
        match self {
            About::Enterprises => enterprises::columns(),
            About::Financing(_) => financing::columns(),
        }
    }
}

/// What is said of the list as a whole, by name.
///
/// Fails with [`Error::UnknownProgramme`].
pub(super) async fn notes(app: &App, about: About<'_>) -> Result<Vec<(String, String)>, Error> {
    let agencies = app.store.agencies().await?;
    let sources: Vec<&str> = agencies.iter().map(|it| it.name.as_str()).collect();
    let (mut title, mut method, mut definition) =
        (TITLE.to_owned(), METHOD.to_owned(), DEFINITION.to_owned());
    if let About::Financing(programme) = about {
        let catalogue = &app.rules.catalogue;
        let programme = catalogue.programme(programme).ok_or(Error::UnknownProgramme)?;
        title = format!("{TITLE}: {}", programme.name.id);
        method += "; compared with the programme's rules of the day, which the columns version and fingerprint name";
        definition = format!("{definition}. {NOTICE_EN}");
    }
    Ok([
        ("title", title),
        ("producer", app.config.data_producer.clone()),
        ("sources", sources.join("; ")),
        ("period", format!("as of {}", clock::now().format("%F"))),
        ("frequency", "continual".to_owned()),
        ("method", method),
        ("definition", definition),
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

/// The metadata of a list. It is about no enterprise, and for everybody.
///
/// Fails with [`Error::UnknownProgramme`].
pub async fn metadata(app: &App, about: About<'_>) -> Result<Value, Error> {
    let mut document = json!({ "@type": "dcat:Dataset" });
    for (name, text) in notes(app, about).await? {
        document[name] = text.into();
    }
    let column = |it: Column| json!({ "name": it.name, "type": format!("{:?}", it.kind).to_lowercase(), "meaning": it.meaning });
    document["columns"] = about.columns().into_iter().map(column).collect();
    let path = about.path();
    let form = |it: tabular::Form| json!({ "mediaType": it.media_type(), "path": format!("{path}?format={}", it.code()) });
    document["distributions"] = tabular::Form::ALL.into_iter().map(form).collect();
    Ok(document)
}
