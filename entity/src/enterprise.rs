//! One enterprise as the hub knows it, with what it is found and ordered by.

use sea_orm::entity::prelude::*;

/// One enterprise as the hub knows it, with what it is found and ordered by.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "enterprise")]
pub struct Model {
    /// Its id, for ever.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its name as lists are ordered.
    pub sort_name: String,
    /// Its NIB.
    pub nib: Option<String>,
    /// An NPWP is known.
    pub has_npwp: bool,
    /// Its KBLI 2020 code.
    pub kbli: Option<String>,
    /// The KBLI section.
    pub section: Option<String>,
    /// Its kecamatan.
    pub kecamatan: Option<i32>,
    /// Its kelurahan.
    pub kelurahan: Option<i64>,
    /// 0 micro to 3 large.
    pub size_class: Option<i16>,
    /// `sales` or `capital`.
    pub size_basis: Option<String>,
    /// By its owner's NIK: 0 female, 1 male.
    pub owner_sex: Option<i16>,
    /// How many records it is made of.
    pub records: i32,
    /// Every value with its sources, as JSON, sealed.
    #[sea_orm(column_type = "Blob")]
    pub profile: Vec<u8>,
    /// Since when its profile is as it is; an undo gives the former moment back.
    pub updated_at: DateTimeUtc,
    /// When the profile was last written, undoing included: lists of changes go by it.
    pub written_at: DateTimeUtc,
}

/// No relation is declared: the store joins what it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
