//! Finding enterprises by what somebody types.

use domain::viewer::Role;
use serde_json::{Value, json};

use crate::hub::{Reply, on_every_database};

const FOUND: &str = "query($first: Int, $after: String, $last: Int, $before: String) {
    enterprises(search: \"kapi\", first: $first, after: $after, last: $last, before: $before) {
        totalCount
        nodes { id name { value } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

/// A list of `named` enterprises, as many without a name whose owners' names differ, and one of another word.
fn list(named: usize, nameless: usize) -> String {
    let letters = |it: usize| format!("{}{}", letter(it / 26), letter(it % 26));
    let mut csv = "Kode Peserta,Nama UMKM,Nama Owner,NIK,Kelurahan,Kecamatan\n".to_owned();
    let row = |at: usize, name: &str, owner: &str| {
        format!("K{at},{name},{owner},367301{:02}0180{:04},Cipare,Serang\n", 1 + at % 28, 1 + at)
    };
    for at in 0..named {
        csv += &row(at, &format!("Kapi{}", letters(at)), "");
    }
    for at in named..named + nameless {
        csv += &row(at, "", &format!("Kapi{}", letters(at)));
    }
    csv + &row(named + nameless, "Sate Bandeng", "Rohmat")
}

fn letter(at: usize) -> char {
    char::from(b'a' + u8::try_from(at).unwrap())
}

fn each(reply: &Reply, pointer: &str) -> Vec<Value> {
    let nodes = reply.at("/enterprises/nodes").as_array().unwrap();
    nodes.iter().map(|it| it.pointer(pointer).unwrap().clone()).collect()
}

fn names(reply: &Reply) -> Vec<Value> {
    each(reply, "/name/value")
}

on_every_database! {
    async fn a_beginning_finds_every_word_that_begins_so(hub: TestHub) {
        hub.ingest("kominfo", &list(260, 20)).await;
        hub.link().await;
        let reply = hub.ask_as(Role::Steward, FOUND, json!({ "first": 5 })).await;
        assert_eq!(reply.at("/enterprises/totalCount"), 280, "{reply:?}");
        assert_eq!(names(&reply)[..2], ["Kapiaa", "Kapiab"], "{reply:?}");
    }

    async fn what_is_found_is_walked_in_either_direction_what_has_no_name_last(hub: TestHub) {
        hub.ingest("kominfo", &list(5, 4)).await;
        hub.link().await;
        let ask = async |variables: Value| hub.ask_as(Role::Steward, FOUND, variables).await;
        let whole = ask(json!({ "first": 20 })).await;
        let (ids, names) = (each(&whole, "/id"), names(&whole));
        assert_eq!(names[..5], ["Kapiaa", "Kapiab", "Kapiac", "Kapiad", "Kapiae"]);
        assert!(names.len() == 9 && names[5..].iter().all(Value::is_null), "{names:?}");
        let (mut forwards, mut after) = (vec![], Value::Null);
        loop {
            let page = ask(json!({ "first": 2, "after": after })).await;
            forwards.extend(each(&page, "/id"));
            after = page.at("/enterprises/pageInfo/endCursor").clone();
            if page.at("/enterprises/pageInfo/hasNextPage") == false { break }
        }
        assert_eq!(forwards, ids);
        let (mut backwards, mut before) = (vec![], Value::Null);
        loop {
            let page = ask(json!({ "last": 2, "before": before })).await;
            backwards.splice(0..0, each(&page, "/id"));
            before = page.at("/enterprises/pageInfo/startCursor").clone();
            if page.at("/enterprises/pageInfo/hasPreviousPage") == false { break }
        }
        assert_eq!(backwards, ids);
    }
}
