//! Weaviate, by its REST and GraphQL interfaces.

use serde_json::{Value, json};

use super::http::{ask, expect};
use super::vectors;

/// Makes a collection and inserts the vectors in one batch.
#[track_caller]
pub fn write(url: &str, key: &str) {
    let collection = json!({
        "class": "Points",
        "vectorizer": "none",
        "vectorIndexConfig": {"distance": "l2-squared"},
        "properties": [{"name": "number", "dataType": ["int"]}],
    });
    expect(&format!("{url}/v1/schema"), key, Some(&collection));
    let object = |(number, vector): (usize, &vectors::Vector)| json!({"class": "Points", "id": format!("00000000-0000-4000-8000-{number:012x}"), "properties": {"number": number}, "vector": vector});
    let objects: Vec<Value> = vectors::all().iter().enumerate().map(object).collect();
    let results = expect(&format!("{url}/v1/batch/objects"), key, Some(&json!({ "objects": objects })));
    let results = results.as_array().unwrap();
    assert_eq!(results.len(), vectors::COUNT);
    assert!(results.iter().all(|result| result["result"]["status"] == "SUCCESS"), "{}", results[0]);
}

/// Finds the right neighbours.
#[track_caller]
pub fn check(url: &str, key: &str) {
    for (point, expected) in vectors::questions() {
        let query = format!("{{Get{{Points(nearVector:{{vector:{}}},limit:1){{number}}}}}}", vectors::text(&point));
        let answer = expect(&format!("{url}/v1/graphql"), key, Some(&json!({ "query": query })));
        assert_eq!(answer["data"]["Get"]["Points"], json!([{ "number": expected }]), "{answer}");
    }
}

/// Is refused with a wrong key, and without one.
#[track_caller]
pub fn is_refused(url: &str) {
    for path in ["/v1/schema", "/v1/objects"] {
        for token in [Some("wrong"), None] {
            assert_eq!(ask(&format!("{url}{path}"), token, None).status, 401, "{path} with {token:?}");
        }
    }
}
