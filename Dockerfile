# The gateway as an image for WeChat Cloud Run (微信云托管), or for anything that runs containers.
#
# A cold build takes longer than the ten minutes that the platform allows: build the image elsewhere and deploy it.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked

# Has `sh`, which the platform's open-interface service needs; so no scratch image.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --home-dir /app gateway \
 && install -d -o gateway /app/data
WORKDIR /app
COPY --from=build /src/target/release/cloudbase-graphql /app/cloudbase-graphql
COPY schema.graphql /app/schema.graphql
USER gateway
# Also `containerPort` of container.config.json. Above 1024, since not every platform lets a plain user take less.
ENV PORT=8080
EXPOSE 8080
CMD ["/app/cloudbase-graphql", "serve"]
