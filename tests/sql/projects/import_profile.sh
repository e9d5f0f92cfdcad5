#!/bin/sh
# The profile that a project names: import tells when the session runs on another, and follows nothing.
mkdir shop profiles
printf 'name: shop\nprofile: shop\n' >shop/dbt_project.yml
printf 'select 1 as id' >shop/m.sql
q() {
  sqlite3 -batch app.db -cmd ".load $ROCKSET_EXT" "SELECT rockset_init() IS NULL; $1" 2>&1
}
says="SELECT value FROM json_each(rockset_import('shop'), '\$.warnings');"
echo '-- nobody has that profile'
q "$says"
echo '-- it is there, and is not taken'
printf 'shop: {target: dev, outputs: {dev: {type: duckdb}}}\nother: {target: dev, outputs: {dev: {type: duckdb}}}\n' >profiles/profiles.yml
DBT_PROFILES_DIR=$PWD/profiles
export DBT_PROFILES_DIR
q "$says SELECT json_extract(rockset_profile(), '\$.profile_name');" | sed "s|$PWD|.|"
echo '-- chosen, or another chosen'
q "SELECT rockset_profile(NULL, 'shop') IS NOT NULL; $says"
q "SELECT rockset_profile(NULL, 'other') IS NOT NULL; $says"
echo '-- found by its name'
printf 'name: shop\nprofile: "{{ env_var(\x27DBT_WHICH\x27, \x27rockset_ext\x27) }}"\n' >shop/dbt_project.yml
printf 'rockset_ext: {target: dev, outputs: {dev: {type: duckdb}}}\nshop: {target: dev, outputs: {dev: {type: duckdb}}}\n' >profiles/profiles.yml
q "$says"
DBT_WHICH=shop q "$says" | sed "s|$PWD|.|"
