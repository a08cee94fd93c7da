//! Files that come into a directory.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{fault, load, minute, pull};
use crate::hub::{TestHub, kinds, run};

fn put(directory: &Path, name: &str, text: &str, age: u64) {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    let at = SystemTime::from(minute(0)) - Duration::from_secs(age);
    File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}

#[test]
fn files_are_taken_as_they_arrive_but_not_before_they_are_whole() {
    for kind in kinds() {
        run(async {
            let inbox = tempfile::tempdir().unwrap();
            let text = format!(
                "agency = \"kominfo\"\nkind = \"directory\"\npath = \"{}\"\nsettle = \"30s\"\nevery = \"1m\"\n",
                inbox.path().display()
            );
            let sources = load(&[("umkm.toml", &text)], "").unwrap();
            let hub = TestHub::start_with(kind, |it| it.sources = sources).await;
            let list =
                |id: usize| format!("Kode Peserta,Nama UMKM,Kecamatan\nK-{id},Usaha {id},Serang\n");
            put(inbox.path(), "januari.csv", &list(1), 100);
            put(inbox.path(), "februari.csv", &list(2), 10);
            put(inbox.path(), "maret.csv.part", &list(3), 100);
            put(inbox.path(), ".april.csv", &list(4), 100);
            put(inbox.path(), "kosong.csv", "", 100);
            std::os::unix::fs::symlink("/etc/passwd", inbox.path().join("tautan.csv")).unwrap();
            let first = pull(&hub, 0).await;
            assert_eq!(
                (fault(&first), first.counts.new, first.files.len()),
                ("", 1, 1),
                "{first:?}"
            );
            let second = pull(&hub, 1).await;
            assert_eq!(
                (second.counts.new, second.files.len()),
                (1, 1),
                "now it has been left alone"
            );
            assert_eq!(pull(&hub, 2).await.files, []);
            // What cannot be taken is told of once, and does not stop the others.
            put(inbox.path(), "gambar.csv", "%PDF-1.7 bukan daftar", 100);
            put(inbox.path(), "mei.csv", &list(5), 100);
            let third = pull(&hub, 3).await;
            assert_eq!((fault(&third), third.counts.new), ("SOURCE_FILES_REFUSED", 1));
            let about = third.fault.unwrap().detail.unwrap();
            assert!(about.starts_with("gambar.csv "), "{about}");
            assert_eq!(fault(&pull(&hub, 30).await), "");
            assert!(inbox.path().join("januari.csv").exists(), "files stay where they are");
        });
    }
}
