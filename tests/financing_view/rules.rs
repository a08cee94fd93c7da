//! A city's own rules.

use tunggal::service::financing::standing::today;

use domain::viewer::Role;

use super::{MICRO, filled, ids, micro, told, view};
use crate::hub::{TestHub, kinds, run};

/// A city's own files replace those that come with the program; a mistake in them is told with its line.
#[test]
fn a_citys_own_rules_are_read_at_the_start_and_mistakes_are_told_with_their_place() {
    for kind in kinds() {
        run(async move {
            let directory = tempfile::tempdir().unwrap();
            for (name, text) in financing::catalogue::SHIPPED {
                let text = match *name {
                    "rules.toml" => text.replace(
                        "recent_annual_sales <= 4800000000",
                        "recent_annual_sales <= 100000000",
                    ),
                    _ => (*text).to_owned(),
                };
                std::fs::write(directory.path().join(name), text).unwrap();
            }
            let path = directory.path().to_owned();
            let hub = TestHub::start_with(kind, |it| it.programmes_dir = Some(path.clone())).await;
            filled(&hub).await;
            let all = told(&view(&hub, Role::Steward, micro()).await);
            assert_eq!(all["Sate Bandeng Barokah"].0, "NOT_ELIGIBLE", "{all:?}");
            assert_eq!(all["Bengkel Sinar Jaya"].0, "LIKELY_ELIGIBLE");
            // Of the rules that come with the program it would be told otherwise.
            let shipped = tempfile::tempdir().unwrap();
            for (name, text) in financing::catalogue::SHIPPED {
                std::fs::write(shipped.path().join(name), text).unwrap();
            }
            let found = tunggal::service::financing::preview::preview(
                &hub.app,
                shipped.path(),
                today(),
                10,
            )
            .await
            .unwrap();
            assert_eq!(found.enterprises, 5);
            let change = found.list.iter().find(|it| it.programme == MICRO).unwrap();
            assert_eq!(change.enterprise.to_string(), ids(&hub).await["Sate Bandeng Barokah"]);
            assert!(change.because.iter().any(|it| it.rule == "sales_limit_2026"), "{change:?}");
            // A file with a mistake starts nothing.
            let broken = std::fs::read_to_string(path.join("rules.toml"))
                .unwrap()
                .replace("when = \"!reported_closed\"", "when = \"!reported_clsed\"");
            std::fs::write(path.join("rules.toml"), broken).unwrap();
            let refused = tunggal::app::App::start((*hub.app.config).clone()).await.err().unwrap();
            assert_eq!(refused.code(), "PROGRAMMES_MALFORMED");
            assert!(
                refused.to_string().contains("rules.toml:12:")
                    && refused.to_string().contains("UNKNOWN_FACT"),
                "{refused}"
            );
        });
    }
}

/// The commands that whoever keeps the rules uses.
#[test]
fn rule_files_are_checked_and_previewed_at_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    let files = directory.path().join("program");
    std::fs::create_dir(&files).unwrap();
    for (name, text) in financing::catalogue::SHIPPED {
        std::fs::write(files.join(name), text).unwrap();
    }
    let run = |order: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tunggal-under-test"));
        command
            .args(["financing", order])
            .arg(&files)
            .arg("--data-dir")
            .arg(directory.path().join("data"));
        let done = command.output().unwrap();
        let told = [done.stdout, done.stderr].map(|it| String::from_utf8(it).unwrap());
        (done.status.success(), told.concat())
    };
    let (fine, told) = run("check");
    assert!(fine && told.contains("6 programmes"), "{told}");
    let (fine, told) = run("preview");
    assert!(fine && told.contains("0 of 0 enterprises"), "{told}");
    std::fs::write(files.join("umi.toml"), "[programme]\nid = \"umi\"\n").unwrap();
    let (fine, told) = run("check");
    assert!(!fine && told.contains("umi.toml:"), "{told}");
}
