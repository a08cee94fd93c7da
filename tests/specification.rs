//! The GraphQL specification, where implementations have strayed from it.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema, Variables};
use serde_json::{Value, json};

struct Thing(i32);

type Fallible<T> = Option<async_graphql::Result<T>>;

fn fail<T>() -> async_graphql::Result<T> {
    Err(async_graphql::Error::new("on purpose"))
}

#[Object]
impl Thing {
    async fn number(&self) -> i32 {
        self.0
    }

    async fn nullable(&self) -> Fallible<i32> {
        if self.0 == 1 { Some(fail()) } else { Some(Ok(self.0)) }
    }
}

struct Query;

#[Object]
impl Query {
    async fn slow(&self) -> i32 {
        // Comes back after the fields beside it have been answered.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        1
    }

    async fn quick(&self) -> i32 {
        2
    }

    async fn required(&self) -> async_graphql::Result<i32> {
        fail()
    }

    async fn nullable(&self) -> Fallible<i32> {
        Some(fail())
    }

    async fn things(&self) -> Vec<Thing> {
        (0..3).map(Thing).collect()
    }

    async fn echo(&self, number: i32) -> i32 {
        number
    }
}

fn ask(query: &str, variables: Value) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let request = Request::new(query).variables(Variables::from_json(variables));
    serde_json::to_value(runtime.block_on(schema.execute(request))).unwrap()
}

fn keys(query: &str) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let text = serde_json::to_string(&runtime.block_on(schema.execute(query))).unwrap();
    let mut found: Vec<(usize, String)> = ["slow", "quick", "b", "a"]
        .iter()
        .filter_map(|it| Some((text.find(&format!("\"{it}\":"))?, (*it).to_owned())))
        .collect();
    found.sort();
    found.into_iter().map(|it| it.1).collect()
}

#[test]
fn answers_come_in_the_order_of_the_question_whatever_finishes_first() {
    assert_eq!(keys("{ slow quick }"), ["slow", "quick"]);
    assert_eq!(keys("{ b: slow a: quick }"), ["b", "a"]);
}

#[test]
fn an_error_on_a_nullable_field_gives_null_and_leaves_its_siblings() {
    let answer = ask("{ quick nullable }", Value::Null);
    assert_eq!(answer["data"], json!({ "quick": 2, "nullable": null }));
    assert_eq!(answer["errors"][0]["path"], json!(["nullable"]));
}

#[test]
fn an_error_on_a_required_field_makes_its_parent_null() {
    let answer = ask("{ quick required }", Value::Null);
    assert_eq!(answer["data"], Value::Null);
    assert_eq!(answer["errors"][0]["path"], json!(["required"]));
}

#[test]
fn an_error_inside_a_list_names_its_place() {
    let answer = ask("{ things { number it: nullable } }", Value::Null);
    assert_eq!(answer["data"]["things"][1], json!({ "number": 1, "it": null }));
    assert_eq!(answer["data"]["things"][2], json!({ "number": 2, "it": 2 }));
    assert_eq!(answer["errors"][0]["path"], json!(["things", 1, "it"]));
}

#[test]
fn a_number_that_is_no_int_is_refused() {
    for wrong in [json!(1.5), json!("1"), json!(2_147_483_648_i64), json!(true), Value::Null] {
        let answer = ask("query($n: Int!) { echo(number: $n) }", json!({ "n": wrong }));
        assert_eq!(answer["data"], Value::Null, "{wrong}");
        assert!(answer["errors"].is_array(), "{wrong}");
    }
    assert!(ask("{ echo(number: 2147483648) }", Value::Null)["errors"].is_array());
    assert_eq!(ask("{ echo(number: -1) }", Value::Null)["data"], json!({ "echo": -1 }));
}

#[test]
fn a_condition_must_be_a_boolean() {
    for query in ["{ quick @include(if: \"yes\") }", "{ quick @skip(if: 1) }", "{ quick @include }"]
    {
        assert!(ask(query, Value::Null)["errors"].is_array(), "{query}");
    }
    assert_eq!(ask("{ quick slow @skip(if: true) }", Value::Null)["data"], json!({ "quick": 2 }));
}

#[test]
fn a_field_may_be_asked_twice_under_two_names_and_not_under_one() {
    let answer = ask("{ one: echo(number: 1) two: echo(number: 2) }", Value::Null);
    assert_eq!(answer["data"], json!({ "one": 1, "two": 2 }));
    assert!(ask("{ echo(number: 1) echo(number: 2) }", Value::Null)["errors"].is_array());
}

#[test]
fn an_unknown_field_or_argument_is_refused() {
    for query in
        ["{ nothing }", "{ echo(number: 1, other: 2) { x } }", "{ things }", "{ quick { x } }"]
    {
        assert!(ask(query, Value::Null)["errors"].is_array(), "{query}");
    }
}
