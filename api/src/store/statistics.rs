//! Counting: by what each enterprise is counted, and the figures that were last told.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::id::EnterpriseId;
use domain::viewer::Scope;
use entity::{enterprise, enterprise_agency, figures_edition};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Statement, TransactionTrait, Value,
};
use uuid::Uuid;

use super::scope::within_for;
use super::sql::Row;
use super::{Store, bulk};
use crate::error::Error;
use crate::sealing::{Place, What};

/// By what an enterprise is counted; what is not known is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The enterprise.
    pub id: EnterpriseId,
    /// The code of its kecamatan.
    pub kecamatan: Option<i32>,
    /// The letter of its section of KBLI.
    pub section: Option<String>,
    /// 0 micro to 3 large.
    pub size: Option<i16>,
    /// It has an NIB.
    pub has_nib: bool,
    /// 0 female, 1 male.
    pub owner_sex: Option<i16>,
    /// For each programme asked for, its status as a number and the papers that are missing, each between
    /// commas.
    pub standings: Vec<Option<(i16, String)>>,
    /// Its use is restricted.
    pub restricted: bool,
    /// The agencies that know it, and how many rows each has of it.
    pub agencies: Vec<(String, u64)>,
}

/// A state of the register: while it stays the same, so do the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    last_run: i64,
    files: i64,
    last_file: Option<DateTime<Utc>>,
    /// By which rules, of which day, financing was assessed.
    assessed: Option<String>,
    restrictions: i64,
    /// The number of the last edition that was told; 0 before the first.
    pub edition: i64,
}

impl State {
    /// What rows and profiles rest on, as a text that changes with it.
    pub fn of_rows(&self) -> String {
        let last = self.last_file.map(|it| it.timestamp_micros()).unwrap_or_default();
        format!("{} {} {last} {}", self.last_run, self.files, self.restrictions)
    }
}

/// The figures that were last told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The number of the edition, from 1.
    pub seq: i64,
    /// When the register was counted.
    pub at: DateTime<Utc>,
    /// Counts below this were hidden.
    pub threshold: u64,
    /// What the register was counted by: a digest of all categories.
    pub cubes: String,
    /// How many enterprises there were when the series began.
    pub began_with: u64,
    /// How many have come, left or changed since.
    pub changed: u64,
    /// Rows of each agency's lists.
    pub records: BTreeMap<String, u64>,
    /// Each enterprise and where it was counted, as bytes.
    pub spots: Vec<u8>,
    /// The cells that were hidden, as bytes.
    pub hidden: Vec<u8>,
}

impl Store {
    /// In which state the register is: by its link runs, imported files, assessments, restrictions and editions.
    pub async fn register_state(&self) -> Result<State, Error> {
        let query = "SELECT COALESCE((SELECT MAX(seq) FROM link_run), 0) AS last_run, \
                     (SELECT value FROM setting WHERE key = 'financing_assessed') AS assessed, \
                     (SELECT COUNT(*) FROM restriction WHERE lifted_at IS NULL) AS restrictions, \
                     COALESCE((SELECT MAX(seq) FROM figures_edition), 0) AS edition, \
                     COUNT(finished_at) AS files, MAX(finished_at) AS last_file FROM source_file";
        let statement = Statement::from_string(self.backend(), query);
        let row = self.reader().query_one_raw(statement).await?;
        let row = row.ok_or_else(|| Error::internal("a state without a row"))?;
        Ok(State {
            last_run: row.try_get("", "last_run")?,
            files: row.try_get("", "files")?,
            last_file: row.try_get("", "last_file")?,
            assessed: row.try_get("", "assessed")?,
            restrictions: row.try_get("", "restrictions")?,
            edition: row.try_get("", "edition")?,
        })
    }

    /// By what every enterprise is counted, in the order of their ids, with its standing in these programmes:
    /// three statements, whatever the register. For SQLite it asks on the thread that asks.
    pub async fn facts(&self, programmes: &[String]) -> Result<Vec<Facts>, Error> {
        let mut agencies: HashMap<Uuid, Vec<(String, u64)>> = HashMap::new();
        let query = enterprise_agency::Entity::find()
            .order_by_asc(enterprise_agency::Column::Agency)
            .build(self.backend());
        let known =
            |row: &Row<'_>| Ok((row.get::<Uuid>(1)?, row.get::<String>(0)?, row.get::<i32>(2)?));
        for (id, agency, records) in self.rows(query, known).await? {
            agencies.entry(id).or_default().push((agency, u64::from(records.unsigned_abs())));
        }
        let used = within_for(&Scope::Used, &[]);
        let query = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .filter(used.not())
            .build(self.backend());
        let restricted = self.rows(query, |row| row.get::<Uuid>(0)).await?;
        let restricted: HashSet<Uuid> = restricted.into_iter().collect();

        let (mut columns, mut joins) = (String::new(), String::new());
        for number in 1..=programmes.len() {
            columns += &format!(", s{number}.status, s{number}.missing");
            let programme = bulk::placeholders(self.backend(), number, 1);
            joins += &format!(
                " LEFT JOIN financing_standing s{number} ON s{number}.programme = {programme} \
                 AND s{number}.enterprise_id = e.id"
            );
        }
        let query = format!(
            "SELECT e.id, e.kecamatan, e.section, e.size_class, \
             CAST(CASE WHEN e.nib IS NULL THEN 0 ELSE 1 END AS BIGINT), e.owner_sex{columns} \
             FROM enterprise e{joins} ORDER BY e.id"
        );
        let values: Vec<Value> = programmes.iter().map(|it| it.as_str().into()).collect();
        let statement = Statement::from_sql_and_values(self.backend(), query, values);
        let facts = |row: &Row<'_>| {
            let standing = |it: usize| {
                let status: Option<i16> = row.get(6 + 2 * it)?;
                let missing: Option<String> = row.get(7 + 2 * it)?;
                Ok::<_, sea_orm::DbErr>(status.zip(missing))
            };
            Ok(Facts {
                id: EnterpriseId(row.get(0)?),
                kecamatan: row.get(1)?,
                section: row.get(2)?,
                size: row.get(3)?,
                has_nib: row.get::<i64>(4)? == 1,
                owner_sex: row.get(5)?,
                standings: (0..programmes.len()).map(standing).collect::<Result<_, _>>()?,
                restricted: false,
                agencies: vec![],
            })
        };
        let mut all = self.rows(statement, facts).await?;
        for it in &mut all {
            it.restricted = restricted.contains(&it.id.0);
            it.agencies = agencies.remove(&it.id.0).unwrap_or_default();
        }
        Ok(all)
    }

    /// The figures that were last told; none before the first time.
    pub async fn told_figures(&self) -> Result<Option<Told>, Error> {
        let last = figures_edition::Entity::find().order_by_desc(figures_edition::Column::Seq);
        let Some(row) = last.one(self.reader()).await? else { return Ok(None) };
        let place = place(row.seq);
        let mut sealed = row.spots;
        let spots = self.sealer().open(What::Spots, place, &mut sealed)?.to_vec();
        let at = DateTime::from_timestamp_millis(row.made_at);
        Ok(Some(Told {
            seq: row.seq,
            at: at.ok_or_else(|| Error::internal("an edition of no time"))?,
            threshold: row.threshold.unsigned_abs(),
            cubes: row.cubes,
            began_with: row.began_with.unsigned_abs(),
            changed: row.changed.unsigned_abs(),
            records: serde_json::from_str(&row.records).map_err(Error::internal)?,
            spots,
            hidden: row.hidden,
        }))
    }

    /// Writes down what is told from now on, in place of what was. `false` when another node told an edition of
    /// this number: then nothing is written.
    pub async fn keep_told_figures(&self, it: &Told) -> Result<bool, Error> {
        let number = |it: u64| i64::try_from(it).unwrap_or(i64::MAX);
        let spots = self.sealer().seal(What::Spots, place(it.seq), &it.spots)?;
        let row = figures_edition::ActiveModel {
            seq: Set(it.seq),
            made_at: Set(it.at.timestamp_millis()),
            threshold: Set(number(it.threshold)),
            cubes: Set(it.cubes.clone()),
            began_with: Set(number(it.began_with)),
            changed: Set(number(it.changed)),
            records: Set(serde_json::to_string(&it.records).map_err(Error::internal)?),
            spots: Set(spots),
            hidden: Set(it.hidden.clone()),
        };
        let transaction = self.writer().begin().await?;
        let same = sea_orm::sea_query::OnConflict::column(figures_edition::Column::Seq)
            .do_nothing()
            .to_owned();
        let written = figures_edition::Entity::insert(row)
            .on_conflict(same)
            .exec_without_returning(&transaction)
            .await?;
        if written == 1 {
            use sea_orm::ColumnTrait;
            figures_edition::Entity::delete_many()
                .filter(figures_edition::Column::Seq.lt(it.seq))
                .exec(&transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(written == 1)
    }

    /// Those of these enterprises that are in use: neither erased nor merged away, nor restricted.
    pub async fn in_use(&self, ids: &[EnterpriseId]) -> Result<HashSet<EnterpriseId>, Error> {
        use sea_orm::ColumnTrait;
        let ids: Vec<Uuid> = ids.iter().map(|it| it.0).collect();
        let query = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .filter(within_for(&Scope::Used, &[]))
            .filter(enterprise::Column::Id.is_in(super::sql::padded(&ids)))
            .build(self.backend());
        let found = self.rows(query, |row| Ok(EnterpriseId(row.get(0)?))).await?;
        Ok(found.into_iter().collect())
    }
}

/// Where the spots of an edition are sealed.
pub(super) fn place(seq: i64) -> Place {
    Place::and(Uuid::nil(), u128::from(seq.unsigned_abs()))
}
