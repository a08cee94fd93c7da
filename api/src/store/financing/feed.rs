//! What institutions were told of how enterprises stand with a programme, so that it can be said what changed.

use domain::id::EnterpriseId;
use domain::purpose::Purpose;
use entity::{financing_feed, financing_told};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sea_orm::{Statement, Value};
use uuid::Uuid;

use crate::clock;
use crate::error::Error;
use crate::store::sql::{Execute, parameters};
use crate::store::{Store, bulk};

pub use entity::financing_feed::Model as Feed;
pub use entity::financing_told::Model as Told;

/// The kinds of [`Told`] that are there.
const PRESENT: [i16; 2] = [0, 1];

impl Store {
    /// How far `institution` was told of `programme`; it begins with the first question.
    pub async fn financing_feed(&self, institution: &str, programme: &str) -> Result<Feed, Error> {
        let find = || {
            financing_feed::Entity::find_by_id((institution.to_owned(), programme.to_owned()))
                .one(self.reader())
        };
        if let Some(feed) = find().await? {
            return Ok(feed);
        }
        let transaction = self.begin().await?;
        let text = format!(
            "INSERT INTO financing_feed (institution, programme, head, turn, compared) \
             VALUES ({}, 0, 0, '') ON CONFLICT DO NOTHING",
            bulk::placeholders(transaction.backend(), 1, 2)
        );
        let values: [Value; 2] = [institution.into(), programme.into()];
        let backend = transaction.backend();
        transaction.execute(Statement::from_sql_and_values(backend, text, values)).await?;
        transaction.commit().await?;
        find().await?.ok_or_else(|| Error::internal("a feed that was begun is not there"))
    }

    /// The state of everything that what `institution` is told for `purpose` rests on, but for the day and the
    /// rules: another text whenever some of it is otherwise.
    pub async fn feed_state(&self, institution: &str, purpose: Purpose) -> Result<String, Error> {
        let now = clock::now().timestamp_millis();
        let number = |it| bulk::placeholders(self.backend(), it, 1);
        // Expiry writes nothing, so what is live is counted by the clock.
        let text = format!(
            "SELECT COALESCE((SELECT MAX(seq) FROM link_run), 0), \
             (SELECT COUNT(*) FROM restriction), \
             (SELECT COUNT(*) FROM restriction WHERE lifted_at IS NULL), \
             COUNT(*), COUNT(withdrawn_at), COALESCE(SUM(CASE WHEN given_at <= {} AND expires_at > {} \
             AND withdrawn_at IS NULL THEN 1 ELSE 0 END), 0) \
             FROM consent WHERE institution = {} AND purpose = {}",
            number(1),
            number(2),
            number(3),
            number(4)
        );
        let values: [Value; 4] =
            [now.into(), now.into(), institution.into(), purpose.code().into()];
        let query = Statement::from_sql_and_values(self.backend(), text, values);
        let counts = self.rows(query, |it| {
            (0..6).map(|column| it.get::<i64>(column)).collect::<Result<Vec<i64>, _>>()
        });
        let counts = counts.await?.pop().unwrap_or_default();
        Ok(counts.iter().map(i64::to_string).collect::<Vec<_>>().join(" "))
    }

    /// What is there for the reader of `feed` behind one id and up to another, in the order of ids.
    pub async fn told_between(
        &self,
        feed: &Feed,
        behind: Uuid,
        until: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<Told>, Error> {
        use financing_told::Column;
        let rows = financing_told::Entity::find()
            .filter(of(feed))
            .filter(Column::Kind.is_in(PRESENT))
            .filter(Column::EnterpriseId.gt(behind))
            .filter(Condition::all().add_option(until.map(|it| Column::EnterpriseId.lte(it))))
            .order_by_asc(Column::EnterpriseId)
            .limit(limit)
            .all(self.reader());
        Ok(rows.await?)
    }

    /// What is there of `ids` for the reader of `feed`.
    pub async fn told_of(&self, feed: &Feed, ids: &[EnterpriseId]) -> Result<Vec<Told>, Error> {
        use financing_told::Column;
        let rows = financing_told::Entity::find()
            .filter(of(feed))
            .filter(Column::Kind.is_in(PRESENT))
            .filter(Column::EnterpriseId.is_in(ids.iter().map(|it| it.0)))
            .all(self.reader());
        Ok(rows.await?)
    }

    /// The changes of `feed` behind a position in their order, and whether there are more; of each enterprise the
    /// last. What went before the position `from` is left out.
    pub async fn told_page(
        &self,
        feed: &Feed,
        after: i64,
        from: i64,
        limit: u64,
    ) -> Result<(Vec<Told>, bool), Error> {
        use financing_told::Column;
        let rows = financing_told::Entity::find()
            .filter(of(feed))
            .filter(Column::Position.gt(after))
            .filter(
                Condition::any().add(Column::Kind.is_in(PRESENT)).add(Column::Position.gt(from)),
            )
            .order_by_asc(Column::Position)
            .limit(limit + 1)
            .all(self.reader());
        let mut rows = rows.await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = limit < rows.len();
        rows.truncate(limit);
        Ok((rows, more))
    }

    /// Puts `next` in the place of `feed` and writes what changed. False, and nothing is written, when somebody
    /// else did since `feed` was read.
    pub async fn advance_feed(
        &self,
        feed: &Feed,
        next: &Feed,
        changed: Vec<Told>,
    ) -> Result<bool, Error> {
        let transaction = self.begin().await?;
        let backend = transaction.backend();
        let numbers: Vec<String> = (1..=6).map(|it| bulk::placeholders(backend, it, 1)).collect();
        // The row is held until all is committed, so a position is never seen before a smaller one.
        let text = format!(
            "UPDATE financing_feed SET head = {}, turn = turn + 1, compared = {}, behind = {} \
             WHERE institution = {} AND programme = {} AND turn = {} RETURNING turn",
            numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]
        );
        let values: [Value; 6] = [
            next.head.into(),
            next.compared.clone().into(),
            next.behind.into(),
            feed.institution.clone().into(),
            feed.programme.clone().into(),
            feed.turn.into(),
        ];
        let update = Statement::from_sql_and_values(backend, text, values);
        if transaction.rows(update, |it| it.get::<i64>(0)).await?.is_empty() {
            return Ok(false);
        }
        let ids: Vec<Uuid> = changed.iter().map(|it| it.enterprise_id).collect();
        for ids in ids.chunks(1_024) {
            let ids = parameters(ids);
            let text = format!(
                "DELETE FROM financing_told WHERE institution = {} AND programme = {} AND \
                 enterprise_id IN ({})",
                numbers[0],
                numbers[1],
                bulk::placeholders(backend, 3, ids.len())
            );
            let key: [Value; 2] = [feed.institution.clone().into(), feed.programme.clone().into()];
            let values: Vec<Value> = key.into_iter().chain(ids).collect();
            transaction.execute(Statement::from_sql_and_values(backend, text, values)).await?;
        }
        let columns = [
            "institution",
            "programme",
            "enterprise_id",
            "position",
            "kind",
            "other",
            "at",
            "entered",
            "entered_at",
            "parts",
        ];
        let rows = changed.into_iter().map(|it| -> [Value; 10] {
            [
                it.institution.into(),
                it.programme.into(),
                it.enterprise_id.into(),
                it.position.into(),
                it.kind.into(),
                it.other.into(),
                it.at.into(),
                it.entered.into(),
                it.entered_at.into(),
                it.parts.into(),
            ]
        });
        bulk::insert(&transaction, "financing_told", columns, rows).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// The rows of one feed.
fn of(feed: &Feed) -> Condition {
    use financing_told::Column;
    Condition::all()
        .add(Column::Institution.eq(&feed.institution))
        .add(Column::Programme.eq(&feed.programme))
}
