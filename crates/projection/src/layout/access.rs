//! Who reads what. Roles of the cluster read the relations with their own rights; what a team lead reads of the tables is
//! the rows of the queues that `docket_access.lead_queues` names.

use sqlx::PgConnection;

use crate::ProjectionError;
use crate::bulk::Table;
use crate::models::TABLES;
use crate::schema::{Schema, exists, run};

/// Who analysts are.
pub(crate) const ANALYST: &str = "docket_analyst";

/// A role that reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Everything that is not personal.
    Analyst,
    /// The same, and the texts.
    AnalystPersonal,
    /// Everything that is not personal.
    Auditor,
    /// The cases of some queues.
    Lead,
}

impl Reader {
    const ALL: [Self; 4] = [Self::Analyst, Self::AnalystPersonal, Self::Auditor, Self::Lead];

    fn role(self) -> &'static str {
        match self {
            Self::Analyst => ANALYST,
            Self::AnalystPersonal => "docket_analyst_personal",
            Self::Auditor => "docket_auditor",
            Self::Lead => "docket_lead",
        }
    }
}

/// Creates what outlives a rebuild, if it is missing.
pub(crate) async fn prepare(connection: &mut PgConnection, schema: &Schema) -> Result<(), ProjectionError> {
    let access = &schema.access;
    let (queues, limits) = (format!("{access}.lead_queues"), format!("{access}.limits"));
    let seals = format!("{access}.seals");
    if !exists(&mut *connection, &seals).await? {
        let create = format!(
            "CREATE TABLE {seals} (
                number     bigint PRIMARY KEY,
                position   bigint NOT NULL,
                root       text NOT NULL,
                sealed_at  timestamptz NOT NULL,
                checkpoint text NOT NULL
            );
            COMMENT ON TABLE {seals} IS 'What the sealer has said of the log, for ever.';
            COMMENT ON COLUMN {seals}.number IS 'Its place among the seals.';
            COMMENT ON COLUMN {seals}.position IS 'The position up to which the log was sealed.';
            COMMENT ON COLUMN {seals}.root IS 'The root over the entries up to there.';
            COMMENT ON COLUMN {seals}.sealed_at IS 'When the server took the seal in.';
            COMMENT ON COLUMN {seals}.checkpoint IS 'The signed checkpoint.'"
        );
        run(&mut *connection, create).await?;
    }
    tell_logs_apart(&mut *connection, &seals).await?;
    if !exists(&mut *connection, &queues).await? {
        let create = format!(
            "CREATE TABLE {queues} (lead name NOT NULL, queue text NOT NULL, PRIMARY KEY (lead, queue));
             ALTER TABLE {queues} ENABLE ROW LEVEL SECURITY;
             COMMENT ON TABLE {queues} IS 'The queues whose cases a team lead sees.';
             COMMENT ON COLUMN {queues}.lead IS 'The login.';
             COMMENT ON COLUMN {queues}.queue IS 'The queue, as the policy names it.'"
        );
        run(&mut *connection, create).await?;
    }
    if !exists(&mut *connection, &limits).await? {
        let create = format!(
            "CREATE TABLE {limits} (role name PRIMARY KEY, statement interval, transaction interval);
             COMMENT ON TABLE {limits} IS 'How long those who read may take. They cannot change it: Docket looks once a second.';
             COMMENT ON COLUMN {limits}.role IS 'Logins that are members of this role; the shortest limit of a login counts.';
             COMMENT ON COLUMN {limits}.statement IS 'A statement that has run for longer is cancelled; null for no limit.';
             COMMENT ON COLUMN {limits}.transaction IS 'A session whose transaction is older is ended; null for no limit.';
             INSERT INTO {limits} VALUES ({})",
            Reader::ALL.map(|reader| format!("'{}', '10 min', '30 min'", reader.role())).join("), (")
        );
        run(connection, create).await?;
    }
    Ok(())
}

/// A log that was restored is another one, whose seals have numbers that those of the first had.
async fn tell_logs_apart(connection: &mut PgConnection, seals: &str) -> Result<(), ProjectionError> {
    let (key, is_there) = (
        "seals_origin_number_key",
        "SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = $1 AND conrelid = $2::regclass)",
    );
    let is_there: bool = sqlx::query_scalar(is_there)
        .bind(key)
        .bind(seals)
        .fetch_one(&mut *connection)
        .await
        .map_err(ProjectionError::postgres("look how seals are told apart"))?;
    if is_there {
        return Ok(());
    }
    let alter = format!(
        "ALTER TABLE {seals} ADD COLUMN origin text NOT NULL GENERATED ALWAYS AS (split_part(checkpoint, chr(10), 1)) STORED;
         ALTER TABLE {seals} DROP CONSTRAINT seals_pkey;
         ALTER TABLE {seals} ADD CONSTRAINT {key} PRIMARY KEY (origin, number);
         COMMENT ON COLUMN {seals}.origin IS 'The log, by the name of its key.'"
    );
    run(connection, alter).await
}

/// Whether whoever is connected sees the cases of some queues only.
pub(crate) async fn sees_some_only(connection: &mut PgConnection) -> Result<bool, ProjectionError> {
    let see_all = Reader::ALL.into_iter().filter(|reader| *reader != Reader::Lead).map(Reader::role);
    let has_one_of = "EXISTS (SELECT FROM pg_roles WHERE rolname = ANY";
    let asked = format!(
        "SELECT {has_one_of}($1) AND pg_has_role(oid, 'USAGE')) AND NOT {has_one_of}($2) AND pg_has_role(oid, 'USAGE'))"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(asked))
        .bind(vec![Reader::Lead.role()])
        .bind(see_all.collect::<Vec<_>>())
        .fetch_one(connection)
        .await
        .map_err(ProjectionError::postgres("look who reads"))
}

/// Lets the roles read the relations and the tables that they show. Roles are the cluster's: where Docket may not create
/// one, the operator does, and the next start grants it what it may.
pub(crate) async fn grant(
    connection: &mut PgConnection,
    schema: &Schema,
    tables_of: &str,
) -> Result<(), ProjectionError> {
    let mut statements = String::new();
    for reader in Reader::ALL {
        if is_there(&mut *connection, reader).await? {
            statements.push_str(&grants(reader, schema, tables_of));
        }
    }
    run(connection, statements).await
}

/// Whether every role that there is may read, and those that are missing cannot be created.
pub(crate) async fn is_granted(connection: &mut PgConnection, schema: &Schema) -> Result<bool, ProjectionError> {
    let roles: Vec<&str> = Reader::ALL.iter().map(|reader| reader.role()).collect();
    sqlx::query_scalar(
        "SELECT coalesce(bool_and(has_table_privilege(oid, $2, 'SELECT')), true)
            AND (count(*) = cardinality($1)
                OR NOT (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user))
         FROM pg_roles WHERE rolname = ANY($1)",
    )
    .bind(roles)
    .bind(format!("{}.cases", schema.public))
    .fetch_one(connection)
    .await
    .map_err(ProjectionError::postgres("look what the roles of readers may"))
}

/// Whether a role is there by now.
async fn is_there(connection: &mut PgConnection, reader: Reader) -> Result<bool, ProjectionError> {
    let role = reader.role();
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(role)
        .fetch_one(&mut *connection)
        .await
        .map_err(ProjectionError::postgres("look for the roles of readers"))?;
    if exists {
        return Ok(true);
    }
    run(connection, "SAVEPOINT role").await?;
    // So that the owner of the read models can look at them as a reader does.
    let create = format!("CREATE ROLE {role} NOLOGIN; GRANT {role} TO CURRENT_USER");
    if let Err(error) = run(connection, create).await {
        run(connection, "ROLLBACK TO SAVEPOINT role").await?;
        tracing::warn!(%error, "could not create the role {role}; create it, and start again to grant it the read models");
        return Ok(false);
    }
    Ok(true)
}

fn grants(reader: Reader, schema: &Schema, tables_of: &str) -> String {
    let Schema { public, private, access } = schema;
    let role = reader.role();
    let mut statements = format!(
        "GRANT USAGE ON SCHEMA {public}, {tables_of} TO {role};
         GRANT SELECT ON ALL TABLES IN SCHEMA {public} TO {role};\n"
    );
    for table in TABLES {
        let Some(theirs) = rows_of_leads(*table, schema, tables_of) else { continue };
        let (name, rows) = (table.name, if reader == Reader::Lead { theirs.as_str() } else { "true" });
        statements.push_str(&format!(
            "GRANT SELECT ON {tables_of}.{name} TO {role};
             ALTER TABLE {tables_of}.{name} ENABLE ROW LEVEL SECURITY;
             DROP POLICY IF EXISTS {role} ON {tables_of}.{name};
             CREATE POLICY {role} ON {tables_of}.{name} FOR SELECT TO {role} USING ({rows});\n"
        ));
    }
    let more = match reader {
        Reader::Analyst => String::new(),
        Reader::AnalystPersonal => {
            format!("GRANT USAGE ON SCHEMA {private} TO {role}; GRANT SELECT ON {private}.texts TO {role};\n")
        }
        Reader::Auditor => format!(
            "GRANT USAGE ON SCHEMA {access} TO {role};
             GRANT SELECT ON {access}.lead_queues, {access}.limits TO {role};
             DROP POLICY IF EXISTS {role} ON {access}.lead_queues;
             CREATE POLICY {role} ON {access}.lead_queues FOR SELECT TO {role} USING (true);\n"
        ),
        Reader::Lead => format!(
            "GRANT USAGE ON SCHEMA {access} TO {role}; GRANT SELECT ON {access}.lead_queues TO {role};
             DROP POLICY IF EXISTS {role} ON {access}.lead_queues;
             CREATE POLICY {role} ON {access}.lead_queues FOR SELECT TO {role} USING (lead = current_user);\n"
        ),
    };
    statements + &more
}

/// Which rows of a table a lead reads: a condition. None for a table that only the owner reads, and the views that show
/// it with the owner's rights.
fn rows_of_leads(table: Table, schema: &Schema, tables_of: &str) -> Option<String> {
    const OF_THE_OWNER: [&str; 3] = ["texts", "policies", "agent_presence"];
    if OF_THE_OWNER.contains(&table.name) {
        return None;
    }
    let columns = (table.columns)();
    let is_of_cases = table.name != "cases" && columns.iter().any(|column| column.name == "case_no");
    Some(if is_of_cases {
        // Of which the lead sees some.
        format!("case_no IN (SELECT case_no FROM {tables_of}.cases)")
    } else {
        format!("queue IN (SELECT queue FROM {}.lead_queues WHERE lead = current_user)", schema.access)
    })
}

/// What tells these grants from those of another version of the code.
pub(crate) fn described() -> String {
    let schema = Schema::default();
    Reader::ALL.map(|reader| grants(reader, &schema, "tables")).concat()
}
