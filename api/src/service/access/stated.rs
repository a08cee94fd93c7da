//! What a request says of itself, and how the log names who sent it.

use domain::purpose::{Purpose, default_of, may_claim};
use domain::viewer::Viewer;

use crate::error::Error;

/// The longest reason for breaking the glass, in characters.
const REASON: usize = 500;
/// The longest name of a person or a machine in the log, in characters.
const NAME: usize = 200;

/// What a request says of itself: what for, why, and by which id its answer is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// What the data is for.
    pub purpose: Purpose,
    /// Why, where the purpose asks for a reason; otherwise empty.
    pub reason: String,
    /// The id of the request.
    pub request: String,
    refusal: Option<&'static str>,
}

/// The refusal of a text that may hold a person's number.
pub const HOLDS_NUMBER: &str = "must not hold a NIK, an NPWP or a telephone number";

/// Whether a text holds what may be a NIK, an NPWP or a telephone number, written in one or with gaps; a day with
/// its time is shorter.
pub fn holds_number(text: &str) -> bool {
    let longest = |gaps: &[char]| {
        let (mut run, mut longest) = (0, 0);
        for it in text.chars().filter(|it| !gaps.contains(it)) {
            run = if it.is_ascii_digit() { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest
    };
    9 <= longest(&[]) || 15 <= longest(&[' ', '.', '-'])
}

impl Stated {
    /// What `viewer` states with the name of a purpose, or without one. [`Stated::check`] says whether she
    /// may.
    pub fn new(
        viewer: &Viewer,
        purpose: Option<&str>,
        reason: Option<&str>,
        request: &str,
    ) -> Stated {
        let usual = Stated::usual(viewer, request);
        let Some(name) = purpose else { return usual };
        let Some(purpose) = Purpose::from_code(&name.trim().to_ascii_lowercase()) else {
            return Stated { refusal: Some("the hub knows no such purpose"), ..usual };
        };
        let reason = match purpose {
            Purpose::BreakGlass => plain(reason.unwrap_or_default(), REASON),
            _ => String::new(),
        };
        // The log is for ever, and erasing a person takes nothing from it.
        if holds_number(&reason) {
            let refusal = Some("the reason must not hold a person's number");
            return Stated { purpose, refusal, ..usual };
        }
        let refusal = if !may_claim(viewer.role, purpose) {
            Some("your role may not state this purpose")
        } else if purpose == Purpose::BreakGlass && reason.chars().count() < 10 {
            Some("breaking the glass needs a reason")
        } else {
            None
        };
        Stated { purpose, reason, refusal, ..usual }
    }

    /// What `viewer` states by saying nothing.
    pub fn usual(viewer: &Viewer, request: &str) -> Stated {
        let purpose = default_of(viewer.role);
        Stated { purpose, reason: String::new(), request: request.to_owned(), refusal: None }
    }

    /// Fails with [`Error::PurposeRefused`] on a purpose that the role may not claim, on breaking the glass
    /// without a reason of at least ten characters or with one that holds a person's number, and on breaking it
    /// for anything but one query.
    pub fn check(&self, one_query: bool) -> Result<(), Error> {
        let refusal = self.refusal.or_else(|| {
            let broken = self.purpose == Purpose::BreakGlass;
            (broken && !one_query)
                .then_some("the glass is broken for one query over HTTP at a time")
        });
        refusal.map_or(Ok(()), |it| Err(Error::PurposeRefused(it)))
    }
}

/// How the log names somebody.
pub struct Named {
    /// The person or the machine.
    pub subject: String,
    /// Her role.
    pub role: String,
    /// Her agency; empty without one.
    pub agency: String,
    /// Her institution; empty without one.
    pub institution: String,
    /// Her client; empty without one.
    pub client: String,
}

/// How the log names `viewer`.
pub fn named(viewer: &Viewer) -> Named {
    Named {
        subject: plain(&viewer.subject, NAME),
        role: viewer.role.code().to_owned(),
        agency: viewer.agency.as_ref().map(ToString::to_string).unwrap_or_default(),
        institution: plain(viewer.institution.as_deref().unwrap_or_default(), NAME),
        client: plain(viewer.client.as_deref().unwrap_or_default(), NAME),
    }
}

/// A text without what no database or terminal takes, and not too long: one odd name must not keep the
/// entries of others from being written.
pub fn plain(text: &str, longest: usize) -> String {
    text.trim().chars().filter(|it| !it.is_control()).take(longest).collect()
}

#[cfg(test)]
mod tests {
    use domain::viewer::Role;

    use super::*;

    fn steward() -> Viewer {
        Viewer { subject: "ani".into(), role: Role::Steward, ..Viewer::public() }
    }

    #[test]
    fn a_purpose_is_one_that_the_role_may_claim() {
        let state = |purpose, reason| {
            let stated = Stated::new(&steward(), purpose, reason, "r");
            stated.check(true).ok().map(|()| stated.purpose.code())
        };
        assert_eq!(state(None, None), Some("data_quality"));
        assert_eq!(state(Some("Public_Service"), None), Some("public_service"));
        for purpose in ["financing", "audit", "curiosity", "", "break_glass"] {
            assert_eq!(state(Some(purpose), None), None, "{purpose}");
        }
        assert_eq!(state(Some("break_glass"), Some("  \u{0}\u{7} why  ")), None);
        assert_eq!(state(Some("break_glass"), Some("flood in Kasemen")), Some("break_glass"));
        let dated = "flood of 22-11-2026 08.15.00 in RT 012/003";
        assert_eq!(state(Some("break_glass"), Some(dated)), Some("break_glass"));
        for number in
            ["3673014507880001", "3673 0145 0788 0001", "36.730145-0788.0001", "081234567801"]
        {
            let reason = format!("she of {number} is ill");
            let stated = Stated::new(&steward(), Some("break_glass"), Some(&reason), "r");
            assert!(stated.check(true).is_err() && stated.reason.is_empty(), "{number}");
        }
        let broken = Stated::new(&steward(), Some("break_glass"), Some("flood in Kasemen"), "r");
        assert!(broken.check(false).is_err(), "a mutation, or a socket");
    }
}
