//! The words a city is made of. All persons and enterprises are invented.

pub const MEN: &str = "Ahmad Muhamad Abdul Asep Agus Dedi Ujang Hendra Iwan Yusuf Rahmat Budi Eko Joko Slamet Wahyu \
    Rudi Andi Suherman Mulyadi Supriyadi Jaenal Saepudin Hasan Umar Ali Idris Ridwan Fajar Rizki Bayu Dimas Arif \
    Ilham Cecep Dadang Maman Nana Oman Tatang Usep Wawan Yayat Kosim Sarip Madroji Sanwani Tarmidi Jupri Rohani \
    Bambang Sugeng Heru Sigit Teguh Purwanto Sukirman Wagino Parjo Suroto Afrizal Yusrizal Syahril Bustami Erwin \
    Togar Binsar Jonson Sahat Ramses Hendrik Johan Willy Benyamin Yohanes Baso Daeng Ambo Syarif Fauzi Hakim Imron \
    Junaedi Kamal Lukman Mahfud Nasir Omar Qosim Rofiq Subhan Taufik Ubaid Wildan Yahya Zaki Gilang Galih Ferdi";
pub const WOMEN: &str = "Siti Nur Sri Neneng Euis Dewi Rina Lilis Yanti Ratna Eni Ika Fitri Nani Ida Imas Iis Titin \
    Aminah Rohayati Sumiyati Nurhayati Maryati Fatimah Khodijah Aisyah Halimah Jubaedah Maesaroh Rohmah Suryani Wiwin \
    Yuli Yeni Tati Tuti Sulastri Sumarni Suparti Lestari Endang Retno Wulan Ratih Murni Kasmi Painah Tukinem Desmawati \
    Rosmanidar Yusniar Elfitri Marnis Rosdiana Tiurma Lamria Sondang Meilani Lanny Silvia Vivian Becce Tenri Hasnawati \
    Mardiana Rabiah Salmah Uswatun Vina Winda Yulia Zahra Zubaedah Badriah Citra Diah Erna Fina Gina Hana Indah Juju";
pub const LAST_OF_MEN: &str = "Hidayat Saputra Setiawan Gunawan Kurniawan Maulana Firmansyah Rohman Hakim Mulyana \
    Supriatna Suryana Sutisna Permana Wijaya Santoso Susanto Hermawan Nugraha Pratama Junaedi Nurdin Solihin Arifin \
    Iskandar Irawan Basri Latif Karim Aziz Malik Halim Mustofa Yasin Sudirman Purnomo Prasetyo Kusuma Lesmana Suryadi \
    Rosadi Ruslan Sidik Syukur Yunus Zakaria Darmawan Hanafi Haryanto Komarudin Marzuki Nugroho Ramadhan Wibowo \
    Widodo Raharjo Handoko Utomo Tanjung Koto Piliang Caniago Siregar Hutapea Nababan Sihombing Purba Tanujaya Salim \
    Kosasih Sutanto Pasaribu Mappa Abbas Tahir Rahardja Subagja Kartawijaya Natawiguna Wiradinata Suhendar Sopandi";
pub const LAST_OF_WOMEN: &str = "Lestari Handayani Wahyuni Rahayu Wulandari Susanti Sari Puspita Anggraeni Oktaviani \
    Marlina Nurjanah Nuraeni Kurniasih Kartika Hasanah Hidayati Latifah Masruroh Munawaroh Ningsih Pertiwi Permatasari \
    Rohani Safitri Salamah Setiawati Suharti Sukaesih Sumiati Susilawati Utami Yulianti Zakiyah Azizah Fauziah Inayah \
    Mufidah Rosidah Romlah Purwanti Astuti Hapsari Kusumawati Indrawati Pangestuti Tanjung Koto Siregar Hutapea Purba \
    Tanujaya Halim Abbas Karim Yunus Mulyani Sutihat Suhaeti Komalasari Widaningsih Karlina Apriyani Mutiah Saodah";
/// Beginnings and ends that make further names.
pub const BEGINNINGS: &str = "Su Har Mul Sup Wir Kar Mar Dar Sar War Ras Ruk Nur Saep Jamal Komar Syams Zaen Fahr Sis Pur Tri";
pub const ENDS_OF_MEN: &str =
    "yono yanto man adi janto gito diman udin wan ja no sono satya dinata";
pub const ENDS_OF_WOMEN: &str =
    "yati tini sih minah niah ningsih wati nengsih tika iyah lina yanah";

pub const PHRASES: &str = "Berkah|Barokah|Maju Jaya|Sumber Rejeki|Sinar Jaya|Mekar Sari|Jaya Abadi|Makmur|Mandiri|\
    Sejahtera|Cahaya|Rahayu|Sederhana|Sari Rasa|Bintang|Mutiara|Amanah|Karya Mandiri|Subur|Sumber Makmur|Harapan Jaya|\
    Tunas Muda|Mitra Usaha|Dua Saudara|Tiga Putra|Anugerah|Nusantara|Banten Raya|Sabar Menanti|Murah|Melati|Mawar|\
    Anggrek|Setia|Pelangi|Permata|Intan|Berlian|Madinah|Ikhlas|Ridho Ilahi|Tirta|Bunda|Kurnia|Lestari|Mulya|Indah|\
    Gemilang|Utama|Sentosa|Sahabat|Selera Kita|Pawon|Juara|Hidayah|Nikmat Rasa|Doa Ibu|Restu Bunda|Karunia|Podo Moro|\
    Laris Manis|Ngudi Roso|Salero Minang|Horas|Garuda|Rajawali|Pelita|Surya|Srikandi|Tugu|Waringin|Sakinah|Istiqomah";
pub const BRANDS: &str = "Ayam Geprek Bang Jago|Kopi Titik Koma|Teh Segar Rakyat|Martabak Bintang|Tahu Bulat Hangat|\
    Seblak Neng Geulis|Cuci Sepatu Cling|Barber Bang Kumis|Pulsa Center|Air Minum Biru|Roti Bakar Dua Rasa|Mie Setan Api";
pub const WIVES: &str = "Bu Ibu Teh Ceu Mak Bunda Mbak Mpok Uni";
pub const HUSBANDS: &str = "Pak Mang Kang Bang Mas Abah Cak Uda Babeh";

pub const STREETS: &str = "Ahmad Yani|Veteran|Diponegoro|Sudirman|Kartini|Gajah Mada|Imam Bonjol|Cut Nyak Dien|Raya Cilegon|\
    Raya Pandeglang|Raya Petir|Raya Banten|Raya Taktakan|Ciwaru Raya|Sultan Ageng Tirtayasa|Maulana Hasanudin|Lingkar Selatan|\
    Syekh Nawawi|Kenari|Cendrawasih|Melati Raya|Pemuda|Merdeka|KH Abdul Hadi|KH Wahid Hasyim|Stasiun|Empat Lima|Bhayangkara";
pub const HAMLETS: &str = "Kaujon|Ciloang|Kebaharan|Kroya|Sukadana|Tegal Duren|Cinanggung|Ciceri|Kubang|Sempu|Benggala|Secang|\
    Cikulur|Domba|Pekijing|Padek|Tanggul|Pabean|Sirih|Nambo|Cimoyan|Kemang|Jakung|Cilandak|Beberan|Margasana|Kelapa Dua|Cidadap|\
    Gowok|Sepring|Ciracas|Pandean|Rawa Bebek|Kebon Nanas|Bojong Sari|Babakan|Pasir Awi|Kadu Pare|Ranca Sadang|Lebak Indah";
pub const ESTATES: &str = "Puri Indah|Bumi Agung|Griya Permata|Taman Lestari|Graha Walantaka|Banten Indah|Bukit Permai|Citra Gading|\
    Safira Regency|Persada|Widya Asri|Villa Mutiara|Pondok Asri|Kota Baru";
pub const MARKETS: &str =
    "Pasar Induk Rau|Pasar Lama|Pasar Karangantu|Pasar Kalodran|Alun-Alun|Kawasan Banten Lama";

/// One trade: its share, its kinds with their KBLI and what they sell, and how agencies call it.
pub struct Trade {
    pub share: f64,
    pub kinds: &'static [(&'static str, &'static str, &'static str)],
    pub called: &'static [&'static str],
    /// How often the tourism office, the communications office and the association hold one.
    pub held: [f64; 3],
}

pub const TRADES: &[Trade] = &[
    Trade {
        share: 31.0,
        kinds: &[
            ("Warung Nasi", "56102", "nasi uduk"),
            ("Rumah Makan", "56101", "masakan padang"),
            ("Bakso", "56103", "bakso"),
            ("Mie Ayam", "56103", "mie ayam"),
            ("Kedai Kopi", "56303", "kopi"),
            ("Gorengan", "56104", "gorengan"),
            ("Sate Bandeng", "56102", "sate bandeng"),
            ("Pecel Lele", "56103", "pecel lele"),
            ("Catering", "56210", "nasi kotak"),
            ("Es Kelapa", "56306", "es kelapa"),
            ("Soto", "56102", "soto"),
        ],
        called: &["Kuliner", "Makanan dan Minuman", "Jasa Boga", "Warung makan", "Usaha Makanan"],
        held: [0.30, 0.30, 0.22],
    },
    Trade {
        share: 31.0,
        kinds: &[
            ("Toko", "47112", "sembako"),
            ("Warung Sembako", "47112", "sembako"),
            ("Toko Kelontong", "47192", "kelontong"),
            ("Kios", "47112", "rokok"),
            ("Cell", "47414", "pulsa"),
            ("Collection", "47711", "baju"),
            ("Agen Gas", "47772", "gas elpiji"),
            ("Toko Buah", "47211", "buah"),
            ("Toko Sepatu", "47712", "sepatu"),
            ("Lapak Sayur", "47811", "sayuran"),
        ],
        called: &["Dagang", "Perdagangan", "Toko/Kelontong", "Eceran", "Sembako"],
        held: [0.01, 0.15, 0.15],
    },
    Trade {
        share: 17.0,
        kinds: &[
            ("Bengkel", "45407", "servis motor"),
            ("Salon", "96112", "rias"),
            ("Pangkas Rambut", "96111", "cukur"),
            ("Laundry", "96200", "cuci setrika"),
            ("Penjahit", "14120", "jahit"),
            ("Fotocopy", "82190", "fotokopi"),
            ("Percetakan", "18111", "undangan"),
            ("Las", "25111", "pagar"),
            ("Service HP", "95120", "servis hp"),
        ],
        called: &["Jasa", "Jasa Lainnya", "Layanan", "Jasa Perorangan"],
        held: [0.03, 0.15, 0.18],
    },
    Trade {
        share: 15.0,
        kinds: &[
            ("Keripik", "10794", "keripik singkong"),
            ("Emping", "10794", "emping melinjo"),
            ("Kue", "10710", "kue kering"),
            ("Bakery", "10710", "roti"),
            ("Tahu", "10392", "tahu"),
            ("Tempe", "10391", "tempe"),
            ("Dodol", "10739", "dodol"),
            ("Sambal", "10772", "sambal"),
        ],
        called: &["IKM Pangan", "Industri Makanan", "Olahan Pangan", "Pangan"],
        held: [0.10, 0.35, 0.35],
    },
    Trade {
        share: 6.0,
        kinds: &[
            ("Batik", "13134", "batik"),
            ("Anyaman", "16291", "anyaman bambu"),
            ("Mebel", "31001", "mebel"),
            ("Konveksi", "14111", "seragam"),
            ("Rajut", "13911", "tas rajut"),
        ],
        called: &["Kerajinan", "Craft", "Industri Kerajinan", "Ekonomi Kreatif"],
        held: [0.25, 0.35, 0.35],
    },
];

/// Kinds that stand behind the name.
pub const BEHIND: &[&str] = &["Cell", "Collection", "Laundry", "Bakery", "Salon", "Catering"];

/// How else a kind is written.
pub const KINDS_WRITTEN: &[(&str, &[&str])] = &[
    ("Warung Nasi", &["Wr. Nasi", "Warnas", "Warung", "WARUNG NASI"]),
    ("Rumah Makan", &["RM", "R.M.", "RM.", "Warung Makan"]),
    ("Bakso", &["Baso", "Bakso & Mie Ayam"]),
    ("Mie Ayam", &["Mi Ayam"]),
    ("Kedai Kopi", &["Warkop", "Kopi", "Coffee"]),
    ("Catering", &["Katering"]),
    ("Toko", &["Tk.", "TK", "Tk"]),
    ("Warung Sembako", &["Warung", "Toko Sembako", "Warsem"]),
    ("Toko Kelontong", &["Toko", "Kelontong", "Tk. Kelontong"]),
    ("Cell", &["Cellular", "Phone Cell"]),
    ("Collection", &["Coll", "Kolektion"]),
    ("Bengkel", &["Bkl", "Bengkel Motor"]),
    ("Pangkas Rambut", &["Barbershop", "Cukur Rambut"]),
    ("Laundry", &["Londri", "Loundry"]),
    ("Penjahit", &["Tailor", "Jahit"]),
    ("Fotocopy", &["Foto Copy", "FC", "Fotokopi"]),
    ("Keripik", &["Kripik"]),
    ("Mebel", &["Meubel", "Furniture"]),
    ("Konveksi", &["Konfeksi"]),
];

/// How else a name is written.
pub const NAMES_WRITTEN: &[(&str, &[&str])] = &[
    ("Muhamad", &["Muhammad", "Mohamad", "Muh.", "M.", "Moh.", "Mochamad"]),
    ("Ahmad", &["Achmad", "Akhmad", "A."]),
    ("Abdul", &["Abd.", "Abdoel"]),
    ("Siti", &["St.", "Sitti"]),
    ("Nur", &["Noer", "Noor"]),
    ("Yusuf", &["Yusup", "Jusuf"]),
    ("Joko", &["Djoko"]),
    ("Fatimah", &["Patimah"]),
    ("Nurhayati", &["Nur Hayati"]),
    ("Junaedi", &["Junaidi", "Djunaedi"]),
    ("Saepudin", &["Saefudin", "Saifudin"]),
    ("Rizki", &["Rizky", "Risky"]),
    ("Munawaroh", &["Munawarah"]),
    ("Hidayat", &["Hidayatulloh"]),
];

/// Sounds and the other spellings of them.
pub const SOUNDS: &[(&str, &str)] = &[
    ("u", "oe"),
    ("f", "p"),
    ("j", "dj"),
    ("sy", "s"),
    ("ae", "ai"),
    ("kh", "h"),
    ("z", "j"),
    ("y", "i"),
    ("c", "tj"),
    ("dd", "d"),
    ("h", ""),
    ("v", "p"),
];
