//! Reference data, which anybody may read, and who asks.

use async_graphql::{Context, Object};
use domain::place::{KecamatanCode, kecamatan, kelurahan};

use crate::error::Error;
use crate::graphql::object::place::{Agency, Institution, Kecamatan, Kelurahan};
use crate::graphql::object::viewer::Viewer;
use crate::graphql::{Ask, Soft, some};

/// Questions about places, agencies and yourself.
#[derive(Default)]
pub struct PlaceQuery;

#[Object]
impl PlaceQuery {
    /// You, as your token says.
    async fn viewer(&self, ctx: &Context<'_>) -> Viewer {
        Viewer(ctx.viewer().clone())
    }

    /// The agencies whose lists the hub takes, by code.
    #[graphql(complexity = "20 * child_complexity")]
    async fn agencies(&self, ctx: &Context<'_>) -> Soft<Vec<Agency>> {
        let agencies = ctx.app().store.agencies().await;
        some(agencies.map(|it| it.into_iter().map(Agency).collect()))
    }

    /// The institutions that consents, accounts and tokens may name, by code.
    #[graphql(complexity = "20 * child_complexity")]
    async fn institutions(&self, ctx: &Context<'_>) -> Vec<Institution> {
        let all = ctx.app().config.institutions.all().iter();
        all.map(|it| Institution { code: it.code.clone(), name: it.name.clone() }).collect()
    }

    /// The kecamatan of Kota Serang, by code.
    #[graphql(complexity = "6 * child_complexity")]
    async fn kecamatan(&self) -> Vec<Kecamatan> {
        kecamatan().iter().map(|it| Kecamatan(it.code)).collect()
    }

    /// The kelurahan of Kota Serang, by code.
    #[graphql(complexity = "67 * child_complexity")]
    async fn kelurahan(
        &self,
        #[graphql(desc = "Only those in the kecamatan with this code. Example: \"36.73.02\".")]
        kecamatan: Option<String>,
    ) -> Soft<Vec<Kelurahan>> {
        some(within(kecamatan))
    }
}

fn within(kecamatan: Option<String>) -> Result<Vec<Kelurahan>, Error> {
    let code: Option<KecamatanCode> = match kecamatan.map(|it| it.parse()) {
        None => None,
        Some(Ok(code)) => Some(code),
        Some(Err(error)) => {
            let error: domain::place::PlaceCodeError = error;
            return Err(Error::invalid("kecamatan", error.to_string()));
        }
    };
    let fits = |it: &&domain::place::Kelurahan| code.is_none_or(|code| it.kecamatan == code);
    Ok(kelurahan().iter().filter(fits).map(|it| Kelurahan(it.code)).collect())
}
