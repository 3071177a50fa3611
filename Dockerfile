# One process, one program. Certificates and time zones are compiled in: it needs nothing beside it but libc.
# Nothing here names an architecture: amd64 and arm64 are built with `docker buildx build --platform linux/amd64,linux/arm64 .`

FROM rust:1-trixie AS build
WORKDIR /src
# Dependencies are a layer of their own: they are compiled anew only when Cargo.toml or Cargo.lock change. Tests and benches are not here, and
# are taken out of Cargo.toml: cargo wants the files of all that it names.
COPY Cargo.toml Cargo.lock ./
RUN sed -i '/^\[\[\(test\|bench\)]]/,/^$/d' Cargo.toml \
 && mkdir src && echo '//! Nothing yet.' > src/lib.rs && printf '//! Nothing yet.\n\nfn main() {}\n' > src/main.rs \
 && cargo build --locked --release
COPY crawl.toml ./
COPY src ./src
# Newer than what was built from the empty files.
RUN touch src/lib.rs src/main.rs && cargo build --locked --release

# glibc rather than a static build: its allocator is the quicker one with many threads, its resolver follows /etc/nsswitch.conf, and it is
# what the tests run on. No package is added.
FROM debian:trixie-slim
LABEL org.opencontainers.image.title="wangqi" \
      org.opencontainers.image.description="Crawls feeds and WeChat official accounts, follows their past issues, and keeps deduplicated snapshots for good" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# Open to everybody, because any user may be asked for (--user 54321:54321), and a new volume takes this on.
RUN mkdir /config /archive && chmod 0777 /config /archive
COPY --from=build --chmod=0555 /src/target/release/wangqi /usr/local/bin/wangqi
# The mark tells the program that PUID, PGID and UMASK are meant for it; the other one has the last word over crawl.toml's [archive] path.
ENV WANGQI_IMAGE=1 \
    WANGQI_ARCHIVE__PATH=/archive
# Mount a folder on /config, not the file: a file that is mounted cannot be replaced in one step.
WORKDIR /config
VOLUME ["/config", "/archive"]
# No USER: as root the program becomes PUID:PGID (1000:1000 where they are not set) before it does anything else. --user is followed as is.
# It is the first process by itself: it handles its signals and starts no other process, so that there is nothing to reap.
STOPSIGNAL SIGTERM
# An archive whose index is made anew takes its time to open; once it has answered, three minutes of silence are too long.
HEALTHCHECK --interval=1m --timeout=10s --start-period=10m --retries=3 CMD ["wangqi", "healthcheck"]
ENTRYPOINT ["wangqi"]
CMD ["run"]
