//! An agency's own system: a table of businesses in a database of its own.

use std::os::unix::fs::MetadataExt;
use std::process::{Child, Command, Stdio};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection};
use tempfile::TempDir;

use crate::hub::{fresh_database, postgres};

/// What an agency keeps its table in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    Sqlite,
    Postgres,
    Mariadb,
}

/// The systems that are there.
pub fn systems() -> Vec<System> {
    let mut systems = vec![System::Sqlite, System::Mariadb];
    systems.extend(postgres().map(|_| System::Postgres));
    systems
}

/// An agency's database with an empty table `umkm`.
pub struct Agency {
    pub system: System,
    /// Its address, without a password.
    pub url: String,
    pub password: String,
    database: Access,
    _server: Option<Mariadb>,
    _directory: TempDir,
}

enum Access {
    Orm(DatabaseConnection),
    Mysql(Box<tokio::sync::Mutex<MySqlConnection>>),
}

impl Agency {
    pub async fn start(system: System) -> Agency {
        let directory = tempfile::tempdir().unwrap();
        let mut server = None;
        let (url, password) = match system {
            System::Sqlite => {
                (directory.path().join("umkm.db").display().to_string(), String::new())
            }
            System::Postgres => {
                let url = fresh_database(&postgres().unwrap()).await;
                let mut parsed = reqwest::Url::parse(&url).unwrap();
                let password = parsed.password().unwrap_or_default().to_owned();
                parsed.set_password(None).unwrap();
                (parsed.to_string(), password)
            }
            System::Mariadb => {
                let running = server.insert(Mariadb::start().await);
                let root = format!("mysql://tunggal:rahasia@127.0.0.1:{}", running.port);
                let mut connection = MySqlConnection::connect(&root).await.unwrap();
                connection.execute("CREATE DATABASE dinas CHARACTER SET utf8mb4").await.unwrap();
                (format!("mysql://tunggal@127.0.0.1:{}/dinas", running.port), "rahasia".to_owned())
            }
        };
        let database = match system {
            System::Sqlite => {
                Access::Orm(Database::connect(format!("sqlite://{url}?mode=rwc")).await.unwrap())
            }
            System::Postgres => {
                Access::Orm(Database::connect(with_password(&url, &password)).await.unwrap())
            }
            System::Mariadb => {
                let connection = MySqlConnection::connect(&with_password(&url, &password)).await;
                Access::Mysql(Box::new(tokio::sync::Mutex::new(connection.unwrap())))
            }
        };
        let agency =
            Agency { system, url, password, database, _server: server, _directory: directory };
        let time = if system == System::Postgres { "TIMESTAMPTZ" } else { "VARCHAR(40)" };
        let time = if system == System::Mariadb { "DATETIME(6)" } else { time };
        agency
            .run(&format!(
                "CREATE TABLE umkm (id INTEGER PRIMARY KEY, nama VARCHAR(80), pemilik VARCHAR(80), \
                 kecamatan VARCHAR(40), omzet NUMERIC(15,2), diubah {time})"
            ))
            .await;
        agency
    }

    /// Runs a statement.
    pub async fn run(&self, statement: &str) {
        match &self.database {
            Access::Orm(it) => {
                let statement = Statement::from_string(it.get_database_backend(), statement);
                it.execute_raw(statement).await.unwrap();
            }
            Access::Mysql(it) => {
                let statement = AssertSqlSafe(statement.to_owned());
                it.lock().await.execute(statement).await.unwrap();
            }
        }
    }

    /// Writes a row anew, changed at a time such as `2026-01-02 03:04:05`.
    pub async fn write(&self, id: usize, name: &str, changed: &str) {
        self.run(&format!("DELETE FROM umkm WHERE id = {id}")).await;
        self.run(&format!("INSERT INTO umkm VALUES {}", row(id, name, changed))).await;
    }

    /// Writes rows of these numbers, all changed at one time.
    pub async fn fill(&self, ids: std::ops::Range<usize>, changed: &str) {
        let rows: Vec<String> = ids.map(|it| row(it, &format!("Usaha {it}"), changed)).collect();
        self.run(&format!("INSERT INTO umkm VALUES {}", rows.join(", "))).await;
    }

    /// The declaration of its table as a source, with `more` lines.
    pub fn declared(&self, more: &str) -> String {
        let place = match self.system {
            System::Sqlite => format!("kind = \"sqlite\"\npath = \"{}\"", self.url),
            System::Postgres => {
                format!("kind = \"postgres\"\nurl = \"{}\"\npassword = \"env:SANDI\"", self.url)
            }
            System::Mariadb => {
                format!("kind = \"mysql\"\nurl = \"{}\"\npassword = \"env:SANDI\"", self.url)
            }
        };
        format!(
            "agency = \"kominfo\"\n{place}\nquery = \"SELECT * FROM umkm\"\nnumber = \"id\"\nevery = \"1m\"\n{more}\n\
             [mapping]\nnama = \"business_name\"\npemilik = \"owner_name\"\nkecamatan = \"kecamatan\"\n\
             omzet = \"annual_sales\"\ndiubah = \"ignore\"\n"
        )
    }
}

fn row(id: usize, name: &str, changed: &str) -> String {
    format!("({id}, '{name}', 'Pemilik {id}', 'Serang', 1500000{}.00, '{changed}')", id % 10)
}

fn with_password(url: &str, password: &str) -> String {
    let mut url = reqwest::Url::parse(url).unwrap();
    url.set_password(Some(password)).unwrap();
    url.to_string()
}

/// A MariaDB server of a test's own, in a directory of its own; it ends with the test.
struct Mariadb {
    port: u16,
    process: Child,
    _directory: TempDir,
}

impl Drop for Mariadb {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Mariadb {
    async fn start() -> Mariadb {
        let directory = tempfile::Builder::new().prefix("tunggal-maria").tempdir().unwrap();
        let data = directory.path().join("data");
        let root = std::fs::metadata(directory.path()).unwrap().uid() == 0;
        let owner = if root { vec!["--user=root"] } else { vec![] };
        let made = Command::new("mariadb-install-db")
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .args(&owner)
            .arg(format!("--datadir={}", data.display()))
            .env("TMPDIR", directory.path())
            .output()
            .expect("mariadb-install-db: install mariadb-server-core and mariadb-client-core, as scripts/test does");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let users = directory.path().join("users.sql");
        let grant = "CREATE USER 'tunggal'@'%' IDENTIFIED BY 'rahasia';\nGRANT ALL ON *.* TO 'tunggal'@'%';\n";
        std::fs::write(&users, grant).unwrap();
        for _ in 0..5 {
            let port = free_port();
            let mut process = Command::new("mariadbd")
                .arg("--no-defaults")
                .args(&owner)
                .arg(format!("--datadir={}", data.display()))
                .arg(format!("--socket={}", directory.path().join("socket").display()))
                .arg(format!("--init-file={}", users.display()))
                .args(["--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0"])
                .args(["--innodb-buffer-pool-size=32M", "--skip-name-resolve"])
                .arg(format!("--port={port}"))
                // Two servers that begin at once in one directory for temporary files delete each other's.
                .env("TMPDIR", directory.path())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("mariadbd");
            let address = format!("mysql://tunggal:rahasia@127.0.0.1:{port}");
            while process.try_wait().unwrap().is_none() {
                if MySqlConnection::connect(&address).await.is_ok() {
                    return Mariadb { port, process, _directory: directory };
                }
                tokio::task::yield_now().await;
            }
            // The port was taken meanwhile.
        }
        panic!("mariadbd does not start");
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
