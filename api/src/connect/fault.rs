//! Why a pull did not come to its end, as a code with what it means and what to do. Nothing of what a source holds or
//! answers is in it, for an answer may quote a row.

use std::time::Duration;

use ingest::problem::Lang;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident $code:literal
        $id:literal => $id_remedy:literal $en:literal => $en_remedy:literal)+) => {
        /// What became of a pull that did not come to its end.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum FaultKind { $($(#[$doc])* $name),+ }

        impl FaultKind {
            /// Every kind.
            pub const ALL: &'static [FaultKind] = &[$(FaultKind::$name),+];

            /// The stable code.
            pub fn code(self) -> &'static str {
                match self { $(FaultKind::$name => $code),+ }
            }

            /// What it means, as a sentence without a full stop, and what to do about it.
            pub fn told(self, lang: Lang) -> (&'static str, &'static str) {
                match (self, lang) {
                    $((FaultKind::$name, Lang::Indonesian) => ($id, $id_remedy),
                      (FaultKind::$name, Lang::English) => ($en, $en_remedy),)+
                }
            }
        }
    };
}

faults! {
    /// Nothing answers at its address.
    Unreachable "SOURCE_UNREACHABLE"
        "Sumber tidak dapat dihubungi" => "Periksa apakah sistem sumber menyala dan jaringan ke sana terbuka; penarikan dicoba lagi sendiri."
        "Nothing answers at the address of the source" => "See whether the source runs and the network leads there; the pull is tried again by itself."
    /// It does not let the hub in.
    Refused "SOURCE_REFUSED"
        "Sumber menolak masuk" => "Periksa nama pengguna, kata sandi atau token dan haknya pada sumber."
        "The source does not let the hub in" => "Check the user, the password or token, and what it may read at the source."
    /// It was silent for too long.
    TimedOut "SOURCE_TIMED_OUT"
        "Sumber terlalu lama tidak menjawab" => "Periksa beban sistem sumber, atau perbesar patience; penarikan dicoba lagi sendiri."
        "The source was silent for too long" => "See how busy the source is, or raise patience; the pull is tried again by itself."
    /// The connection ended in the middle.
    Cut "SOURCE_CUT"
        "Sambungan ke sumber terputus di tengah jalan" => "Tidak perlu tindakan: penarikan dilanjutkan sendiri."
        "The connection to the source ended in the middle" => "Nothing need be done: the pull goes on by itself."
    /// It does not take the query.
    QueryRefused "SOURCE_QUERY_REFUSED"
        "Sumber menolak pertanyaannya" => "Jalankan query itu pada sumber; perbaiki nama tabel, kolom atau haknya."
        "The source does not take the query" => "Run the query at the source; correct tables, columns or rights."
    /// A declared column is not there.
    ColumnsChanged "SOURCE_COLUMNS_CHANGED"
        "Kolom yang diharapkan tidak ada lagi pada sumber" => "Sesuaikan query atau mapping dengan kolom sumber yang sekarang."
        "A column that the declaration names is not there" => "Bring query and mapping in line with the columns of the source."
    /// A watermark is neither a time nor a whole number.
    WatermarkUnreadable "SOURCE_WATERMARK_UNREADABLE"
        "Kolom watermark berisi selain waktu atau bilangan bulat" => "Pilih kolom watermark yang berisi waktu perubahan atau bilangan bulat yang naik."
        "The watermark column holds something that is neither a time nor a whole number" => "Name a column that holds times of change or whole numbers that grow."
    /// A whole list is much shorter than before.
    ListTooShort "SOURCE_LIST_TOO_SHORT"
        "Daftar lengkap jauh lebih pendek daripada yang sudah diketahui, sehingga tidak dipakai" => "Periksa sumber; bila memang benar, jalankan `tunggal source pull NAMA --accept-shorter`."
        "The whole list is much shorter than what is known, so it was not taken" => "Look at the source; if it is right, run `tunggal source pull NAME --accept-shorter`."
    /// An answer is not what was declared.
    AnswerUnreadable "SOURCE_ANSWER_UNREADABLE"
        "Jawaban sumber tidak berbentuk seperti yang dinyatakan" => "Periksa rows, paging dan mapping terhadap jawaban sumber yang sekarang."
        "The answer of the source is not of the declared form" => "Compare rows, paging and mapping with what the source answers now."
    /// It sends the hub to another host.
    Elsewhere "SOURCE_LEADS_ELSEWHERE"
        "Sumber mengarahkan ke alamat lain, dan itu tidak diikuti" => "Nyatakan alamat yang benar dalam url."
        "The source leads to another address, which is not followed" => "Declare the right address in url."
    /// It asks for patience.
    Limited "SOURCE_LIMITED"
        "Sumber membatasi jumlah permintaan" => "Perbesar every bila sering terjadi; penarikan dicoba lagi sendiri."
        "The source limits how often it is asked" => "Raise every if this is frequent; the pull is tried again by itself."
    /// The columns must be explained first.
    Asking "SOURCE_ASKING"
        "Arti kolomnya belum jelas" => "Jawab pertanyaan pada berkasnya (confirmMapping), atau lengkapi mapping pada deklarasi sumber."
        "What its columns mean is not clear" => "Answer the questions of its file (confirmMapping), or complete mapping in the declaration."
    /// Files in the directory could not be taken.
    FilesRefused "SOURCE_FILES_REFUSED"
        "Ada berkas dalam direktori yang tidak dapat diambil" => "Perbaiki berkas itu dan letakkan lagi; berkas lain sudah diambil."
        "Files in the directory could not be taken" => "Mend those files and put them there again; the others were taken."
    /// Somebody stopped it.
    Cancelled "SOURCE_CANCELLED"
        "Penarikan dihentikan" => "Tidak perlu tindakan: penarikan berikutnya berjalan menurut jadwal."
        "The pull was stopped" => "Nothing need be done: the next pull comes as scheduled."
    /// The hub itself could not go on.
    Hub "SOURCE_HUB_FAILED"
        "Hub sendiri tidak dapat menyelesaikan penarikan" => "Penarikan dicoba lagi sendiri; bila berlanjut, periksa log hub."
        "The hub itself could not finish the pull" => "The pull is tried again by itself; if it lasts, look at the hub's log."
}

impl FaultKind {
    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<FaultKind> {
        FaultKind::ALL.iter().copied().find(|it| it.code() == code)
    }
}

/// Why a pull did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What happened.
    pub kind: FaultKind,
    /// What it happened to: names of columns or files, a status, an SQLSTATE; nothing of a row.
    pub detail: Option<String>,
    /// How long the source asks to be left alone.
    pub wait: Option<Duration>,
}

impl Fault {
    /// Of this kind.
    pub fn of(kind: FaultKind) -> Fault {
        Fault { kind, detail: None, wait: None }
    }

    /// Of this kind, about something.
    pub fn about(kind: FaultKind, detail: impl Into<String>) -> Fault {
        Fault { kind, detail: Some(detail.into()), wait: None }
    }
}
