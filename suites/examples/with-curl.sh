#!/bin/sh
# Logs in, lets the token expire by the clock of the mock, and logs in again.
#
#   with-curl.sh URL CLIENT_ID USER PASSWORD APPLICATION_ID
set -eu
url=$1 client=$2 user=$3 password=$4 application=$5

log_in() {
  curl -sS "$url/rest_api/access_token" \
    --data-urlencode grant_type=password --data-urlencode "client_id=$client" \
    --data-urlencode "username=$user" --data-urlencode "password=$password" |
    sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p'
}
ask() {
  curl -sS -o /dev/null -w '%{http_code}\n' "$url/user/2?_format=json" -H "AUTH-METHOD: $application" -H "Authorization: Bearer $1"
}

token=$(log_in)
ask "$token"
curl -sS -o /dev/null "$url/__control/clock" -H 'Content-Type: application/json' -d '{"advanceSeconds": 3601}'
ask "$token"
ask "$(log_in)"
