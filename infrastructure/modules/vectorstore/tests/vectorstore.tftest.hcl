mock_provider "docker" {}

variables {
  name    = "t-vectorstore"
  labels  = { "io.tracker.instance" = "t" }
  api_key = "0123456789abcdef"
  volumes = { weaviate = "t-weaviate", qdrant = "t-qdrant", milvus = "t-milvus" }
  images = {
    weaviate = { reference = "weaviate:1", version = "1" }
    qdrant   = { reference = "qdrant:2", version = "2" }
    milvus   = { reference = "milvus:3", version = "3" }
  }
  postgres = {
    version = "17"
    host    = "127.0.0.1"
    port    = 5432
    tls     = false
    image   = "postgres:17"
    probe   = { protocol = "postgres", port = 5432, path = null }
  }
  postgres_url = "postgres://u:p@127.0.0.1:5432/d"
}

run "weaviate_is_the_default" {
  command = plan

  assert {
    condition     = output.service == merge(output.service, { engine = "weaviate", version = "1", port = 8080, grpc_port = 50051, volume = "t-weaviate", probe = { protocol = "http", port = 8080, path = "/v1/.well-known/ready", status = 200, login = { bearer = { token = "VECTORSTORE_API_KEY", path = "/v1/schema" } } } })
    error_message = "weaviate's contract"
  }

  assert {
    condition     = output.host_ports == { vectorstore_http = 8080, vectorstore_grpc = 50051 }
    error_message = "weaviate's ports"
  }

  assert {
    condition     = output.env.VECTORSTORE_GRPC_URL == "http://127.0.0.1:50051"
    error_message = "weaviate's gRPC address"
  }
}

run "qdrant" {
  command = plan

  variables {
    engine     = "qdrant"
    host_ports = { grpc = 7000 }
  }

  assert {
    condition     = output.service == merge(output.service, { engine = "qdrant", version = "2", port = 6333, grpc_port = 7000, volume = "t-qdrant", probe = { protocol = "http", port = 6333, path = "/readyz", status = 200, login = { bearer = { token = "VECTORSTORE_API_KEY", path = "/collections" } } } })
    error_message = "qdrant's contract"
  }

  assert {
    condition     = startswith(local.engine.env.QDRANT__STORAGE__SNAPSHOTS_PATH, "${local.engine.data_path}/")
    error_message = "snapshots outside the volume are gone with the container"
  }

  assert {
    condition     = output.env.VECTORSTORE_URL == "http://127.0.0.1:6333" && output.env.VECTORSTORE_GRPC_URL == "http://127.0.0.1:7000" && output.env.VECTORSTORE_API_KEY == "0123456789abcdef"
    error_message = "qdrant's variables"
  }
}

run "milvus" {
  command = plan

  variables {
    engine = "milvus"
  }

  assert {
    condition     = output.service == merge(output.service, { engine = "milvus", version = "3", port = 19530, grpc_port = 19530, volume = "t-milvus", probe = { protocol = "http", port = 19530, path = "/v1/vector/collections", status = 401, login = { bearer = { token = "VECTORSTORE_API_KEY", path = "/v1/vector/collections" } }, login_stays = true } })
    error_message = "milvus' contract"
  }

  assert {
    condition     = output.env.VECTORSTORE_API_KEY == "root:0123456789abcdef" && output.env.VECTORSTORE_GRPC_URL == output.env.VECTORSTORE_URL
    error_message = "milvus' token, or it answers gRPC elsewhere"
  }
}

run "pgvector_starts_no_container" {
  command = plan

  variables {
    engine = "pgvector"
  }

  assert {
    condition     = output.service.container == null && output.service.port == 5432 && length(output.host_ports) == 0
    error_message = "pgvector's contract"
  }

  assert {
    condition     = output.env == { VECTORSTORE_ENGINE = "pgvector", VECTORSTORE_URL = "postgres://u:p@127.0.0.1:5432/d", VECTORSTORE_API_KEY = "", VECTORSTORE_GRPC_URL = "" }
    error_message = "pgvector's variables"
  }
}

run "refuses_an_unknown_engine" {
  command         = plan
  expect_failures = [var.engine]

  variables {
    engine = "pinecone"
  }
}

run "refuses_pgvector_without_postgres" {
  command         = plan
  expect_failures = [var.postgres]

  variables {
    engine   = "pgvector"
    postgres = null
  }
}

run "refuses_a_key_that_milvus_would_cut" {
  command         = plan
  expect_failures = [var.api_key]

  variables {
    api_key = "0000000000000000000000000000000000000000000000000000000000000000000000000"
  }
}
