"""S3 by boto3: uploads in parts, listings, presigned URLs and forms."""

import os

import boto3
import requests
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

MEBIBYTE = 1 << 20
KEY = "statements/März 1.bin"
bucket = os.environ["S3_BUCKET"]


def connect(secret, **options):
    return boto3.client(
        "s3",
        endpoint_url=os.environ["S3_ENDPOINT_URL"],
        region_name=os.environ["S3_REGION"],
        aws_access_key_id=os.environ["S3_ACCESS_KEY_ID"],
        aws_secret_access_key=secret,
        config=Config(**options),
    )


client = connect(os.environ["S3_SECRET_ACCESS_KEY"])
content = os.urandom(11 * MEBIBYTE)
with open("content", "wb") as file:
    file.write(content)
parts = TransferConfig(multipart_threshold=5 * MEBIBYTE, multipart_chunksize=5 * MEBIBYTE)
client.upload_file("content", bucket, KEY, Config=parts)
assert client.head_object(Bucket=bucket, Key=KEY)["ETag"].endswith('-3"'), "not in three parts"
client.download_file(bucket, KEY, "downloaded", Config=parts)
with open("downloaded", "rb") as file:
    assert file.read() == content
pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="statements/")
assert [entry["Key"] for page in pages for entry in page.get("Contents", [])] == [KEY]
assert (client.get_bucket_location(Bucket=bucket)["LocationConstraint"] or "us-east-1") == os.environ["S3_REGION"]

# Both signatures that boto3 knows; which it takes by itself depends on the region.
for version in ("s3", "s3v4"):
    signer = connect(os.environ["S3_SECRET_ACCESS_KEY"], signature_version=version)
    get = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": KEY}, ExpiresIn=60)
    assert requests.get(get).content == content, version
    assert requests.get(get.replace("Signature=", "Signature=0")).status_code == 403, version
    put = signer.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": version}, ExpiresIn=60)
    assert requests.put(put, data=b"presigned").status_code == 200, version
    assert client.get_object(Bucket=bucket, Key=version)["Body"].read() == b"presigned"
form = client.generate_presigned_post(bucket, "form")
assert requests.post(form["url"], data=form["fields"], files={"file": b"posted"}).status_code == 204

removed = client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in (KEY, "s3", "s3v4", "form")]})
assert len(removed["Deleted"]) == 4, removed

try:
    connect("wrong").list_objects_v2(Bucket=bucket)
except ClientError as refused:
    assert refused.response["ResponseMetadata"]["HTTPStatusCode"] == 403, refused
else:
    raise AssertionError("a wrong key was taken")
