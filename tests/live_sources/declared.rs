//! What declarations may say.

use super::load;

fn mistakes(text: &str) -> Vec<String> {
    load(&[("umkm.toml", text)], "rahasia").unwrap_err()
}

#[test]
fn every_mistake_of_a_declaration_is_told_with_its_line() {
    let sound = "agency = \"kominfo\"\nkind = \"postgres\"\nurl = \"postgres://pembaca@10.0.0.5/dinas\"\n\
                 password = \"env:SANDI\"\nquery = \"SELECT * FROM umkm\"\nevery = \"15m\"\n";
    assert_eq!(load(&[("umkm.toml", sound)], "rahasia").unwrap().len(), 1);
    for (from, to, expected) in [
        ("\"kominfo\"", "\"Kominfo!\"", "umkm.toml:1: agency: "),
        ("\"postgres\"", "\"oracle\"", "umkm.toml:2: kind: "),
        ("pembaca@", "pembaca:rahasia@", "umkm.toml:3: url: must not hold the password"),
        ("\"env:SANDI\"", "\"rahasia\"", "umkm.toml:4: password: must be env:NAME or file:PATH"),
        ("\"env:SANDI\"", "\"env:LAIN\"", "umkm.toml:4: password: what it names cannot be read"),
        ("\"15m\"", "\"often\"", "umkm.toml:6: every: "),
        ("\"15m\"", "\"0s\"", "umkm.toml:6: every: "),
        (
            "every = \"15m\"",
            "every = \"15m\"\ndeletes = true\nwatermark = \"x\"",
            "umkm.toml:7: deletes: ",
        ),
        ("every = \"15m\"", "every = \"15m\"\nfull_every = \"1d\"", "umkm.toml:7: full_every: "),
        ("every = \"15m\"", "every = \"15m\"\nevry = 1", "umkm.toml:7: unknown field `evry`"),
        (
            "every = \"15m\"",
            "every = \"15m\"\n[mapping]\nnama = \"name\"",
            "umkm.toml:7: mapping: \"name\" is no field",
        ),
    ] {
        let told = mistakes(&sound.replace(from, to));
        assert!(told.iter().any(|it| it.starts_with(expected)), "{expected} {told:?}");
        assert!(told.iter().all(|it| !it.contains("rahasia")), "{told:?}");
    }
    let web = "agency = \"kominfo\"\nkind = \"http\"\nurl = \"http://10.0.0.5/umkm\"\nevery = \"1m\"\n[mapping]\nnama = \"business_name\"\n";
    assert!(mistakes(web)[0].starts_with("umkm.toml:3: url: must begin with https://"));
    let declared = load(&[("umkm.toml", sound)], "rahasia-sekali").unwrap();
    assert!(!format!("{declared:?}").contains("rahasia"), "{declared:?}");
}
