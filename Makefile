# Everything a developer runs, under the names that CI uses too.

LISTEN ?= 127.0.0.1:8080

.PHONY: run test test-cloud mirror lint bench conformance conformance-cloud

# What is tested over the cloud, and over which of its protocols.
CLOUD ?= rest

# The shop with demo data on http://127.0.0.1:8080/graphql; prints tokens to paste.
run:
	cargo run --locked -- serve --listen $(LISTEN) --demo

test:
	cargo test --locked

# The tests of the gateway again, over an emulator of the cloud: CLOUD=rest or admin. What only the embedded store does is
# left out, each test by its name and with the reason.
test-cloud:
	GATEWAY_TEST_STORE=$(CLOUD) cargo test --locked --test it -- graphql:: gateway:: live:: server:: proof:: attack:: \
	  $$(awk '/^[^#]/ && ($$2 == "" || $$2 == "$(CLOUD)") {print "--skip", $$1}' tests/embedded-only.txt)

# Every clause of rules, changed one at a time: `mirror` finds each.
mirror:
	cargo test --locked --test it -- --ignored mirror::

lint:
	cargo fmt --all -- --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --locked --no-deps --document-private-items

bench:
	cargo bench --locked

# What others say of us: tests of the JavaScript ecosystem against the built server.
conformance:
	cargo build --locked
	cd conformance && npm ci --no-audit --no-fund && npm test

# Those of the gateway again, over an emulator of the cloud.
conformance-cloud:
	cargo build --locked
	cd conformance && npm ci --no-audit --no-fund && CONFORMANCE_STORE=$(CLOUD) npm run test-cloud
