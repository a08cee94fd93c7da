//! The hub as one of several graphs that a gateway serves as one.

mod cities;
mod composed;
mod entities;
mod gateway;

use serde_json::Value;

use domain::viewer::Role;

use crate::hub::TestHub;

/// The folder with two agencies' graphs and the gateway.
const PLACE: &str = "federation";

/// A word of its own for each number.
fn word(number: usize) -> String {
    const PARTS: [&str; 20] = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu",
        "wa", "ye", "zi", "bo", "cu",
    ];
    let mixed = number * 7_919 + 12_345;
    [1, 20, 400, 8_000].map(|it| PARTS[mixed / it % 20]).concat()
}

/// The NIB of the `number`-th shop.
fn nib(number: usize) -> String {
    format!("{:013}", 120_000_417_005 + number * 7_654_321)
}

/// A list of shops that have nothing to do with each other, each with a NIB.
fn shops(numbers: std::ops::Range<usize>) -> String {
    let mut list =
        "Kode Peserta,Nama Usaha,Nama Pemilik,NIK,Alamat,Kelurahan,Kecamatan,NIB\n".to_owned();
    for it in numbers {
        let (name, owner) = (word(it), word(it + 4_000));
        let (day, month, year) = (1 + it % 28, 1 + it / 28 % 12, 60 + it / 336 % 39);
        let nik = format!("367301{day:02}{month:02}{year:02}{:04}", 1 + it);
        list += &format!(
            "K-{it},Toko {name},{owner} {},{nik},Jl. {} {},Sumur Pecung,Serang,{}\n",
            word(it + 8_000),
            word(it + 12_000),
            1 + it % 90,
            nib(it)
        );
    }
    list
}

/// Every enterprise that a steward finds, as id and NIB.
async fn everything(hub: &TestHub) -> Vec<(String, String)> {
    let query = "query($after: String) { enterprises(first: 200, after: $after, orderBy: { field: UPDATED_AT }) {
        pageInfo { hasNextPage endCursor } nodes { id nib { value } } } }";
    let (mut all, mut after) = (vec![], Value::Null);
    loop {
        let page = hub.ask_as(Role::Steward, query, serde_json::json!({ "after": after })).await;
        let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
        for it in page.at("/enterprises/nodes").as_array().unwrap() {
            all.push((text(&it["id"]), text(&it["nib"]["value"])));
        }
        if page.at("/enterprises/pageInfo/hasNextPage") != true {
            return all;
        }
        after = page.at("/enterprises/pageInfo/endCursor").clone();
    }
}
