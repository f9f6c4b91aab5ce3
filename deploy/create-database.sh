#!/bin/sh
# Runs once, on an empty Postgres: a database whose owner is no superuser, so that row-level security holds for it.
set -eu

psql --set ON_ERROR_STOP=1 --set password="$DATABASE_PASSWORD" --username postgres <<'SQL'
CREATE ROLE mixmodel LOGIN PASSWORD :'password';
CREATE DATABASE mixmodel OWNER mixmodel;
CREATE ROLE mixmodel_tenant NOLOGIN;
GRANT mixmodel_tenant TO mixmodel WITH INHERIT FALSE;
SQL
