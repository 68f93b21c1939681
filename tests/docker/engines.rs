//! The vector store's engines, swapped in terraform.tfvars, each with its data when it comes back.

use infra_tests::clients;
use infra_tests::docker;
use infra_tests::stack::Stack;

const OTHERS_OFF: &str = "redis = { enabled = false }\nobjectstore = { enabled = false }\n";

fn choose(stack: &Stack, engine: &str) {
    stack.checkout().settings(&format!("{OTHERS_OFF}vectorstore = {{ engine = \"{engine}\" }}\n"));
}

#[test]
fn engines_are_swapped_and_none_loses_its_data() {
    let stack = Stack::with_settings("swap", OTHERS_OFF);
    stack.up();
    let weaviate = stack.variables();
    clients::write_vectors(&weaviate);
    let postgres = stack.container("postgres");

    choose(&stack, "milvus");
    stack.up();
    let milvus = stack.variables();
    assert_eq!(milvus.get("VECTORSTORE_ENGINE"), "milvus");
    assert_eq!(milvus.get("VECTORSTORE_GRPC_URL"), milvus.get("VECTORSTORE_URL"));
    clients::write_vectors(&milvus);
    clients::check_vectors(&milvus);
    clients::vectors_are_refused(&milvus);
    assert_eq!(docker::written_outside_volumes(&stack.docker_name("vectorstore")), Vec::<String>::new());
    stack.infra("plan", &["--detailed-exitcode"]).success();

    choose(&stack, "weaviate");
    stack.up();
    assert_eq!(stack.variables(), weaviate);
    clients::check_vectors(&weaviate);

    choose(&stack, "pgvector");
    stack.up();
    let pgvector = stack.variables();
    assert_eq!(pgvector.get("VECTORSTORE_URL"), pgvector.get("DATABASE_URL"));
    assert_eq!((pgvector.get("VECTORSTORE_API_KEY"), pgvector.get("VECTORSTORE_GRPC_URL")), ("", ""));
    assert_eq!(stack.services()["vectorstore"]["container"], serde_json::Value::Null);
    assert_eq!(stack.containers(), [postgres], "the environment's own Postgres, untouched since the start");
    clients::write_vectors(&pgvector);
    clients::check_vectors(&pgvector);

    // Back once more, after a removal in between.
    choose(&stack, "milvus");
    stack.up();
    assert_eq!(stack.variables(), milvus);
    clients::check_vectors(&milvus);
}

#[test]
fn an_engine_that_nobody_knows_is_refused_with_those_that_are() {
    let stack = Stack::with_settings("unknown", "vectorstore = { engine = \"chroma\" }\n");
    stack.infra("up", &[]).exits(1).says("vectorstore.engine is \"chroma\": write weaviate, qdrant, milvus or pgvector.").says("hint: ");
    assert_eq!(stack.containers(), []);
}

#[test]
fn an_image_that_cannot_be_had_takes_nothing_away() {
    let stack = Stack::with_settings("absent", &format!("{OTHERS_OFF}postgres = {{ enabled = false }}\n"));
    stack.up();
    let before = stack.containers();
    // Qdrant can be had from its registry only.
    stack.checkout().replace("infra.toml", "images = \"auto\"", "images = \"packages\"");
    stack.checkout().settings(&format!("{OTHERS_OFF}postgres = {{ enabled = false }}\nvectorstore = {{ engine = \"qdrant\" }}\n"));
    let reference = stack.instance_file()["images"]["qdrant"]["reference"].as_str().unwrap().to_owned();
    let refused = stack.infra("up", &[]).exits(1).says(&reference).says("hint: ");
    assert!(refused.complaint().starts_with("error: "), "{}", refused.stderr);
    assert_eq!(stack.containers(), before);
}
