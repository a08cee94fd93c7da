CREATE TABLE enterprise (
    code text PRIMARY KEY,
    name text,
    owner_name text,
    nik text,
    phone text,
    kelurahan text,
    kecamatan text
);
CREATE TABLE source_record (
    code text PRIMARY KEY,
    enterprise text NOT NULL REFERENCES enterprise,
    agency text NOT NULL,
    line integer,
    recorded_on text
);
CREATE INDEX ON enterprise (kecamatan, name, code);
CREATE INDEX ON source_record (enterprise);
