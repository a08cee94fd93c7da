//! What each error code means and what to do about it, in both languages: the one place for the texts of
//! refusals. `docs/errors.md` is made from it.

use std::fmt::Write;

use ingest::problem::Lang;

/// What is told with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The code in `extensions.code`, or in `error` at `/oauth/token`.
    pub code: &'static str,
    indonesian: (&'static str, &'static str),
    english: (&'static str, &'static str),
}

impl Entry {
    /// What the code means, as one sentence without a full stop.
    pub fn meaning(&self, lang: Lang) -> &'static str {
        self.texts(lang).0
    }

    /// What the caller can do about it.
    pub fn remedy(&self, lang: Lang) -> &'static str {
        self.texts(lang).1
    }

    fn texts(&self, lang: Lang) -> (&'static str, &'static str) {
        match lang {
            Lang::Indonesian => self.indonesian,
            Lang::English => self.english,
        }
    }
}

/// What is told with `code`; nothing when it is no code of ours.
pub fn find(code: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|it| it.code == code)
}

macro_rules! catalogue {
    ($($code:literal $id:literal => $id_remedy:literal $en:literal => $en_remedy:literal)+) => {
        /// Every code: those of the API first, then those of `/oauth/token`.
        pub const CATALOGUE: &[Entry] = &[$(Entry {
            code: $code,
            indonesian: ($id, $id_remedy),
            english: ($en, $en_remedy),
        }),+];
    };
}

catalogue! {
    "INVALID_INPUT"
        "Isian tidak benar" => "Perbaiki isian yang disebut dalam pesan."
        "An argument is not what it must be" => "Correct the argument that the message names."
    "UNAUTHENTICATED"
        "Token tidak berlaku atau tidak ada" => "Masuk lagi, lalu kirim token yang masih berlaku sebagai `Authorization: Bearer ...`."
        "There is no token, or it does not hold" => "Send a current token as `Authorization: Bearer ...`; docs/identity.md says how to get one."
    "SIGNATURE_REFUSED"
        "Permintaan klien ini harus ditandatangani, dan tanda tangannya tidak ada atau tidak benar" => "Tandatangani setiap permintaan dengan X-TIMESTAMP, X-SIGNATURE dan X-EXTERNAL-ID; lihat docs/banking.md."
        "This client signs its requests, and this one has no signature or not the right one" => "Sign each request with X-TIMESTAMP, X-SIGNATURE and X-EXTERNAL-ID; docs/banking.md says over what."
    "CLOCK_OFF"
        "Waktu permintaan terlalu jauh dari jam layanan" => "Samakan jam klien dengan waktu yang disebut, lalu tandatangani permintaan baru."
        "The time of the request is too far from the hub's clock" => "Set the client's clock by the time that is told, then sign a new request."
    "REQUEST_REPLAYED"
        "Permintaan ini sudah pernah diterima" => "Jangan kirim ulang permintaan yang sama: tanyakan keadaannya, atau tandatangani permintaan baru dengan X-EXTERNAL-ID dan X-TIMESTAMP lain."
        "This request was taken before" => "Do not send the same request again: ask how things are, or sign a new one with another X-EXTERNAL-ID and X-TIMESTAMP."
    "ACCOUNT_DISABLED"
        "Akun ini dinonaktifkan atau masa berlakunya habis" => "Minta administrator mengaktifkannya: `tunggal user enable`."
        "The account is disabled, or its time is over" => "Ask an administrator of the hub to enable it: `tunggal user enable`."
    "ACCOUNTS_UNREADABLE"
        "Daftar akun sedang tidak dapat dibaca, sehingga hak akses tidak dapat dipastikan" => "Kirim ulang beberapa detik lagi; bila berlanjut, periksa apakah basis data menjawab."
        "Whether the bearer is still let in cannot be told now" => "Send the request again in a few seconds; if it lasts, see whether the database answers."
    "PROVIDER_UNREACHABLE"
        "Layanan identitas tidak menjawab, sehingga token tidak dapat diperiksa" => "Kirim ulang beberapa detik lagi; bila berlanjut, hubungi pengelola layanan identitas."
        "The OpenID provider does not answer, so the token cannot be checked" => "Send the request again in a few seconds; if it lasts, ask whoever runs the provider."
    "FORBIDDEN"
        "Peran Anda tidak berhak melakukan ini" => "Gunakan peran yang berhak, atau minta hak itu kepada administrator."
        "The role may not do this" => "Ask in a role that may, or ask an administrator for it."
    "INSUFFICIENT_SCOPE"
        "Token ini dibatasi dan tidak mencakup tindakan ini" => "Minta token tanpa scope, atau dengan scope yang disebut; daftarnya di docs/visibility.md."
        "The role may do this, but the token is held to less" => "Ask for a token without scope, or with this one among them; docs/visibility.md lists them."
    "WITHHELD"
        "Isian yang dipakai untuk menyaring, mengurutkan atau mencari tidak Anda lihat utuh" => "Hapus isian itu, atau gunakan peran dan tujuan yang melihatnya utuh; daftarnya di docs/visibility.md."
        "A filter, an order or a search is by what the caller does not see whole" => "Leave the argument out, or ask in a role and for a purpose that sees the attribute whole; docs/visibility.md lists them."
    "UNKNOWN_PROGRAMME"
        "Tidak ada program pembiayaan dengan nama itu" => "Pakai id dari daftar `programmes`."
        "There is no financing programme of this name" => "Use an id that `programmes` lists."
    "CURSOR_FOREIGN"
        "Penanda halaman ini milik pertanyaan atau pengguna lain" => "Mulai lagi dari halaman pertama, dengan program dan saringan yang sama pada setiap halaman."
        "The cursor was given to another question or to somebody else" => "Begin at the first page again, and keep programme and filter the same from page to page."
    "CURSOR_STALE"
        "Umpan perubahan tidak dapat dilanjutkan dari penanda ini: kuncinya sudah dicabut, atau data dipulihkan dari cadangan" => "Mulai lagi tanpa `since`, dan ganti seluruh salinan Anda dengan yang diterima."
        "The feed cannot be gone on with from this cursor: its key was taken out of the ring, or the register was restored from a backup" => "Begin again without `since`, and put what comes in the place of all that you hold."
    "PROGRAMMES_MALFORMED"
        "Berkas program pembiayaan tidak dapat dipakai" => "Perbaiki baris yang disebut; `tunggal financing check DIR` memeriksanya tanpa menjalankan layanan."
        "The files of financing programmes do not hold together" => "Correct the lines that are named; `tunggal financing check DIR` reads them without a register."
    "TOMBSTONE_KEY_MISSING"
        "Kunci untuk mengenali data yang sudah dihapus tidak ada di komputer ini" => "Salin tombstone-key dari komputer yang menghapus data itu, atau dari cadangan, ke direktori data komputer ini."
        "The key that knows what was erased is not on this node" => "Copy tombstone-key from the node that erased, or from a backup, into this node's data directory."
    "PURPOSE_REFUSED"
        "Tujuan yang dinyatakan tidak diperkenankan bagi peran Anda" => "Nyatakan dalam header Tunggal-Purpose tujuan yang disebut dalam pesan atau, bila tidak ada yang disebut, yang diperkenankan bagi peran Anda menurut docs/visibility.md, atau hapus header itu; untuk break_glass tulis alasannya, 10 sampai 500 huruf, dalam header Tunggal-Reason."
        "A purpose was stated that the caller may not state" => "State in the header Tunggal-Purpose the purpose that the message names or, where it names none, one that docs/visibility.md allows your role, or leave it out; with break_glass, write in the header Tunggal-Reason why, in 10 to 500 characters."
    "EVIDENCE_UNAVAILABLE"
        "Akses ini tidak dapat dicatat, maka tidak dijawab" => "Kirim ulang; bila gagal lagi, beri tahu pengelola."
        "The access could not be written down, so it is not answered" => "Send the request again; if that fails too, tell the operator."
    "EVIDENCE_BROKEN"
        "Log akses tidak lagi utuh; tidak ada checkpoint yang ditandatangani" => "Jalankan `tunggal audit verify` dengan checkpoint yang disimpan di luar."
        "The access log is not what it was: no checkpoint is signed" => "Run `tunggal audit verify` with the exported checkpoints."
    "NOT_SIGNED_YET"
        "Log jawaban ini belum ditandatangani" => "Minta bukti lagi sesudah checkpoint berikutnya (`checkpoint_minutes`)."
        "The log of this answer is not signed yet" => "Ask for the proof again after the next checkpoint (`checkpoint_minutes`)."
    "EVIDENCE_MISSING"
        "Log akses tidak ada di samping register; hub tidak dijalankan" => "Pulihkan evidence.sqlite dari cadangan yang sama dengan tunggal.sqlite."
        "The access log is not beside its register, so the hub does not start" => "Put evidence.sqlite back from the same backup as tunggal.sqlite."
    "NOT_FOUND"
        "Tidak ditemukan" => "Periksa alamat atau id; setiap id diawali jenisnya, misalnya `ent_`."
        "Nothing of that noun has the id, or the caller may not know that it does" => "Check the address or the id; ids begin with the noun they name, such as `ent_`."
    "FILE_REFUSED"
        "Berkas tidak dapat diterima" => "Kirim daftar sebagai .csv, .xlsx, .xls atau .ods yang dapat dibuka sendiri."
        "The file cannot be taken" => "Send the list as a .csv, .xlsx, .xls or .ods file that opens by itself."
    "CONFLICT"
        "Keadaan data sekarang tidak memungkinkannya" => "Baca lagi keadaan terkini, lalu putuskan."
        "The state of things does not allow it now" => "Read the present state again, then decide."
    "PREVIEW_STALE"
        "Data berubah sejak pratinjau dibuat, sehingga pratinjau itu tidak berlaku lagi" => "Buat pratinjau lagi, baca apa yang akan berubah, lalu aktifkan."
        "The register has changed since the model was previewed" => "Preview the model again, read what it would change, then activate it."
    "BUSY"
        "Impor atau penautan lain sedang berjalan" => "Tunggu sebentar, lalu kirim ulang."
        "Another import or link run is at work" => "Wait a little and send the request again."
    "OVERLOADED"
        "Layanan sedang penuh" => "Tunggu sebentar, lalu kirim ulang."
        "The hub is at its capacity" => "Wait a little and send the request again."
    "STORAGE_FULL"
        "Ruang penyimpanan hub penuh" => "Kirim lagi nanti; operator hub perlu mengosongkan ruang. Yang ditolak tidak tersimpan sebagian."
        "There is no room left on the disk of the hub" => "Send it again later; the hub's operator has to make room. Nothing of what was refused was kept."
    "UNAVAILABLE"
        "Basis data tidak terjangkau saat ini" => "Tunggu sebentar; lihat apakah perubahan Anda sudah tersimpan, lalu kirim ulang bila belum."
        "The register cannot be reached just now" => "Wait a little; see whether a change of yours was stored, and send it again if not."
    "TIMEOUT"
        "Permintaan berjalan terlalu lama" => "Minta lebih sedikit sekaligus: halaman lebih kecil, isian bersarang lebih sedikit."
        "The request took longer than it may" => "Ask for less at once: a smaller page, fewer nested fields."
    "TOO_COMPLEX"
        "Permintaan melampaui batas" => "Minta lebih sedikit: isian lebih sedikit, halaman lebih kecil, lebih dangkal."
        "The document or what it would cost is above a limit" => "Ask for less: fewer fields, a smaller page, less nesting."
    "DOCUMENT_TOO_LONG"
        "Dokumen terlalu panjang" => "Pendekkan dokumen, atau bagi menjadi beberapa permintaan."
        "The document is longer than it may be" => "Shorten the document, or ask in several requests."
    "TOO_MANY_TOKENS"
        "Dokumen memuat terlalu banyak token" => "Minta isian lebih sedikit, atau bagi menjadi beberapa permintaan."
        "The document has more tokens than it may have" => "Ask for fewer fields, or in several requests."
    "TOO_DEEP"
        "Kurung, isian atau fragment bersarang terlalu dalam" => "Kurangi kedalamannya, atau mulai lagi dari id yang sudah diketahui."
        "Brackets, fields or fragments nest too deep" => "Nest less deep, or begin anew from an id that is known."
    "TOO_MANY_ALIASES"
        "Dokumen memuat terlalu banyak alias" => "Minta beberapa nilai dengan satu filter atau satu halaman, bukan dengan alias."
        "The document has more aliases than it may have" => "Ask for several with one filter or one page instead of aliases."
    "TOO_MANY_DIRECTIVES"
        "Dokumen atau satu isian memuat terlalu banyak directive" => "Hapus directive yang tidak diperlukan."
        "The document or a field has more directives than it may have" => "Leave out the directives that are not needed."
    "TOO_MANY_OPERATIONS"
        "Dokumen memuat terlalu banyak operasi" => "Kirim hanya operasi yang dijalankan."
        "The document has more operations than it may have" => "Send the operation alone that is to be executed."
    "FRAGMENTS_TOO_LARGE"
        "Dokumen terlalu panjang setelah fragment-nya ditulis lengkap" => "Pakai fragment lebih sedikit, atau fragment yang lebih kecil."
        "The document is too long once its fragments are written out" => "Spread fewer fragments, or smaller ones."
    "TOO_MANY_ROOT_FIELDS"
        "Satu operasi meminta terlalu banyak isian di akarnya" => "Bagi menjadi beberapa permintaan."
        "The operation asks for more fields at its root than it may" => "Ask in several requests."
    "BODY_TOO_LONG"
        "Isi permintaan terlalu panjang" => "Pendekkan dokumen dan variabelnya; kirim berkas sebagai multipart/form-data."
        "The body is longer than it may be" => "Shorten document and variables; send a file as multipart/form-data."
    "BODY_TOO_SLOW"
        "Isi permintaan tidak sampai pada waktunya" => "Periksa sambungan, lalu kirim ulang."
        "The body did not come in time" => "See to the connection, then send the request again."
    "BATCH_REFUSED"
        "Permintaan tidak diterima sebagai daftar, atau daftarnya terlalu panjang" => "Kirim permintaan satu per satu, atau sebanyak yang disebut dalam pesan."
        "Requests are not taken as a list, or not so many" => "Send one request at a time, or as many as the message says."
    "RATE_LIMITED"
        "Terlalu banyak permintaan dari klien ini" => "Tunggu selama header Retry-After, lalu kirim ulang."
        "The client sends more requests than it may" => "Wait as long as the header Retry-After says, then send the request again."
    "TOO_MANY_SUBSCRIPTIONS"
        "Terlalu banyak langganan terbuka dari klien ini" => "Tutup langganan yang tidak dipakai lagi."
        "The client has more subscriptions open than it may have" => "Complete those that are not needed any more."
    "PERSISTED_QUERY_NOT_FOUND"
        "PersistedQueryNotFound" => "Kirim dokumen lengkap bersama digest-nya satu kali."
        "PersistedQueryNotFound" => "Send the document whole once, together with its digest."
    "PERSISTED_QUERY_MISMATCH"
        "Digest bukan milik dokumen ini" => "Kirim SHA-256 dari dokumen itu sendiri, dalam heksadesimal."
        "The digest is not that of the document" => "Send the SHA-256 of the very document, in hexadecimal."
    "DOCUMENT_NOT_TRUSTED"
        "Klien ini dibatasi pada daftar dokumen, dan ini bukan salah satunya" => "Minta pengelola menambahkannya: `tunggal document add`."
        "The client is held to a list of documents, and this is none of them" => "Ask whoever runs the hub to add it: `tunggal document add`."
    "METHOD_NOT_ALLOWED"
        "Metode ini tidak dijawab di sini" => "Kirim POST; untuk query boleh juga GET."
        "The method is not answered here" => "Send POST; for a query GET is answered too."
    "NOT_ACCEPTABLE"
        "Tidak ada jenis media yang diterima klien dapat diberikan" => "Kirim header Accept dengan application/graphql-response+json atau application/json; untuk subscription text/event-stream atau multipart/mixed;subscriptionSpec=1.0."
        "The client takes no media type that the answer could have" => "Send the header Accept with application/graphql-response+json or application/json; for a subscription text/event-stream or multipart/mixed;subscriptionSpec=1.0."
    "UNSUPPORTED_MEDIA_TYPE"
        "Jenis media isi permintaan tidak dibaca" => "Kirim header Content-Type: application/json; berkas sebagai multipart/form-data."
        "The media type of the body is not read" => "Send the header Content-Type: application/json; a file as multipart/form-data."
    "INVALID_REQUEST"
        "Permintaan tidak dapat dibaca atau tidak sesuai dengan schema" => "Bandingkan permintaan dengan schema.graphql dan perbaiki menurut pesan."
        "The request is not GraphQL, or does not fit the schema" => "Compare the request with schema.graphql and correct it as the message says."
    "DATA_KEYS_UNREADABLE"
        "Kumpulan kunci data tidak dapat dipakai" => "Pengelola mengembalikan kumpulan kunci data (data_keys_file atau TUNGGAL_DATA_KEYS) dan menjalankan ulang; lihat docs/at-rest.md."
        "The ring of data keys is not there, or is not one" => "Whoever runs the hub gives it the register's ring of data keys (data_keys_file or TUNGGAL_DATA_KEYS) and starts it again; docs/at-rest.md says how."
    "DATA_KEY_MISSING"
        "Data disegel dengan kunci yang tidak ada dalam kumpulan kunci" => "Pengelola mengembalikan kumpulan kunci data yang memuat kunci itu; lihat docs/at-rest.md."
        "Something was sealed with a key that is not in the ring" => "Whoever runs the hub gives it the ring that holds the key; docs/at-rest.md says how."
    "DATA_KEY_WRONG"
        "Kumpulan kunci data bukan milik register ini" => "Pengelola memberikan kumpulan kunci data register ini; lihat docs/at-rest.md."
        "The ring has another key than the register knows" => "Whoever runs the hub gives it the register's own ring; docs/at-rest.md says how."
    "DATA_DAMAGED"
        "Nilai tersegel bukan yang dahulu ditulis" => "Pengelola memulihkan baris itu dari cadangan; lihat docs/at-rest.md."
        "A sealed value does not open: it was changed or moved" => "Whoever runs the hub restores the row from a backup; docs/at-rest.md says how."
    "NEWER_SCHEMA"
        "Basis data dibuat oleh versi Tunggal yang lebih baru" => "Jalankan versi itu atau yang lebih baru."
        "The database was made by a newer version" => "Run that version or a later one."
    "DATABASE_UNREACHABLE"
        "Basis data tidak dapat dibuka" => "Periksa apakah basis data berjalan, dan alamatnya dalam pengaturan."
        "The database cannot be opened" => "See whether the database runs, and at the address in the settings."
    "INTERNAL"
        "Terjadi kesalahan di pihak layanan" => "Beri tahu pengelola, dengan nilai header X-Request-Id."
        "Something of the hub's failed" => "Tell the operator, with the value of the header X-Request-Id."
    "invalid_client"
        "Klien tidak dikenal, rahasianya salah, atau klien itu dinonaktifkan atau habis masanya" => "Tanyakan kepada pengelola: `tunggal client list` memperlihatkannya, `tunggal client rotate` memberi rahasia baru."
        "no such client, or not with this secret, or it is disabled or expired" => "Ask whoever runs the hub: `tunggal client list` shows it, `tunggal client rotate` gives a new secret."
    "clock_off"
        "X-TIMESTAMP terlalu jauh dari jam layanan, yang ada di hub_time" => "Samakan jam klien dengan hub_time, lalu tandatangani permintaan baru."
        "X-TIMESTAMP is too far from the hub's clock, which is in hub_time" => "Set the client's clock by hub_time, then sign a new request."
    "invalid_grant"
        "Nama atau kata sandi salah, atau akun dinonaktifkan atau harus menunggu" => "Periksa keduanya lalu coba lagi; setelah beberapa kata sandi salah, akun menunggu paling lama 15 menit."
        "no such account, or not with this password, or it is disabled or has to wait" => "Check both and try again; after several wrong passwords an account waits, 15 minutes at most."
    "invalid_scope"
        "Scope tidak dikenal, atau melebihi hak akun ini" => "Hapus scope, atau sebut hanya yang boleh bagi akun ini; daftarnya di docs/visibility.md."
        "the scope is unknown, or more than this account is for" => "Leave the scope out, or name only what the account may; docs/visibility.md lists scopes."
    "unsupported_grant_type"
        "Jenis grant ini tidak didukung" => "Kirim grant_type=password atau grant_type=client_credentials."
        "this grant type is not supported" => "Send grant_type=password or grant_type=client_credentials."
    "invalid_request"
        "Permintaan tidak lengkap atau tidak dapat dibaca" => "Kirim setiap parameter satu kali, dalam isi berjenis application/x-www-form-urlencoded."
        "the request is not complete, or cannot be read" => "Send each parameter once, in a body of application/x-www-form-urlencoded."
    "too_many_attempts"
        "Terlalu banyak percobaan masuk dari alamat ini" => "Tunggu selama header Retry-After, lalu coba lagi."
        "too many sign-ins come from this address" => "Wait as long as the header Retry-After says, then try again."
    "temporarily_unavailable"
        "Layanan sedang tidak dapat menjawab" => "Tunggu sebentar, lalu kirim ulang."
        "the hub could not answer just now" => "Wait a little and send the request again."
    "server_error"
        "Terjadi kesalahan di pihak layanan" => "Tunggu sebentar, lalu kirim ulang; bila gagal lagi, beri tahu pengelola."
        "something of the hub's failed" => "Wait a little and send the request again; if that fails too, tell the operator."
}

/// Every code as a Markdown table.
pub fn table() -> String {
    let mut table = String::from("| Code | Indonesian | English |\n|---|---|---|\n");
    for entry in CATALOGUE {
        let [indonesian, english] = [Lang::Indonesian, Lang::English].map(|it| entry.texts(it));
        let _ = writeln!(
            table,
            "| `{}` | {}. *{}* | {}. *{}* |",
            entry.code, indonesian.0, indonesian.1, english.0, english.1
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_there_once_and_says_in_each_language_what_to_do() {
        for (index, entry) in CATALOGUE.iter().enumerate() {
            assert!(CATALOGUE[..index].iter().all(|it| it.code != entry.code), "{}", entry.code);
            for lang in [Lang::Indonesian, Lang::English] {
                assert!(!entry.meaning(lang).is_empty(), "{}", entry.code);
                assert!(entry.remedy(lang).ends_with('.'), "{}", entry.code);
            }
            assert_ne!(entry.indonesian, entry.english, "{}", entry.code);
        }
    }
}
