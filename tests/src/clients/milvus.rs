//! Milvus 2.3, by its REST interface.

use serde_json::{Value, json};

use super::http::{ask, expect};
use super::vectors;
use crate::poll;

/// Milvus says in the body how a request went; the status is 200 for all but a refused token.
#[track_caller]
fn call(url: &str, token: &str, path: &str, body: &Value) -> Result<Value, String> {
    let answer = expect(&format!("{url}/v1/vector/{path}"), token, Some(body));
    if answer["code"] == 200 { Ok(answer["data"].clone()) } else { Err(format!("{path}: {answer}")) }
}

/// Makes a collection and inserts the vectors in one request.
#[track_caller]
pub fn write(url: &str, token: &str) {
    let collection = json!({"collectionName": "points", "dimension": vectors::DIMENSIONS, "metricType": "L2"});
    call(url, token, "collections/create", &collection).unwrap();
    let row = |(number, vector): (usize, &vectors::Vector)| json!({"number": number, "vector": vector});
    let rows: Vec<Value> = vectors::all().iter().enumerate().map(row).collect();
    let inserted = call(url, token, "insert", &json!({"collectionName": "points", "data": rows})).unwrap();
    assert_eq!(inserted["insertCount"], vectors::COUNT, "{inserted}");
}

/// Finds the right neighbours, as soon as the collection is loaded and the inserts are visible.
#[track_caller]
pub fn check(url: &str, token: &str) {
    for (point, expected) in vectors::questions() {
        let search = json!({"collectionName": "points", "vector": point, "limit": 1, "outputFields": ["number"]});
        poll::until("the nearest neighbour", || {
            let found = call(url, token, "search", &search)?;
            if found[0]["number"] == expected { Ok(()) } else { Err(format!("{found} instead of {expected}")) }
        });
    }
}

/// Is refused with a wrong password, with the image's own one, and without any.
#[track_caller]
pub fn is_refused(url: &str) {
    for token in [Some("root:wrong"), Some("root:Milvus"), None] {
        assert_eq!(ask(&format!("{url}/v1/vector/collections"), token, None).status, 401, "with {token:?}");
    }
}
