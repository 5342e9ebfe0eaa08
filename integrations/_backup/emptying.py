"""What a database is emptied of before a copy goes in: all that pg_dump would dump of it, in a schema or not.

Of another database than the one that was asked for, by its `MARK`, nothing is dropped. Objects of PostgreSQL's own
(below 16384) and members of extensions stay; the latter go with their extension. The schema public
comes back as it was, for a copy does not say what it was like when that was as usual. What belongs to a role that we
are not in, and lies in no schema, is left: pg_restore then says whether it is in the way.
"""

MARK = """
(SELECT format('%s/%s', oid, extract(epoch FROM pg_postmaster_start_time())) FROM pg_database
  WHERE datname = current_database())
"""  # one database of one running server: digits, a point and a slash

_EMPTIED = """
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = '10s';
DO $emptied$
DECLARE
  subscribes text := (SELECT string_agg(quote_ident(subname), ', ') FROM pg_subscription
    WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()));
  kind text[];
  statements text[];
  statement text;
  public_again text[] := (SELECT
      array[format('CREATE SCHEMA public AUTHORIZATION %s', nspowner::regrole)] || (SELECT array_agg(
        format('GRANT %s ON SCHEMA public TO %s', privilege_type,
          CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END))
        FROM aclexplode(nspacl))
    FROM pg_namespace WHERE nspname = 'public');
BEGIN
  IF THE_MARK <> 'THE_WANTED' THEN
    RAISE EXCEPTION 'another database answers than the one that was asked for, or its server was started anew';
  END IF;
  IF subscribes IS NOT NULL THEN
    RAISE EXCEPTION 'the database receives what another one publishes; first DROP SUBSCRIPTION %', subscribes;
  END IF;
  PERFORM set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout';
  FOREACH kind SLICE 1 IN ARRAY array[
    array['pg_event_trigger', $$oid >= 16384 AND pg_has_role(evtowner, 'USAGE')$$,
      $$format('DROP EVENT TRIGGER IF EXISTS %I CASCADE', evtname)$$],
    array['pg_namespace', $$nspname !~ '^pg_' AND nspname <> 'information_schema'$$,
      $$format('DROP SCHEMA IF EXISTS %I CASCADE', nspname)$$],
    array['pg_extension', $$oid >= 16384 AND pg_has_role(extowner, 'USAGE')$$,
      $$format('DROP EXTENSION IF EXISTS %I CASCADE', extname)$$],
    array['pg_foreign_server', $$oid >= 16384 AND pg_has_role(srvowner, 'USAGE')$$,
      $$format('DROP SERVER IF EXISTS %I CASCADE', srvname)$$],
    array['pg_foreign_data_wrapper', $$oid >= 16384 AND pg_has_role(fdwowner, 'USAGE')$$,
      $$format('DROP FOREIGN DATA WRAPPER IF EXISTS %I CASCADE', fdwname)$$],
    array['pg_publication', $$oid >= 16384 AND pg_has_role(pubowner, 'USAGE')$$,
      $$format('DROP PUBLICATION IF EXISTS %I CASCADE', pubname)$$],
    array['pg_cast', 'oid >= 16384',
      $$format('DROP CAST IF EXISTS (%s AS %s)', format_type(castsource, NULL), format_type(casttarget, NULL))$$],
    array['pg_transform', 'oid >= 16384',
      $$format('DROP TRANSFORM IF EXISTS FOR %s LANGUAGE %I', format_type(trftype, NULL),
        (SELECT lanname FROM pg_language AS one WHERE one.oid = trflang))$$],
    array['pg_language', $$oid >= 16384 AND pg_has_role(lanowner, 'USAGE')$$,
      $$format('DROP LANGUAGE IF EXISTS %I CASCADE', lanname)$$],
    array['pg_am', 'oid >= 16384',
      $$format('DROP ACCESS METHOD IF EXISTS %I CASCADE', amname)$$],
    array['pg_default_acl', $$defaclnamespace = 0 AND pg_has_role(defaclrole, 'USAGE')$$, $$(
      SELECT string_agg(format('ALTER DEFAULT PRIVILEGES FOR ROLE %s %s %s', defaclrole::regrole, what,
          CASE who WHEN 0 THEN 'PUBLIC' ELSE who::regrole::text END), '; ' ORDER BY place)
      FROM (VALUES ('r', 'TABLES'), ('S', 'SEQUENCES'), ('f', 'FUNCTIONS'), ('T', 'TYPES'), ('n', 'SCHEMAS'),
          ('L', 'LARGE OBJECTS')) AS words (letter, word),
        LATERAL (SELECT 1, format('REVOKE ALL ON %s FROM', word), grantee FROM aclexplode(defaclacl)
          UNION ALL SELECT 2, format('GRANT %s ON %s TO', privilege_type, word), grantee
          FROM aclexplode(acldefault((CASE letter WHEN 'S' THEN 's' ELSE letter END)::"char", defaclrole))
        ) AS said (place, what, who)
      WHERE letter = defaclobjtype)$$],
    array['pg_largeobject_metadata', 'true',
      $$format('SELECT lo_unlink(%s)', oid)$$]
  ] LOOP
    EXECUTE format('SELECT array_agg(%s) FROM %s AS found WHERE %s AND NOT EXISTS (SELECT FROM pg_depend '
      'WHERE classid = found.tableoid AND objid = found.oid AND deptype = ''e'')', kind[3], kind[1], kind[2])
      INTO statements;
    FOREACH statement IN ARRAY coalesce(statements, '{}') LOOP
      EXECUTE statement;
    END LOOP;
  END LOOP;
  FOREACH statement IN ARRAY coalesce(public_again, '{}') LOOP
    EXECUTE statement;
  END LOOP;
END
$emptied$;
"""


def emptied(mark: str) -> str:
    """Return the SQL that begins a transaction and empties the database of a mark."""
    return _EMPTIED.replace("THE_MARK", MARK).replace("THE_WANTED", mark)
