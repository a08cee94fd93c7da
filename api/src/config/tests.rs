//! What is read and what is refused.

use super::*;

fn nothing(_: &str) -> Option<String> {
    None
}

#[test]
fn the_defaults_are_valid_and_embedded() {
    let config = Config::load(None, &nothing).unwrap();
    assert_eq!(config.location(), Location::Embedded(PathBuf::from("tunggal-data")));
}

#[test]
fn a_provider_is_named_whole_or_not_at_all() {
    let whole = |key: &str| match key {
        "TUNGGAL_OIDC_ISSUER" => Some("https://id.serangkota.test/realms/umkm".to_owned()),
        "TUNGGAL_OIDC_AUDIENCE" => Some("tunggal".to_owned()),
        "TUNGGAL_OIDC_ALGORITHMS" => Some("ES256".to_owned()),
        "TUNGGAL_OIDC_ROLES" => Some("Walidata Kota = steward, opd=agency_viewer".to_owned()),
        _ => None,
    };
    let read = Config::load(None, &whole).unwrap().oidc.unwrap();
    assert_eq!(read.role("Walidata Kota"), Some(domain::viewer::Role::Steward));
    assert_eq!(read.role("steward"), None);
    for (key, wrong) in [
        ("TUNGGAL_OIDC_ISSUER", "http://id.serangkota.test"),
        ("TUNGGAL_OIDC_AUDIENCE", ""),
        ("TUNGGAL_OIDC_ALGORITHMS", "HS256"),
        ("TUNGGAL_OIDC_ROLES", "opd=mayor"),
        ("TUNGGAL_OIDC_ROLES", "opd=public"),
        ("TUNGGAL_OIDC_JWKS_URL", "ftp://id.serangkota.test"),
    ] {
        let changed = |it: &str| if it == key { Some(wrong.to_owned()) } else { whole(it) };
        let mistakes = Config::load(None, &changed).unwrap_err();
        let key = key.trim_start_matches("TUNGGAL_").to_lowercase();
        assert!(mistakes.iter().any(|it| it.starts_with(&key)), "{key}: {mistakes:?}");
    }
    let closed = |key: &str| (key == "TUNGGAL_EMBEDDED_ISSUER").then(|| "false".to_owned());
    assert!(Config::load(None, &closed).is_err());
}

#[test]
fn an_institution_is_added_or_named_anew_by_its_code() {
    let set = |key: &str| {
        let text = "bank-umum=Bank Umum Serang, bjb=PT bjb";
        (key == "TUNGGAL_INSTITUTIONS").then(|| text.to_owned())
    };
    let known = Config::load(None, &set).unwrap().institutions;
    let named: Vec<(&str, &str)> =
        known.all().iter().map(|it| (it.code.as_str(), it.name.as_str())).collect();
    let expected = [
        ("bank-banten", "Bank Banten"),
        ("bank-indonesia", "Bank Indonesia"),
        ("bank-umum", "Bank Umum Serang"),
        ("bjb", "PT bjb"),
    ];
    assert_eq!(named, expected);
    for wrong in ["bank umum=Bank Umum", "bank-umum", "bank-umum="] {
        let set = |key: &str| (key == "TUNGGAL_INSTITUTIONS").then(|| wrong.to_owned());
        let mistakes = Config::load(None, &set).unwrap_err();
        assert!(mistakes[0].starts_with("institutions: "), "{wrong}: {mistakes:?}");
    }
}

#[test]
fn every_mistake_is_reported_at_once() {
    let environment = |key: &str| match key {
        "TUNGGAL_LISTEN" => Some("here".to_owned()),
        "TUNGGAL_GRAPHIQL" => Some("perhaps".to_owned()),
        "TUNGGAL_UPLOAD_BYTES" => Some("-3".to_owned()),
        "TUNGGAL_TRUSTED_PROXIES" => Some("10.0.0.1, everybody".to_owned()),
        "DATABASE_URL" => Some("mysql://x".to_owned()),
        "TUNGGAL_DOCUMENT_BRACKETS" => Some("4000".to_owned()),
        "TUNGGAL_SHARE_PUBLIC" => Some("90".to_owned()),
        "TUNGGAL_REQUESTS_PER_MINUTE" => Some("mayor=3".to_owned()),
        "TUNGGAL_CORS_ORIGINS" => Some("*".to_owned()),
        "TUNGGAL_TLS_KEY_FILE" => Some("key.pem".to_owned()),
        _ => None,
    };
    let mistakes = Config::load(None, &environment).unwrap_err();
    for key in [
        "listen",
        "graphiql",
        "upload_bytes",
        "database_url",
        "trusted_proxies",
        "document_brackets",
        "share_office",
        "requests_per_minute",
        "cors_origins",
        "tls_key_file",
    ] {
        assert!(mistakes.iter().any(|it| it.starts_with(key)), "{key}: {mistakes:?}");
    }
}
