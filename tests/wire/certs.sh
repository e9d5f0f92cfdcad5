#!/bin/sh
# Makes certificates for tests of TLS, good and bad ones.
#
# Usage: certs.sh DIR
#   ca.pem                      an authority that nobody else knows
#   good.pem good.key           for 127.0.0.1 and localhost
#   other.pem other.key         for other.test
#   expired.pem expired.key     expired in 2001
#   self.pem self.key           self-signed
#   client.pem client.key       of a client
set -eu
cd "$1"
exec 2>openssl.log

new_key() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1"
}

cat >ca.cnf <<END
[ca]
default_ca = test
[test]
dir = .
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
[any]
commonName = supplied
[req]
distinguished_name = req_name
[req_name]
[authority]
basicConstraints = critical, CA:true
END
: >index.txt
echo 01 >serial

new_key ca.key
openssl req -x509 -new -config ca.cnf -extensions authority -key ca.key -subj '/CN=Test authority' \
  -days 3650 -out ca.pem

# issue NAME SUBJECT-ALTERNATIVE-NAMES FROM TO
issue() {
  new_key "$1.key"
  openssl req -new -config ca.cnf -key "$1.key" -subj "/CN=$1" -out "$1.csr"
  echo "subjectAltName = $2" >"$1.ext"
  openssl ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -in "$1.csr" -out "$1.pem" -notext \
    -startdate "$3" -enddate "$4" -extfile "$1.ext"
}

issue good 'IP:127.0.0.1, DNS:localhost' 20200101000000Z 20490101000000Z
issue other DNS:other.test 20200101000000Z 20490101000000Z
issue expired 'IP:127.0.0.1, DNS:localhost' 20000101000000Z 20010101000000Z
issue client DNS:client.test 20200101000000Z 20490101000000Z
new_key self.key
openssl req -x509 -new -config ca.cnf -key self.key -subj /CN=localhost -days 3650 -out self.pem \
  -addext 'subjectAltName = IP:127.0.0.1, DNS:localhost'
