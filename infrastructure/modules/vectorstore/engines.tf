# Everything in which the engines differ, one column each. `pgvector` has none: it is the
# environment's own Postgres. Every engine here names the same things:
#
#   ports        container port of each published port; `http` is the one clients use
#   grpc_port    which of them answers gRPC
#   data_path    where the image keeps its data
#   memory_mb    limit unless var.memory_mb says otherwise
#   go_heap      share of it that Go's heap may take, where the heap holds the data
#   entrypoint, command, env, files, healthcheck    as in ../container
#   stop_signal  what ends it in order
#   probe        the path, and the status of its answer, that say requests are answered; then what is
#                only for those with the key
#   api_key      what an application sends
locals {
  engines = {
    weaviate = {
      ports       = { http = 8080, grpc = 50051 }
      grpc_port   = "grpc"
      data_path   = "/var/lib/weaviate"
      memory_mb   = 1024
      go_heap     = 0.8
      entrypoint  = null
      command     = null
      files       = {}
      healthcheck = ["CMD", "wget", "-q", "--spider", "http://127.0.0.1:8080/v1/.well-known/ready"]
      stop_signal = "SIGTERM"
      probe       = { path = "/v1/.well-known/ready", status = 200, login = { bearer = { token = "VECTORSTORE_API_KEY", path = "/v1/schema" } } }
      api_key     = var.api_key

      env = {
        PERSISTENCE_DATA_PATH                   = "/var/lib/weaviate"
        DISABLE_TELEMETRY                       = "true"
        AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED = "false"
        AUTHENTICATION_APIKEY_ENABLED           = "true"
        AUTHENTICATION_APIKEY_ALLOWED_KEYS      = var.api_key
        AUTHENTICATION_APIKEY_USERS             = "tracker"
        DEFAULT_VECTORIZER_MODULE               = "none"

        # A node that comes back under another name finds no quorum in its own data.
        CLUSTER_HOSTNAME = "node1"

        # Ready after 3 seconds instead of 10: these waits are for the other nodes of a cluster.
        RAFT_BOOTSTRAP_EXPECT     = "1"
        RAFT_HEARTBEAT_TIMEOUT    = "1"
        RAFT_ELECTION_TIMEOUT     = "1"
        RAFT_LEADER_LEASE_TIMEOUT = "1"
        RAFT_TIMEOUTS_MULTIPLIER  = "1"
      }
    }

    qdrant = {
      ports       = { http = 6333, grpc = 6334 }
      grpc_port   = "grpc"
      data_path   = "/qdrant/storage"
      memory_mb   = 1024
      go_heap     = null
      entrypoint  = null
      files       = {}
      stop_signal = "SIGTERM"
      probe       = { path = "/readyz", status = 200, login = { bearer = { token = "VECTORSTORE_API_KEY", path = "/collections" } } }
      api_key     = var.api_key

      # The image's script ends at a signal and cuts the server off.
      command = ["./qdrant"]

      # The image has bash, and no HTTP client.
      healthcheck = ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/6333 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]

      env = {
        QDRANT__SERVICE__API_KEY   = var.api_key
        QDRANT__TELEMETRY_DISABLED = "true"

        # Beside the storage, as they are by default, they would be outside the volume.
        QDRANT__STORAGE__SNAPSHOTS_PATH = "/qdrant/storage/snapshots"
      }
    }

    milvus = {
      # gRPC and REST share 19530. 9091 stays inside: besides the health check it has a REST
      # API that asks for no password.
      ports       = { http = 19530 }
      grpc_port   = "http"
      data_path   = "/var/lib/milvus"
      memory_mb   = 2048
      go_heap     = null
      command     = ["milvus", "run", "standalone"]
      healthcheck = ["CMD", "curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:9091/healthz"]

      # Gives root its password, which 2.3.5 has no setting for. The built image has the same
      # script; the public one gets it here.
      #
      # The built image is never root, and gives itself what the public one left as root. A
      # container from before stays as it is.
      entrypoint = (
        try(var.images.milvus.defaults, 1) >= 2
        ? ["sh", "-c", "exec $(command -v as-milvus) sh /docker-entrypoint.sh \"$@\"", "sh"]
        : ["sh", "/docker-entrypoint.sh"]
      )
      files = { "/docker-entrypoint.sh" = replace(file("${path.module}/../../images/milvus/docker-entrypoint.sh"), "\r\n", "\n") }

      # 2.3.5 hangs on SIGTERM while a collection is loaded, and panics otherwise; what was
      # inserted survives a kill.
      stop_signal = "SIGKILL"

      # Without a token it is refused, as soon as requests are answered at all. The volume keeps
      # root's password.
      probe = {
        path        = "/v1/vector/collections"
        status      = 401
        login       = { bearer = { token = "VECTORSTORE_API_KEY", path = "/v1/vector/collections" } }
        login_stays = true
      }

      # The form its clients call a token.
      api_key = "root:${var.api_key}"

      env = {
        ETCD_USE_EMBED                       = "true"
        ETCD_DATA_DIR                        = "/var/lib/milvus/etcd"
        COMMON_STORAGETYPE                   = "local"
        COMMON_SECURITY_AUTHORIZATIONENABLED = "true"
        MILVUS_ROOT_PASSWORD                 = var.api_key
        GRPC_CLIENT_MAXBACKOFF               = "1"
      }
    }
  }
}
