# Runs the catalogue on your own workerd; README.md shows how to start it.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "catalogue", worker = (
      modules = [(name = "worker.js", esModule = embed "dist/worker.js")],
      compatibilityDate = "2026-08-01",
      bindings = [
        (name = "SERVER", fromEnvironment = "SERVER"),
        (name = "CERTIFICATE", fromEnvironment = "CERTIFICATE"),
        (name = "KEY", fromEnvironment = "KEY"),
        (name = "TOKEN", fromEnvironment = "TOKEN"),
        (name = "PROJECT", fromEnvironment = "PROJECT"),
        (name = "TITLE", fromEnvironment = "TITLE"),
        (name = "MAX_AGE", fromEnvironment = "MAX_AGE"),
      ],
      globalOutbound = "images",
    )),

    # The only address that the worker can reach. A self-signed server is trusted by its own certificate, and the host name
    # must be one in that certificate: for Incus and LXD, 127.0.0.1 and the host's name.
    (name = "images", network = (
      allow = ["public", "private", "local"],
      tlsOptions = (trustBrowserCas = true, trustedCertificates = [embed "server.crt"]),
    )),
  ],
  sockets = [(name = "http", address = "127.0.0.1:8080", http = (), service = "catalogue")],
);
