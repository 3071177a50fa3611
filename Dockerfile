# Certificates and time zones are compiled in: the program needs nothing beside it but libc.
FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --locked --release

FROM debian:bookworm-slim
COPY --from=build /src/target/release/wangqi /usr/local/bin/wangqi
# crawl.toml is looked for here, and the archive lies beside it. Mount a folder, not the file.
RUN mkdir /config && chown 1000:1000 /config
USER 1000:1000
WORKDIR /config
VOLUME /config
ENTRYPOINT ["wangqi"]
CMD ["run"]
