//! An S3 that is not an emulator's: MinIO in a container of the test's own.

use std::net::IpAddr;

use crate::clients::{Variables, object_storage};
use crate::docker::{self, Foreign};
use crate::poll;
use crate::stack::unique;
use crate::xtask::supplied_image;

/// The access key of its root user.
pub const ACCESS_KEY: &str = "someone";
/// The secret key of its root user.
pub const SECRET_KEY: &str = "0123456789abcdefghijklmnopqrstuv";
/// Any does.
pub const REGION: &str = "us-east-1";

/// What `encrypt = true` of a backend needs: a name, and 32 bytes in base64.
const KMS_KEY: &str = "MINIO_KMS_SECRET_KEY=tests:MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=";

/// It runs until it is dropped.
#[derive(Debug)]
pub struct Minio {
    container: Foreign,
}

impl Minio {
    /// Starts one, and waits until it refuses strangers.
    pub fn start() -> Self {
        let user = format!("MINIO_ROOT_USER={ACCESS_KEY}");
        let password = format!("MINIO_ROOT_PASSWORD={SECRET_KEY}");
        let options = ["--detach", "--publish", "127.0.0.1::9000", "--env", &user, "--env", &password, "--env", KMS_KEY];
        let image = supplied_image("minio");
        let container = Foreign::container("run", &unique("t-minio"), &[&options[..], &[&image, "minio", "server", "/data"]].concat());
        let minio = Self { container };
        poll::until("MinIO", || match minreq::get(minio.url()).with_timeout(2).send() {
            Ok(answer) if answer.status_code == 403 => Ok(()),
            Ok(answer) => Err(format!("status {}", answer.status_code)),
            Err(error) => Err(error.to_string()),
        });
        minio
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        let published = docker::read(&["container", "port", &self.container.name, "9000/tcp"]);
        let (address, port) = published.lines().next().unwrap().rsplit_once(':').unwrap();
        assert!(address.parse::<IpAddr>().unwrap().is_loopback(), "{published}");
        format!("http://127.0.0.1:{port}")
    }

    /// Makes a bucket.
    #[track_caller]
    pub fn make_bucket(&self, name: &str) {
        let pairs = [
            ("S3_ENDPOINT_URL", self.url()),
            ("S3_BUCKET", name.to_owned()),
            ("S3_REGION", REGION.to_owned()),
            ("S3_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("S3_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
        ];
        object_storage::make_bucket(&Variables::new(pairs.map(|(name, value)| (name.to_owned(), value)).into()));
    }
}
