//! Settings: those that come with the engine, what is refused, and the page that explains them.

use linkage::features::Features;
use linkage::model::Model;
use linkage::settings::{SHIPPED, Settings};

mod page;

#[test]
fn shipped_settings_parse_and_read_back_from_json() {
    for name in SHIPPED {
        let settings = Settings::shipped(name).unwrap();
        assert_eq!(settings.check(), Ok(()));
        let stored = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&stored).unwrap(), settings, "{name}");
    }
    let refusal = Settings::shipped("umkn").unwrap_err().to_string();
    for name in SHIPPED {
        assert!(refusal.contains("\"umkn\"") && refusal.contains(name), "{refusal}");
    }
}

#[test]
fn the_file_of_shipped_settings_can_be_had_to_start_from() {
    for name in SHIPPED {
        let text = Settings::shipped_text(name).unwrap();
        assert!(text.starts_with('#'), "it says what it is for");
        assert_eq!(Settings::parse(text).unwrap(), Settings::shipped(name).unwrap());
    }
    let refused = Settings::shipped_text("umkn").unwrap_err().to_string();
    assert!(refused.contains("\"umkn\"; shipped are umkm, person"), "{refused}");
}

#[test]
fn shipped_settings_make_a_model_that_reads_back_with_them() {
    for name in SHIPPED {
        let settings = Settings::shipped(name).unwrap();
        let none: [linkage::features::Written; 0] = [];
        let model = Model::train(&Features::read(&settings, &none), &settings);
        assert_eq!(model.settings, settings);
        let stored = serde_json::to_string(&model).unwrap();
        assert_eq!(serde_json::from_str::<Model>(&stored).unwrap(), model, "{name}");
    }
}

#[test]
fn numbers_that_are_left_out_have_a_default_and_those_that_are_written_count() {
    let settings = Settings::parse(SMALL).unwrap();
    assert_eq!(settings.target_precision, 0.98);
    assert_eq!(settings.dummy_holders, 12);
    let strict = Settings::parse(&format!("target_precision = 0.999\n{SMALL}")).unwrap();
    assert_eq!(strict, Settings { target_precision: 0.999, ..settings });
}

const SMALL: &str = r#"
[[field]]
name = "title"
kind = "text"
from = ["title", "subtitle"]

[[field]]
name = "isbn"
kind = "identifier"
from = ["isbn|ean"]

[block]
keys = ["isbn/2", "title.word & isbn%4"]
refine = ["title.sound"]

[[class]]
name = "one_book"
same = true

[[compare]]
name = "isbn"
by = "number"
field = "isbn"
anchor = true
unrelated = [1.0, 1.0, 1.0]
start = { one_book = [0.8, 0.1, 0.1] }

[[compare]]
name = "title"
by = "text"
field = "title"
only_if = "!isbn"
unrelated = [1.0, 1.0, 1.0, 1.0, 0.99]
start = { "*" = [0.6, 0.1, 0.1, 0.1, 0.1] }
"#;

#[test]
fn the_columns_that_are_read_include_the_other_names_of_one() {
    let settings = Settings::parse(SMALL).unwrap();
    assert_eq!(settings.columns().collect::<Vec<_>>(), ["title", "subtitle", "isbn", "ean"]);
}

/// [`SMALL`] with `of` put in the place of `instead` is refused, and the refusal names all of `wanted`.
fn refused(instead: &str, of: &str, wanted: &[&str]) {
    assert!(SMALL.contains(instead), "{instead}");
    let refusal = Settings::parse(&SMALL.replacen(instead, of, 1)).unwrap_err().to_string();
    assert!(refusal.starts_with("settings: "), "{refusal}");
    for part in wanted {
        assert!(refusal.contains(part), "{refusal:?} lacks {part:?}");
    }
}

#[test]
fn what_is_no_settings_is_refused_with_its_place() {
    refused("[block]", "[block", &["line 12"]);
    refused("refine =", "refines =", &["line 14", "refines", "`refine`"]);
    refused("anchor = true", "ancor = true", &["ancor", "`anchor`"]);
    refused("kind = \"text\"", "kind = \"prose\"", &["line 4", "prose", "`person_name`"]);
    refused("by = \"text\"", "by = \"feeling\"", &["feeling", "`brand_of_owner`"]);
    refused("refine = [\"title.sound\"]", "", &["missing field `refine`"]);
    let refusal = Settings::parse(&format!("rouns = 3\n{SMALL}")).unwrap_err().to_string();
    assert!(refusal.contains("rouns"), "{refusal}");
}

#[test]
fn a_part_of_a_key_must_name_a_field_and_what_its_kind_has() {
    for (key, part) in [
        ("author", "author"),
        ("isbn & author.word", "author.word"),
        ("title.syllable", "title.syllable"),
        ("title", "title"),
        ("isbn.word", "isbn.word"),
        ("isbn/", "isbn/"),
        ("isbn%four", "isbn%four"),
        ("", ""),
    ] {
        let quoted = format!("\"{part}\" is no part of a key");
        refused("isbn/2", key, &["block", &quoted]);
        refused("title.sound", part, &["block", &quoted]);
    }
}

#[test]
fn a_comparison_must_fit_its_field_its_levels_and_what_stands_before() {
    let title = "compare \"title\"";
    refused("field = \"title\"", "field = \"tile\"", &[title, "no such field"]);
    refused("by = \"text\"", "by = \"category\"", &[title, "needed"]);
    refused("field = \"title\"", "field = \"isbn\"", &[title, "cannot be compared so"]);
    refused("1.0, 0.99]", "0.99]", &[title, "5 probabilities are needed, not 4"]);
    refused("[0.6, ", "[", &[title, "5 probabilities are needed, not 4"]);
    refused("0.99", "0.0", &[title, "above 0 and at most 1"]);
    refused("0.99", "1.5", &[title, "above 0 and at most 1"]);
    let before = [title, "only_if must name a comparison that stands before"];
    for later in ["title", "!title", "author"] {
        refused("\"!isbn\"", &format!("\"{later}\""), &before);
    }
    refused("one_book = [", "two_books = [", &["compare \"isbn\"", "one_book"]);
}

#[test]
fn there_must_be_anchors_and_they_come_first() {
    refused("anchor = true", "", &["anchors", "first"]);
    let isbn = SMALL.find("[[compare]]\nname = \"isbn\"").unwrap();
    let title = SMALL.find("[[compare]]\nname = \"title\"").unwrap();
    let turned = format!("{}{}{}", &SMALL[..isbn], &SMALL[title..], &SMALL[isbn..title]);
    let refusal = Settings::parse(&turned.replace("only_if = \"!isbn\"", "")).unwrap_err();
    assert!(refusal.to_string().contains("anchors"), "{refusal}");
}

#[test]
fn numbers_of_classes_comparisons_and_shares_have_bounds() {
    refused("same = true", "", &["first with same = true"]);
    let class = "[[class]]\nname = \"one_book\"\nsame = true\n";
    let without = format!("class = []\n{}", SMALL.replace(class, ""));
    assert!(Settings::parse(&without).unwrap_err().to_string().contains("1 to 8 classes"));
    refused(class, &class.repeat(9), &["1 to 8 classes"]);
    let title = &SMALL[SMALL.find("[[compare]]\nname = \"title\"").unwrap()..];
    refused(title, &title.repeat(21), &["1 to 21 comparisons"]);
    for share in ["0.0", "1.0"] {
        for name in ["target_precision", "review_probability"] {
            let text = format!("{name} = {share}\n{SMALL}");
            assert!(Settings::parse(&text).unwrap_err().to_string().contains(name));
        }
    }
}
