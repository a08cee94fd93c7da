//! The register as a whole: its agencies and its settings.

use domain::agency::{Agency, AgencyCode, AgencyKind};
use domain::place::KecamatanCode;
use entity::{agency, setting};
use ingest::plan::Mapping;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait, PaginatorTrait, QueryOrder};

use super::Store;
use crate::error::Error;

/// The agencies of Kota Serang, with which a new register begins.
const AGENCIES: &str = include_str!("agencies.csv");

impl Store {
    /// Gives a new register its agencies; one that has any is left as it is.
    pub(super) async fn seed_agencies(&self) -> Result<(), Error> {
        if 0 < agency::Entity::find().count(self.reader()).await? {
            return Ok(());
        }
        let mut rows = Vec::new();
        for row in csv::Reader::from_reader(AGENCIES.as_bytes()).records() {
            let row = row.map_err(Error::internal)?;
            let kecamatan = row.get(3).and_then(|it| it.parse::<KecamatanCode>().ok());
            rows.push(agency::ActiveModel {
                code: Set(row[0].to_owned()),
                name: Set(row[1].to_owned()),
                kind: Set(row[2].to_owned()),
                kecamatan: Set(kecamatan.map(|it| it.0.cast_signed())),
                mapping: Set(None),
            });
        }
        agency::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(agency::Column::Code).do_nothing().to_owned())
            .exec_without_returning(self.writer())
            .await?;
        Ok(())
    }

    /// Every agency, by code.
    pub async fn agencies(&self) -> Result<Vec<Agency>, Error> {
        let rows =
            agency::Entity::find().order_by_asc(agency::Column::Code).all(self.reader()).await?;
        rows.into_iter().map(to_agency).collect()
    }

    /// The agency with this code; [`Error::InvalidInput`] when there is none.
    pub async fn agency(&self, code: &AgencyCode) -> Result<Agency, Error> {
        let row = agency::Entity::find_by_id(code.as_str()).one(self.reader()).await?;
        let Some(row) = row else {
            let known: Vec<String> =
                self.agencies().await?.into_iter().map(|it| it.code.to_string()).collect();
            return Err(Error::invalid("agency", format!("must be one of {}", known.join(", "))));
        };
        to_agency(row)
    }

    /// What the agency's headings were confirmed to mean.
    pub async fn agency_mapping(&self, code: &AgencyCode) -> Result<Option<Mapping>, Error> {
        let row = agency::Entity::find_by_id(code.as_str()).one(self.reader()).await?;
        let text = row.and_then(|it| it.mapping);
        Ok(text.map(|it| serde_json::from_str(&it)).transpose()?)
    }

    /// Remembers what the agency's headings mean, for its next files.
    pub async fn remember_mapping(
        &self,
        code: &AgencyCode,
        mapping: &Mapping,
    ) -> Result<(), Error> {
        let row = agency::ActiveModel {
            code: Set(code.to_string()),
            mapping: Set(Some(serde_json::to_string(mapping)?)),
            ..Default::default()
        };
        agency::Entity::update(row).exec(self.writer()).await?;
        Ok(())
    }

    /// A fact about the register.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, Error> {
        let row = setting::Entity::find_by_id(key).one(self.reader()).await?;
        Ok(row.map(|it| it.value))
    }

    /// No longer states a fact about the register.
    pub async fn unset_setting(&self, key: &str) -> Result<(), Error> {
        setting::Entity::delete_by_id(key).exec(self.writer()).await?;
        Ok(())
    }

    /// States a fact about the register.
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<(), Error> {
        let row = setting::ActiveModel { key: Set(key.into()), value: Set(value.into()) };
        setting::Entity::insert(row)
            .on_conflict(
                OnConflict::column(setting::Column::Key)
                    .update_column(setting::Column::Value)
                    .to_owned(),
            )
            .exec_without_returning(self.writer())
            .await?;
        Ok(())
    }
}

fn to_agency(row: agency::Model) -> Result<Agency, Error> {
    let kind = match row.kind.as_str() {
        "kecamatan" => AgencyKind::Kecamatan,
        "association" => AgencyKind::Association,
        _ => AgencyKind::Office,
    };
    Ok(Agency {
        code: AgencyCode::parse(&row.code).map_err(Error::internal)?,
        name: row.name,
        kind,
        kecamatan: row.kecamatan.map(|it| KecamatanCode(it.cast_unsigned())),
    })
}
