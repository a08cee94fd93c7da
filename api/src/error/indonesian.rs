//! What errors say exactly, in Indonesian. They are made in English; a text that is not here is left out rather
//! than told in a language that was not asked for.

/// What `english` says, in Indonesian; none for a text that is not known.
pub fn said(english: &str) -> Option<String> {
    if let Some(known) = translated(english) {
        return Some(known);
    }
    // An argument, and what is wrong with it.
    let (field, reason) = english.split_once(": ")?;
    let plain = !field.is_empty() && field.bytes().all(|it| it.is_ascii_alphanumeric());
    plain.then(|| translated(reason)).flatten().map(|it| format!("{field}: {it}"))
}

fn translated(english: &str) -> Option<String> {
    PHRASES.iter().find_map(|(from, to)| {
        let mut held = fitting(from, english)?.into_iter();
        let mut said = String::new();
        for (place, part) in to.split("{}").enumerate() {
            if 0 < place {
                let it = held.next()?;
                said += &translated(it).unwrap_or_else(|| it.to_owned());
            }
            said += part;
        }
        Some(said)
    })
}

/// What stands in `text` where `pattern` has `{}`; none when the rest differs.
fn fitting<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let (mut held, mut parts) = (vec![], pattern.split("{}"));
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty().then_some(held);
    }
    while let Some(part) = parts.next() {
        let end = match parts.peek() {
            None => rest.len().checked_sub(part.len()).filter(|it| rest[*it..] == *part)?,
            Some(_) => rest.find(part)?,
        };
        held.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    Some(held)
}

/// What is said in English, and in Indonesian; `{}` stands for what differs each time.
const PHRASES: &[(&str, &str)] = &[
    ("sign in: {}", "Masuk dahulu: {}"),
    ("this account is disabled", "akun ini dinonaktifkan"),
    (
        "whether this token's bearer is still let in cannot be told now",
        "hak akses pembawa token sedang tidak dapat dipastikan",
    ),
    (
        "the OpenID provider does not answer, so the token cannot be checked",
        "layanan identitas tidak menjawab, sehingga token tidak dapat diperiksa",
    ),
    ("the role {} may not {}", "peran {} tidak berhak melakukannya"),
    ("this token is not for the scope {}", "token ini tidak mencakup scope {}"),
    (
        "you do not see this whole of everybody, so you cannot find or order by it",
        "tidak Anda lihat utuh pada semua orang, sehingga tidak dapat dipakai untuk mencari atau mengurutkan",
    ),
    ("the hub knows no such purpose", "tujuan itu tidak dikenal"),
    ("your role may not state this purpose", "peran Anda tidak boleh menyatakan tujuan ini"),
    (
        "breaking the glass needs a reason",
        "membuka data dalam keadaan darurat perlu alasan: 10 sampai 500 huruf dalam header Tunggal-Reason",
    ),
    (
        "the glass is broken for one query over HTTP at a time",
        "data dalam keadaan darurat dibuka untuk satu kueri HTTP setiap kali",
    ),
    ("state the purpose subject_request", "nyatakan tujuan subject_request"),
    (
        "the hub could not write this access down, so it does not answer",
        "akses ini tidak dapat dicatat, sehingga tidak dijawab",
    ),
    (
        "entry {} of the access log is not what it was: no checkpoint is signed",
        "catatan {} pada log akses tidak lagi seperti semula; tidak ada checkpoint yang ditandatangani",
    ),
    ("no {} has this id", "tidak ada yang memiliki id ini"),
    (
        "the register has changed since this model was previewed, so the preview no longer holds",
        "data berubah sejak model ini dipratinjau, sehingga pratinjau tidak berlaku lagi",
    ),
    (
        "the key of what was erased is missing: copy tombstone-key into the data directory before lists are taken",
        "kunci data yang sudah dihapus tidak ada: salin tombstone-key ke direktori data sebelum menerima daftar",
    ),
    (
        "another import or link run is at work; try again when it has finished",
        "impor atau penautan lain sedang berjalan; coba lagi setelah selesai",
    ),
    ("the hub is at its capacity", "layanan sedang penuh"),
    ("the hub could not finish this request", "permintaan ini tidak dapat diselesaikan"),
    ("the token cannot be read", "token tidak dapat dibaca"),
    ("the token was not issued by this hub", "token bukan terbitan layanan ini"),
    ("the token is of another issuer", "token berasal dari penerbit lain"),
    ("the token has expired", "masa berlaku token habis"),
    ("the tokens of this account were revoked", "token akun ini sudah dicabut"),
    (
        "this subject has an account: sign in to it",
        "pengguna ini memiliki akun: masuk dengan akun itu",
    ),
    ("the token's signature does not hold", "tanda tangan token tidak sah"),
    ("the token's key is not one of the provider's", "kunci token bukan milik layanan identitas"),
    ("the token's key is not in use", "kunci token tidak dipakai"),
    ("the token's header says what it may not", "kepala token memuat hal yang tidak diperkenankan"),
    (
        "the token names several roles; it must name one",
        "token menyebut beberapa peran; harus satu",
    ),
    ("the token names no role that the hub knows", "token tidak menyebut peran yang dikenal"),
    ("the token names no person's row", "token tidak menyebut baris seseorang"),
    ("the token names no known role", "token tidak menyebut peran yang dikenal"),
    ("the token names an unknown scope", "token menyebut scope yang tidak dikenal"),
    (
        "the token names an agency the hub does not know",
        "token menyebut instansi yang tidak dikenal",
    ),
    (
        "the token names an institution the hub does not know",
        "token menyebut lembaga yang tidak dikenal",
    ),
    ("the token lacks its agency or institution", "token tidak menyebut instansi atau lembaganya"),
    ("the token is too long", "token terlalu panjang"),
    ("the token is not valid yet", "token belum berlaku"),
    ("the token is not signed in an allowed way", "cara penandatanganan token tidak diperkenankan"),
    ("the token is not signed in a known way", "cara penandatanganan token tidak dikenal"),
    ("the token is not an access token", "token ini bukan access token"),
    ("the token is for another audience", "token ditujukan kepada layanan lain"),
    ("the token does not say whose it is", "token tidak menyebut pemiliknya"),
    ("the token does not say when it holds", "token tidak menyebut masa berlakunya"),
    ("the token does not name its key", "token tidak menyebut kuncinya"),
    ("a time of the token is not in whole seconds", "waktu dalam token tidak dalam detik bulat"),
    ("a claim of the token is not a text", "satu klaim token bukan teks"),
    ("a claim of the token is not a list of texts", "satu klaim token bukan daftar teks"),
    (
        "the header Authorization must read: Bearer and a token",
        "header Authorization harus berisi: Bearer dan token",
    ),
    ("send the token in the payload of connection_init", "kirim token dalam isi connection_init"),
    (
        "send the token in a header, not in the address",
        "kirim token dalam header, bukan dalam alamat",
    ),
    ("send the access token, not the identity token", "kirim access token, bukan identity token"),
    ("send one header Authorization", "kirim satu header Authorization"),
    ("must be one of {}", "harus salah satu dari {}"),
    (
        "must be {}_ and the 32 hexadecimal digits of an id",
        "harus berupa {}_ diikuti 32 digit heksadesimal id",
    ),
    ("must have 16 digits of a NIK", "harus berisi 16 digit NIK"),
    ("must have 1 to 1,000 characters", "harus 1 sampai 1.000 huruf"),
    ("must have at most 1,000 characters", "paling banyak 1.000 huruf"),
    ("must have {} to {} characters", "harus {} sampai {} huruf"),
    ("must be 1 to {}", "harus 1 sampai {}"),
    ("must be from {} to {}", "harus dari {} sampai {}"),
    ("is out of range", "di luar jangkauan"),
    (
        "must say in {} characters or more what it is about",
        "jelaskan dalam {} huruf atau lebih tentang apa",
    ),
    (
        "must say in {} characters or more why not",
        "jelaskan dalam {} huruf atau lebih mengapa tidak",
    ),
    (
        "must say in {} characters or more where the proof is kept",
        "sebutkan dalam {} huruf atau lebih di mana bukti disimpan",
    ),
    (
        "must name fields that an institution can see",
        "harus menyebut isian yang dapat dilihat lembaga",
    ),
    ("names an unknown field", "menyebut isian yang tidak dikenal"),
    (
        "must lie in the future, by at most five years",
        "harus di masa depan, paling lama lima tahun",
    ),
    ("must lie in the future", "harus di masa depan"),
    ("must have two to five digits", "harus dua sampai lima digit"),
    ("must have 13 digits", "harus 13 digit"),
    (
        "must begin with ent_, own_, rec_, fil_ or dec_",
        "harus diawali ent_, own_, rec_, fil_ atau dec_",
    ),
    ("must begin with ent_, own_, fil_ or agy_", "harus diawali ent_, own_, fil_ atau agy_"),
    ("must be of letters, digits and the signs - _ .", "hanya huruf, angka dan tanda - _ ."),
    ("must be before until, by at most 366 days", "harus sebelum until, paling lama 366 hari"),
    ("must be another row than a", "harus baris lain daripada a"),
    ("must be another record than a", "harus baris lain daripada a"),
    ("must be a number", "harus berupa angka"),
    ("must be a letter from A to U", "harus huruf A sampai U"),
    ("must be SAME or NEVER", "harus SAME atau NEVER"),
    ("must be 1 or more", "harus 1 atau lebih"),
    ("is not in the request", "tidak ada dalam permintaan"),
    ("is not a cursor of this list", "bukan kursor daftar ini"),
    ("is no steward the hub knows", "bukan walidata yang dikenal"),
    ("is no mark of this feed", "bukan penanda umpan ini"),
    ("is no field of a row", "bukan isian sebuah baris"),
    ("is no attribute of an enterprise", "bukan atribut usaha"),
    ("is no {}", "bukan {} yang benar"),
    ("has no word of two letters or more", "tidak memuat kata berisi dua huruf atau lebih"),
    ("goes with an id", "dipakai bersama id"),
    ("give first or last, not both", "isi first atau last, jangan keduanya"),
    ("give either owner or nik", "isi owner atau nik, salah satu"),
    ("give either id or nib", "isi id atau nib, salah satu"),
    ("give either asOf or asOfMoment", "isi asOf atau asOfMoment, salah satu"),
    ("give an owner, an enterprise, or both", "isi owner, enterprise, atau keduanya"),
    (
        "the enterprise has several owners: say which",
        "usaha ini memiliki beberapa pemilik: sebutkan yang mana",
    ),
    ("says which row is wrong", "sebutkan baris mana yang keliru"),
    ("says what the row should have", "sebutkan isi yang benar"),
    ("says what of it is wrong", "sebutkan isian mana yang keliru"),
    (
        "no institution reads profiles for this purpose",
        "tidak ada lembaga yang membaca profil untuk tujuan ini",
    ),
    (
        "an owner who is signed in says so herself, an office how she did",
        "pemilik yang masuk menyatakannya sendiri; kantor menyebut cara ia menyatakannya",
    ),
    (
        "several enterprises hold this NIB; ask for the list with the filter nib",
        "beberapa usaha memegang NIB ini; mintalah daftar dengan saringan nib",
    ),
    ("this request is settled", "permintaan ini sudah diselesaikan"),
    ("this consent was taken back before", "persetujuan ini sudah ditarik sebelumnya"),
    (
        "no restriction stands by this request",
        "tidak ada pembatasan yang berlaku menurut permintaan ini",
    ),
    (
        "the agency's row does not say so yet: send the corrected list first",
        "baris instansi belum berisi demikian: kirim dahulu daftar yang sudah diperbaiki",
    ),
    (
        "this version has another text; give the new one a new name",
        "versi ini memiliki teks lain; beri nama baru untuk yang baru",
    ),
    ("this model is the active one already", "model ini sudah aktif"),
    ("this decision is {}, not {}", "keadaan keputusan ini tidak memungkinkannya"),
    (
        "who proposed it withdraws it instead",
        "pengusulnya menarik kembali usul itu, bukan menolaknya",
    ),
    ("only who proposed it can withdraw it", "hanya pengusulnya yang dapat menariknya kembali"),
    (
        "another person than who proposed it must approve it",
        "harus disetujui orang lain daripada pengusulnya",
    ),
    (
        "the decision {} stands against it; undo that one first",
        "keputusan {} bertentangan dengannya; batalkan dahulu yang itu",
    ),
    ("the record is alone in its enterprise", "baris ini sendirian dalam usahanya"),
    ("there are {} different pairs", "ada {} pasangan yang berbeda"),
    ("{} and {} do not wait in the queue any more", "{} dan {} tidak lagi menunggu dalam antrean"),
    ("it is settled already", "sudah diselesaikan"),
    ("nobody settles her own access", "tidak seorang pun memeriksa aksesnya sendiri"),
    ("nothing was linked yet; link first", "belum ada yang ditautkan; tautkan dahulu"),
    (
        "rows wait to be linked; link them, then preview",
        "ada baris yang menunggu ditautkan; tautkan, lalu buat pratinjau",
    ),
    (
        "readers keep the log of the database: try again",
        "log basis data sedang dipakai pembaca: coba lagi",
    ),
    (
        "a newer file of this agency has been taken since this one; send the whole list of today",
        "berkas instansi yang lebih baru sudah diterima; kirim daftar lengkap hari ini",
    ),
    ("send it as a GraphQL multipart request", "kirim sebagai permintaan GraphQL multipart"),
    ("the request has no query", "permintaan tidak memuat query"),
    ("the request took too long", "permintaan berjalan terlalu lama"),
    ("the body broke off", "isi permintaan terputus"),
    ("the body is longer than {} bytes", "isi permintaan lebih panjang daripada {} bita"),
    (
        "the body is not a GraphQL request in JSON",
        "isi permintaan bukan permintaan GraphQL dalam JSON",
    ),
    (
        "the address has no parameter query, or its variables are not JSON",
        "alamat tidak memuat parameter query, atau variabelnya bukan JSON",
    ),
    (
        "the public may not introspect the schema",
        "masyarakat umum tidak boleh membaca susunan schema",
    ),
    ("send POST, or GET for a query", "kirim POST, atau GET untuk kueri"),
    ("send one request at a time", "kirim satu permintaan setiap kali"),
    (
        "send application/json, or multipart/form-data with a file",
        "kirim application/json, atau multipart/form-data bersama berkas",
    ),
    (
        "send the header graphql-preflight: 1 with a file",
        "kirim header graphql-preflight: 1 bersama berkas",
    ),
    ("send operations, map and one file", "kirim operations, map dan satu berkas"),
    (
        "accept application/graphql-response+json or application/json",
        "terima application/graphql-response+json atau application/json",
    ),
    ("nothing is here; the API is at /graphql", "tidak ada apa-apa di sini; API ada di /graphql"),
    ("Unknown field \"{}\" on type \"{}\".{}", "isian \"{}\" tidak ada pada jenis \"{}\""),
    ("Unknown field \"{}\" on type \"{}\"", "isian \"{}\" tidak ada pada jenis \"{}\""),
    ("{} is no field", "{} bukan isian"),
    ("a value is not JSON", "satu nilai bukan JSON"),
    ("cursors are read by the list", "kursor dibaca oleh daftarnya"),
    ("of a client must not contain @", "milik klien tidak boleh memuat @"),
    ("{} says something else", "{} menyatakan hal lain"),
    (
        "{} values are still sealed with key {}: rotate first",
        "{} nilai masih disegel dengan kunci {}: ganti kunci dahulu",
    ),
    (
        "a rotation is not finished: let it finish first",
        "penggantian kunci belum selesai: tunggu sampai selesai",
    ),
    (
        "key {} seals: rotate to another key first",
        "kunci {} sedang dipakai: ganti ke kunci lain dahulu",
    ),
    (
        "one of them has a value of the wrong kind",
        "salah satunya memiliki nilai dengan jenis yang salah",
    ),
    (
        "one of them is not a setting of the linkage model",
        "salah satunya bukan pengaturan model penautan",
    ),
    ("the name {} is taken", "nama {} sudah dipakai"),
    ("this register is sealed", "register ini disegel"),
    (
        "this register was made for measuring and seals nothing",
        "register ini dibuat untuk pengukuran dan tidak menyegel apa pun",
    ),
    ("only POST is answered", "hanya POST yang dijawab"),
    (
        "the address has parameters; they belong in the body",
        "alamat memuat parameter; tempatnya dalam isi permintaan",
    ),
    (
        "the body is not application/x-www-form-urlencoded",
        "isi permintaan bukan application/x-www-form-urlencoded",
    ),
    ("grant_type is missing", "grant_type tidak ada"),
    ("the client is named twice", "klien disebut dua kali"),
    (
        "the grant type password is for persons, not clients",
        "grant_type password untuk orang, bukan klien",
    ),
    ("username or password is missing", "username atau password tidak ada"),
    ("the body is too long", "isi permintaan terlalu panjang"),
    ("the body cannot be read", "isi permintaan tidak dapat dibaca"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_whole_and_nothing_is_left_in_english() {
        for (english, expected) in [
            (
                "purpose: your role may not state this purpose",
                Some("purpose: peran Anda tidak boleh menyatakan tujuan ini"),
            ),
            (
                "institution: must be one of bjb, bank",
                Some("institution: harus salah satu dari bjb, bank"),
            ),
            (
                "content: must have 20 to 20000 characters",
                Some("content: harus 20 sampai 20000 huruf"),
            ),
            ("sign in: the token has expired", Some("Masuk dahulu: masa berlaku token habis")),
            ("the role lender may not read owners", Some("peran lender tidak berhak melakukannya")),
            ("something new", None),
            ("must be 1 to", None),
        ] {
            assert_eq!(said(english).as_deref(), expected, "{english}");
        }
    }
}
