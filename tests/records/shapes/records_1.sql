CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	actor VARCHAR(128) NOT NULL, 
	action VARCHAR(64) NOT NULL, 
	object VARCHAR(160) NOT NULL, 
	detail TEXT NOT NULL, 
	prev VARCHAR(80) NOT NULL, 
	hash VARCHAR(80) NOT NULL, 
	PRIMARY KEY (seq)
);

CREATE TABLE datasets (
	id VARCHAR(128) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	name TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	columns_json TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	expires_on VARCHAR(10) NOT NULL, 
	lineage VARCHAR(128) NOT NULL, 
	ended_at VARCHAR(32), 
	PRIMARY KEY (id)
);

CREATE INDEX ix_datasets_owner ON datasets (owner);

CREATE TABLE lineages (
	id VARCHAR(128) NOT NULL, 
	spent_rho BIGINT NOT NULL, 
	spent_delta BIGINT NOT NULL, 
	cap_rho BIGINT NOT NULL, 
	cap_delta BIGINT NOT NULL, 
	absorbed_into VARCHAR(128), 
	PRIMARY KEY (id), 
	CONSTRAINT rho_within_cap CHECK (0 <= spent_rho AND spent_rho <= cap_rho), 
	CONSTRAINT delta_within_cap CHECK (0 <= spent_delta AND spent_delta <= cap_delta), 
	FOREIGN KEY(absorbed_into) REFERENCES lineages (id)
);

CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);

CREATE TABLE charges (
	request_id VARCHAR(128) NOT NULL, 
	lineage VARCHAR(128) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	purpose TEXT NOT NULL, 
	rho BIGINT NOT NULL, 
	delta BIGINT NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	finished BOOLEAN NOT NULL, 
	PRIMARY KEY (request_id), 
	CONSTRAINT never_a_refund CHECK (rho >= 0 AND delta >= 0), 
	FOREIGN KEY(lineage) REFERENCES lineages (id)
);

CREATE INDEX ix_charges_lineage ON charges (lineage);

CREATE TABLE maps (
	id VARCHAR(128) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	dataset_id VARCHAR(128) NOT NULL, 
	lineage VARCHAR(128) NOT NULL, 
	title TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(id) REFERENCES charges (request_id)
);

CREATE INDEX ix_maps_owner ON maps (owner);

CREATE TABLE releases (
	id VARCHAR(128) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	map_id VARCHAR(128) NOT NULL, 
	numbers_id VARCHAR(128) NOT NULL, 
	title TEXT NOT NULL, 
	segments INTEGER NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(numbers_id) REFERENCES maps (id)
);

CREATE INDEX ix_releases_owner ON releases (owner);

CREATE TABLE links (
	id VARCHAR(64) NOT NULL, 
	token_sha256 VARCHAR(64) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	release_id VARCHAR(128) NOT NULL, 
	label TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	expires_at VARCHAR(32) NOT NULL, 
	revoked_at VARCHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (token_sha256), 
	FOREIGN KEY(release_id) REFERENCES releases (id)
);

CREATE INDEX links_of_a_release ON links (owner, release_id);
