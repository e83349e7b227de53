# Everything a developer runs, under the names that CI uses too.

LISTEN ?= 127.0.0.1:8080

.PHONY: run test lint bench conformance

# The shop with demo data on http://127.0.0.1:8080/graphql; prints tokens to paste.
run:
	cargo run --locked -- serve --listen $(LISTEN) --demo

test:
	cargo test --locked

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
