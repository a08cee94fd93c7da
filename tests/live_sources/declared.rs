//! What declarations may say.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::agency::{Agency, System};
use super::load;
use crate::hub::run;

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
            "every = \"15m\"\nwatermark = \"nik\"\n[mapping]\nnik = \"nik\"",
            "umkm.toml:7: watermark: ",
        ),
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

fn tunggal(place: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
    command.args(arguments).current_dir(place).stdin(Stdio::null()).env_remove("DATABASE_URL");
    command.env("TUNGGAL_SOURCES_DIR", "sumber").env("TUNGGAL_LOG", "off");
    command.output().unwrap()
}

#[test]
fn the_command_checks_pulls_and_lists() {
    run(async {
        let place = tempfile::tempdir().unwrap();
        let agency = Agency::start(System::Sqlite).await;
        agency.fill(1..4, "2026-01-01 08:00:00").await;
        std::fs::create_dir(place.path().join("sumber")).unwrap();
        let file = place.path().join("sumber/umkm.toml");
        let told = |arguments: &[&str]| {
            let output = tunggal(place.path(), arguments);
            let text = String::from_utf8(output.stdout).unwrap();
            (output.status.code().unwrap(), text + &String::from_utf8(output.stderr).unwrap())
        };
        let (code, text) = told(&["source", "list"]);
        assert!(code == 0 && text.contains("belum ada sumber; sources_dir"), "{text}");
        std::fs::write(&file, "agency = \"kominfo\"\nkind = \"oracle\"\nevery = \"1m\"\n").unwrap();
        let (code, text) = told(&["source", "list"]);
        assert!(code == 2 && text.contains("configuration: umkm.toml:2: kind: must be"), "{text}");

        let stray = agency.declared("").replace("\"kominfo\"", "\"disparpora\"");
        std::fs::write(&file, stray).unwrap();
        for verb in ["check", "list"] {
            let (code, text) = told(&["source", verb]);
            let told = "sources_dir: umkm.toml: agency: must be one of ";
            assert!(code == 1 && text.contains(told) && text.contains("pariwisata"), "{text}");
        }

        std::fs::write(&file, agency.declared("watermark = \"diubah\"")).unwrap();
        let (code, text) = told(&["source", "check"]);
        assert!(code == 0 && text.contains("umkm: 3 baris pertama terbaca; "), "{text}");
        assert!(text.contains("id = own_number, nama = business_name, "), "{text}");
        let (code, text) = told(&["source", "list"]);
        assert!(code == 0 && text.contains("umkm: kominfo (sqlite), menunggu; "), "{text}");
        assert!(text.contains("belum pernah ditarik"), "nothing was taken: {text}");
        let (code, text) = told(&["source", "pull", "umkm"]);
        assert!(code == 0 && text.contains("umkm: 3 baris ditarik; 3 diterima"), "{text}");
        let (_, text) = told(&["source", "list"]);
        assert!(text.contains("TAKEN, 3 baris"), "{text}");
        agency.run("DROP TABLE umkm").await;
        let (code, text) = told(&["source", "check", "umkm"]);
        assert!(code == 1 && text.contains("GAGAL. SOURCE_QUERY_REFUSED"), "{text}");
        let (code, text) = told(&["source", "pull", "umkm", "--full"]);
        assert!(code == 1 && text.contains("GAGAL. SOURCE_QUERY_REFUSED"), "{text}");
        assert_eq!(told(&["source", "pull", "lain"]).0, 1);
    });
}
