//! S3, by requests that are signed (AWS Signature Version 4).

use std::time::Duration;

use rusty_s3::actions::{ListObjectsV2, S3Action};
use rusty_s3::{Bucket, Credentials, UrlStyle};

use super::Variables;

const KEY: &str = "statements/2026/März 1.csv";
const BODY: &[u8] = b"VWCE;12.5\n";
const VALID: Duration = Duration::from_secs(60);

fn bucket(variables: &Variables) -> Bucket {
    let part = |name: &str| variables.get(name).to_owned();
    Bucket::new(part("S3_ENDPOINT_URL").parse().unwrap(), UrlStyle::Path, part("S3_BUCKET"), part("S3_REGION")).unwrap()
}

fn credentials(variables: &Variables) -> Credentials {
    Credentials::new(variables.get("S3_ACCESS_KEY_ID"), variables.get("S3_SECRET_ACCESS_KEY"))
}

/// Makes the bucket; a stack has one without being asked.
#[track_caller]
pub fn make_bucket(variables: &Variables) {
    let url = bucket(variables).create_bucket(&credentials(variables)).sign(VALID);
    assert_eq!(minreq::put(url.to_string()).send().unwrap().status_code, 200);
}

/// Puts an object into the bucket, which must be there.
#[track_caller]
pub fn write(variables: &Variables) {
    let url = bucket(variables).put_object(Some(&credentials(variables)), KEY).sign(VALID);
    let answer = minreq::put(url.to_string()).with_body(BODY).send().unwrap();
    assert_eq!(answer.status_code, 200, "{}", String::from_utf8_lossy(answer.as_bytes()));
}

/// Finds the object: listed, and with the same content.
#[track_caller]
pub fn check(variables: &Variables) {
    let (bucket, credentials) = (bucket(variables), credentials(variables));
    assert_eq!(list(variables), [KEY]);
    let answer = minreq::get(bucket.get_object(Some(&credentials), KEY).sign(VALID).to_string()).send().unwrap();
    assert_eq!((answer.status_code, answer.as_bytes()), (200, BODY));
}

/// The keys of all objects.
#[track_caller]
pub fn list(variables: &Variables) -> Vec<String> {
    let url = bucket(variables).list_objects_v2(Some(&credentials(variables))).sign(VALID);
    let answer = minreq::get(url.to_string()).send().unwrap();
    let listed = ListObjectsV2::parse_response(answer.as_str().unwrap()).unwrap();
    listed.contents.into_iter().map(|object| object.key).collect()
}

/// Removes an object.
#[track_caller]
pub fn remove(variables: &Variables, key: &str) {
    let url = bucket(variables).delete_object(Some(&credentials(variables)), key).sign(VALID);
    assert_eq!(minreq::delete(url.to_string()).send().unwrap().status_code, 204);
}

/// Is refused with a wrong secret, with a wrong key, and unsigned.
#[track_caller]
pub fn is_refused(variables: &Variables) {
    let status = |credentials: Option<&Credentials>| {
        let url = bucket(variables).list_objects_v2(credentials).sign(VALID);
        minreq::get(url.to_string()).send().unwrap().status_code
    };
    for name in ["S3_SECRET_ACCESS_KEY", "S3_ACCESS_KEY_ID"] {
        assert_eq!(status(Some(&credentials(&variables.replaced(name, "wrongwrong")))), 403, "a wrong {name}");
    }
    assert_eq!(status(None), 403, "no signature");
}

/// How the object is encrypted, as S3 says with it.
#[track_caller]
pub fn encryption(variables: &Variables) -> Option<String> {
    let url = bucket(variables).get_object(Some(&credentials(variables)), KEY).sign(VALID);
    let answer = minreq::get(url.to_string()).send().unwrap();
    answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-server-side-encryption")).map(|(_, value)| value.clone())
}
