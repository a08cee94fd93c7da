//! When one value contradicts another rather than writing it another way.

use domain::enterprise::{Attribute, Value};

use crate::text::{canonical, distance, words};

/// Sales or capital that differ by more than this are not two years of one business.
const FACTOR: i64 = 10;

/// Whether both values cannot be true of one enterprise.
///
/// A person may have several telephone numbers, e-mail addresses and KBLI codes and call one trade by many
/// names; figures change with the years. Two NIK, two kelurahan or two names without a common word
/// contradict each other.
pub(super) fn contradicts(attribute: Attribute, a: &Value, b: &Value) -> bool {
    match (attribute, a, b) {
        (
            Attribute::Phone
            | Attribute::Email
            | Attribute::Kbli
            | Attribute::Trade
            | Attribute::Workers
            | Attribute::Pirt
            | Attribute::Halal,
            ..,
        ) => false,
        (
            Attribute::BusinessName | Attribute::OwnerName | Attribute::Street,
            Value::Text(a),
            Value::Text(b),
        ) => !share_a_word(a, b),
        (_, Value::Date(a), Value::Date(b)) => {
            let parts = |one: Option<u8>, two: Option<u8>| {
                one.zip(two).is_some_and(|(one, two)| one != two)
            };
            1 < a.year.abs_diff(b.year) || (a.year == b.year && parts(a.month, b.month))
        }
        (_, Value::Sales(a), Value::Sales(b)) => far_apart(a.annual.0, b.annual.0),
        (_, Value::Rupiah(a), Value::Rupiah(b)) => far_apart(a.0, b.0),
        _ => a != b,
    }
}

fn far_apart(a: i64, b: i64) -> bool {
    a.min(b).saturating_mul(FACTOR) < a.max(b)
}

/// One word in common, give or take a spelling or a typing error, glued words included.
fn share_a_word(a: &str, b: &str) -> bool {
    let (a, b) = (spelt(a), spelt(b));
    let alike = |one: &String, two: &String| {
        let most = usize::from(4 <= one.len().max(two.len()));
        distance(one.as_bytes(), two.as_bytes(), most) <= most
    };
    let glued = distance(a.concat().as_bytes(), b.concat().as_bytes(), 2) <= 2;
    glued || a.iter().any(|one| b.iter().any(|two| alike(one, two)))
}

fn spelt(text: &str) -> Vec<String> {
    words(text).iter().map(|it| canonical(it)).collect()
}
