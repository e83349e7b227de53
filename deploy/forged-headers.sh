#!/bin/sh
# Asks a service by its public address with forged headers of the platform, and tells whether anybody is believed.
#
#   deploy/forged-headers.sh https://gateway.example.com OPENID APPID ENV
#
# OPENID, APPID and ENV are real ones of the environment: a forger would know them. The service must answer each request
# as if nobody were signed in (`me` is null, or the code UNAUTHENTICATED), or refuse it with 400 or 401. A service that
# cannot be reached has passed as well, if that is what is meant: then say so in the record, with the date.
#
# Exit code: 0 nobody was believed, 1 somebody was, 2 the service gave no answer that tells, or the call is wrong.
set -eu

if [ $# -ne 4 ]; then
    echo "usage: $0 URL OPENID APPID ENV" >&2
    exit 2
fi
url=${1%/}/graphql
openid=$2
appid=$3
env=$4
worst=0

# try NAME HEADER...: one request with these headers.
try() {
    name=$1
    shift
    for header in "$@"; do
        set -- "$@" --header "$header"
        shift
    done
    answer=$(curl --silent --show-error --max-time 15 --write-out '\n%{http_code}' \
        --header 'content-type: application/json' --data '{"query":"{ me { principal } }"}' "$@" "$url") || answer='
000'
    status=$(printf '%s\n' "$answer" | tail -n 1)
    body=$(printf '%s\n' "$answer" | sed '$d')
    case $status:$body in
    *'"principal"'*) verdict='BELIEVED'; worst=1 ;;
    400:* | 401:* | 403:*) verdict='refused' ;;
    200:*'"me":null'* | 200:*UNAUTHENTICATED*) verdict='nobody' ;;
    *) verdict='no answer that tells'; [ "$worst" -eq 1 ] || worst=2 ;;
    esac
    printf '%-40s %s %s\n' "$name" "$status" "$verdict"
}

try 'no headers'
try 'openid' "x-wx-openid: $openid"
try 'openid, source' "x-wx-openid: $openid" 'x-wx-source: wx_client'
try 'openid, source, appid, env' "x-wx-openid: $openid" 'x-wx-source: wx_client' \
    "x-wx-appid: $appid" "x-wx-env: $env"
try 'in other letters' "X-Wx-OpenId: $openid" 'X-Wx-Source: wx_client' \
    "X-WX-AppId: $appid" "X-WX-Env: $env"
try 'two openids' "x-wx-openid: $openid" "x-wx-openid: $openid" 'x-wx-source: wx_client' \
    "x-wx-appid: $appid" "x-wx-env: $env"
try 'sharing' "x-wx-from-openid: $openid" "x-wx-from-appid: $appid" 'x-wx-source: wx_client' \
    "x-wx-appid: $appid" "x-wx-env: $env"
try 'local debugging' "x-wx-openid: $openid" 'x-wx-source: wx_client' \
    "x-wx-appid: $appid" "x-wx-env: $env" 'x-wx-local-debug: 1'

exit "$worst"
