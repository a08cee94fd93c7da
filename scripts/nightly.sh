#!/bin/sh
# A bank's nightly job with curl and jq: keeps a copy of the financing view of its institution in a file and brings
# it up to date. docs/banking.md says what each step is for; api/examples/nightly.rs does the same in Rust.
#
#   TUNGGAL_URL=http://127.0.0.1:8080 TUNGGAL_CLIENT=bjb-malam TUNGGAL_SECRET=tgs_... scripts/nightly.sh kur_micro copy.json
set -eu
programme=$1 copy=$2

# The secret goes by a file descriptor, so that no list of processes shows it.
token=$(printf 'user = "%s:%s"\n' "$TUNGGAL_CLIENT" "$TUNGGAL_SECRET" |
    curl -sS --config - "$TUNGGAL_URL/oauth/token" -d grant_type=client_credentials | jq -er .access_token)

query='query($programme: String!, $since: String) {
  financingChanges(programme: $programme, since: $since, first: 200) {
    cursor hasNextPage asOf fingerprint
    changes { kind enterpriseId otherId matters at
      row { since enterprise { id name { value } phone { value access } }
        readiness { status ceiling nextCeiling steps { paper { id } } } } } } }'

[ -f "$copy" ] || echo '{"cursor":null,"rows":{}}' >"$copy"
more=true
while [ "$more" = true ]; do
    page=$(jq -n --arg query "$query" --arg programme "$programme" --slurpfile copy "$copy" \
        '{query: $query, variables: {programme: $programme, since: $copy[0].cursor}}' |
        curl -sS "$TUNGGAL_URL/graphql" -H 'Content-Type: application/json' -d @- \
            --config /dev/fd/3 3<<END
header = "Authorization: Bearer $token"
END
    )
    # An error moves nothing: the cursor that is kept stays good, unless the code says otherwise.
    echo "$page" | jq -e '.data.financingChanges' >/dev/null || {
        echo "$page" | jq -r '.errors[0].extensions.code' >&2
        exit 1
    }
    # A row takes the place of the one that is held, what came without one goes, and the cursor is kept with them.
    echo "$page" | jq --slurpfile copy "$copy" '.data.financingChanges as $page
        | reduce $page.changes[] as $it ($copy[0];
            if $it.row == null then del(.rows[$it.enterpriseId]) else .rows[$it.enterpriseId] = $it.row end)
        | .cursor = $page.cursor' >"$copy.new"
    mv "$copy.new" "$copy"
    more=$(echo "$page" | jq .data.financingChanges.hasNextPage)
done
jq -r '"\(.rows | length) enterprises"' "$copy"
