//! The language of a refusal: Indonesian for whoever's `Accept-Language` prefers it, otherwise English.

use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use ingest::problem::Lang;

tokio::task_local! {
    static CHOSEN: Lang;
}

/// Answers one request with its errors in the language that its headers prefer.
pub(super) async fn speaking<T>(lang: Lang, answer: impl Future<Output = T>) -> T {
    CHOSEN.scope(lang, answer).await
}

/// The language of the request that is being answered.
pub(super) fn chosen() -> Lang {
    CHOSEN.try_with(|it| *it).unwrap_or(Lang::English)
}

/// The language that these headers prefer.
pub(super) fn preferred(headers: &HeaderMap) -> Lang {
    let all = headers.get_all(ACCEPT_LANGUAGE).filter_map(|it| it.to_str().ok());
    best(&all.collect::<Vec<_>>().join(","))
}

fn best(accepted: &str) -> Lang {
    let mut best = (0.0, Lang::English);
    for range in accepted.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality =
            parts.find_map(|it| it.strip_prefix("q=")).map_or(1.0, |it| it.parse().unwrap_or(0.0));
        let lang = match name.split('-').next() {
            // `in` is what Java called Indonesian for long.
            Some("id" | "in") => Lang::Indonesian,
            Some("en" | "*") => Lang::English,
            _ => continue,
        };
        if best.0 < quality {
            best = (quality, lang);
        }
    }
    best.1
}

/// The name of a language in `Content-Language`.
pub(super) fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::Indonesian => "id",
        Lang::English => "en",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_chooses_and_whoever_says_nothing_reads_english() {
        for (accepted, expected) in [
            ("", Lang::English),
            ("id", Lang::Indonesian),
            ("id-ID,id;q=0.9,en-US;q=0.8", Lang::Indonesian),
            ("in-ID", Lang::Indonesian),
            ("en;q=0.9, id;q=0.8", Lang::English),
            ("en;q=0.8, id;q=0.9", Lang::Indonesian),
            ("jv, id;q=0.5", Lang::Indonesian),
            ("jv, *", Lang::English),
            ("id;q=0", Lang::English),
            ("id;q=x", Lang::English),
            ("idx", Lang::English),
        ] {
            assert_eq!(best(accepted), expected, "{accepted}");
        }
    }
}
